/*-------------------------------------------------------------------------
 *
 * Expiry.
 *
 * Proof of the bound by rows.  Let C be the count in the metapage.  A
 * transaction adds its rows to C before it commits, so the sum of rows of
 * committed and committing transactions is at most C, whose start was exact.
 * It commits without more ado if C <= max_rows + slack.  Otherwise it takes
 * the lock exclusively: then all who added to C under the shared lock have
 * ended, and nobody else commits.  It counts what is there, expires down to
 * max_rows and sets C to the rest.  Only rows that have max_rows newer ones
 * expire, so the newest max_rows are always there.
 *
 * C is set only where nothing was expired: should that transaction abort, C is
 * too high, never too low.  Where something was, C is declared unknown and the
 * next transaction counts again.  While the option is off nobody counts, and C
 * is unknown, too.
 *
 * Rows that another transaction is deleting are passed over while that leaves
 * no more than the bound: waiting for it could be a deadlock, since it may
 * have to wait for the lock in turn.
 *
 * Lock order: bounded tables by OID; then rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "am/changes.h"
#include "am/commit.h"
#include "am/pending.h"
#include "am/tableoptions.h"
#include "maintain/expire.h"
#include "maintain/oldest.h"
#include "maintain/stock.h"
#include "store/meta.h"

/* the lock is one on an object: a part of the table that no table has */
#define LOCK_PART	PG_UINT16_MAX

/*
 * End items, oldest first, while need_more says so and keep newer rows stay.
 * Returns false if another transaction was at work on one of them: *xid is
 * what to wait for before looking again.
 */
typedef bool (*NeedMore) (const FsStock *stock, const FsStockItem *item,
						  const void *arg);

static bool
end_oldest(Relation rel, FsStock *stock, uint64 keep, NeedMore need_more,
		   const void *arg, TransactionId *xid)
{
	for (uint32 i = 0; i < stock->n; i++)
	{
		FsStockItem *item = &stock->items[i];

		if (item->is_ended || item->kind == FS_ITEM_INDEX)
			continue;
		if (!need_more(stock, item, arg))
			continue;
		if (!fs_oldest_may_end(stock, i, keep))
			break;
		if (!fs_stock_end(rel, stock, item, xid))
			return false;
		if (item->min_us <= item->max_us)
			fs_changes_note_expired(rel, item->max_us);
	}
	fs_stock_end_indexes(rel, stock);
	return true;
}

/* Autovacuum is to know that there is something to be had. */
static void
count_expired(Relation rel, uint64 nrows)
{
	fs_meta_count(rel, FS_COUNT_ROWS_EXPIRED, nrows);
	pgstat_update_heap_dead_tuples(rel, -(int) Min(nrows, PG_INT32_MAX));
}

/* --- by rows ------------------------------------------------------------ */

static bool
exceeds_rows(const FsStock *stock, const FsStockItem *item, const void *arg)
{
	return stock->live > *(const uint64 *) arg;
}

/*
 * One attempt to get down to max_rows.  Returns false if it has to be repeated
 * after *xid has ended.  *has_expired is set if something expired.
 */
static bool
try_expire_rows(Relation rel, const FsTableOptions *options,
				Snapshot snapshot, uint64 *left, bool *has_expired, TransactionId *xid)
{
	uint64		keep = options->max_rows;
	uint64		limit = keep + options->slack_rows;
	uint64		before;
	FsStock    *stock = fs_stock_take(rel, snapshot, options->time_att);

	*xid = InvalidTransactionId;
	*left = before = stock->live;
	if (stock->live <= limit)
		return true;
	*has_expired = true;
	if (!end_oldest(rel, stock, keep, exceeds_rows, &keep, xid))
		return false;
	*left = stock->live;
	if (stock->live > limit)
		*left -= fs_oldest_delete(rel, snapshot, stock, options->time_att,
								  stock->live - keep, xid);
	fs_pending_flush(rel);
	count_expired(rel, before - *left);
	return *left <= limit;
}

/* Expire what is too much; gives the rows that are left if nothing was. */
static uint64
expire_rows(Relation rel, const FsTableOptions *options)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore expiry",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	TransactionId xid;
	uint64		left;
	bool		is_done;
	bool		has_expired = false;

	do
	{
		Snapshot	snapshot;

		CommandCounterIncrement();
		snapshot = RegisterSnapshot(GetLatestSnapshot());
		PushActiveSnapshot(snapshot);
		is_done = try_expire_rows(rel, options, snapshot, &left,
								  &has_expired, &xid);
		PopActiveSnapshot();
		UnregisterSnapshot(snapshot);
		if (!is_done && TransactionIdIsValid(xid))
			XactLockTableWait(xid, rel, NULL, XLTW_None);
		MemoryContextReset(cxt);
	} while (!is_done);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return has_expired ? FS_ROWS_UNKNOWN : left;
}

static void
before_commit(Relation rel, uint64 nrows)
{
	FsTableOptions options = *fs_tableoptions_get(rel);
	Oid			relid = RelationGetRelid(rel);

	if (options.max_rows == FS_UNLIMITED)
		return;
	LockDatabaseObject(RelationRelationId, relid, LOCK_PART, ShareLock);
	if (fs_meta_add_row_count(rel, nrows, options.max_rows +
							  options.slack_rows))
		return;
	UnlockDatabaseObject(RelationRelationId, relid, LOCK_PART, ShareLock);
	LockDatabaseObject(RelationRelationId, relid, LOCK_PART, ExclusiveLock);
	fs_meta_set_row_count(rel, expire_rows(rel, &options));
}

/* --- by age and bytes --------------------------------------------------- */

typedef struct Limit
{
	int64		before_us;		/* older items go */
	uint64		max_bytes;
} Limit;

static bool
exceeds_limit(const FsStock *stock, const FsStockItem *item, const void *arg)
{
	const Limit *limit = arg;

	return (item->min_us <= item->max_us && item->max_us < limit->before_us) ||
		stock->bytes > limit->max_bytes;
}

FsExpired
fs_expire_table(Relation rel, int64 now_us)
{
	const FsTableOptions options = *fs_tableoptions_get(rel);
	FsExpired	expired = {0};
	Limit		limit = {PG_INT64_MIN, PG_UINT64_MAX};
	Snapshot	snapshot;
	FsStock    *stock;
	TransactionId xid;

	if (options.time_att == 0 || (options.retain_us == FS_UNLIMITED &&
								  options.max_bytes == FS_UNLIMITED))
		return expired;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	PushActiveSnapshot(snapshot);
	stock = fs_stock_take(rel, snapshot, options.time_att);
	now_us = fs_stock_newest(stock, now_us);
	if (options.retain_us != FS_UNLIMITED &&
		now_us >= PG_INT64_MIN + options.retain_us)
		limit.before_us = now_us - options.retain_us;
	if (options.max_bytes != FS_UNLIMITED)
		limit.max_bytes = options.max_bytes;
	expired.rows = stock->live;
	expired.bytes = stock->bytes;
	(void) end_oldest(rel, stock, 0, exceeds_limit, &limit, &xid);
	expired.rows -= stock->live;
	expired.bytes -= stock->bytes;
	count_expired(rel, expired.rows);
	PopActiveSnapshot();
	UnregisterSnapshot(snapshot);
	return expired;
}

void
fs_expire_init(void)
{
	fs_commit_register(before_commit);
}
