/*-------------------------------------------------------------------------
 *
 * Which rows of a vector match a WHERE clause.
 *
 * A filter is the whole clause, exactly: a row is kept if and only if every
 * clause is true for it.  Comparisons with constants are made on stored
 * values, other expressions of one column once for each value of its
 * dictionary, the rest row by row by PostgreSQL's own expressions.
 *
 * Order of evaluation: comparisons first, for they neither fail nor tell
 * anything; then the clauses as the planner ordered them, each only for rows
 * that all before have kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FILTER_FILTER_H
#define FS_FILTER_FILTER_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "nodes/execnodes.h"

#include "am/scanvalue.h"
#include "vector/bits.h"

typedef struct FsFilter FsFilter;

/*
 * Compile quals (an implicit AND) over relation varno, whose rows desc
 * describes.  Expressions are evaluated with slot, a virtual one of that
 * width, as parent's.  Lives in the current memory context.
 */
extern FsFilter *fs_filter_compile(List *quals, Index varno,
								   TupleTableSlot *slot, PlanState *parent);

/* Evaluate what is constant during a scan: at its start and at each rescan. */
extern void fs_filter_bind(FsFilter *filter);

/*
 * Leave in *rows, which are of the scan's current vector, those that match.
 * Returns false if a column is damaged, which was reported: the vector is to
 * be left out.
 */
extern bool fs_filter_narrow(FsFilter *filter, FsScan *scan, FsBits *rows);

#endif							/* FS_FILTER_FILTER_H */
