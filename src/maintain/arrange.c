/*-------------------------------------------------------------------------
 *
 * Arranging.
 *
 * Rows are handed to the clustering library as they are stored, codes and
 * dictionaries, so that a string is looked at once a chunk.  Where a column
 * must be read row by row (ROWS items, values that ADD COLUMN gave, types
 * changed without a rewrite) it is made plain from its Datums.
 *
 * The chunks are written while the rows are still in memory, one after
 * another; the partition index comes last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/buffer.h"
#include "am/scanvalue.h"
#include "am/tableoptions.h"
#include "directory/directory.h"
#include "directory/numbers.h"
#include "format/chunk.h"
#include "format/cluster.h"
#include "maintain/arrange.h"
#include "maintain/rewrite.h"
#include "maintain/roles.h"
#include "store/arena.h"
#include "store/meta.h"

/* a set never takes more, whatever maintenance_work_mem says */
#define MAX_MEMORY		((Size) 2 * 1024 * 1024 * 1024)

/* a column of a vector made plain */
typedef struct PlainColumn
{
	int64	   *ints;			/* [FS_VECTOR_ROWS], or by kind */
	FsAddr	   *addrs;
	const uint8 **ptrs;
	uint32	   *lens;
} PlainColumn;

typedef struct Arrange
{
	Relation	rel;
	FsPartition partition;
	MemoryContext cxt;
	FsRewrite  *rewrite;
	FsBufferLayout *layout;
	FsClusterOptions options;
	FsArena		arena;
	FsCluster  *cluster;
	FsScan	   *scan;
	FsVector   *vectors;		/* [ncols] */
	FsClusterDict *dicts;		/* [ncols] */
	PlainColumn *plain;			/* [ncols], made when needed */
	uint32	   *new_of_live;
	uint32		index_number;
	BufferAccessStrategy strategy;
	const FsPace *pace;
	FsTaskResult *result;
} Arrange;

static Arrange *
begin(Relation rel, const FsTask *task, Snapshot snapshot)
{
	Arrange    *arrange = palloc0(sizeof(Arrange));
	int			ncols;

	arrange->rel = rel;
	arrange->partition = task->partition;
	arrange->cxt = CurrentMemoryContext;
	arrange->rewrite = fs_rewrite_begin(rel, task->partition, snapshot);
	arrange->layout = fs_buffer_layout(RelationGetDescr(rel),
									   fs_tableoptions_get(rel)->time_att,
									   CurrentMemoryContext);
	arrange->options = fs_roles_find(rel, arrange->layout);
	fs_arena_init(&arrange->arena, CurrentMemoryContext);
	arrange->cluster = fs_cluster_begin(&arrange->options, &arrange->arena);
	arrange->scan = fs_scan_begin_seek(rel, NULL, RelationGetDescr(rel));
	ncols = Max(arrange->layout->ncols, 1);
	arrange->vectors = palloc0(sizeof(FsVector) * ncols);
	arrange->dicts = palloc0(sizeof(FsClusterDict) * ncols);
	arrange->plain = palloc0(sizeof(PlainColumn) * ncols);
	arrange->strategy = GetAccessStrategy(BAS_BULKWRITE);
	return arrange;
}

static void
make_plain_arrays(Arrange *arrange, int col)
{
	PlainColumn *plain = &arrange->plain[col];
	uint8		kind = arrange->layout->specs[col].kind;

	if (plain->ints != NULL || plain->addrs != NULL || plain->ptrs != NULL)
		return;
	if (kind == FS_KIND_INT)
		plain->ints = palloc0(sizeof(int64) * FS_VECTOR_ROWS);
	else if (kind == FS_KIND_ADDR)
		plain->addrs = palloc0(sizeof(FsAddr) * FS_VECTOR_ROWS);
	else
	{
		plain->ptrs = palloc0(sizeof(uint8 *) * FS_VECTOR_ROWS);
		plain->lens = palloc0(sizeof(uint32) * FS_VECTOR_ROWS);
	}
}

