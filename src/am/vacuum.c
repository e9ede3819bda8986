/*-------------------------------------------------------------------------
 *
 * VACUUM and size estimates.
 *
 * An extent is free when no tuple that is physically in the TOAST table names
 * it, dead or alive, save those whose inserter aborted: heap removes a dead
 * tuple only when no snapshot anywhere can see it, so no reader ever meets
 * reused blocks.  Core vacuums a TOAST table after its parent; we do it first,
 * or space would come free one VACUUM late.
 *
 * The list of free extents is worked out under fs_extent_lock(), since a
 * writer inserts its item under that lock: no extent is in between.  Writers
 * wait for the time of one pass over the directory.
 *
 * Lock order: table, TOAST table, fs_extent_lock().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/multixact.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/storage.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/snapmgr.h"

#include "am/recycle.h"
#include "am/vacuum.h"
#include "compat.h"
#include "directory/directory.h"
#include "directory/life.h"
#include "store/extent.h"
#include "store/meta.h"

/* truncate if so many blocks, or such a part of the file, can be given back */
#define TRUNCATE_MIN_BLOCKS		1000
#define TRUNCATE_FRACTION		16

/* pages of the directory that an estimate looks at */
#define SAMPLE_BLOCKS			64

static int
by_first_block(const void *a, const void *b)
{
	BlockNumber x = ((const FsExtent *) a)->first;
	BlockNumber y = ((const FsExtent *) b)->first;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* All extents that are named by an item, by first block. */
static FsExtent *
used_extents(Relation rel, int *n)
{
	FsDirectoryScan *dir = fs_directory_begin(rel, SnapshotAny, NULL);
	FsExtent   *used;
	int			cap = 256;
	FsItem		item;
	FsExtent	extent;

	*n = 0;
	used = palloc(sizeof(FsExtent) * cap);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		uint32		len;

		if (!fs_item_extent(item.head, &extent, &len) ||
			fs_life_is_aborted(&item))
			continue;
		if (*n == cap)
		{
			cap *= 2;
			used = repalloc_huge(used, sizeof(FsExtent) * cap);
		}
		used[(*n)++] = extent;
	}
	fs_directory_end(dir);
	qsort(used, *n, sizeof(FsExtent), by_first_block);
	return used;
}

/*
 * Work out the free extents and remember them.  Returns the number of blocks
 * up to the end of the last extent that is in use; the rest is not put on the
 * list if keep_tail is false.
 */
