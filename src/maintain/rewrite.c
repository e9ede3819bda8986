/*-------------------------------------------------------------------------
 *
 * Rewriting.
 *
 * Deleted rows are those whose deleter has committed by the time the source is
 * taken, even if the snapshot is older: whoever sees the new rows has a
 * snapshot that is younger than that commit.
 *
 * At the end the partition is locked against deleters, who hold its lock from
 * looking at a row's item until their DELETES item is there.  A second look
 * then finds every deletion: one in progress is in the way, since it may yet
 * be rolled back and nobody could tell its new row apart; a committed one of a
 * row that was written again is repeated for the new row.
 *
 * Lock order: table, partition, fs_extent_lock().  Holders of the latter two
 * never ask for the former.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "directory/deletes.h"
#include "directory/directory.h"
#include "directory/life.h"
#include "directory/moves.h"
#include "format/layout.h"
#include "maintain/rewrite.h"

/* how often to ask for the partition's lock, and the pause between in ms */
#define LOCK_TRIES		50
#define LOCK_PAUSE_MS	10

typedef struct Source
{
	uint32		number;
	uint32		nrows;
	uint32		first_live;		/* live rows of the sources before */
	uint32		nlive;
	int			nruns;
	FsRowRun   *runs;			/* [nruns] */
	uint8	   *deleted;		/* bitmap, or NULL */
} Source;

/* A run of a source, for finding rows by number. */
typedef struct SourceRun
{
	FsRowRun	run;
	uint32		source;
	uint32		place;			/* of its first row in the source */
} SourceRun;

/* A run of new rows; first is the place of its first one among them. */
typedef struct NewRun
{
	FsRowRun	run;
	uint32		first;
} NewRun;

struct FsRewrite
{
	Relation	rel;
	FsPartition partition;
	Snapshot	snapshot;
	MemoryContext cxt;
	bool		has_deletes;
	bool		has_clustered;	/* a source is of a clustered set */
	Source	   *sources;
	uint32		nsources;
	uint32		source_cap;
	uint32		nlive;
	FsItem		item;			/* taken last */
	bool		has_item;
	NewRun	   *new_runs;
	uint32		nnew_runs;
	uint32		new_run_cap;
	uint32		nnew;
	const uint32 *new_of_live;	/* or NULL */
	uint64		index_bytes;	/* of partition indexes that ended */
	SourceRun  *by_number;		/* [nby_number], ascending */
	uint32		nby_number;
	FsDeletedRow *carried;		/* deletions of new rows */
	uint32		ncarried;
	uint32		carried_cap;
	SnapshotData dirty;
	bool		is_blocked;
};

FsRewrite *
fs_rewrite_begin(Relation rel, FsPartition partition, Snapshot snapshot)
{
	FsRewrite  *rewrite = palloc0(sizeof(FsRewrite));

	rewrite->rel = rel;
	rewrite->partition = partition;
	rewrite->snapshot = snapshot;
	rewrite->cxt = CurrentMemoryContext;
	rewrite->has_deletes = fs_deletes_exist(rel);
	rewrite->source_cap = 64;
	rewrite->sources = palloc(sizeof(Source) * rewrite->source_cap);
	rewrite->new_run_cap = 16;
	rewrite->new_runs = palloc(sizeof(NewRun) * rewrite->new_run_cap);
	return rewrite;
}

static void
add_source(FsRewrite *rewrite, const FsItem *item, uint8 *deleted,
		   uint32 ndeleted)
{
	Source	   *source;

	if (rewrite->nsources == rewrite->source_cap)
	{
		rewrite->source_cap *= 2;
		rewrite->sources = repalloc_huge(rewrite->sources, sizeof(Source) *
										 rewrite->source_cap);
	}
	source = &rewrite->sources[rewrite->nsources++];
	source->number = item->number;
	source->nrows = item->head->nrows;
	source->first_live = rewrite->nlive;
	source->nlive = source->nrows - ndeleted;
	source->nruns = fs_item_nruns(item);
	source->runs = palloc(sizeof(FsRowRun) * source->nruns);
	for (int i = 0; i < source->nruns; i++)
		source->runs[i] = fs_item_row_run(item, i);
	source->deleted = deleted;
	rewrite->nlive += source->nlive;
	if (item->head->kind == FS_ITEM_CHUNK &&
		item->chunk->level == FS_LEVEL_CLUSTERED)
		rewrite->has_clustered = true;
}

