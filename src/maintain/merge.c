/*-------------------------------------------------------------------------
 *
 * Merging.
 *
 * A chunk that is as full as it can be, by rows, bytes or runs of row numbers,
 * is marked merged and not looked at again; what is left over stays fresh.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/buffer.h"
#include "am/scanvalue.h"
#include "am/tableoptions.h"
#include "maintain/merge.h"
#include "maintain/rewrite.h"

typedef struct Merge
{
	Relation	rel;
	FsPartition partition;
	FsRewrite  *rewrite;
	FsBufferLayout *layout;
	FsBuffer   *buffer;			/* NULL: no row since the last was written */
	BufferAccessStrategy ring;
	FsScan	   *scan;
	TupleTableSlot *slot;
	uint64		rows_left;		/* expected */
	uint64		nrows;			/* of the sources, with deleted ones */
	FsTaskResult *result;
} Merge;

/* Write the buffer; returns the bytes written. */
static uint64
write_buffer(Merge *merge)
{
	uint64		written;

	fs_buffer_release_numbers(merge->buffer, merge->rel);
	if (fs_buffer_is_full(merge->buffer) ||
		fs_buffer_nrows(merge->buffer) >= FS_CHUNK_MAX_ROWS / 2)
		fs_buffer_set_level(merge->buffer, FS_LEVEL_MERGED);
	written = fs_buffer_write(merge->buffer, merge->rel,
							  GetCurrentCommandId(true), &merge->ring);
	merge->result->written += written;
	fs_buffer_destroy(merge->buffer);
	merge->buffer = NULL;
	return written;
}

/* Add the row in the slot; returns the bytes written on this occasion. */
static uint64
add_row(Merge *merge)
{
	FsRowRun	run = {0, 1};
	uint64		written = 0;

	if (merge->buffer != NULL && fs_buffer_is_full(merge->buffer))
		written = write_buffer(merge);
	if (merge->buffer == NULL)
	{
		merge->buffer = fs_buffer_create(merge->layout, merge->partition,
										 CurrentMemoryContext);
		fs_buffer_set_counter(merge->buffer, FS_COUNT_BYTES_REWRITTEN);
	}
	fs_buffer_add(merge->buffer, merge->rel, merge->slot,
				  (uint32) Min(Max(merge->rows_left, 1), FS_CHUNK_MAX_ROWS));
	if (merge->rows_left > 0)
		merge->rows_left--;
	if (!fs_rowno_from_tid(&merge->slot->tts_tid, &run.first))
		elog(ERROR, "unexpected TID of a new row");
	fs_rewrite_add_rows(merge->rewrite, run);
	merge->result->rows++;
	return written;
}

/* Add the live rows of the scan's vector; returns the bytes written. */
static uint64
add_vector(Merge *merge, const uint8 *deleted)
{
	TupleDesc	desc = RelationGetDescr(merge->rel);
	const Datum **values = palloc0(sizeof(Datum *) * Max(desc->natts, 1));
	const bool **isnull = palloc0(sizeof(bool *) * Max(desc->natts, 1));
	uint32		first = fs_scan_first_row(merge->scan);
	uint64		written = 0;

	for (int att = 0; att < desc->natts; att++)
		if (!TupleDescAttr(desc, att)->attisdropped &&
			!fs_scan_column(merge->scan, att, &values[att], &isnull[att]))
			elog(ERROR, "unexpected lack of a column");
	for (uint32 i = 0; i < fs_scan_nrows(merge->scan); i++)
	{
		if (!fs_scan_is_live(deleted, first + i))
			continue;
		ExecClearTuple(merge->slot);
		for (int att = 0; att < desc->natts; att++)
		{
			merge->slot->tts_isnull[att] = values[att] == NULL ||
				isnull[att][i];
			merge->slot->tts_values[att] = merge->slot->tts_isnull[att]
				? (Datum) 0 : values[att][i];
		}
		ExecStoreVirtualTuple(merge->slot);
		written += add_row(merge);
	}
	pfree(values);
	pfree(isnull);
	return written;
}

static bool
add_source(Merge *merge, const FsHolding *holding, const FsPace *pace)
{
	const FsItem *item = fs_rewrite_source(merge->rewrite, holding);
	uint32		n = item == NULL ? 0 : fs_scan_item_vectors(item);
	uint64		written = 0;

	if (item == NULL)
		return true;
	merge->result->items++;
	merge->result->read += holding->len;
	merge->nrows += item->head->nrows;
	if (fs_rewrite_is_empty(merge->rewrite))
		return fs_pace_step(pace, 0, 0);
	for (uint32 v = 0; v < n; v++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!fs_scan_seek(merge->scan, item, v))
			elog(ERROR, "unexpected lack of a chunk");
		written = add_vector(merge, fs_rewrite_deleted(merge->rewrite));
		if (!fs_pace_step(pace, fs_scan_nrows(merge->scan), written))
			return false;
	}
	return true;
}

static bool
add_sources(Merge *merge, FsTask *task, const FsPace *pace)
{
	for (uint32 i = 0; i < task->nsources; i++)
		if (!add_source(merge, &task->sources[i], pace))
			return false;
	task->ndone = task->nsources;
	if (merge->buffer == NULL)
		return true;
	return fs_pace_step(pace, 0, write_buffer(merge));
}

/*
 * True if it was worth it: an item that is the only one left, since others are
 * being changed, would be written as it is, and again at the next look.
 */
static bool
is_worth_it(const Merge *merge)
{
	return merge->result->items > 1 ||
		merge->nrows > fs_rewrite_nlive(merge->rewrite);
}

bool
fs_merge_run(Relation rel, FsTask *task, Snapshot snapshot,
			 const FsPace *pace, FsTaskResult *result)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore merge",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Merge		merge = {rel, task->partition};
	bool		is_done;

	merge.rewrite = fs_rewrite_begin(rel, task->partition, snapshot);
	merge.layout = fs_buffer_layout(RelationGetDescr(rel),
									fs_tableoptions_get(rel)->time_att, cxt);
	merge.scan = fs_scan_begin_seek(rel, NULL, RelationGetDescr(rel));
	merge.slot = MakeSingleTupleTableSlot(RelationGetDescr(rel),
										  &TTSOpsVirtual);
	merge.rows_left = task->nrows;
	merge.result = result;
	is_done = add_sources(&merge, task, pace) && is_worth_it(&merge) &&
		fs_rewrite_finish(merge.rewrite, merge.ring);
	result->read += fs_rewrite_index_bytes(merge.rewrite);
	fs_scan_end(merge.scan);
	ExecDropSingleTupleTableSlot(merge.slot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return is_done;
}
