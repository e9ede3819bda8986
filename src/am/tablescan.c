/*-------------------------------------------------------------------------
 *
 * The scan callbacks of the access method.
 *
 * TABLESAMPLE and ANALYZE want blocks.  A table's "units" serve as such: the
 * vectors of its chunks and its ROWS items, numbered in directory order when
 * the scan first needs them.  ANALYZE draws from the blocks of the main fork;
 * block b of n stands for the units b*u/n up to (b+1)*u/n.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relscan.h"
#include "access/tableam.h"
#include "access/tsmapi.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/pending.h"
#include "am/scan.h"
#include "am/slot.h"
#include "am/tablescan.h"

/* Units first_unit .. of one item. */
typedef struct UnitItem
{
	FsPartition partition;
	uint32		number;
	uint32		first_unit;
} UnitItem;

typedef struct FlowTableScan
{
	TableScanDescData base;
	FsScan	   *scan;			/* begun with the first row */
	bool		has_vector;
	int32		row;			/* last one returned, in the vector */

	/* sampling */
	UnitItem   *items;			/* by first_unit */
	uint32		nitems;
	uint32		nunits;
	uint32		unit;			/* current; ANALYZE: next */
	uint32		unit_end;		/* ANALYZE: where the block's units end */
	BlockNumber nblocks;		/* ANALYZE: the blocks that core draws from */
	Snapshot	sample_snapshot;
	MemoryContext cxt;
	MemoryContext item_cxt;		/* of the item that a seek fetched */
} FlowTableScan;

TableScanDesc
fs_tablescan_begin(Relation rel, Snapshot snapshot, int nkeys,
				   struct ScanKeyData *key, ParallelTableScanDesc pscan,
				   uint32 flags)
{
	FlowTableScan *ts;
	BlockNumber nblocks;

	/* ANALYZE has counted the blocks already, before pending rows are written */
	nblocks = RelationGetNumberOfBlocks(rel);
	fs_pending_flush(rel);
	RelationIncrementReferenceCount(rel);
	ts = palloc0(sizeof(FlowTableScan));
	ts->nblocks = nblocks;
	ts->base.rs_rd = rel;
	ts->base.rs_snapshot = snapshot;
	ts->base.rs_nkeys = nkeys;
	ts->base.rs_flags = flags;
	ts->base.rs_parallel = pscan;
	ts->cxt = CurrentMemoryContext;
	ts->sample_snapshot = snapshot;
	if (snapshot == NULL)
		ts->sample_snapshot = RegisterSnapshot(GetActiveSnapshot());
	if (flags & SO_TYPE_SEQSCAN)
		pgstat_count_heap_scan(rel);
	return (TableScanDesc) ts;
}

void
fs_tablescan_end(TableScanDesc sscan)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;

	if (ts->scan != NULL)
		fs_scan_end(ts->scan);
	if (ts->base.rs_snapshot == NULL)
		UnregisterSnapshot(ts->sample_snapshot);
	if (ts->base.rs_flags & SO_TEMP_SNAPSHOT)
		UnregisterSnapshot(ts->base.rs_snapshot);
	RelationDecrementReferenceCount(ts->base.rs_rd);
	if (ts->items != NULL)
	{
		pfree(ts->items);
		MemoryContextDelete(ts->item_cxt);
	}
	pfree(ts);
}

void
fs_tablescan_rescan(TableScanDesc sscan, struct ScanKeyData *key,
					bool set_params, bool allow_strat, bool allow_sync,
					bool allow_pagemode)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;

	ts->has_vector = false;
	ts->unit = 0;
	if (ts->items == NULL && ts->scan != NULL)
		fs_scan_rescan(ts->scan);
}

/*
 * The rows are described by the slot, not by the table: ALTER TABLE scans the
 * old rows when the catalog has the new columns already.
 */
static void
begin_scan(FlowTableScan *ts, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(ts->cxt);

	ts->scan = fs_scan_begin(ts->base.rs_rd, ts->base.rs_snapshot,
							 slot->tts_tupleDescriptor,
							 ts->base.rs_parallel);
	MemoryContextSwitchTo(old);
}

/* A dirty read tells who is deleting the row. */
static void
note_deleter(FlowTableScan *ts)
{
	Snapshot	snapshot = ts->base.rs_snapshot;

	if (snapshot->snapshot_type != SNAPSHOT_DIRTY)
		return;
	snapshot->xmin = InvalidTransactionId;
	snapshot->xmax = fs_scan_deleter(ts->scan, ts->row);
}

bool
fs_tablescan_next(TableScanDesc sscan, ScanDirection direction,
				  TupleTableSlot *slot)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;
	bool		is_forward = ScanDirectionIsForward(direction);

	if (ts->scan == NULL)
		begin_scan(ts, slot);
	for (;;)
	{
		if (ts->has_vector)
		{
			ts->row += is_forward ? 1 : -1;
			if (ts->row >= 0 && ts->row < fs_scan_nrows(ts->scan))
			{
				if (!fs_scan_is_live(fs_scan_deleted(ts->scan), ts->row) ||
					!fs_slot_store_row(slot, ts->scan, ts->row))
					continue;
				note_deleter(ts);
				pgstat_count_heap_getnext(ts->base.rs_rd);
				return true;
			}
		}
		ts->has_vector = fs_scan_next(ts->scan, direction);
		if (!ts->has_vector)
		{
			ExecClearTuple(slot);
			return false;
		}
		ts->row = is_forward ? -1 : (int32) fs_scan_nrows(ts->scan);
	}
}