static BlockNumber
find_free(Relation rel, bool keep_tail)
{
	int			nused;
	FsExtent   *used;
	FsExtent   *unused;
	int			nunused = 0;
	BlockNumber end = 1;
	BlockNumber nblocks;

	fs_extent_lock(rel);
	nblocks = RelationGetNumberOfBlocks(rel);
	used = used_extents(rel, &nused);
	unused = palloc_extended(sizeof(FsExtent) * (nused + 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < nused; i++)
	{
		if (used[i].first > end && used[i].first <= nblocks)
		{
			unused[nunused].first = end;
			unused[nunused++].npages = used[i].first - end;
		}
		end = Max(end, used[i].first + used[i].npages);
	}
	end = Min(end, nblocks);
	if (keep_tail && end < nblocks)
	{
		unused[nunused].first = end;
		unused[nunused++].npages = nblocks - end;
	}
	if (nblocks > 0)
		fs_meta_set_free(rel, unused, nunused);
	fs_extent_unlock(rel);
	pfree(used);
	pfree(unused);
	return end;
}

/*
 * Cut the file behind its last extent, if nobody else uses the table.  All
 * writers hold RowExclusiveLock until they end, so under AccessExclusiveLock
 * no extent is between being reserved and being named.
 */
static void
truncate_tail(Relation rel)
{
	BlockNumber end;

	if (!ConditionalLockRelation(rel, AccessExclusiveLock))
		return;
	end = find_free(rel, false);
	if (end < RelationGetNumberOfBlocks(rel))
	{
		ereport(DEBUG1,
				(errmsg_internal("table \"%s\": truncated to %u blocks",
								 RelationGetRelationName(rel), end)));
		RelationTruncate(rel, end);
	}
	UnlockRelation(rel, AccessExclusiveLock);
}

/* Rows that an item adds to the table's number of rows, or takes from it. */
static double
rows_of(const FsItem *item)
{
	if (fs_item_has_rows(item))
		return item->head->nrows;
	return item->head->kind == FS_ITEM_DELETES ? -(double) item->head->nrows
		: 0;
}

/*
 * Rows in all items that the snapshot sees, less the deleted ones.  Rows that
 * moved after they were deleted may be subtracted twice: an estimate.
 */
static double
count_rows(Relation rel, Snapshot snapshot)
{
	FsDirectoryScan *dir = fs_directory_begin(rel, snapshot, NULL);
	double		rows = 0;
	FsItem		item;

	while (fs_directory_next(dir, ForwardScanDirection, &item))
		rows += rows_of(&item);
	fs_directory_end(dir);
	return Max(rows, 0);
}

/* An estimate of the same from a part of the directory. */
static double
guess_rows(Relation rel)
{
	BlockNumber nblocks;
	FsDirectoryScan *dir = fs_directory_begin_sample(rel, SAMPLE_BLOCKS,
													 &nblocks);
	double		rows = 0;
	FsItem		item;

	while (fs_directory_next(dir, ForwardScanDirection, &item))
		if (!fs_life_is_aborted(&item))
			rows += rows_of(&item);
	fs_directory_end(dir);
	if (nblocks > SAMPLE_BLOCKS)
		rows *= (double) nblocks / SAMPLE_BLOCKS;
	return Max(rows, 0);
}

static void
vacuum_directory(Relation rel, struct VacuumParams *params,
				 BufferAccessStrategy strategy)
{
	Oid			toastid = rel->rd_rel->reltoastrelid;
	Relation	toast;

	/* autovacuum may be at it already */
	if (!OidIsValid(toastid) ||
		!ConditionalLockRelationOid(toastid, ShareUpdateExclusiveLock))
		return;
	toast = table_open(toastid, NoLock);
	table_relation_vacuum(toast, params, strategy);
	table_close(toast, NoLock);
}

void
fs_vacuum_table(Relation rel, struct VacuumParams *params,
				BufferAccessStrategy strategy)
{
	BlockNumber nblocks;
	BlockNumber end;
	TransactionId frozen = InvalidTransactionId;
	MultiXactId min_multi = InvalidMultiXactId;
	double		rows;

	/*
	 * What aborted writers left is free at once.  On a full disk that may be
	 * what the TOAST table's own vacuum needs.
	 */
	if (RelationGetNumberOfBlocks(rel) > 0)
		(void) find_free(rel, true);
	vacuum_directory(rel, params, strategy);
	fs_vacuum_delay_point();

	nblocks = RelationGetNumberOfBlocks(rel);
	if (nblocks > 0)
	{
		end = find_free(rel, true);
		if (params->truncate != VACOPTVALUE_DISABLED && end < nblocks &&
			(nblocks - end >= TRUNCATE_MIN_BLOCKS ||
			 nblocks - end >= nblocks / TRUNCATE_FRACTION))
			truncate_tail(rel);
		fs_recycle_rows(rel);
	}

	rows = count_rows(rel, GetActiveSnapshot());
	if (TransactionIdIsNormal(rel->rd_rel->relfrozenxid))
	{
		/* the main fork holds no transaction id at all */
		frozen = GetOldestNonRemovableTransactionId(rel);
		min_multi = GetOldestMultiXactId();
	}
	fs_update_relstats(rel, RelationGetNumberOfBlocks(rel), rows, frozen,
					   min_multi);
	fs_report_vacuum(rel, rows);
}

void
fs_vacuum_estimate_size(Relation rel, int32 *attr_widths, BlockNumber *pages,
						double *tuples, double *allvisfrac)
{
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	BlockNumber known = rel->rd_rel->relpages;
	BlockNumber toast_nblocks = 0;
	BlockNumber toast_known = 0;
	Relation	toast = fs_directory_open(rel, AccessShareLock);

	if (toast != NULL)
	{
		toast_nblocks = RelationGetNumberOfBlocks(toast);
		toast_known = toast->rd_rel->relpages;
		table_close(toast, NoLock);
	}
	*allvisfrac = 0;
	*pages = nblocks + toast_nblocks;
	/* small tables live in ROWS items, which the main fork does not show */
	if (rel->rd_rel->reltuples >= 0 && known > 1 && nblocks > 1)
		*tuples = rel->rd_rel->reltuples / known * nblocks;
	else if (rel->rd_rel->reltuples > 0 && toast_known > 1)
		*tuples = rel->rd_rel->reltuples / toast_known * toast_nblocks;
	else
		*tuples = guess_rows(rel);
}
