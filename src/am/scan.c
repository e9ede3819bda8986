/*-------------------------------------------------------------------------
 *
 * Reading a table, vector by vector.
 *
 * Which vectors: in the order of the directory, the items that the snapshot
 * sees, unless their bounds, the partition index of their set or their zone
 * maps rule them out.  How a vector is decoded is told in scancolumn.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/fetch.h"
#include "am/options.h"
#include "am/scanvalue.h"
#include "am/scancolumn.h"
#include "am/scanstate.h"
#include "am/set.h"
#include "directory/deletes.h"
#include "store/arena.h"
#include "store/chunkio.h"

/* A chunk is kept if no more of its vectors were read. */
#define KEPT_FRACTION	4

/* Items and sets that scans of this process have entered. */
static uint64 visits = 0;

static FsScan *
create_scan(Relation rel, TupleDesc desc)
{
	FsScan	   *scan = palloc0(sizeof(FsScan));

	scan->rel = rel;
	scan->desc = desc;
	scan->cxt = CurrentMemoryContext;
	scan->listed_cxt = AllocSetContextCreate(CurrentMemoryContext,
											 "flowstore vector sets",
											 ALLOCSET_DEFAULT_SIZES);
	fs_scancolumn_init(&scan->columns, desc);
	scan->columns.item = &scan->item;
	return scan;
}

static void
set_snapshot(FsScan *scan, Snapshot snapshot)
{
	scan->snapshot = snapshot;
	scan->has_deletes = snapshot != NULL && snapshot != SnapshotAny &&
		fs_deletes_exist(scan->rel);
}

FsScan *
fs_scan_begin(Relation rel, Snapshot snapshot, TupleDesc desc,
			  ParallelTableScanDesc pscan)
{
	FsScan	   *scan = create_scan(rel, desc);

	scan->directory = fs_directory_begin(rel, snapshot, pscan);
	set_snapshot(scan, snapshot);
	return scan;
}

FsScan *
fs_scan_begin_seek(Relation rel, Snapshot snapshot, TupleDesc desc)
{
	FsScan	   *scan = create_scan(rel, desc);

	set_snapshot(scan, snapshot);
	return scan;
}

void
fs_scan_set_pruner(FsScan *scan, const FsPruner *pruner)
{
	scan->pruner = pruner;
}

void
fs_scan_set_digest(FsScan *scan, FsDigest digest, void *arg)
{
	scan->digest = digest;
	scan->digest_arg = arg;
}

void
fs_scan_set_source(FsScan *scan, FsItemSource source, void *arg)
{
	Assert(scan->directory == NULL && scan->nranges == 0);
	scan->source = source;
	scan->source_arg = arg;
}

void
fs_scan_set_known(FsScan *scan, bool is_known)
{
	scan->is_known = is_known;
}

void
fs_scan_share(FsScan *scan, pg_atomic_uint64 *counter, bool by_set)
{
	scan->shared = counter;
	scan->by_set = by_set;
}

/* Whether few of the item's vectors were read. */
static bool
is_little_read(const FsScan *scan)
{
	return scan->nentered > 0 &&
		scan->nentered <= Max(scan->nvectors / KEPT_FRACTION, 1);
}

/* Leave the item at hand. */
static void
leave_item(FsScan *scan)
{
	scan->has_item = false;
	if (!scan->is_opened)
		return;
	scan->is_opened = false;
	if (scan->chunk != NULL)
		scan->counters.bytes += fs_chunkio_bytes_read(scan->chunk);
	scan->chunk = NULL;
	scan->deleted = NULL;
	scan->ndeleted = 0;
	scan->deleter = InvalidTransactionId;
	fs_scancolumn_leave_item(&scan->columns, is_little_read(scan));
}

void
fs_scan_rescan(FsScan *scan)
{
	leave_item(scan);
	if (scan->set != NULL)
		fs_set_leave(scan->set);
	scan->ordinal = 0;
	scan->has_wanted = false;
	/* other snapshots see what has been deleted since */
	if (scan->snapshot != NULL && !IsMVCCSnapshot(scan->snapshot))
		set_snapshot(scan, scan->snapshot);
	if (scan->directory != NULL)
		fs_directory_rescan(scan->directory);
	for (int i = 0; i < scan->nranges; i++)
		fs_directory_rescan(scan->ranges[i]);
	scan->range = -1;
}

