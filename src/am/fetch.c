/*-------------------------------------------------------------------------
 *
 * Rows by TID.
 *
 * A row number does not say which item holds it.  Scans leave a note of the
 * items they read last, which is where UPDATE and DELETE ask next.  If that
 * does not help, the directory is read once and the ranges of row numbers are
 * kept, sorted, for the rest of the transaction; row numbers of an item never
 * change, so what was learnt stays true until a savepoint is rolled back, when
 * all is forgotten, and a number that is not found makes the ranges be read
 * again.
 * The item and the chunk that the last row came from are kept in memory,
 * because one row is asked for after another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/fetch.h"
#include "am/pending.h"
#include "am/scan.h"
#include "am/slot.h"
#include "compat.h"
#include "directory/deletes.h"
#include "directory/life.h"
#include "directory/moves.h"

typedef struct RowRange
{
	uint64		first;
	uint32		n;
	FsPartition partition;
	uint32		number;
} RowRange;

/* What is known of the table that was asked last. */
typedef struct FetchCache
{
	Oid			relid;
	FsFileNumber file;
	MemoryContext cxt;			/* of all this; NULL: nothing is cached */
	RowRange   *ranges;			/* [nranges], by first; NULL: not yet learnt */
	uint32		nranges;
	TupleDesc	desc;			/* that the scan was made with */
	FsScan	   *scan;
	MemoryContext ranges_cxt;
	MemoryContext item_cxt;
	bool		has_item;
	FsItem		item;			/* the one at hand, in item_cxt */
	TransactionId horizon;		/* it stays while that is our xmin; or invalid */
} FetchCache;

static FetchCache cache;

/* Items that scans of this backend have read last. */
#define NNOTES 4

typedef struct ItemNote
{
	Oid			relid;
	FsFileNumber file;
	FsPartition partition;
	uint32		number;
} ItemNote;

static ItemNote notes[NNOTES];
static int	next_note = 0;

void
fs_fetch_note_item(Relation rel, const FsItem *item)
{
	ItemNote   *note = &notes[next_note++ % NNOTES];

	note->relid = RelationGetRelid(rel);
	note->file = fs_file_number(rel);
	note->partition = item->partition;
	note->number = item->number;
}

void
fs_fetch_forget(void)
{
	if (cache.cxt != NULL)
		MemoryContextDelete(cache.cxt);
	memset(&cache, 0, sizeof(cache));
}

static int
by_first(const void *a, const void *b)
{
	uint64		x = ((const RowRange *) a)->first;
	uint64		y = ((const RowRange *) b)->first;

	return x < y ? -1 : x > y ? 1 : 0;
}

static void
add_range(FsRowRun run, const FsItem *item, uint32 *cap)
{
	RowRange   *range;

	if (cache.nranges == *cap)
	{
		*cap *= 2;
		cache.ranges = repalloc_huge(cache.ranges, sizeof(RowRange) * *cap);
	}
	range = &cache.ranges[cache.nranges++];
	range->first = run.first;
	range->n = run.n;
	range->partition = item->partition;
	range->number = item->number;
}

static void
begin_cache(Relation rel)
{
	MemoryContext old;

	fs_fetch_forget();
	cache.cxt = AllocSetContextCreate(TopTransactionContext,
									  "flowstore rows by TID",
									  ALLOCSET_DEFAULT_SIZES);
	cache.ranges_cxt = AllocSetContextCreate(cache.cxt, "flowstore row ranges",
											 ALLOCSET_DEFAULT_SIZES);
	cache.item_cxt = AllocSetContextCreate(cache.cxt, "flowstore item",
										   ALLOCSET_DEFAULT_SIZES);
	cache.relid = RelationGetRelid(rel);
	cache.file = fs_file_number(rel);
	old = MemoryContextSwitchTo(cache.cxt);
	cache.desc = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	cache.scan = fs_scan_begin_seek(rel, SnapshotAny, cache.desc);
	MemoryContextSwitchTo(old);
}

/* Let what is cached be of this table. */
static void
ensure_cache(Relation rel)
{
	if (cache.cxt == NULL || cache.relid != RelationGetRelid(rel) ||
		cache.file != fs_file_number(rel) ||
		!equalTupleDescs(cache.desc, RelationGetDescr(rel)))
		begin_cache(rel);
}