/* Make the vector of a column from its Datums. */
static void
read_plain(Arrange *arrange, int col)
{
	const FsTypeMap *map = &arrange->layout->maps[col];
	PlainColumn *plain = &arrange->plain[col];
	FsVector   *vector = &arrange->vectors[col];
	const Datum *values;
	const bool *isnull;

	if (!fs_scan_column(arrange->scan, map->spec.id - 1, &values, &isnull))
		elog(ERROR, "unexpected lack of a column");
	make_plain_arrays(arrange, col);
	memset(vector, 0, sizeof(FsVector));
	memset(&arrange->dicts[col], 0, sizeof(FsClusterDict));
	vector->nrows = fs_scan_nrows(arrange->scan);
	vector->is_null = isnull;
	vector->ints = plain->ints;
	vector->addrs = plain->addrs;
	vector->ptrs = plain->ptrs;
	vector->lens = plain->lens;
	for (uint32 i = 0; i < vector->nrows; i++)
	{
		if (isnull[i])
			vector->has_nulls = true;
		else if (plain->ints != NULL)
			plain->ints[i] = fs_typemap_to_int(map, values[i]);
		else if (plain->addrs != NULL)
			fs_typemap_to_addr(values[i], &plain->addrs[i]);
		else
			plain->ptrs[i] = fs_typemap_to_bytes(map, values[i],
												 &plain->lens[i]);
	}
}

/* The vector of a column as it is stored; false if that cannot be had. */
static bool
read_stored(Arrange *arrange, int col)
{
	int			att = arrange->layout->specs[col].id - 1;
	const FsVector *vector;

	if (fs_scan_vector(arrange->scan, att, &vector) != FS_READ_STORED ||
		!fs_scan_dict(arrange->scan, att, &arrange->dicts[col]))
		return false;
	arrange->vectors[col] = *vector;
	return true;
}

/* Add the live rows of the scan's vector. */
static void
add_vector(Arrange *arrange, const uint8 *deleted)
{
	FsClusterBatch batch = {arrange->vectors, arrange->dicts};
	uint32		first = fs_scan_first_row(arrange->scan);
	uint16		rows[FS_VECTOR_ROWS];

	for (int col = 0; col < arrange->layout->ncols; col++)
		if (!read_stored(arrange, col))
			read_plain(arrange, col);
	if (deleted == NULL)
		batch.nrows = fs_scan_nrows(arrange->scan);
	else
	{
		batch.rows = rows;
		for (uint32 i = 0; i < fs_scan_nrows(arrange->scan); i++)
			if (fs_scan_is_live(deleted, first + i))
				rows[batch.nrows++] = i;
	}
	fs_cluster_add(arrange->cluster, &batch);
	arrange->result->rows += batch.nrows;
}

static bool
add_source(Arrange *arrange, const FsHolding *holding)
{
	const FsItem *item = fs_rewrite_source(arrange->rewrite, holding);
	uint32		n = item == NULL ? 0 : fs_scan_item_vectors(item);

	if (item == NULL)
		return true;
	arrange->result->items++;
	arrange->result->read += holding->len;
	if (fs_rewrite_is_empty(arrange->rewrite))
		return true;
	fs_cluster_source(arrange->cluster);
	for (uint32 v = 0; v < n; v++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!fs_scan_seek(arrange->scan, item, v))
			elog(ERROR, "unexpected lack of a chunk");
		add_vector(arrange, fs_rewrite_deleted(arrange->rewrite));
		if (!fs_pace_step(arrange->pace, fs_scan_nrows(arrange->scan), 0))
			return false;
	}
	return true;
}

