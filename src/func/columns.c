/*-------------------------------------------------------------------------
 *
 * flow.columns: what the columns of a table take.
 *
 * The bytes of all rows add up to those of all chunks and partition indexes:
 * what belongs to no column (heads, what the rows of a conversation share) has
 * lines of its own, and so has what cannot be read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/set.h"
#include "directory/directory.h"
#include "format/enc.h"
#include "func/inspect.h"
#include "store/arena.h"
#include "store/indexio.h"

PG_FUNCTION_INFO_V1(fs_columns);

/* What else takes bytes; behind the encodings. */
enum
{
	USE_DOMAIN = 256,			/* values that a set of chunks shares */
	USE_LISTS,
	USE_SHARED,					/* which rows of a chunk are a conversation */
	USE_HEAD,
	USE_UNREADABLE
};

static const char *const use_names[] = {
	"index values", "index lists", "conversations", "head", "unreadable"
};

/* What is added up for a column and a use of bytes. */
typedef struct ColumnSum
{
	int			att;			/* 0: of no column */
	int			use;			/* encoding, or one of the above */
	int64		rows;
	int64		chunks;
	int64		raw_bytes;
	bool		has_raw;		/* all values could be read */
	int64		bytes;
	int64		nulls;
	struct ColumnSum *next;
} ColumnSum;

typedef struct ColumnSums
{
	Relation	rel;
	MemoryContext cxt;
	FsArena		arena;			/* of the item at hand */
	FsSet	   *set;
	ColumnSum  *first;			/* by att, use */
} ColumnSums;

static ColumnSum *
find_sum(ColumnSums *sums, int att, int use)
{
	ColumnSum **at = &sums->first;
	ColumnSum  *sum;

	while (*at != NULL && ((*at)->att < att ||
						   ((*at)->att == att && (*at)->use < use)))
		at = &(*at)->next;
	if (*at != NULL && (*at)->att == att && (*at)->use == use)
		return *at;
	sum = MemoryContextAllocZero(sums->cxt, sizeof(ColumnSum));
	sum->att = att;
	sum->use = use;
	sum->has_raw = true;
	sum->next = *at;
	*at = sum;
	return sum;
}

static void
add_bytes(ColumnSums *sums, int att, int use, int64 bytes)
{
	if (bytes > 0)
		find_sum(sums, att, use)->bytes += bytes;
}

/* Bytes of a value of len bytes in a row of PostgreSQL. */
static int64
raw_size(int16 attlen, uint32 len)
{
	if (attlen > 0)
		return attlen;
	if (attlen == -2)
		return (int64) len + 1;
	return len + VARHDRSZ_SHORT <= VARATT_SHORT_MAX
		? (int64) len + VARHDRSZ_SHORT : (int64) len + VARHDRSZ;
}

static int64
raw_addr(const FsAddr *addr)
{
	return raw_size(-1, addr->family == 4 ? 2 + 4 : 2 + 16);
}

/* Raw bytes of a vector; false and *fault on damage. */
static bool
add_raw_vector(FsColumnReader *reader, const FsColumnMeta *meta, int16 attlen,
			   const FsVector *vec, int64 *raw, FsFault *fault)
{
	const FsAddr *addrs = vec->addrs;
	const uint8 *const *ptrs;
	const uint32 *lens = vec->lens;
	uint32		n;

	if (vec->dict_n > 0 && meta->kind == FS_KIND_ADDR)
	{
		addrs = fs_column_dict_addrs(reader, &n, fault);
		if (addrs == NULL)
			return false;
	}
	else if (vec->dict_n > 0 &&
			 !fs_column_dict_bytes(reader, &n, &ptrs, &lens, fault))
		return false;
	for (uint32 i = 0; i < vec->nrows; i++)
	{
		uint32		k = vec->dict_n > 0 ? vec->codes[i] : i;

		if (vec->has_nulls && vec->is_null[i])
			continue;
		*raw += meta->kind == FS_KIND_ADDR ? raw_addr(&addrs[k])
			: raw_size(attlen, lens[k]);
	}
	return true;
}

/* Raw bytes of a column of a chunk; false if it cannot be read. */
static bool
add_raw(ColumnSums *sums, FsInspectedChunk *chunk, const FsColumnMeta *meta,
		int64 *raw)
{
	uint32		nrows = chunk->head->nrows;
	TupleDesc	desc = RelationGetDescr(sums->rel);
	int16		attlen = meta->id <= desc->natts
		? TupleDescAttr(desc, meta->id - 1)->attlen : -1;
	FsFault		fault;
	FsVector	vec;
	FsColumnReader *reader;

	if (meta->zone.nulls == nrows)
		return true;
	if (meta->kind == FS_KIND_INT || attlen > 0)
	{
		*raw += (int64) (nrows - meta->zone.nulls) *
			(meta->kind == FS_KIND_INT ? meta->width : attlen);
		return true;
	}
	reader = fs_chunkreader_column(chunk->reader, meta->id, &fault);
	if (reader == NULL)
		return false;
	for (uint32 v = 0; v * FS_VECTOR_ROWS < nrows; v++)
		if (!fs_column_read(reader, v, &vec, &fault) ||
			!add_raw_vector(reader, meta, attlen, &vec, raw, &fault))
			return false;
	return true;
}