Size
fs_tablescan_parallel_estimate(Relation rel)
{
	return fs_directory_parallel_size();
}

Size
fs_tablescan_parallel_init(Relation rel, ParallelTableScanDesc pscan)
{
	fs_pending_flush(rel);
	return fs_directory_parallel_init(rel, pscan);
}

void
fs_tablescan_parallel_reinit(Relation rel, ParallelTableScanDesc pscan)
{
	table_block_parallelscan_reinitialize(rel, pscan);
}

/* Number the units of the table. */
static void
count_units(FlowTableScan *ts)
{
	MemoryContext old = MemoryContextSwitchTo(ts->cxt);
	FsDirectoryScan *dir = fs_directory_begin(ts->base.rs_rd,
											  ts->sample_snapshot, NULL);
	uint32		cap = 64;
	FsItem		item;

	ts->items = palloc(sizeof(UnitItem) * cap);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		if (!fs_item_has_rows(&item))
			continue;
		if (ts->nitems == cap)
		{
			cap *= 2;
			ts->items = repalloc_huge(ts->items, sizeof(UnitItem) * cap);
		}
		ts->items[ts->nitems].partition = item.partition;
		ts->items[ts->nitems].number = item.number;
		ts->items[ts->nitems].first_unit = ts->nunits;
		ts->nunits += fs_scan_item_vectors(&item);
		ts->nitems++;
	}
	fs_directory_end(dir);
	MemoryContextSwitchTo(old);
}

/* Go to a unit; false if it is damaged and to be skipped. */
static bool
seek_unit(FlowTableScan *ts, uint32 unit)
{
	uint32		lo = 0;
	uint32		hi = ts->nitems;
	UnitItem   *at;
	FsItem		item;
	MemoryContext old;
	bool		found;

	while (hi - lo > 1)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (ts->items[mid].first_unit <= unit)
			lo = mid;
		else
			hi = mid;
	}
	at = &ts->items[lo];
	MemoryContextReset(ts->item_cxt);
	old = MemoryContextSwitchTo(ts->item_cxt);
	found = fs_directory_fetch(ts->base.rs_rd, at->partition, at->number,
							   ts->sample_snapshot, &item);
	MemoryContextSwitchTo(old);
	if (!found)
		elog(ERROR, "unexpected loss of directory item %u", at->number);
	ts->has_vector = fs_scan_seek(ts->scan, &item, unit - at->first_unit);
	ts->row = -1;
	return ts->has_vector;
}

static void
begin_units(FlowTableScan *ts)
{
	MemoryContext old;

	if (ts->items != NULL)
		return;
	count_units(ts);
	ts->item_cxt = AllocSetContextCreate(ts->cxt, "flowstore item",
										 ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(ts->cxt);
	ts->scan = fs_scan_begin_seek(ts->base.rs_rd, ts->sample_snapshot,
								  RelationGetDescr(ts->base.rs_rd));
	MemoryContextSwitchTo(old);
}

bool
fs_tablescan_sample_block(TableScanDesc sscan, struct SampleScanState *state)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;
	TsmRoutine *tsm = state->tsmroutine;

	begin_units(ts);
	for (;;)
	{
		BlockNumber blkno;

		if (ts->nunits == 0)
			return false;
		if (tsm->NextSampleBlock != NULL)
			blkno = tsm->NextSampleBlock(state, ts->nunits);
		else
			blkno = ts->unit < ts->nunits ? ts->unit++ : InvalidBlockNumber;
		if (!BlockNumberIsValid(blkno))
			return false;
		if (seek_unit(ts, blkno))
		{
			ts->unit_end = blkno;
			return true;
		}
	}
}

bool
fs_tablescan_sample_row(TableScanDesc sscan, struct SampleScanState *state,
						TupleTableSlot *slot)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;
	TsmRoutine *tsm = state->tsmroutine;
	OffsetNumber off;

	/* false would end the block */
	do
	{
		off = tsm->NextSampleTuple(state, ts->unit_end,
								   fs_scan_nrows(ts->scan));
		if (!OffsetNumberIsValid(off))
		{
			ExecClearTuple(slot);
			return false;
		}
	} while (!fs_scan_is_live(fs_scan_deleted(ts->scan), off - 1) ||
			 !fs_slot_store_row(slot, ts->scan, off - 1));
	pgstat_count_heap_getnext(ts->base.rs_rd);
	return true;
}

void
fs_tablescan_analyze_block(TableScanDesc sscan, BlockNumber blkno)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;

	begin_units(ts);
	Assert(blkno < ts->nblocks);
	ts->unit = (uint64) blkno * ts->nunits / ts->nblocks;
	ts->unit_end = ((uint64) blkno + 1) * ts->nunits / ts->nblocks;
	ts->has_vector = false;
}

bool
fs_tablescan_analyze_row(TableScanDesc sscan, double *liverows,
						 double *deadrows, TupleTableSlot *slot)
{
	FlowTableScan *ts = (FlowTableScan *) sscan;

	for (;;)
	{
		if (ts->has_vector && ++ts->row < fs_scan_nrows(ts->scan))
		{
			if (!fs_scan_is_live(fs_scan_deleted(ts->scan), ts->row))
			{
				*deadrows += 1;
				continue;
			}
			if (fs_slot_store_row(slot, ts->scan, ts->row))
			{
				*liverows += 1;
				return true;
			}
		}
		if (ts->unit >= ts->unit_end)
			break;
		(void) seek_unit(ts, ts->unit++);
	}
	ExecClearTuple(slot);
	return false;
}