static void
end_directory(FsScan *scan)
{
	if (scan->directory != NULL)
		fs_directory_end(scan->directory);
	scan->directory = NULL;
	for (int i = 0; i < scan->nranges; i++)
		fs_directory_end(scan->ranges[i]);
	scan->nranges = 0;
}

void
fs_scan_limit(FsScan *scan, FsPartition first, FsPartition last)
{
	FsKeyRange	untimed = {FS_PARTITION_NONE, FS_PARTITION_NULL, 0, 0};
	FsKeyRange	timed = {first, last, 0, 0};
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);

	end_directory(scan);
	scan->ranges[0] = fs_directory_begin_range(scan->rel, scan->snapshot,
											   &untimed);
	scan->ranges[1] = fs_directory_begin_range(scan->rel, scan->snapshot,
											   &timed);
	scan->nranges = 2;
	scan->range = -1;
	MemoryContextSwitchTo(old);
}

void
fs_scan_unlimit(FsScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);

	if (scan->directory == NULL)
	{
		end_directory(scan);
		scan->directory = fs_directory_begin(scan->rel, scan->snapshot, NULL);
	}
	MemoryContextSwitchTo(old);
}

void
fs_scan_end(FsScan *scan)
{
	leave_item(scan);
	end_directory(scan);
	fs_scancolumn_free(&scan->columns);
	MemoryContextDelete(scan->listed_cxt);
	if (scan->set != NULL)
		fs_set_destroy(scan->set);
	pfree(scan);
}

/* Learn which rows of the item are deleted; false if all of them are. */
static bool
load_deleted(FsScan *scan)
{
	MemoryContext old;

	if (!scan->has_deletes)
		return true;
	old = MemoryContextSwitchTo(scan->columns.chunk_cxt);
	scan->deleted = fs_deletes_bitmap(scan->rel, scan->snapshot, &scan->item,
									  &scan->ndeleted, &scan->deleter);
	MemoryContextSwitchTo(old);
	return scan->ndeleted < scan->item.head->nrows;
}

static int
report_level(const FsScan *scan)
{
	if (fs_on_corrupt_chunk != FS_ON_CORRUPT_SKIP)
		return ERROR;
	return scan->is_known ? DEBUG1 : WARNING;
}

/* Ask the lists of the set at hand which vectors may match. */
static void
find_listed(FsScan *scan)
{
	FsStoredIndex *index = fs_set_index(scan->set);
	FsFault		fault = {{0}, 0};
	MemoryContext old;
	FsArena		arena;

	scan->has_listed = false;
	MemoryContextReset(scan->listed_cxt);
	if (index == NULL)
		return;
	fs_arena_init(&arena, scan->listed_cxt);
	fs_vectorset_init(&scan->listed,
					  fs_pindex_nvectors(fs_indexio_pindex(index)), &arena);
	old = MemoryContextSwitchTo(scan->listed_cxt);
	if (scan->pruner->keep_listed(scan->pruner->arg, fs_indexio_pindex(index),
								  &scan->listed, &arena, &fault))
		scan->has_listed = true;
	else
		fs_indexio_fault(index, &fault);
	MemoryContextSwitchTo(old);
}

/* Where the values of the current chunk come from, if not from itself. */
static FsDomainSource *
domains_of(FsScan *scan)
{
	return scan->item.chunk->level == FS_LEVEL_CLUSTERED
		? fs_set_domains(scan->set) : NULL;
}

