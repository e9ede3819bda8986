/*-------------------------------------------------------------------------
 *
 * The scan callbacks of the access method: sequential (both directions, serial
 * and parallel), TABLESAMPLE and ANALYZE.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_TABLESCAN_H
#define FS_AM_TABLESCAN_H

#include "postgres.h"

#include "access/tableam.h"

extern TableScanDesc fs_tablescan_begin(Relation rel, Snapshot snapshot,
										int nkeys, struct ScanKeyData *key,
										ParallelTableScanDesc pscan,
										uint32 flags);
extern void fs_tablescan_end(TableScanDesc sscan);
extern void fs_tablescan_rescan(TableScanDesc sscan, struct ScanKeyData *key,
								bool set_params, bool allow_strat,
								bool allow_sync, bool allow_pagemode);
extern bool fs_tablescan_next(TableScanDesc sscan, ScanDirection direction,
							  TupleTableSlot *slot);

extern Size fs_tablescan_parallel_estimate(Relation rel);
extern Size fs_tablescan_parallel_init(Relation rel,
									   ParallelTableScanDesc pscan);
extern void fs_tablescan_parallel_reinit(Relation rel,
										 ParallelTableScanDesc pscan);

extern bool fs_tablescan_sample_block(TableScanDesc sscan,
									  struct SampleScanState *state);
extern bool fs_tablescan_sample_row(TableScanDesc sscan,
									struct SampleScanState *state,
									TupleTableSlot *slot);

/*
 * ANALYZE: go to the rows that stand for block blkno of the main fork's
 * blocks, then give them one by one.
 */
extern void fs_tablescan_analyze_block(TableScanDesc sscan, BlockNumber blkno);
extern bool fs_tablescan_analyze_row(TableScanDesc sscan, double *liverows,
									 double *deadrows, TupleTableSlot *slot);

#endif							/* FS_AM_TABLESCAN_H */
