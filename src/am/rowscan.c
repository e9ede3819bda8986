/*-------------------------------------------------------------------------
 *
 * Rows of anything as the vector of a scan.
 *
 * The scan is at a ROWS item whose rows are deformed already: nobody asks for
 * the item's own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "am/rowscan.h"
#include "am/scanstate.h"

/* Of vectors; items that scans enter count from the other end. */
static uint64 visits = PG_UINT64_MAX;

static const FsItemHead head = {.kind = FS_ITEM_ROWS};

FsScan *
fs_rowscan_create(TupleDesc desc)
{
	FsScan	   *scan = palloc0(sizeof(FsScan));

	scan->desc = desc;
	scan->cxt = CurrentMemoryContext;
	scan->item.head = &head;
	fs_scancolumn_init(&scan->columns, desc);
	scan->columns.item = &scan->item;
	for (int att = 0; att < desc->natts; att++)
	{
		FsScanColumn *col = &scan->columns.cols[att];

		col->values = palloc(sizeof(Datum) * FS_VECTOR_ROWS);
		col->isnull = palloc(FS_VECTOR_ROWS);
		col->nulls = col->isnull;
	}
	return scan;
}

void
fs_rowscan_free(FsScan *scan)
{
	fs_scancolumn_free(&scan->columns);
	pfree(scan);
}

void
fs_rowscan_set(FsScan *scan, uint32 i, const Datum *values,
			   const bool *isnull)
{
	for (int att = 0; att < scan->desc->natts; att++)
	{
		scan->columns.cols[att].values[i] = values[att];
		scan->columns.cols[att].isnull[i] = isnull[att];
	}
}

void
fs_rowscan_enter(FsScan *scan, uint32 n)
{
	scan->visit = --visits;
	fs_scancolumn_enter_vector(&scan->columns, 0, n);
	for (int att = 0; att < scan->desc->natts; att++)
		scan->columns.cols[att].is_decoded = true;
}
