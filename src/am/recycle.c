/*-------------------------------------------------------------------------
 *
 * Row numbers, used again.
 *
 * Backends keep numbers that they took and have not used yet.  They are of the
 * window that was current then, and forgotten when a transaction finds another
 * one (directory/numbers); the window only moves while no transaction writes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/lmgr.h"
#include "utils/snapmgr.h"

#include "am/recycle.h"
#include "directory/directory.h"
#include "store/meta.h"

/* begin to look for free numbers when only so many are left */
#define ENOUGH_ROWS		(UINT64CONST(1) << 38)

/* Row numbers first .. last are named by something. */
typedef struct UsedRange
{
	uint64		first;
	uint64		last;
} UsedRange;

typedef struct UsedRanges
{
	UsedRange  *ranges;
	uint32		n;
	uint32		cap;
} UsedRanges;

static void
add_used(UsedRanges *used, uint64 first, uint64 last)
{
	if (used->n == used->cap)
	{
		used->cap *= 2;
		used->ranges = repalloc_huge(used->ranges,
									 sizeof(UsedRange) * used->cap);
	}
	used->ranges[used->n].first = first;
	used->ranges[used->n++].last = last;
}

static void
add_item(UsedRanges *used, const FsItem *item)
{
	uint64		first;

	switch (item->head->kind)
	{
		case FS_ITEM_ROWS:
		case FS_ITEM_CHUNK:
			for (int i = 0; i < fs_item_nruns(item); i++)
			{
				FsRowRun	run = fs_item_row_run(item, i);

				add_used(used, run.first, run.first + run.n - 1);
			}
			break;
		case FS_ITEM_DELETES:
			first = (uint64) item->deletes->block * FS_ROWNO_PER_BLOCK;
			add_used(used, first, first + FS_ROWNO_PER_BLOCK - 1);
			break;
		case FS_ITEM_MOVED:
			add_used(used, item->moved->min_row, item->moved->max_row);
			break;
		default:
			break;
	}
}

static int
by_first(const void *a, const void *b)
{
	uint64		x = ((const UsedRange *) a)->first;
	uint64		y = ((const UsedRange *) b)->first;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* The longest run of whole blocks between what is used. */
static uint64
longest_gap(const UsedRanges *used, uint64 *end)
{
	uint64		best = 0;
	uint64		next = 0;		/* first number behind all ranges so far */

	*end = 0;
	for (uint32 i = 0; i <= used->n; i++)
	{
		uint64		first = TYPEALIGN64(FS_ROWNO_PER_BLOCK, next);
		uint64		stop = i < used->n ? used->ranges[i].first
			: fs_meta_max_row();

		stop -= stop % FS_ROWNO_PER_BLOCK;
		if (stop > first && stop - first > *end - best)
		{
			best = first;
			*end = stop;
		}
		if (i < used->n)
			next = Max(next, used->ranges[i].last + 1);
	}
	return best;
}

static void
move_window(Relation rel)
{
	UsedRanges	used = {NULL, 0, 256};
	FsDirectoryScan *dir;
	FsItem		item;
	uint64		first;
	uint64		end;

	used.ranges = palloc(sizeof(UsedRange) * used.cap);
	dir = fs_directory_begin(rel, SnapshotAny, NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
		add_item(&used, &item);
	fs_directory_end(dir);
	qsort(used.ranges, used.n, sizeof(UsedRange), by_first);
	first = longest_gap(&used, &end);
	if (end - first > fs_meta_rows_left(rel))
		fs_meta_set_rows(rel, first, end);
	pfree(used.ranges);
}

void
fs_recycle_rows(Relation rel)
{
	if (fs_meta_rows_left(rel) >= ENOUGH_ROWS ||
		!ConditionalLockRelation(rel, ShareRowExclusiveLock))
		return;
	move_window(rel);
	UnlockRelation(rel, ShareRowExclusiveLock);
}
