/*-------------------------------------------------------------------------
 *
 * VACUUM FULL.
 *
 * Chunks are copied byte by byte.  Their rows are encoded anew if they lack a
 * column, or if some were deleted and no snapshot can see these any more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/buffer.h"
#include "am/full.h"
#include "am/pending.h"
#include "am/scan.h"
#include "am/slot.h"
#include "am/tableoptions.h"
#include "directory/deletes.h"
#include "directory/directory.h"
#include "format/chunk.h"
#include "store/arena.h"
#include "store/chunkio.h"
#include "store/extent.h"
#include "store/meta.h"

/* A set of clustered chunks. */
typedef struct SetKey
{
	FsPartition partition;
	uint32		number;			/* of its INDEX item */
} SetKey;

typedef struct Move
{
	Relation	from;
	Relation	to;
	FsBufferLayout *layout;
	FsScan	   *scan;			/* of from */
	TupleTableSlot *slot;
	bool		has_missing;	/* a column has a value for older rows */
	bool		has_deletes;
	SnapshotData old;			/* sees what every snapshot sees */
	HTAB	   *sets;			/* SetKey of those that stay; NULL: all */
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
	FsArena		arena;

	if (!move->has_missing)
		return false;
	fs_arena_init(&arena, CurrentMemoryContext);
	if (item->head->kind == FS_ITEM_CHUNK)
		head = fs_chunkio_head(fs_chunkio_open(move->from,
											   item->chunk->extent,
											   item->chunk->len, NULL,
											   &arena, ERROR));
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

/* True if all snapshots see the item. */
static bool
is_old(const Move *move, const FsItem *item)
{
	return TransactionIdIsValid(item->xmin) &&
		TransactionIdPrecedes(item->xmin, move->old.xmin);
}

/*
 * A bitmap of the item's rows that no snapshot can see any more; NULL if there
 * is none, or if snapshots differ about some row.  The rows of an item that
 * all snapshots see get new numbers without harm: whoever could follow an
 * update or a move to the old ones is gone.
 */
static uint8 *
find_gone(Move *move, const FsItem *item, uint32 *ngone)
{
	TransactionId deleter;
	uint32		ndeleted;
	uint8	   *gone;

	*ngone = 0;
	if (!move->has_deletes || !is_old(move, item))
		return NULL;
	gone = fs_deletes_bitmap(move->from, &move->old, item, ngone, &deleter);
	if (gone != NULL)
		(void) fs_deletes_bitmap(move->from, SnapshotSelf, item, &ndeleted,
								 &deleter);
	return gone != NULL && *ngone == ndeleted ? gone : NULL;
}

static SetKey
set_of(const FsItem *item)
{
	SetKey		key = {item->partition, item->number};

	if (item->head->kind == FS_ITEM_CHUNK)
		key.number = item->chunk->index_number;
	return key;
}

/*
 * Which sets keep a chunk: an index without one is not needed.  (Chunks that
 * are not live do not count, for their index is not live either.)
 */
static void
find_sets(Move *move)
{
	FsDirectoryScan *dir = fs_directory_begin(move->from, SnapshotSelf, NULL);
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore sets",
											  ALLOCSET_DEFAULT_SIZES);
	HASHCTL		ctl = {0};
	FsItem		item;

	ctl.keysize = ctl.entrysize = sizeof(SetKey);
	ctl.hcxt = CurrentMemoryContext;
	move->sets = hash_create("flowstore sets", 64, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	fs_directory_tolerate(dir);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		MemoryContext old;
		SetKey		key;
		uint32		ngone;

		if (item.fault != NULL || item.head->kind != FS_ITEM_CHUNK ||
			item.chunk->level != FS_LEVEL_CLUSTERED)
			continue;
		old = MemoryContextSwitchTo(cxt);
		key = set_of(&item);
		if (find_gone(move, &item, &ngone) == NULL &&
			!lacks_column(move, &item))
			(void) hash_search(move->sets, &key, HASH_ENTER, NULL);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	MemoryContextDelete(cxt);
	fs_directory_end(dir);
}

/* True for the index of a set that does not stay, and for an old map of moves. */
static bool
is_spare(Move *move, const FsItem *item)
{
	SetKey		key = set_of(item);

	if (item->head->kind == FS_ITEM_INDEX)
		return move->sets != NULL && TransactionIdIsValid(item->xmin) &&
			hash_search(move->sets, &key, HASH_FIND, NULL) == NULL;
	return item->head->kind == FS_ITEM_MOVED && is_old(move, item);
}

/* Give the buffer's rows the numbers that the item's rows have. */
static void
keep_numbers(FsBuffer *buffer, const FsItem *item)
{
	FsRowRun	runs[FS_ITEM_MAX_RUNS];
	int			nruns = 1;

	if (item->head->kind == FS_ITEM_ROWS)
	{
		runs[0].first = item->rows->first_row;
		runs[0].n = item->head->nrows;
	}
	else
		for (nruns = 0; nruns < item->head->n; nruns++)
			runs[nruns] = fs_item_run(item->chunk, nruns);
	fs_buffer_set_runs(buffer, runs, nruns);
}

static void
give_numbers(Move *move, FsBuffer *buffer)
{
	FsRowRun	run = {0, fs_buffer_nrows(buffer)};
	uint32		number;
	bool		has_wrapped;

	fs_meta_take_numbers(move->to, run.n, 0, &run.first, &number,
						 &has_wrapped);
	fs_buffer_set_runs(buffer, &run, 1);
	fs_buffer_set_level(buffer, FS_LEVEL_MERGED);
}

/*
 * Encode an item's rows anew, without those that are gone, and with all of
 * today's columns.
 */
static uint32
rebuild_item(Move *move, const FsItem *item, const uint8 *gone)
{
	FsBuffer   *buffer = fs_buffer_create(move->layout, item->partition,
										  CurrentMemoryContext);
	uint32		row = 0;
	uint8	   *bytes;
	uint32		len;

	fs_buffer_set_counter(buffer, FS_COUNT_BYTES_REWRITTEN);
	for (uint32 v = 0; v < fs_scan_item_vectors(item); v++)
	{
		if (!fs_scan_seek(move->scan, item, v))
			elog(ERROR, "unexpected loss of a chunk");
		CHECK_FOR_INTERRUPTS();
		for (uint32 i = 0; i < fs_scan_nrows(move->scan); i++, row++)
		{
			if (!fs_scan_is_live(gone, row))
				continue;
			if (!fs_slot_store_row(move->slot, move->scan, i))
				elog(ERROR, "unexpected loss of a row");
			fs_buffer_add_numbered(buffer, move->slot);
		}
	}
	if (gone == NULL)
		keep_numbers(buffer, item);
	else
		give_numbers(move, buffer);
	len = fs_buffer_form_chunk(buffer, move->to, &move->out.item, &bytes);
	move->out.item.extent = place_bytes(move, bytes, move->out.item.len);
	return len;
}

/*
 * Move one item; memory is the caller's to reset.  Core forgets the values
 * that ADD COLUMN gave older rows when a table is rewritten, so rows that
 * lack such a column must be encoded anew.
 */
static const FsItemHead *
move_item(const FsItem *item, uint32 *len, void *arg)
{
	Move	   *move = arg;
	uint8	   *bytes;
	uint8	   *gone = NULL;
	uint32		ngone = 0;
	FsExtent	extent;
	uint32		nbytes;

	*len = item->len;
	if (fs_item_has_rows(item))
		gone = find_gone(move, item, &ngone);
	if ((gone != NULL && ngone == item->head->nrows) ||
		is_spare(move, item))
		return NULL;
	/* a few rows that are left in a ROWS item are no reason for a chunk */
	if (item->head->kind == FS_ITEM_ROWS)
		gone = NULL;
	if (gone != NULL ||
		(fs_item_has_rows(item) && lacks_column(move, item)))
	{
		*len = rebuild_item(move, item, gone);
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
	move.has_missing = has_missing_values(RelationGetDescr(from));
	move.has_deletes = fs_deletes_exist(from);
	move.old.snapshot_type = SNAPSHOT_MVCC;
	move.old.xmin = move.old.xmax = oldest_xmin;
	move.layout = fs_buffer_layout(RelationGetDescr(from),
								   fs_tableoptions_get(from)->time_att,
								   CurrentMemoryContext);
	move.scan = fs_scan_begin_seek(from, SnapshotAny, RelationGetDescr(from));
	move.slot = MakeSingleTupleTableSlot(RelationGetDescr(from), &fs_slot_ops);
	if (move.has_deletes || move.has_missing)
		find_sets(&move);
	fs_meta_copy(from, to);
	fs_directory_rewrite(from, to, oldest_xmin, *freeze_xid, *cutoff_multi,
						 move_item, &move, live, dead, recently_dead);
	ExecDropSingleTupleTableSlot(move.slot);
	fs_scan_end(move.scan);
}
