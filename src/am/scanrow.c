/*-------------------------------------------------------------------------
 *
 * The rows of a scan's current vector, and where the scan is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/rel.h"

#include "am/scanstate.h"
#include "directory/deletes.h"

const uint8 *
fs_scan_deleted(const FsScan *scan)
{
	return scan->deleted == NULL ? NULL
		: scan->deleted + fs_scan_first_row(scan) / 8;
}

void
fs_scan_live(const FsScan *scan, FsBits *rows)
{
	const uint8 *deleted = fs_scan_deleted(scan);
	uint32		nrows = scan->columns.nrows;

	fs_bits_all(rows, nrows);
	for (uint32 i = 0; deleted != NULL && i < nrows; i++)
		if (!fs_scan_is_live(deleted, i))
			fs_bits_remove(rows, i);
}

TransactionId
fs_scan_deleter(const FsScan *scan, uint32 i)
{
	ItemPointerData tid;
	uint64		rowno;
	FsDeletion	deletion;

	if (!TransactionIdIsValid(scan->deleter))
		return InvalidTransactionId;
	fs_scan_tid(scan, i, &tid);
	if (!fs_rowno_from_tid(&tid, &rowno) ||
		!fs_deletes_probe(scan->rel, rowno, &deletion) ||
		!deletion.in_progress)
		return InvalidTransactionId;
	return deletion.xid;
}

uint64
fs_scan_visit(const FsScan *scan)
{
	return scan->visit;
}

uint64
fs_scan_set_visit(const FsScan *scan)
{
	return scan->set_visit;
}

uint32
fs_scan_nrows(const FsScan *scan)
{
	return scan->columns.nrows;
}

const FsItem *
fs_scan_item(const FsScan *scan)
{
	return &scan->item;
}

uint32
fs_scan_first_row(const FsScan *scan)
{
	return scan->columns.vector * FS_VECTOR_ROWS;
}

Oid
fs_scan_relid(const FsScan *scan)
{
	return RelationGetRelid(scan->rel);
}

FsScanColumns *
fs_scan_columns(FsScan *scan)
{
	return &scan->columns;
}

const FsScanCounters *
fs_scan_counters(FsScan *scan)
{
	scan->counters.columns = scan->columns.nfetched;
	if (scan->set != NULL)
		scan->counters.index_bytes = fs_set_bytes_read(scan->set);
	return &scan->counters;
}

/* The run that holds a row of the item; *row becomes its place in the run. */
static FsRowRun
find_run(const FsScan *scan, uint32 *row)
{
	for (int k = 0; k < fs_item_nruns(&scan->item); k++)
	{
		FsRowRun	run = fs_item_row_run(&scan->item, k);

		if (*row < run.n)
			return run;
		*row -= run.n;
	}
	elog(ERROR, "unexpected row %u of an item", *row);
}

bool
fs_scan_first_rowno(const FsScan *scan, uint64 *rowno)
{
	uint32		row = fs_scan_first_row(scan);
	FsRowRun	run = find_run(scan, &row);

	*rowno = run.first + row;
	return run.n - row >= fs_scan_nrows(scan);
}

void
fs_scan_tid(const FsScan *scan, uint32 i, ItemPointer tid)
{
	uint32		row = fs_scan_first_row(scan) + i;
	FsRowRun	run = find_run(scan, &row);

	fs_rowno_to_tid(run.first + row, tid);
}