/* True if there is room for the rows of another source. */
static bool
has_room(const Arrange *arrange, const FsHolding *holding)
{
	Size		limit = Min((Size) maintenance_work_mem * 1024, MAX_MEMORY);
	uint64		nrows = fs_cluster_nrows(arrange->cluster);
	uint64		more = fs_inventory_live(holding);
	double		row_bytes;

	if (nrows == 0)
		return true;
	row_bytes = (double) fs_cluster_memory(arrange->cluster) / nrows +
		sizeof(uint32);
	return nrows + more <= FS_CLUSTER_MAX_ROWS &&
		(nrows + more) * row_bytes <= limit;
}

/*
 * True if a source cannot be taken now and the others are to wait for it: what
 * is clustered without it would be clustered again at once, and again.
 */
static bool
has_to_wait(Arrange *arrange, const FsTask *task)
{
	for (uint32 i = task->ndone; task->is_whole && i < task->nsources; i++)
		if (fs_rewrite_is_busy(arrange->rewrite, &task->sources[i]))
			return true;
	return false;
}

static bool
add_sources(Arrange *arrange, FsTask *task)
{
	if (has_to_wait(arrange, task))
		return false;
	do
	{
		if (!add_source(arrange, &task->sources[task->ndone]))
			return false;
		task->ndone++;
	} while (task->ndone < task->nsources &&
			 has_room(arrange, &task->sources[task->ndone]));
	return true;
}

/* Reserve, then fill; the item stands before the first page is written. */
static void
put_item(Arrange *arrange, uint32 number, FsItemHead *item, uint32 item_len,
		 const uint8 *bytes, uint32 len)
{
	Relation	rel = arrange->rel;
	Relation	toast = fs_directory_open(rel, RowExclusiveLock);
	FsExtent	extent;

	fs_extent_lock(rel);
	extent = fs_extent_reserve(rel, fs_extent_pages(len), arrange->strategy);
	fs_item_set_extent(item, extent);
	fs_directory_insert(rel, toast, arrange->partition, number, item, item_len,
						GetCurrentCommandId(true));
	fs_extent_unlock(rel);
	fs_extent_fill(rel, extent, bytes, len, arrange->strategy);
	table_close(toast, NoLock);
	fs_meta_note(rel, FS_COUNT_BYTES_REWRITTEN, len);
	arrange->result->written += len;
}

/* Bounds of the time column, from the chunk's own head. */
static void
set_bounds(const Arrange *arrange, const uint8 *bytes, FsChunkItem *item)
{
	FsArena		arena;
	FsFault		fault;
	uint32		head_len;
	uint32		version;
	const FsChunkHead *head = NULL;
	const FsColumnMeta *meta;

	if (arrange->layout->time_col < 0)
		return;
	fs_arena_init(&arena, CurrentMemoryContext);
	if (fs_chunk_head_len(bytes, &head_len, &version, &fault))
		head = fs_chunk_head_parse(bytes, head_len, &arena, &fault);
	if (head == NULL)
		elog(ERROR, "unexpected head of a new chunk: %s", fault.reason);
	meta = fs_chunk_column(head,
						   arrange->layout->specs[arrange->layout->time_col].id);
	if (meta == NULL || !meta->zone.has_bounds)
		return;
	item->time_att = meta->id;
	item->min_us = meta->zone.imin;
	item->max_us = meta->zone.imax;
}

/* Give the rows of a chunk numbers. */
static void
set_runs(Arrange *arrange, FsChunkItem *item)
{
	FsItemRun  *runs = (FsItemRun *) (item + 1);
	uint32		left = item->head.nrows;

	while (left > 0)
	{
		FsRowRun	run = fs_numbers_take_rows(arrange->rel, left);

		if (item->head.n == FS_ITEM_MAX_RUNS)
			elog(ERROR, "unexpected number of runs of row numbers");
		runs[item->head.n++] = fs_item_make_run(run);
		fs_rewrite_add_rows(arrange->rewrite, run);
		left -= run.n;
	}
}