/* Let the item at hand be this one; false if it has ended. */
static bool
fetch_item(FsRewrite *rewrite, const FsHolding *holding)
{
	if (rewrite->has_item)
		pfree((void *) rewrite->item.head);
	rewrite->has_item = fs_directory_fetch(rewrite->rel, rewrite->partition,
										   holding->number, rewrite->snapshot,
										   &rewrite->item);
	return rewrite->has_item && fs_item_has_rows(&rewrite->item) &&
		fs_item_row_run(&rewrite->item, 0).first == holding->first_row;
}

/* Deleted rows of the item at hand, and who is deleting one. */
static uint8 *
find_deleted(FsRewrite *rewrite, uint32 *ndeleted, TransactionId *deleter)
{
	InitDirtySnapshot(rewrite->dirty);
	return fs_deletes_bitmap(rewrite->rel, &rewrite->dirty, &rewrite->item,
							 ndeleted, deleter);
}

bool
fs_rewrite_is_busy(FsRewrite *rewrite, const FsHolding *holding)
{
	MemoryContext old = MemoryContextSwitchTo(rewrite->cxt);
	TransactionId deleter = InvalidTransactionId;
	uint32		ndeleted;
	uint8	   *deleted = NULL;

	if (rewrite->has_deletes && fetch_item(rewrite, holding))
		deleted = find_deleted(rewrite, &ndeleted, &deleter);
	if (deleted != NULL)
		pfree(deleted);
	MemoryContextSwitchTo(old);
	return TransactionIdIsValid(deleter);
}

const FsItem *
fs_rewrite_source(FsRewrite *rewrite, const FsHolding *holding)
{
	MemoryContext old = MemoryContextSwitchTo(rewrite->cxt);
	TransactionId deleter = InvalidTransactionId;
	uint8	   *deleted = NULL;
	uint32		ndeleted = 0;
	bool		is_taken = fetch_item(rewrite, holding);

	if (is_taken && rewrite->has_deletes)
		deleted = find_deleted(rewrite, &ndeleted, &deleter);
	is_taken = is_taken && !TransactionIdIsValid(deleter);
	if (is_taken)
		add_source(rewrite, &rewrite->item, deleted, ndeleted);
	MemoryContextSwitchTo(old);
	return is_taken ? &rewrite->item : NULL;
}

const uint8 *
fs_rewrite_deleted(const FsRewrite *rewrite)
{
	return rewrite->sources[rewrite->nsources - 1].deleted;
}

bool
fs_rewrite_is_empty(const FsRewrite *rewrite)
{
	return rewrite->sources[rewrite->nsources - 1].nlive == 0;
}

uint32
fs_rewrite_nlive(const FsRewrite *rewrite)
{
	return rewrite->nlive;
}

void
fs_rewrite_add_rows(FsRewrite *rewrite, FsRowRun run)
{
	NewRun	   *last = rewrite->nnew_runs == 0 ? NULL
		: &rewrite->new_runs[rewrite->nnew_runs - 1];

	if (last != NULL && last->run.first + last->run.n == run.first)
		last->run.n += run.n;
	else
	{
		if (rewrite->nnew_runs == rewrite->new_run_cap)
		{
			rewrite->new_run_cap *= 2;
			rewrite->new_runs = repalloc_huge(rewrite->new_runs,
											  sizeof(NewRun) *
											  rewrite->new_run_cap);
		}
		last = &rewrite->new_runs[rewrite->nnew_runs++];
		last->run = run;
		last->first = rewrite->nnew;
	}
	rewrite->nnew += run.n;
}

void
fs_rewrite_set_order(FsRewrite *rewrite, const uint32 *new_of_live)
{
	rewrite->new_of_live = new_of_live;
}

/* Row number of the new row that a live row became. */
static uint64
new_number(const FsRewrite *rewrite, uint32 live)
{
	uint32		place = rewrite->new_of_live == NULL ? live
		: rewrite->new_of_live[live];
	uint32		lo = 0;
	uint32		hi = rewrite->nnew_runs;

	while (hi - lo > 1)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (rewrite->new_runs[mid].first <= place)
			lo = mid;
		else
			hi = mid;
	}
	return rewrite->new_runs[lo].run.first +
		(place - rewrite->new_runs[lo].first);
}

static bool
is_deleted(const Source *source, uint32 row)
{
	return source->deleted != NULL &&
		(source->deleted[row / 8] & (1 << row % 8)) != 0;
}