/* Enter the set of a clustered chunk; false if no vector of it may match. */
static bool
enter_set(FsScan *scan)
{
	const FsChunkItem *item = scan->item.chunk;

	if (scan->set == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(scan->cxt);

		scan->set = fs_set_create(scan->rel, scan->snapshot,
								  scan->directory != NULL ||
								  scan->nranges > 0 || scan->source != NULL);
		/* the part of a worker is not read again before it ends */
		if (scan->shared == NULL || !IsParallelWorker())
			fs_set_keep(scan->set);
		MemoryContextSwitchTo(old);
	}
	if (fs_set_enter(scan->set, &scan->item, report_level(scan)))
	{
		scan->set_visit = ++visits;
		scan->has_listed = false;
		if (scan->pruner != NULL && scan->pruner->keep_listed != NULL)
			find_listed(scan);
	}
	if (!scan->has_listed || item->ordinal >= (scan->listed.n + 63) / 64)
		return true;
	return fs_vectorset_chunk(&scan->listed, item->ordinal) != 0;
}

/* True if the item's bounds and the lists of its set let rows match. */
static bool
keep_unopened(FsScan *scan)
{
	const FsItem *item = &scan->item;

	if (scan->pruner != NULL && scan->pruner->keep_item != NULL &&
		!scan->pruner->keep_item(scan->pruner->arg, item))
		return false;
	if (item->chunk->level != FS_LEVEL_CLUSTERED || enter_set(scan))
		return true;
	scan->counters.chunks_unlisted++;
	if (scan->pruner->note_chunk != NULL)
		scan->pruner->note_chunk(scan->pruner->arg, item->chunk->ordinal);
	return false;
}

/* Open the chunk of the current item; false if the pruner can do without it. */
static bool
enter_chunk(FsScan *scan)
{
	const FsItem *item = &scan->item;

	scan->counters.chunks++;
	if (!keep_unopened(scan))
	{
		scan->counters.chunks_pruned++;
		return false;
	}
	scan->is_opened = true;
	if (scan->is_counting && fs_on_corrupt_chunk != FS_ON_CORRUPT_SKIP)
	{
		scan->counters.vectors += scan->nvectors;
		return true;
	}
	scan->chunk = fs_chunkio_reopen(scan->rel, item->chunk->extent,
									item->chunk->len, domains_of(scan),
									scan->columns.pool, report_level(scan));
	scan->columns.chunk = scan->chunk;
	if (scan->chunk == NULL)
		return false;
	if (fs_chunkio_head(scan->chunk)->nrows != item->head->nrows)
	{
		FsFault		fault = {"the directory gives another row count", 0};

		fs_chunkio_fault(scan->chunk, 0, &fault);
		return false;
	}
	if (scan->pruner != NULL && scan->pruner->keep_chunk != NULL &&
		!scan->pruner->keep_chunk(scan->pruner->arg, scan))
	{
		scan->counters.chunks_pruned++;
		return false;
	}
	scan->counters.vectors += scan->nvectors;
	return true;
}

/*
 * Prepare the current item.  Returns false if it is to be passed over.
 */
static bool
enter_item(FsScan *scan)
{
	if (scan->directory != NULL || scan->nranges > 0)
		fs_fetch_note_item(scan->rel, &scan->item);
	scan->visit = ++visits;
	scan->nentered = 0;
	scan->nvectors = fs_scan_item_vectors(&scan->item);
	if (scan->item.head->kind == FS_ITEM_ROWS)
	{
		scan->is_opened = true;
		scan->counters.rows_items++;
	}
	else if (!enter_chunk(scan))
		return false;
	if (!load_deleted(scan))
		return false;
	if (scan->digest == NULL || scan->chunk == NULL || scan->ndeleted > 0 ||
		!scan->digest(scan->digest_arg, scan))
		return true;
	scan->counters.chunks_digested++;
	return false;
}

/* Stop at a vector of the current item. */
static void
enter_vector(FsScan *scan, uint32 v)
{
	uint32		nrows = scan->item.head->nrows;

	scan->columns.chunk = scan->chunk;
	fs_scancolumn_enter_vector(&scan->columns, v,
							   scan->item.head->kind == FS_ITEM_ROWS ? nrows
							   : Min(FS_VECTOR_ROWS,
									 nrows - v * FS_VECTOR_ROWS));
}

