/*-------------------------------------------------------------------------
 *
 * VACUUM FULL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "am/buffer.h"
#include "am/full.h"
#include "am/pending.h"
#include "am/scan.h"
#include "am/slot.h"
#include "am/tableoptions.h"
#include "directory/directory.h"
#include "format/chunk.h"
#include "store/chunkio.h"
#include "store/extent.h"
#include "store/meta.h"

typedef struct Move
{
	Relation	from;
	Relation	to;
	FsBufferLayout *layout;
	FsScan	   *scan;			/* of from; NULL: no row lacks a column */
	TupleTableSlot *slot;
	BufferAccessStrategy ring;
	union
	{
		FsItemHead	head;
		FsChunkItem item;
		char		bytes[FS_ITEM_MAX_LEN];
	}			out;			/* the item that was moved last */
} Move;

/* Put bytes into an extent of the new table. */
static FsExtent
place_bytes(Move *move, const uint8 *bytes, uint32 len)
{
	FsExtent	extent;

	fs_extent_lock(move->to);
	extent = fs_extent_reserve(move->to, fs_extent_pages(len), move->ring);
	fs_extent_unlock(move->to);
	fs_extent_fill(move->to, extent, bytes, len, move->ring);
	return extent;
}

/* True if a column that has a value for older rows is not in the item. */
static bool
lacks_column(Move *move, const FsItem *item)
{
	TupleDesc	desc = RelationGetDescr(move->from);
	const FsChunkHead *head = NULL;

	if (item->head->kind == FS_ITEM_CHUNK)
		head = fs_chunkio_head(fs_chunkio_open(move->from,
											   item->chunk->extent,
											   item->chunk->len, NULL,
											   CurrentMemoryContext, ERROR));
	for (int att = 0; att < desc->natts; att++)
	{
		if (!TupleDescAttr(desc, att)->atthasmissing)
			continue;
		if (head != NULL ? fs_chunk_column(head, att + 1) == NULL :
			HeapTupleHeaderGetNatts(fs_item_first_row(item->rows)) <= att)
			return true;
	}
	return false;
}

/* Encode an item's rows anew, so that they have all of today's columns. */
static uint32
rebuild_item(Move *move, const FsItem *item)
{
	FsBuffer   *buffer = fs_buffer_create(move->layout, item->partition,
										  CurrentMemoryContext);
	FsRowRun	runs[FS_ITEM_MAX_RUNS];
	int			nruns = 1;
	uint8	   *bytes;
	uint32		len;

	for (uint32 v = 0; v < fs_scan_item_vectors(item); v++)
	{
		if (!fs_scan_seek(move->scan, item, v))
			elog(ERROR, "unexpected loss of a chunk");
		for (uint32 i = 0; i < fs_scan_nrows(move->scan); i++)
		{
			if (!fs_slot_store_row(move->slot, move->scan, i))
				elog(ERROR, "unexpected loss of a row");
			fs_buffer_add_numbered(buffer, move->slot);
		}
	}
	if (item->head->kind == FS_ITEM_ROWS)
	{
		runs[0].first = item->rows->first_row;
		runs[0].n = item->head->nrows;
	}
	else
		for (nruns = 0; nruns < item->head->n; nruns++)
			runs[nruns] = fs_item_run(item->chunk, nruns);
	fs_buffer_set_runs(buffer, runs, nruns);
	len = fs_buffer_form_chunk(buffer, move->to, &move->out.item, &bytes);
	move->out.item.extent = place_bytes(move, bytes, move->out.item.len);
	return len;
}

/*
 * Move one item; memory is the caller's to reset.  Core forgets the values
 * that ADD COLUMN gave older rows when a table is rewritten, so rows that
 * lack such a column are encoded anew; chunks that have all are copied.
 */
static const FsItemHead *
move_item(const FsItem *item, uint32 *len, void *arg)
{
	Move	   *move = arg;
	uint8	   *bytes;
	FsExtent	extent;
	uint32		nbytes;

	*len = item->len;
	if (fs_item_has_rows(item) && move->scan != NULL &&
		lacks_column(move, item))
	{
		*len = rebuild_item(move, item);
		return &move->out.head;
	}
	if (!fs_item_extent(item->head, &extent, &nbytes))
		return item->head;
	memcpy(move->out.bytes, item->head, item->len);
	bytes = palloc_extended(nbytes, MCXT_ALLOC_HUGE);
	(void) fs_extent_read(move->from, extent, 0, nbytes, bytes, ERROR);
	fs_item_set_extent(&move->out.head, place_bytes(move, bytes, nbytes));
	return &move->out.head;
}

static bool
has_missing_values(TupleDesc desc)
{
	for (int att = 0; att < desc->natts; att++)
		if (TupleDescAttr(desc, att)->atthasmissing)
			return true;
	return false;
}

void
fs_full_rewrite(Relation from, Relation to, Relation old_index, bool use_sort,
			   TransactionId oldest_xmin, TransactionId *freeze_xid,
			   MultiXactId *cutoff_multi, double *live, double *dead,
			   double *recently_dead)
{
	Move		move = {0};

	fs_pending_flush(from);
	move.from = from;
	move.to = to;
	move.ring = GetAccessStrategy(BAS_BULKWRITE);
	if (has_missing_values(RelationGetDescr(from)))
	{
		move.layout = fs_buffer_layout(RelationGetDescr(from),
									   fs_tableoptions_get(from)->time_att,
									   CurrentMemoryContext);
		move.scan = fs_scan_begin_seek(from, SnapshotAny,
									   RelationGetDescr(from));
		move.slot = MakeSingleTupleTableSlot(RelationGetDescr(from),
											 &fs_slot_ops);
	}
	fs_meta_copy(from, to);
	fs_directory_rewrite(from, to, oldest_xmin, *freeze_xid, *cutoff_multi,
						 move_item, &move, live, dead, recently_dead);
	if (move.scan != NULL)
	{
		ExecDropSingleTupleTableSlot(move.slot);
		fs_scan_end(move.scan);
	}
}