static void
insert_moves(FsRewrite *rewrite, BufferAccessStrategy strategy)
{
	FsMove	   *moves;
	uint32		cap = Min(rewrite->nlive, FS_CHUNK_MAX_ROWS);
	uint32		live = 0;
	uint32		n = 0;

	if (rewrite->nlive == 0)
		return;
	moves = palloc(sizeof(FsMove) * cap);
	for (uint32 s = 0; s < rewrite->nsources; s++)
	{
		Source	   *source = &rewrite->sources[s];
		uint32		row = 0;

		CHECK_FOR_INTERRUPTS();
		for (int r = 0; r < source->nruns; r++)
		{
			for (uint32 i = 0; i < source->runs[r].n; i++, row++)
			{
				if (is_deleted(source, row))
					continue;
				moves[n].from = source->runs[r].first + i;
				moves[n++].to = new_number(rewrite, live++);
				if (n == cap)
				{
					fs_moves_insert(rewrite->rel, moves, n, strategy);
					n = 0;
				}
			}
		}
	}
	if (n > 0)
		fs_moves_insert(rewrite->rel, moves, n, strategy);
	pfree(moves);
	Assert(live == rewrite->nlive);
}

static int
by_number(const void *a, const void *b)
{
	uint64		x = ((const SourceRun *) a)->run.first;
	uint64		y = ((const SourceRun *) b)->run.first;

	return x < y ? -1 : x > y ? 1 : 0;
}

static void
sort_runs(FsRewrite *rewrite)
{
	uint32		n = 0;

	for (uint32 s = 0; s < rewrite->nsources; s++)
		n += rewrite->sources[s].nruns;
	rewrite->by_number =
		MemoryContextAllocHuge(rewrite->cxt, sizeof(SourceRun) * Max(n, 1));
	for (uint32 s = 0; s < rewrite->nsources; s++)
	{
		uint32		place = 0;

		for (int r = 0; r < rewrite->sources[s].nruns; r++)
		{
			SourceRun  *entry = &rewrite->by_number[rewrite->nby_number++];

			entry->run = rewrite->sources[s].runs[r];
			entry->source = s;
			entry->place = place;
			place += entry->run.n;
		}
	}
	qsort(rewrite->by_number, n, sizeof(SourceRun), by_number);
}

/* The live row that a row number belongs to; false if it is not one. */
static bool
find_live(const FsRewrite *rewrite, uint64 rowno, uint32 *live)
{
	uint32		lo = 0;
	uint32		hi = rewrite->nby_number;
	const SourceRun *entry;
	const Source *source;
	uint32		row;

	while (hi - lo > 1)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (rewrite->by_number[mid].run.first <= rowno)
			lo = mid;
		else
			hi = mid;
	}
	entry = &rewrite->by_number[lo];
	if (rowno < entry->run.first || rowno - entry->run.first >= entry->run.n)
		return false;
	source = &rewrite->sources[entry->source];
	row = entry->place + (uint32) (rowno - entry->run.first);
	if (is_deleted(source, row))
		return false;
	*live = source->first_live + row;
	if (source->deleted != NULL)
	{
		*live -= pg_popcount((const char *) source->deleted, row / 8);
		for (uint32 i = row / 8 * 8; i < row; i++)
			*live -= is_deleted(source, i) ? 1 : 0;
	}
	return true;
}

/* A deletion that is there now; what is new of it concerns the new row. */
static void
carry_deletion(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	FsRewrite  *rewrite = arg;
	uint32		live;
	FsDeletedRow *carried;

	if (TransactionIdIsValid(rewrite->dirty.xmin))
	{
		rewrite->is_blocked = true;
		return;
	}
	if (!find_live(rewrite, row->rowno, &live))
		return;
	if (rewrite->ncarried == rewrite->carried_cap)
	{
		rewrite->carried_cap = Max(2 * rewrite->carried_cap, 64);
		rewrite->carried = rewrite->carried == NULL
			? MemoryContextAlloc(rewrite->cxt, sizeof(FsDeletedRow) *
								 rewrite->carried_cap)
			: repalloc_huge(rewrite->carried, sizeof(FsDeletedRow) *
							rewrite->carried_cap);
	}
	carried = &rewrite->carried[rewrite->ncarried++];
	*carried = *row;
	carried->rowno = new_number(rewrite, live);
}

