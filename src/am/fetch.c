/*-------------------------------------------------------------------------
 *
 * Rows by TID.
 *
 * A row number does not say which item holds it.  The first look-up reads the
 * directory once and keeps the ranges of row numbers, sorted, for the rest of
 * the transaction; row numbers of an item never change, so what was learnt
 * stays true until a savepoint is rolled back, when all is forgotten, and a
 * number that is not found makes the ranges be read again.
 * The chunk that the last row came from is kept open in memory, because
 * triggers ask for one row after another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/fetch.h"
#include "am/pending.h"
#include "am/scan.h"
#include "am/slot.h"
#include "compat.h"

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
	MemoryContext cxt;			/* of the ranges; NULL: nothing is cached */
	RowRange   *ranges;			/* [nranges], by first */
	uint32		nranges;
	TupleDesc	desc;			/* that the scan was made with */
	FsScan	   *scan;
	MemoryContext item_cxt;		/* of the item at hand */
} FetchCache;

static FetchCache cache;

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

/* Read the row ranges of all items but aborted ones, whoever sees them. */
static void
learn_ranges(Relation rel)
{
	MemoryContext old;
	FsDirectoryScan *dir;
	FsItem		item;
	uint32		cap = 256;

	fs_fetch_forget();
	cache.cxt = AllocSetContextCreate(TopTransactionContext,
									  "flowstore row ranges",
									  ALLOCSET_DEFAULT_SIZES);
	cache.item_cxt = AllocSetContextCreate(cache.cxt, "flowstore item",
										   ALLOCSET_DEFAULT_SIZES);
	cache.relid = RelationGetRelid(rel);
	cache.file = fs_file_number(rel);
	old = MemoryContextSwitchTo(cache.cxt);
	cache.desc = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	cache.scan = fs_scan_begin_seek(rel, cache.desc);
	cache.ranges = palloc(sizeof(RowRange) * cap);
	dir = fs_directory_begin(rel, SnapshotAny, NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		/* the same rows may have been written again, under the same numbers */
		if (fs_directory_is_aborted(&item))
			continue;
		if (item.head->kind == FS_ITEM_ROWS)
		{
			FsRowRun	run = {item.rows->first_row, item.head->nrows};

			add_range(run, &item, &cap);
		}
		else
			for (int i = 0; i < item.head->n; i++)
				add_range(fs_item_run(item.chunk, i), &item, &cap);
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

/* Fetch the item that the known ranges name for a row number. */
static bool
fetch_item(Relation rel, uint64 rowno, Snapshot snapshot, FsItem *item)
{
	const RowRange *range = find_range(rowno);
	MemoryContext old;
	bool		found;

	if (range == NULL)
		return false;
	MemoryContextReset(cache.item_cxt);
	old = MemoryContextSwitchTo(cache.item_cxt);
	found = fs_directory_fetch(rel, range->partition, range->number, snapshot,
							   item) &&
		fs_item_find_row(item, rowno) >= 0;
	MemoryContextSwitchTo(old);
	return found;
}

/*
 * Fetch the item that holds a row number; its bytes live until the next call.
 * Returns false if there is none that the snapshot sees.
 */
static bool
locate(Relation rel, uint64 rowno, Snapshot snapshot, FsItem *item)
{
	if (cache.cxt != NULL && cache.relid == RelationGetRelid(rel) &&
		cache.file == fs_file_number(rel) &&
		equalTupleDescs(cache.desc, RelationGetDescr(rel)) &&
		fetch_item(rel, rowno, snapshot, item))
		return true;
	learn_ranges(rel);
	return fetch_item(rel, rowno, snapshot, item);
}

bool
fs_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
			 TupleTableSlot *slot)
{
	uint64		rowno;
	int32		row;
	FsItem		item;
	MemoryContext old;
	bool		is_sound;

	ExecClearTuple(slot);
	fs_pending_flush(rel);
	if (!fs_rowno_from_tid(tid, &rowno) ||
		!locate(rel, rowno, snapshot, &item))
		return false;
	row = fs_item_find_row(&item, rowno);

	old = MemoryContextSwitchTo(cache.cxt);
	fs_scan_rebind(cache.scan, rel);
	is_sound = fs_scan_seek(cache.scan, &item, row / FS_VECTOR_ROWS);
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
	FsItem		item;

	fs_pending_flush(rel);
	return fs_rowno_from_tid(tid, &rowno) &&
		locate(rel, rowno, snapshot, &item);
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
