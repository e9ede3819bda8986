/*-------------------------------------------------------------------------
 *
 * The oldest rows.
 *
 * The count oldest rows have no later time than the smallest M for which items
 * that end by M hold count rows; so only items that begin by M are read, and
 * the times of their rows sorted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "am/changes.h"
#include "am/modify.h"
#include "am/scanvalue.h"
#include "directory/directory.h"
#include "maintain/oldest.h"

typedef struct TimedRow
{
	int64		ts_us;			/* PG_INT64_MIN: null */
	uint64		rowno;
} TimedRow;

typedef struct TimedRows
{
	TimedRow   *rows;
	uint64		n;
	uint64		cap;
} TimedRows;

bool
fs_oldest_may_end(const FsStock *stock, uint32 i, uint64 keep)
{
	uint64		newer = 0;

	if (keep == 0)
		return true;
	for (uint32 k = 0; k < stock->n; k++)
		if (!stock->items[k].is_ended && k != i &&
			stock->items[k].min_us <= stock->items[k].max_us &&
			stock->items[k].min_us > stock->items[i].max_us)
			newer += stock->items[k].live;
	return newer >= keep;
}

/* Latest time that one of the count oldest rows may have. */
static int64
latest_of(const FsStock *stock, uint64 count)
{
	uint64		n = 0;

	for (uint32 i = 0; i < stock->n; i++)
	{
		if (stock->items[i].is_ended)
			continue;
		n += stock->items[i].live;
		if (n >= count)
			return stock->items[i].max_us;
	}
	return PG_INT64_MAX;
}

static void
add_row(TimedRows *out, int64 ts_us, uint64 rowno)
{
	if (out->n == out->cap)
	{
		out->cap = Max(out->cap * 2, 1024);
		out->rows = out->rows == NULL
			? palloc_extended(sizeof(TimedRow) * out->cap, MCXT_ALLOC_HUGE)
			: repalloc_huge(out->rows, sizeof(TimedRow) * out->cap);
	}
	out->rows[out->n].ts_us = ts_us;
	out->rows[out->n++].rowno = rowno;
}

/* The live rows of an item and their times. */
static void
read_item(FsScan *scan, const FsItem *item, AttrNumber time_att,
		  TimedRows *out)
{
	for (uint32 v = 0; v < fs_scan_item_vectors(item); v++)
	{
		const Datum *values;
		const bool *isnull;
		const uint8 *deleted;

		CHECK_FOR_INTERRUPTS();
		if (!fs_scan_seek(scan, item, v) ||
			!fs_scan_column(scan, time_att - 1, &values, &isnull))
			continue;			/* all deleted, or damaged and to be skipped */
		deleted = fs_scan_deleted(scan);
		for (uint32 i = 0; i < fs_scan_nrows(scan); i++)
		{
			ItemPointerData tid;
			uint64		rowno = 0;

			if (!fs_scan_is_live(deleted, i))
				continue;
			fs_scan_tid(scan, i, &tid);
			(void) fs_rowno_from_tid(&tid, &rowno);
			add_row(out, isnull[i] ? PG_INT64_MIN : DatumGetInt64(values[i]),
					rowno);
		}
	}
}

static int
by_time(const void *a, const void *b)
{
	const TimedRow *x = a;
	const TimedRow *y = b;

	if (x->ts_us != y->ts_us)
		return x->ts_us < y->ts_us ? -1 : 1;
	return x->rowno < y->rowno ? -1 : x->rowno > y->rowno ? 1 : 0;
}

static int
by_rowno(const void *a, const void *b)
{
	uint64		x = ((const TimedRow *) a)->rowno;
	uint64		y = ((const TimedRow *) b)->rowno;

	return x < y ? -1 : x > y ? 1 : 0;
}

static uint64
delete_rows(Relation rel, const TimedRows *rows, uint64 count,
			TransactionId *xid)
{
	TM_FailureData failure;
	FsModify	modify = {rel, GetCurrentCommandId(true), InvalidSnapshot};
	uint64		n = 0;

	modify.tmfd = &failure;
	for (uint64 i = 0; i < count; i++)
	{
		ItemPointerData tid;
		TM_Result	result;

		CHECK_FOR_INTERRUPTS();
		fs_rowno_to_tid(rows->rows[i].rowno, &tid);
		result = fs_modify_delete(&modify, &tid, false);
		if (result == TM_Ok)
			n++;
		else if (result == TM_BeingModified)
			*xid = failure.xmax;
	}
	return n;
}

uint64
fs_oldest_delete(Relation rel, Snapshot snapshot, const FsStock *stock,
				 AttrNumber time_att, uint64 count, TransactionId *xid)
{
	int64		latest_us = latest_of(stock, count);
	FsScan	   *scan = fs_scan_begin_seek(rel, snapshot, RelationGetDescr(rel));
	TimedRows	rows = {0};
	uint64		n;

	for (uint32 i = 0; i < stock->n; i++)
	{
		FsStockItem *stocked = &stock->items[i];
		FsItem		item;

		if (stocked->is_ended || stocked->kind == FS_ITEM_INDEX ||
			(stocked->min_us <= stocked->max_us &&
			 stocked->min_us > latest_us))
			continue;
		if (fs_directory_fetch(rel, stocked->partition, stocked->number,
							   snapshot, &item))
			read_item(scan, &item, time_att, &rows);
	}
	fs_scan_end(scan);
	count = Min(count, rows.n);
	qsort(rows.rows, rows.n, sizeof(TimedRow), by_time);
	if (count > 0)
		fs_changes_note_expired(rel, rows.rows[count - 1].ts_us);
	/* in the order of row numbers they share DELETES items */
	qsort(rows.rows, count, sizeof(TimedRow), by_rowno);
	n = delete_rows(rel, &rows, count, xid);
	if (rows.rows != NULL)
		pfree(rows.rows);
	return n;
}
