/*-------------------------------------------------------------------------
 *
 * Row numbers and item numbers.
 *
 * The cache is keyed by table and file: a rewritten or truncated table has a
 * new file, and a savepoint that is rolled back brings the old one back, each
 * with counters of its own.  Truncation in place keeps the file, so it must
 * call fs_numbers_forget(); forgetting late would give a number twice, which
 * the unique index of the TOAST table turns into an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/proc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "compat.h"
#include "directory/directory.h"
#include "directory/numbers.h"
#include "store/meta.h"

/* a session takes few item numbers at first, and more each time */
#define ITEM_RANGE_MIN	16
#define ITEM_RANGE_MAX	1024
#define ROW_RANGE_MAX	(1 << 20)

typedef struct NumberCache
{
	Oid			relid;			/* hash key */
	FsFileNumber file;
	LocalTransactionId lxid;	/* in which the window was looked at */
	uint32		window;			/* that the row numbers are of */
	uint64		next_row;
	uint64		end_row;
	uint32		next_item;
	uint32		items_left;
	uint32		item_range;		/* how many were taken last time */
	bool		has_wrapped;	/* old items may have the same numbers */
} NumberCache;

static HTAB *caches = NULL;

static NumberCache *
find_cache(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	NumberCache *cache;
	bool		found;

	if (caches == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(NumberCache);
		ctl.hcxt = TopMemoryContext;
		caches = hash_create("flowstore numbers", 16, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	cache = hash_search(caches, &relid, HASH_ENTER, &found);
	if (!found || cache->file != fs_file_number(rel))
	{
		memset(cache, 0, sizeof(NumberCache));
		cache->relid = relid;
		cache->file = fs_file_number(rel);
	}
	return cache;
}

static void
refill(Relation rel, NumberCache *cache, uint32 nrows)
{
	uint64		first_row;
	uint32		first_item;
	uint32		nitems = 0;

	if (cache->items_left == 0)
		nitems = Min(Max(cache->item_range * 4, ITEM_RANGE_MIN),
					 ITEM_RANGE_MAX);

	nrows = nrows == 0 ? 0 : Min(Max(nrows, FS_ROWNO_PER_BLOCK), ROW_RANGE_MAX);
	fs_meta_take_numbers(rel, nrows, nitems, &first_row, &first_item,
						 &cache->has_wrapped);
	if (nrows > 0)
	{
		cache->next_row = first_row;
		cache->end_row = first_row + TYPEALIGN(FS_ROWNO_PER_BLOCK, nrows);
	}
	if (nitems > 0)
	{
		cache->next_item = first_item;
		cache->items_left = nitems;
		cache->item_range = nitems;
	}
}

/*
 * Forget row numbers of another window.  It cannot move while a transaction
 * that writes is in progress, so one look a transaction is enough.
 */
static void
check_window(Relation rel, NumberCache *cache)
{
	uint32		window;

	if (cache->lxid == fs_local_xid())
		return;
	window = fs_meta_window(rel);
	if (window != cache->window)
		cache->next_row = cache->end_row = 0;
	cache->window = window;
	cache->lxid = fs_local_xid();
}

FsRowRun
fs_numbers_take_rows(Relation rel, uint32 want)
{
	NumberCache *cache = find_cache(rel);
	FsRowRun	run;

	Assert(want > 0);
	check_window(rel, cache);
	if (cache->next_row >= cache->end_row)
		refill(rel, cache, want);
	run.first = cache->next_row;
	run.n = Min(want, cache->end_row - cache->next_row);
	cache->next_row += run.n;
	return run;
}

void
fs_numbers_give_back(Relation rel, FsRowRun tail)
{
	NumberCache *cache = find_cache(rel);

	if (cache->end_row > 0 && tail.first + tail.n == cache->next_row)
		cache->next_row = tail.first;
}

uint32
fs_numbers_take_item(Relation rel, FsPartition partition)
{
	NumberCache *cache = find_cache(rel);
	uint32		number;

	do
	{
		if (cache->items_left == 0)
			refill(rel, cache, 0);
		cache->items_left--;
		number = cache->next_item++;
	} while (cache->has_wrapped &&
			 fs_directory_has(rel, partition, number));
	return number;
}

void
fs_numbers_forget(Oid relid)
{
	if (caches != NULL)
		(void) hash_search(caches, &relid, HASH_REMOVE, NULL);
}

/*
 * A subtransaction that aborts gives up the locks that it took, so the window
 * may have moved when the next one writes.
 */
static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	HASH_SEQ_STATUS seq;
	NumberCache *cache;

	if (event != SUBXACT_EVENT_ABORT_SUB || caches == NULL)
		return;
	hash_seq_init(&seq, caches);
	while ((cache = hash_seq_search(&seq)) != NULL)
		cache->lxid = InvalidLocalTransactionId;
}

void
fs_numbers_init(void)
{
	RegisterSubXactCallback(at_subxact, NULL);
	fs_meta_register(fs_directory_is_empty);
}