/* Read the row ranges of all items but aborted ones, whoever sees them. */
static void
learn_ranges(Relation rel)
{
	MemoryContext old;
	FsDirectoryScan *dir;
	FsItem		item;
	uint32		cap = 256;

	MemoryContextReset(cache.ranges_cxt);
	cache.ranges = NULL;
	cache.nranges = 0;
	old = MemoryContextSwitchTo(cache.ranges_cxt);
	cache.ranges = palloc(sizeof(RowRange) * cap);
	dir = fs_directory_begin(rel, SnapshotAny, NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		/* the same rows may have been written again, under the same numbers */
		if (!fs_item_has_rows(&item) || fs_life_is_aborted(&item))
			continue;
		for (int i = 0; i < fs_item_nruns(&item); i++)
			add_range(fs_item_row_run(&item, i), &item, &cap);
	}
	fs_directory_end(dir);
	MemoryContextSwitchTo(old);
	qsort(cache.ranges, cache.nranges, sizeof(RowRange), by_first);
}

/* The last range that starts at or before rowno and holds it, or NULL. */
static const RowRange *
find_range(uint64 rowno)
{
	uint32		lo = 0;
	uint32		hi = cache.nranges;

	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (cache.ranges[mid].first <= rowno)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 ||
		rowno - cache.ranges[lo - 1].first >= cache.ranges[lo - 1].n)
		return NULL;
	return &cache.ranges[lo - 1];
}

/*
 * True if neither the item at hand nor the partition index of its set has been
 * relocated since it was taken, or only so that VACUUM cannot have given the old
 * extent to somebody: whoever ends what was alive has no older xid than the
 * xmin that we have held since then.
 */
static bool
is_current(void)
{
	return cache.has_item && TransactionIdIsValid(cache.horizon) &&
		cache.horizon == MyProc->xmin;
}

/* Make the item with this key the one at hand, if it has the row. */
static bool
take_item(Relation rel, FsPartition partition, uint32 number, uint64 rowno)
{
	MemoryContext old;
	bool		is_alive;
	bool		found;

	cache.has_item = false;
	MemoryContextReset(cache.item_cxt);
	old = MemoryContextSwitchTo(cache.item_cxt);
	is_alive = fs_directory_fetch(rel, partition, number, SnapshotSelf,
								  &cache.item);
	found = (is_alive ||
			 fs_life_fetch(rel, partition, number, &cache.item)) &&
		fs_item_has_rows(&cache.item) &&
		fs_item_find_row(&cache.item, rowno) >= 0;
	MemoryContextSwitchTo(old);
	cache.has_item = found;
	cache.horizon = is_alive ? MyProc->xmin : InvalidTransactionId;
	return found;
}

static bool
take_noted(Relation rel, uint64 rowno)
{
	for (int i = 0; i < NNOTES; i++)
	{
		ItemNote   *note = &notes[(next_note + NNOTES - 1 - i) % NNOTES];

		if (note->relid == RelationGetRelid(rel) &&
			note->file == fs_file_number(rel) &&
			take_item(rel, note->partition, note->number, rowno))
			return true;
	}
	return false;
}

static bool
take_ranged(Relation rel, uint64 rowno)
{
	const RowRange *range = cache.ranges == NULL ? NULL : find_range(rowno);

	return range != NULL &&
		take_item(rel, range->partition, range->number, rowno);
}

/*
 * Let the item at hand be the one that holds a row number, whether or not
 * anybody sees it; false if there is none any more.
 */
static bool
locate(Relation rel, uint64 rowno)
{
	ensure_cache(rel);
	if (cache.has_item && !is_current())
	{
		cache.has_item = false;
		fs_scan_rescan(cache.scan);
	}
	if (cache.has_item && fs_item_find_row(&cache.item, rowno) >= 0)
		return true;
	if (take_noted(rel, rowno) || take_ranged(rel, rowno))
		return true;
	fs_pending_flush(rel);
	learn_ranges(rel);
	return take_ranged(rel, rowno);
}

bool
fs_fetch_find(Relation rel, uint64 rowno, FsPartition *partition,
			  uint32 *number)
{
	if (!locate(rel, rowno))
		return false;
	*partition = cache.item.partition;
	*number = cache.item.number;
	return true;
}

