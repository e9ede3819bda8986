/*-------------------------------------------------------------------------
 *
 * Checking items other than CHUNK, and what they name.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupmacs.h"

#include "format/pindex.h"
#include "func/check.h"
#include "func/inspect.h"
#include "store/arena.h"
#include "store/extent.h"

/* The length of a value at p that ends before end; 0 if it does not. */
static uint32
value_len(Form_pg_attribute att, const char *p, const char *end)
{
	Size		len;

	if (att->attlen > 0)
		len = att->attlen;
	else if (att->attlen == -1)
	{
		if (p >= end || VARATT_IS_EXTERNAL(p) ||
			(!VARATT_IS_1B(p) && end - p < (ptrdiff_t) VARHDRSZ))
			return 0;
		len = VARSIZE_ANY(p);
	}
	else
		len = strnlen(p, end - p) + 1;
	return len > 0 && len <= end - p ? len : 0;
}

/* Why a row cannot be taken apart, or NULL. */
static const char *
row_fault(TupleDesc desc, MinimalTuple row)
{
	HeapTupleHeader tup = (HeapTupleHeader) ((char *) row -
											 MINIMAL_TUPLE_OFFSET);
	const char *end = (const char *) row + row->t_len;
	const char *start = (const char *) tup + tup->t_hoff;
	bool		has_nulls = (tup->t_infomask & HEAP_HASNULL) != 0;
	int			natts = HeapTupleHeaderGetNatts(tup);
	Size		off = 0;

	if (natts > desc->natts)
		return "a row has more columns than the table";
	if (tup->t_hoff != MAXALIGN(tup->t_hoff) ||
		tup->t_hoff < SizeofHeapTupleHeader +
		(has_nulls ? BITMAPLEN(natts) : 0))
		return "a row's header has a wrong length";
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		uint32		len;

		if (has_nulls && att_isnull(i, tup->t_bits))
			continue;
		if (att->attlen != -1)
			off = att_align_nominal(off, att->attalign);
		else if (start + off < end)
			off = att_align_pointer(off, att->attalign, -1, start + off);
		len = start + off <= end ? value_len(att, start + off, end) : 0;
		if (len == 0)
			return "a value of a row exceeds it";
		off += len;
	}
	return NULL;
}

void
fs_check_rows(FsCheck *check, const FsItem *item)
{
	MinimalTuple row = fs_item_first_row(item->rows);

	for (uint32 i = 0; i < item->head->nrows; i++)
	{
		const char *fault = row_fault(RelationGetDescr(check->rel), row);

		if (fault != NULL)
		{
			fs_check_complain(check, item, "%s (row %u)", fault, i);
			return;
		}
		row = fs_item_next_row(row);
	}
}

typedef struct IndexFetch
{
	FsPindexFetch fetch;		/* first: the callback gets its address */
	Relation	rel;
	FsExtent	extent;
} IndexFetch;

static bool
fetch_bytes(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
			FsFault *fault)
{
	IndexFetch *from = (IndexFetch *) fetch;

	if (fs_extent_read(from->rel, from->extent, off, len, dst, DEBUG1))
		return true;
	strlcpy(fault->reason, "its pages cannot be read", sizeof(fault->reason));
	fault->off = off;
	return false;
}

void
fs_check_index(FsCheck *check, const FsItem *item)
{
	IndexFetch	fetch = {{fetch_bytes}, check->rel, item->index->extent};
	FsFault		fault = {{0}, 0};
	FsArena		arena;
	FsPindex   *pindex;

	fs_arena_init(&arena, CurrentMemoryContext);
	pindex = fs_pindex_open(&fetch.fetch, item->index->len, &arena, &fault);
	if (pindex == NULL || !fs_pindex_check(pindex, &fault))
		fs_check_report(check, item, 0, &fault);
	else if (fs_pindex_nrows(pindex) != item->head->nrows ||
			 fs_pindex_nchunks(pindex) != item->head->n)
		fs_check_complain(check, item,
						  "the directory gives another number of rows or chunks");
}

/* Where the rows of a vector of a move map went. */
static bool
check_moves(FsCheck *check, const FsItem *item, const FsVector *olds,
			const FsVector *news, uint64 *last)
{
	for (uint32 i = 0; i < olds->nrows; i++)
	{
		uint64		from = olds->ints[i];
		const FsCheckItem *still;

		if (from <= *last && *last != PG_UINT64_MAX)
		{
			fs_check_complain(check, item, "its old row numbers do not ascend");
			return false;
		}
		if (from < item->moved->min_row || from > item->moved->max_row)
		{
			fs_check_complain(check, item,
							  "old row number " UINT64_FORMAT " is not within the item's bounds",
							  from);
			return false;
		}
		*last = from;
		still = fs_check_find_row(check, from);
		if (still != NULL)
		{
			fs_check_complain(check, item,
							  "row " UINT64_FORMAT " has moved and is still in item %u",
							  from, still->number);
			return false;
		}
		if (fs_check_find_row(check, news->ints[i]) == NULL)
			check->nlost++;
	}
	return true;
}

static bool
is_map(const FsChunkHead *head, const FsItem *item)
{
	return head->nrows == item->head->nrows && head->ncols == 2 &&
		head->cols[0].id == 1 && head->cols[0].kind == FS_KIND_INT &&
		head->cols[1].id == 2 && head->cols[1].kind == FS_KIND_INT;
}

void
fs_check_moved(FsCheck *check, const FsItem *item)
{
	FsFault		fault;
	FsArena		arena;
	FsInspectedChunk *chunk;
	FsColumnReader *readers[2] = {NULL, NULL};
	uint64		last = PG_UINT64_MAX;

	fs_arena_init(&arena, CurrentMemoryContext);
	chunk = fs_inspect_chunk(check->rel, item->moved->extent,
							 item->moved->len, NULL, &arena, &fault);
	if (chunk != NULL && !is_map(chunk->head, item))
	{
		fs_check_complain(check, item, "it names a chunk that is no map of rows");
		return;
	}
	for (int i = 0; i < 2 && chunk != NULL; i++)
		readers[i] = fs_chunkreader_column(chunk->reader, i + 1, &fault);
	if (readers[0] == NULL || readers[1] == NULL)
	{
		fs_check_report(check, item, 0, &fault);
		return;
	}
	for (uint32 v = 0; v * FS_VECTOR_ROWS < item->head->nrows; v++)
	{
		FsVector	olds;
		FsVector	news;

		if (!fs_column_read(readers[0], v, &olds, &fault) ||
			!fs_column_read(readers[1], v, &news, &fault))
		{
			fs_check_report(check, item, 0, &fault);
			return;
		}
		if (!check_moves(check, item, &olds, &news, &last))
			return;
	}
}

void
fs_check_deletes(FsCheck *check, const FsItem *item)
{
	for (int i = 0; i < item->head->n; i++)
	{
		uint64		rowno = (uint64) item->deletes->block *
			FS_ROWNO_PER_BLOCK + fs_item_delete(item->deletes, i).offset;

		if (fs_check_find_row(check, rowno) == NULL)
			check->nstale++;
	}
}
