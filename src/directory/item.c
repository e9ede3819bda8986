/*-------------------------------------------------------------------------
 *
 * Items: layout checks and row numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_crc32c.h"

#include "directory/item.h"
#include "format/layout.h"

static bool
is_possible_extent(FsExtent extent, uint32 len)
{
	return extent.npages > 0 && extent.first > 0 && len > 0 &&
		extent.npages == fs_extent_pages(len);
}

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
	if (!is_possible_extent(item->extent, item->len))
		return "a CHUNK item names an impossible extent";
	if (item->level > FS_LEVEL_CLUSTERED || item->zero != 0 ||
		item->zero2 != 0)
		return "a CHUNK item has an unknown level";
	return NULL;
}

static const char *
deletes_fault(const FsDeletesItem *item, uint32 len)
{
	uint32		n = item->head.n;
	int			last = -1;

	if (len < sizeof(FsDeletesItem) || item->is_long > 1 || n == 0 ||
		n > FS_DELETES_MAX_ROWS || item->head.nrows != n ||
		len != sizeof(FsDeletesItem) +
		n * (item->is_long ? sizeof(FsDeleteEntry) : 1))
		return "a DELETES item has a wrong length";
	for (int i = 0; i < n; i++)
	{
		FsDeleteEntry entry = fs_item_delete(item, i);

		if ((int) entry.offset <= last)
			return "the rows of a DELETES item do not ascend";
		if (entry.kind > FS_DELETE_ELSEWHERE)
			return "a DELETES item has an unknown kind of row";
		last = entry.offset;
	}
	return NULL;
}

static const char *
index_fault(const FsIndexItem *item, uint32 len)
{
	if (len != sizeof(FsIndexItem) ||
		!is_possible_extent(item->extent, item->len) || item->head.n == 0)
		return "an INDEX item is not valid";
	return NULL;
}

static const char *
moved_fault(const FsMovedItem *item, uint32 len)
{
	if (len != sizeof(FsMovedItem) ||
		!is_possible_extent(item->extent, item->len) ||
		item->head.nrows == 0 || item->head.nrows > FS_CHUNK_MAX_ROWS ||
		item->min_row > item->max_row)
		return "a MOVED item is not valid";
	return NULL;
}

uint32
fs_item_crc(uint32 id, uint32 number, const FsItemHead *item, uint32 len)
{
	FsItemHead	head = *item;
	uint32		key[2] = {id, number};
	pg_crc32c	crc;

	head.crc = 0;
	INIT_CRC32C(crc);
	COMP_CRC32C(crc, key, sizeof(key));
	COMP_CRC32C(crc, &head, sizeof(head));
	COMP_CRC32C(crc, item + 1, len - sizeof(head));
	FIN_CRC32C(crc);
	return crc;
}

const char *
fs_item_fault(const FsItemHead *item, uint32 len)
{
	if (len < sizeof(FsItemHead))
		return "an item is too short";
	if (item->version < FS_FORMAT_VERSION_OLDEST ||
		item->version > FS_FORMAT_VERSION)
		return "an item has a format version that this library does not read";
	if (item->zero != 0)
		return "an item has reserved bits that are set";
	switch (item->kind)
	{
		case FS_ITEM_ROWS:
			return rows_fault((const FsRowsItem *) item, len);
		case FS_ITEM_CHUNK:
			return chunk_fault((const FsChunkItem *) item, len);
		case FS_ITEM_DELETES:
			return deletes_fault((const FsDeletesItem *) item, len);
		case FS_ITEM_INDEX:
			return index_fault((const FsIndexItem *) item, len);
		case FS_ITEM_MOVED:
			return moved_fault((const FsMovedItem *) item, len);
		default:
			return "an item is of no known kind";
	}
}

bool
fs_item_extent(const FsItemHead *item, FsExtent *extent, uint32 *len)
{
	switch (item->kind)
	{
		case FS_ITEM_CHUNK:
			*extent = ((const FsChunkItem *) item)->extent;
			*len = ((const FsChunkItem *) item)->len;
			return true;
		case FS_ITEM_INDEX:
			*extent = ((const FsIndexItem *) item)->extent;
			*len = ((const FsIndexItem *) item)->len;
			return true;
		case FS_ITEM_MOVED:
			*extent = ((const FsMovedItem *) item)->extent;
			*len = ((const FsMovedItem *) item)->len;
			return true;
		default:
			return false;
	}
}

void
fs_item_set_extent(FsItemHead *item, FsExtent extent)
{
	switch (item->kind)
	{
		case FS_ITEM_CHUNK:
			((FsChunkItem *) item)->extent = extent;
			break;
		case FS_ITEM_INDEX:
			((FsIndexItem *) item)->extent = extent;
			break;
		default:
			Assert(item->kind == FS_ITEM_MOVED);
			((FsMovedItem *) item)->extent = extent;
			break;
	}
}

FsDeleteEntry
fs_item_delete(const FsDeletesItem *item, int i)
{
	FsDeleteEntry entry = {0};

	if (item->is_long)
		return ((const FsDeleteEntry *) (item + 1))[i];
	entry.offset = ((const uint8 *) (item + 1))[i];
	return entry;
}

int
fs_item_nruns(const FsItem *item)
{
	return item->head->kind == FS_ITEM_ROWS ? 1 : item->head->n;
}

FsRowRun
fs_item_row_run(const FsItem *item, int i)
{
	FsRowRun	run;

	if (item->head->kind != FS_ITEM_ROWS)
		return fs_item_run(item->chunk, i);
	run.first = item->rows->first_row;
	run.n = item->head->nrows;
	return run;
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