static void
note_found(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	*(bool *) arg = true;
}

/* True if the snapshot sees the row, which the item at hand holds. */
static bool
is_row_visible(Relation rel, uint64 rowno, Snapshot snapshot)
{
	MemoryContext cxt;
	MemoryContext old;
	FsRowRun	run = {rowno, 1};
	FsItem		item;
	bool		is_visible;
	bool		is_deleted = false;

	if (snapshot == SnapshotAny)
		return true;
	cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore item",
								ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cxt);
	is_visible = fs_directory_fetch(rel, cache.item.partition,
									cache.item.number, snapshot, &item);
	if (is_visible)
		fs_deletes_visit(rel, snapshot, run, note_found, &is_deleted);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return is_visible && !is_deleted;
}

/* Find the row that the snapshot sees, here or where it was moved to. */
static bool
find_visible(Relation rel, ItemPointer tid, Snapshot snapshot, uint64 *rowno)
{
	if (!fs_rowno_from_tid(tid, rowno))
		return false;
	do
	{
		if (locate(rel, *rowno) && is_row_visible(rel, *rowno, snapshot))
			return true;
	} while (snapshot != SnapshotAny && fs_moves_find(rel, *rowno, rowno));
	return false;
}

bool
fs_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
			 TupleTableSlot *slot)
{
	ItemPointerData at = *tid;	/* which may be the slot's own */
	uint64		rowno;
	int32		row;
	MemoryContext old;
	bool		is_sound;

	ExecClearTuple(slot);
	if (!find_visible(rel, &at, snapshot, &rowno))
		return false;
	row = fs_item_find_row(&cache.item, rowno);

	old = MemoryContextSwitchTo(cache.cxt);
	fs_scan_rebind(cache.scan, rel);
	is_sound = fs_scan_seek(cache.scan, &cache.item, row / FS_VECTOR_ROWS);
	MemoryContextSwitchTo(old);
	if (!is_sound ||
		!fs_slot_store_row(slot, cache.scan, row % FS_VECTOR_ROWS))
		return false;
	slot->tts_tableOid = RelationGetRelid(rel);
	/* the values must outlive the next fetch */
	ExecMaterializeSlot(slot);
	return true;
}

bool
fs_fetch_is_visible(Relation rel, ItemPointer tid, Snapshot snapshot)
{
	uint64		rowno;

	return find_visible(rel, tid, snapshot, &rowno);
}

static void
note_deletion(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	*(FsDeletedRow *) arg = *row;
}

/*
 * The row's version after this one, or where this one was moved to, unless the
 * snapshot sees it here.  False if there is none.
 */
static bool
find_later(Relation rel, Snapshot snapshot, uint64 *rowno)
{
	FsRowRun	run = {*rowno, 1};
	FsDeletedRow row = {0};

	fs_deletes_visit(rel, snapshot, run, note_deletion, &row);
	if (row.kind == FS_DELETE_SUCCESSOR)
	{
		*rowno = row.successor;
		return true;
	}
	if (locate(rel, *rowno) && is_row_visible(rel, *rowno, snapshot))
		return false;
	return fs_moves_find(rel, *rowno, rowno);
}

void
fs_fetch_latest(Relation rel, ItemPointer tid, Snapshot snapshot)
{
	uint64		rowno;

	if (!fs_rowno_from_tid(tid, &rowno))
		return;
	while (find_later(rel, snapshot, &rowno))
		CHECK_FOR_INTERRUPTS();
	fs_rowno_to_tid(rowno, tid);
}

static void
at_xact(XactEvent event, void *arg)
{
	/* the memory goes with TopTransactionContext */
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE || event == XACT_EVENT_PARALLEL_COMMIT ||
		event == XACT_EVENT_PARALLEL_ABORT)
		memset(&cache, 0, sizeof(cache));
}

static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	/* items may be gone, and an error may have left the open chunk half read */
	if (event == SUBXACT_EVENT_ABORT_SUB)
		fs_fetch_forget();
}

void
fs_fetch_init(void)
{
	RegisterXactCallback(at_xact, NULL);
	RegisterSubXactCallback(at_subxact, NULL);
}