static void
raise_too_large(const Arrange *arrange)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("rows are too large to be clustered in table \"%s\"",
					RelationGetRelationName(arrange->rel)),
			 errhint("Set the option \"cluster\" of the table to off, or make maintenance_work_mem smaller.")));
}

static bool
write_chunk(Arrange *arrange, uint32 k)
{
	union
	{
		FsChunkItem item;
		char		bytes[FS_ITEM_MAX_LEN];
	}			out;
	MemoryContext cxt = AllocSetContextCreate(arrange->cxt, "flowstore chunk",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	FsArena		arena;
	FsFault		fault = {{0}, 0};
	uint32		nrows;
	const uint32 *rows = fs_cluster_rows(arrange->cluster, k, &nrows);
	uint8	   *bytes;

	memset(&out.item, 0, sizeof(FsChunkItem));
	fs_arena_init(&arena, cxt);
	bytes = fs_cluster_chunk(arrange->cluster, k, &arena, &out.item.len,
							 &fault);
	if (bytes == NULL)
		raise_too_large(arrange);
	for (uint32 i = 0; i < nrows; i++)
		arrange->new_of_live[rows[i]] = k * FS_CHUNK_MAX_ROWS + i;
	out.item.head.kind = FS_ITEM_CHUNK;
	out.item.head.version = FS_FORMAT_VERSION;
	out.item.head.nrows = nrows;
	out.item.level = FS_LEVEL_CLUSTERED;
	out.item.index_number = arrange->index_number;
	out.item.ordinal = k;
	set_bounds(arrange, bytes, &out.item);
	set_runs(arrange, &out.item);
	put_item(arrange, fs_numbers_take_item(arrange->rel, arrange->partition),
			 &out.item.head,
			 sizeof(FsChunkItem) + out.item.head.n * sizeof(FsItemRun),
			 bytes, out.item.len);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return fs_pace_step(arrange->pace, 0, out.item.len);
}

static bool
write_set(Arrange *arrange)
{
	FsIndexItem item = {{0}};
	uint32		nrows = fs_cluster_nrows(arrange->cluster);
	uint32		nchunks;
	uint8	   *bytes;

	Assert(nrows == fs_rewrite_nlive(arrange->rewrite));
	if (nrows == 0)
		return true;
	fs_cluster_finish(arrange->cluster);
	nchunks = fs_cluster_nchunks(arrange->cluster);
	arrange->new_of_live = MemoryContextAllocHuge(arrange->cxt,
												  sizeof(uint32) * nrows);
	arrange->index_number = fs_numbers_take_item(arrange->rel,
												 arrange->partition);
	for (uint32 k = 0; k < nchunks; k++)
		if (!write_chunk(arrange, k))
			return false;
	bytes = fs_cluster_index(arrange->cluster, &arrange->arena, &item.len);
	if (bytes == NULL)
		raise_too_large(arrange);
	item.head.kind = FS_ITEM_INDEX;
	item.head.version = FS_FORMAT_VERSION;
	item.head.n = nchunks;
	item.head.nrows = nrows;
	put_item(arrange, arrange->index_number, &item.head, sizeof(item), bytes,
			 item.len);
	fs_rewrite_set_order(arrange->rewrite, arrange->new_of_live);
	return fs_pace_step(arrange->pace, 0, item.len);
}

bool
fs_arrange_run(Relation rel, FsTask *task, Snapshot snapshot,
			   const FsPace *pace, FsTaskResult *result)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore clustering",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Arrange    *arrange = begin(rel, task, snapshot);
	bool		is_done;

	arrange->pace = pace;
	arrange->result = result;
	is_done = add_sources(arrange, task) && result->items > 0 &&
		write_set(arrange) &&
		fs_rewrite_finish(arrange->rewrite, arrange->strategy);
	result->read += fs_rewrite_index_bytes(arrange->rewrite);
	fs_scan_end(arrange->scan);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return is_done;
}