/* Look at the deletions of all sources again; false if one is in progress. */
static bool
find_deletions(FsRewrite *rewrite)
{
	uint32		i = 0;

	if (!fs_deletes_exist(rewrite->rel))
		return true;
	sort_runs(rewrite);
	while (i < rewrite->nby_number && !rewrite->is_blocked)
	{
		FsRowRun	run = rewrite->by_number[i].run;

		CHECK_FOR_INTERRUPTS();
		while (++i < rewrite->nby_number &&
			   rewrite->by_number[i].run.first == run.first + run.n)
			run.n += rewrite->by_number[i].run.n;
		InitDirtySnapshot(rewrite->dirty);
		fs_deletes_visit(rewrite->rel, &rewrite->dirty, run, carry_deletion,
						 rewrite);
	}
	return !rewrite->is_blocked;
}

static int
by_rowno(const void *a, const void *b)
{
	uint64		x = ((const FsDeletedRow *) a)->rowno;
	uint64		y = ((const FsDeletedRow *) b)->rowno;

	return x < y ? -1 : x > y ? 1 : 0;
}

static void
insert_carried(FsRewrite *rewrite)
{
	uint32		i = 0;
	CommandId	cid = GetCurrentCommandId(true);

	qsort(rewrite->carried, rewrite->ncarried, sizeof(FsDeletedRow), by_rowno);
	while (i < rewrite->ncarried)
	{
		uint64		block = rewrite->carried[i].rowno / FS_ROWNO_PER_BLOCK;
		uint32		n = 1;

		while (i + n < rewrite->ncarried && n < FS_DELETES_MAX_ROWS &&
			   rewrite->carried[i + n].rowno / FS_ROWNO_PER_BLOCK == block)
			n++;
		fs_deletes_insert(rewrite->rel, &rewrite->carried[i], n, cid);
		i += n;
	}
}

/* True if an item of the partition belongs to the set of this INDEX item. */
static bool
is_set_alive(FsRewrite *rewrite, uint32 index_number)
{
	FsKeyRange	range = {rewrite->partition, rewrite->partition, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rewrite->rel,
													 SnapshotSelf, &range);
	FsItem		item;
	bool		found = false;

	while (!found && fs_directory_next(scan, ForwardScanDirection, &item))
		found = item.head->kind == FS_ITEM_CHUNK &&
			item.chunk->level == FS_LEVEL_CLUSTERED &&
			item.chunk->index_number == index_number;
	fs_directory_end(scan);
	return found;
}

/* End the partition indexes whose sets have lost their last chunk. */
static void
end_indexes(FsRewrite *rewrite)
{
	FsKeyRange	range = {rewrite->partition, rewrite->partition, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rewrite->rel,
													 SnapshotSelf, &range);
	FsItem		item;

	while (fs_directory_next(scan, ForwardScanDirection, &item))
		if (item.head->kind == FS_ITEM_INDEX &&
			!is_set_alive(rewrite, item.number) &&
			fs_life_end_item(rewrite->rel, &item))
			rewrite->index_bytes += item.index->len;
	fs_directory_end(scan);
}

static bool
try_lock(FsRewrite *rewrite)
{
	for (int i = 0; i < LOCK_TRIES; i++)
	{
		if (fs_life_try_lock(rewrite->rel, rewrite->partition, ExclusiveLock))
			return true;
		CHECK_FOR_INTERRUPTS();
		pg_usleep(LOCK_PAUSE_MS * 1000L);
	}
	return false;
}

uint64
fs_rewrite_index_bytes(const FsRewrite *rewrite)
{
	return rewrite->index_bytes;
}

bool
fs_rewrite_finish(FsRewrite *rewrite, BufferAccessStrategy strategy)
{
	bool		is_done = true;

	Assert(rewrite->nnew == rewrite->nlive);
	if (!try_lock(rewrite))
		return false;
	if (find_deletions(rewrite))
	{
		insert_carried(rewrite);
		insert_moves(rewrite, strategy);
		for (uint32 s = 0; s < rewrite->nsources && is_done; s++)
			is_done = fs_life_end(rewrite->rel, rewrite->partition,
								  rewrite->sources[s].number);
		if (is_done && rewrite->has_clustered)
			end_indexes(rewrite);
	}
	else
		is_done = false;
	fs_life_unlock(rewrite->rel->rd_lockInfo.lockRelId, rewrite->partition,
				   ExclusiveLock);
	return is_done;
}
