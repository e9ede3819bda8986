/*-------------------------------------------------------------------------
 *
 * Items: layout checks and row numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "directory/item.h"
#include "format/layout.h"

static const char *
rows_fault(const FsRowsItem *item, uint32 len)
{
	const char *p = (const char *) (item + 1);
	const char *end = (const char *) item + len;

	if (len < sizeof(FsRowsItem))
		return "a ROWS item is too short";
	if (item->head.n == 0 || item->head.nrows != item->head.n)
		return "a ROWS item has a wrong row count";
	for (int i = 0; i < item->head.n; i++)
	{
		MinimalTuple row = (MinimalTuple) p;

		if (end - p < (ptrdiff_t) SizeofMinimalTupleHeader ||
			row->t_len < SizeofMinimalTupleHeader ||
			row->t_len > end - p ||
			row->t_hoff < SizeofHeapTupleHeader ||
			row->t_hoff > row->t_len + MINIMAL_TUPLE_OFFSET)
			return "a row of a ROWS item exceeds it";
		p += Min(MAXALIGN(row->t_len), end - p);
	}
	return p == end ? NULL : "a ROWS item has bytes behind its rows";
}

static const char *
chunk_fault(const FsChunkItem *item, uint32 len)
{
	uint64		total = 0;

	if (len < sizeof(FsChunkItem) ||
		len != sizeof(FsChunkItem) + item->head.n * sizeof(FsItemRun))
		return "a CHUNK item has a wrong length";
	for (int i = 0; i < item->head.n; i++)
		total += fs_item_run(item, i).n;
	if (total == 0 || total != item->head.nrows || total > FS_CHUNK_MAX_ROWS)
		return "a CHUNK item has a wrong row count";
	if (item->extent.npages == 0 || item->extent.first == 0 ||
		item->extent.npages != fs_extent_pages(item->len))
		return "a CHUNK item names an impossible extent";
	return NULL;
}

const char *
fs_item_fault(const FsItemHead *item, uint32 len)
{
	if (len < sizeof(FsItemHead))
		return "an item is too short";
	if (item->version < FS_FORMAT_VERSION_OLDEST ||
		item->version > FS_FORMAT_VERSION)
		return "an item has a format version that this library does not read";
	if (item->kind == FS_ITEM_ROWS)
		return rows_fault((const FsRowsItem *) item, len);
	if (item->kind == FS_ITEM_CHUNK)
		return chunk_fault((const FsChunkItem *) item, len);
	return "an item is of no known kind";
}

FsRowRun
fs_item_run(const FsChunkItem *item, int i)
{
	const FsItemRun *run = (const FsItemRun *) (item + 1) + i;
	FsRowRun	out;

	out.first = (uint64) run->first_hi << 32 | run->first_lo;
	out.n = (uint32) run->n_less_1 + 1;
	return out;
}

FsItemRun
fs_item_make_run(FsRowRun run)
{
	FsItemRun	out;

	Assert(run.n >= 1 && run.n <= 65536);
	out.first_lo = (uint32) run.first;
	out.first_hi = (uint16) (run.first >> 32);
	out.n_less_1 = (uint16) (run.n - 1);
	return out;
}

int32
fs_item_find_row(const FsItem *item, uint64 rowno)
{
	uint32		before = 0;

	if (item->head->kind == FS_ITEM_ROWS)
		return rowno >= item->rows->first_row &&
			rowno < item->rows->first_row + item->head->nrows
			? (int32) (rowno - item->rows->first_row) : -1;
	for (int i = 0; i < item->head->n; i++)
	{
		FsRowRun	run = fs_item_run(item->chunk, i);

		if (rowno >= run.first && rowno < run.first + run.n)
			return (int32) (before + (rowno - run.first));
		before += run.n;
	}
	return -1;
}