/* The next item of the directory, or of the ranges that are to be read. */
static bool
next_in_directory(FsScan *scan, ScanDirection direction)
{
	int			step = ScanDirectionIsForward(direction) ? 1 : -1;

	if (scan->source != NULL)
		return scan->source(scan->source_arg, &scan->item);
	if (scan->directory != NULL)
		return fs_directory_next(scan->directory, direction, &scan->item);
	if (scan->range < 0)
		scan->range = step > 0 ? 0 : scan->nranges - 1;
	for (;;)
	{
		if (fs_directory_next(scan->ranges[scan->range], direction,
							  &scan->item))
			return true;
		if (scan->range + step < 0 || scan->range + step >= scan->nranges)
			return false;
		scan->range += step;
	}
}

/*
 * A dirty read must not touch the extent of an item that another transaction
 * is still writing; its pages may be anything.
 */
static bool
is_being_written(const FsScan *scan)
{
	return scan->snapshot != NULL &&
		scan->snapshot->snapshot_type == SNAPSHOT_DIRTY &&
		TransactionIdIsValid(scan->snapshot->xmin) &&
		!TransactionIdIsCurrentTransactionId(scan->snapshot->xmin);
}

static void
note_key(FsScan *scan, ItemKeys *keys)
{
	if (keys->n == keys->cap)
	{
		keys->cap = Max(2 * keys->cap, 16);
		keys->keys = keys->keys == NULL
			? MemoryContextAlloc(scan->cxt, sizeof(*keys->keys) * keys->cap)
			: repalloc_huge(keys->keys, sizeof(*keys->keys) * keys->cap);
	}
	keys->keys[keys->n].partition = scan->item.partition;
	keys->keys[keys->n++].number = scan->item.number;
}

static bool
is_noted(const FsScan *scan, const ItemKeys *keys)
{
	for (uint32 i = 0; i < keys->n; i++)
		if (keys->keys[i].partition == scan->item.partition &&
			keys->keys[i].number == scan->item.number)
			return true;
	return false;
}

/*
 * At the end of a dirty scan: the next item that was being written when it was
 * met and has been committed since.  It may be an item that was relocated, in
 * front of the place where the scan then was.
 */
static bool
next_skipped(FsScan *scan)
{
	while (scan->skipped.n > 0)
	{
		uint32		i = --scan->skipped.n;
		MemoryContext old = MemoryContextSwitchTo(scan->columns.chunk_cxt);
		bool		found = fs_directory_fetch(scan->rel,
											   scan->skipped.keys[i].partition,
											   scan->skipped.keys[i].number,
											   scan->snapshot, &scan->item);

		MemoryContextSwitchTo(old);
		scan->is_opened = true;	/* it is in the chunk's memory */
		if (found && fs_item_has_rows(&scan->item) &&
			!is_being_written(scan) && !is_noted(scan, &scan->ending))
			return true;
	}
	return false;
}

/*
 * Take the item at hand, if it can be read now.  A dirty scan remembers what
 * may be found in another state later.
 */
static bool
take_item(FsScan *scan)
{
	if (is_being_written(scan))
	{
		note_key(scan, &scan->skipped);
		return false;
	}
	if (scan->snapshot != NULL &&
		scan->snapshot->snapshot_type == SNAPSHOT_DIRTY &&
		TransactionIdIsValid(scan->snapshot->xmax))
		note_key(scan, &scan->ending);
	scan->has_item = true;
	if (enter_item(scan))
		return true;
	leave_item(scan);
	return false;
}

/* As next_in_directory(), and then those that were skipped. */
static bool
next_or_skipped(FsScan *scan, ScanDirection direction)
{
	if (!scan->is_at_end && next_in_directory(scan, direction))
		return true;
	/* asked once more, the directory would begin anew */
	scan->is_at_end = next_skipped(scan);
	return scan->is_at_end;
}

/* Does the item belong to the same set as the one before? */
static bool
is_of_drawn_set(FsScan *scan)
{
	const FsItem *item = &scan->item;
	uint32		set = item->head->kind == FS_ITEM_CHUNK &&
		item->chunk->level == FS_LEVEL_CLUSTERED ? item->chunk->index_number : 0;
	bool		is_same = set != 0 && scan->drawn_set == set &&
		scan->drawn_partition == item->partition;

	scan->drawn_set = set;
	scan->drawn_partition = item->partition;
	return is_same;
}

