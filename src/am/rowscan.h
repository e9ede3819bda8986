/*-------------------------------------------------------------------------
 *
 * Rows of anything as the vector of a scan.
 *
 * What reads vectors reads these, too: as Datums.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_ROWSCAN_H
#define FS_AM_ROWSCAN_H

#include "postgres.h"

#include "access/tupdesc.h"

#include "am/scan.h"

/* A scan without rows, of columns as in desc.  In the current memory context. */
extern FsScan *fs_rowscan_create(TupleDesc desc);
extern void fs_rowscan_free(FsScan *scan);

/*
 * A new vector: set rows 0 .. n - 1, then enter it.  Values are not copied, and
 * must live until the next one.
 */
extern void fs_rowscan_set(FsScan *scan, uint32 i, const Datum *values,
						   const bool *isnull);
extern void fs_rowscan_enter(FsScan *scan, uint32 n);

#endif							/* FS_AM_ROWSCAN_H */
