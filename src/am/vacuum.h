/*-------------------------------------------------------------------------
 *
 * VACUUM, and the size estimate that the planner asks for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_VACUUM_H
#define FS_AM_VACUUM_H

#include "postgres.h"

#include "commands/vacuum.h"
#include "utils/rel.h"

/*
 * Vacuum the directory, find the extents that no item names, give the end of
 * the file back, and advance relfrozenxid.  Does not rewrite any row.
 */
extern void fs_vacuum_table(Relation rel, struct VacuumParams *params,
							BufferAccessStrategy strategy);

extern void fs_vacuum_estimate_size(Relation rel, int32 *attr_widths,
									BlockNumber *pages, double *tuples,
									double *allvisfrac);

#endif							/* FS_AM_VACUUM_H */