/*
 * Is the item for this participant?  Numbers are drawn ascending, and items
 * come in the same order to all.
 */
static bool
is_drawn(FsScan *scan)
{
	if (!scan->by_set || !is_of_drawn_set(scan) || scan->ordinal == 0)
		scan->ordinal++;
	while (!scan->has_wanted || scan->wanted < scan->ordinal - 1)
	{
		scan->wanted = pg_atomic_fetch_add_u64(scan->shared, 1);
		scan->has_wanted = true;
	}
	return scan->wanted == scan->ordinal - 1;
}

static bool
next_item(FsScan *scan, ScanDirection direction)
{
	leave_item(scan);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (!next_or_skipped(scan, direction))
			return false;
		if (!fs_item_has_rows(&scan->item) ||
			(scan->shared != NULL && !is_drawn(scan)))
			continue;
		if (take_item(scan))
			return true;
	}
}

/* The vector after the current one in this direction, within the item. */
static bool
step_vector(FsScan *scan, ScanDirection direction)
{
	uint32		v = scan->columns.vector;

	if (ScanDirectionIsForward(direction) ? v + 1 >= scan->nvectors : v == 0)
		return false;
	enter_vector(scan, ScanDirectionIsForward(direction) ? v + 1 : v - 1);
	return true;
}

/* True if the lists of the current chunk's set name the current vector. */
static bool
is_listed(const FsScan *scan)
{
	uint32		v = 64 * scan->item.chunk->ordinal + scan->columns.vector;

	return scan->item.chunk->level != FS_LEVEL_CLUSTERED ||
		!scan->has_listed || v >= scan->listed.n ||
		fs_vectorset_contains(&scan->listed, v);
}

static bool
keep_vector(FsScan *scan)
{
	if (scan->chunk == NULL || scan->pruner == NULL)
		return true;
	if (!is_listed(scan))
	{
		scan->counters.vectors_unlisted++;
		if (scan->pruner->note_vector != NULL)
			scan->pruner->note_vector(scan->pruner->arg,
									  64 * scan->item.chunk->ordinal +
									  scan->columns.vector);
	}
	else if (scan->pruner->keep_vector == NULL ||
			 scan->pruner->keep_vector(scan->pruner->arg, scan))
		return true;
	scan->counters.vectors_pruned++;
	return false;
}

bool
fs_scan_next(FsScan *scan, ScanDirection direction)
{
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!scan->has_item || !step_vector(scan, direction))
		{
			if (!next_item(scan, direction))
				return false;
			enter_vector(scan, ScanDirectionIsForward(direction) ?
						 0 : scan->nvectors - 1);
		}
	} while (!keep_vector(scan));
	scan->nentered++;
	return true;
}

uint64
fs_scan_count(FsScan *scan)
{
	uint64		nrows = 0;

	scan->is_counting = true;
	while (next_item(scan, ForwardScanDirection))
		nrows += scan->item.head->nrows - scan->ndeleted;
	scan->is_counting = false;
	return nrows;
}

bool
fs_scan_seek(FsScan *scan, const FsItem *item, uint32 v)
{
	bool		is_same = scan->has_item &&
		scan->item.partition == item->partition &&
		scan->item.number == item->number &&
		ItemPointerEquals(&scan->item.tid, (ItemPointer) &item->tid) &&
		item->head->kind == FS_ITEM_CHUNK && scan->chunk != NULL;

	if (is_same && scan->columns.vector == v)
	{
		scan->item = *item;
		return true;
	}
	if (!is_same)
	{
		FsScanCounters before;

		leave_item(scan);
		before = scan->counters;
		scan->item = *item;
		scan->has_item = enter_item(scan);
		scan->counters = before;
		if (!scan->has_item)
			return false;
	}
	scan->item = *item;
	scan->nentered++;
	enter_vector(scan, v);
	return true;
}

void
fs_scan_rebind(FsScan *scan, Relation rel)
{
	scan->rel = rel;
	if (scan->set != NULL)
		fs_set_rebind(scan->set, rel);
	if (scan->chunk != NULL)
		fs_chunkio_rebind(scan->chunk, rel);
}