static void
add_chunk(ColumnSums *sums, const FsItem *item)
{
	bool		is_clustered = item->chunk->level == FS_LEVEL_CLUSTERED;
	FsInspectedChunk *chunk;
	FsFault		fault;
	const FsChunkHead *head;

	if (is_clustered)
		(void) fs_set_enter(sums->set, item, DEBUG1);
	chunk = fs_inspect_chunk(sums->rel, item->chunk->extent, item->chunk->len,
							 is_clustered ? fs_set_domains(sums->set) : NULL,
							 &sums->arena, &fault);
	if (chunk == NULL)
	{
		add_bytes(sums, 0, USE_UNREADABLE, item->chunk->len);
		return;
	}
	head = chunk->head;
	add_bytes(sums, 0, USE_HEAD, head->head_len);
	add_bytes(sums, 0, USE_SHARED, head->frame_len);
	for (uint32 i = 0; i < head->ncols; i++)
	{
		const FsColumnMeta *meta = &head->cols[i];
		ColumnSum  *sum = find_sum(sums, meta->id, meta->encoding);

		CHECK_FOR_INTERRUPTS();
		sum->rows += head->nrows;
		sum->chunks++;
		sum->bytes += meta->len;
		sum->nulls += meta->zone.nulls;
		if (!add_raw(sums, chunk, meta, &sum->raw_bytes))
			sum->has_raw = false;
	}
}

/* Share what several columns have in common out among them. */
static void
share_bytes(ColumnSums *sums, const uint16 *cols, uint32 ncols, int use,
			uint32 len)
{
	if (ncols == 0)
		add_bytes(sums, 0, use, len);
	for (uint32 i = 0; i < ncols; i++)
		add_bytes(sums, cols[i], use, len / ncols + (i < len % ncols));
}

static void
add_index(ColumnSums *sums, const FsItem *item)
{
	FsStoredIndex *stored = fs_indexio_open(sums->rel, item->index->extent,
											item->index->len,
											CurrentMemoryContext, DEBUG1);
	uint32		left = item->index->len;
	uint32		n;
	const FsPindexDomain *domains;
	const FsPindexGroup *groups;

	if (stored == NULL)
	{
		add_bytes(sums, 0, USE_UNREADABLE, item->index->len);
		return;
	}
	domains = fs_pindex_domains(fs_indexio_pindex(stored), &n);
	for (uint32 i = 0; i < n; i++)
	{
		share_bytes(sums, domains[i].cols, domains[i].ncols, USE_DOMAIN,
					domains[i].len);
		left -= domains[i].len;
	}
	groups = fs_pindex_groups(fs_indexio_pindex(stored), &n);
	for (uint32 i = 0; i < n; i++)
	{
		share_bytes(sums, groups[i].cols, groups[i].ncols, USE_LISTS,
					groups[i].len);
		left -= groups[i].len;
	}
	add_bytes(sums, 0, USE_HEAD, left);
}

static void
put_sum(ReturnSetInfo *rsinfo, Relation rel, const ColumnSum *sum)
{
	bool		is_column = sum->use < USE_DOMAIN;
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = fs_inspect_column(rel, sum->att, &nulls[0]);
	values[1] = CStringGetTextDatum(is_column ? fs_encoding_name(sum->use)
									: use_names[sum->use - USE_DOMAIN]);
	nulls[2] = nulls[3] = nulls[6] = !is_column;
	values[2] = Int64GetDatum(sum->rows);
	values[3] = Int64GetDatum(sum->chunks);
	nulls[4] = !is_column || !sum->has_raw;
	values[4] = Int64GetDatum(sum->raw_bytes);
	values[5] = Int64GetDatum(sum->bytes);
	values[6] = Int64GetDatum(sum->nulls);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
add_items(ColumnSums *sums)
{
	MemoryContext cxt = AllocSetContextCreate(sums->cxt,
											  "flowstore inspection",
											  ALLOCSET_DEFAULT_SIZES);
	FsDirectoryScan *dir = fs_directory_begin(sums->rel, GetActiveSnapshot(),
											  NULL);
	FsItem		item;

	fs_arena_init(&sums->arena, cxt);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		if (item.head->kind != FS_ITEM_CHUNK &&
			item.head->kind != FS_ITEM_INDEX)
			continue;
		old = MemoryContextSwitchTo(cxt);
		if (item.head->kind == FS_ITEM_CHUNK)
			add_chunk(sums, &item);
		else
			add_index(sums, &item);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	fs_directory_end(dir);
	MemoryContextDelete(cxt);
}

/* flow.columns(regclass): one row a column and encoding */
Datum
fs_columns(PG_FUNCTION_ARGS)
{
	ColumnSums	sums = {fs_inspect_open(PG_GETARG_OID(0)),
	CurrentMemoryContext};

	InitMaterializedSRF(fcinfo, 0);
	sums.set = fs_set_create(sums.rel, GetActiveSnapshot(), false);
	add_items(&sums);
	fs_set_destroy(sums.set);
	for (ColumnSum *sum = sums.first; sum != NULL; sum = sum->next)
		put_sum((ReturnSetInfo *) fcinfo->resultinfo, sums.rel, sum);
	relation_close(sums.rel, AccessShareLock);
	return (Datum) 0;
}
