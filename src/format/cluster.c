/*-------------------------------------------------------------------------
 *
 * Taking rows that are to be clustered.
 *
 * Values of a source chunk's dictionary are looked up once each; rows only
 * translate codes.  What is kept are numbers of values, which become codes
 * when all values are known and sorted.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_state.h"

#define MAP_FIRST		1024

/* estimates of fs_cluster_memory(), in bytes */
#define ROW_FINISH		22		/* order, keys to sort by or lists */
#define VALUE_FINISH	52		/* sorted values, codes, attributes */

static void *
count_alloc(FsArena *arena, size_t size)
{
	FsCluster  *cluster = arena->state;

	cluster->used += size;
	return cluster->parent->alloc(cluster->parent, size);
}

static void *
temp_alloc(FsArena *arena, size_t size)
{
	return fs_scratch_alloc(arena->state, size);
}

static bool
is_col(const FsCluster *cluster, int col, uint8 kind)
{
	return col >= 0 && (uint32) col < cluster->options.ncols &&
		cluster->options.specs[col].kind == kind;
}

bool
fs_cluster_has_pair(const FsCluster *cluster, FsClusterPair pair, uint8 kind)
{
	return is_col(cluster, pair.src, kind) && is_col(cluster, pair.dst, kind);
}

static void
init_source(FsCluster *cluster, uint32 col)
{
	FsArena    *arena = &cluster->arena;
	FsClusterSource *source = &cluster->sources[col];
	uint8		kind = cluster->options.specs[col].kind;

	fs_cluster_column_init(&source->rows, arena);
	source->domain = FS_DOMAIN_NONE;
	source->values = NULL;
	source->map = NULL;
	source->map_cap = 0;
	if (kind == FS_KIND_INT)
		return;
	source->values = arena->alloc(arena, sizeof(FsClusterValues));
	fs_cluster_values_init(source->values, kind, arena);
}

/* Both columns of a pair take the values of the first. */
static void
share_values(FsCluster *cluster, FsClusterPair pair)
{
	const FsColumnSpec *specs = cluster->options.specs;

	if ((fs_cluster_has_pair(cluster, pair, FS_KIND_ADDR) ||
		 fs_cluster_has_pair(cluster, pair, FS_KIND_BYTES)) &&
		specs[pair.src].order == specs[pair.dst].order)
		cluster->sources[pair.dst].values = cluster->sources[pair.src].values;
}

FsCluster *
fs_cluster_begin(const FsClusterOptions *options, FsArena *arena)
{
	FsCluster  *cluster = arena->alloc(arena, sizeof(FsCluster));
	uint32		i;

	memset(cluster, 0, sizeof(FsCluster));
	cluster->arena.alloc = count_alloc;
	cluster->arena.state = cluster;
	cluster->parent = arena;
	cluster->temp.alloc = temp_alloc;
	cluster->temp.state = &cluster->scratch;
	fs_scratch_init(&cluster->scratch, &cluster->arena);
	cluster->options = *options;
	cluster->sources = cluster->arena.alloc(&cluster->arena,
											(options->ncols + 1) * sizeof(FsClusterSource));
	for (i = 0; i < options->ncols; i++)
		init_source(cluster, i);
	for (i = 0; i < options->nswaps; i++)
		share_values(cluster, options->swaps[i]);
	share_values(cluster, options->endpoints);	/* last: these must be shared */
	return cluster;
}

void
fs_cluster_source(FsCluster *cluster)
{
	uint32		i;

	for (i = 0; i < cluster->options.ncols; i++)
		if (cluster->sources[i].map_cap > 0)
			memset(cluster->sources[i].map, 0,
				   cluster->sources[i].map_cap * sizeof(uint32));
}

/* Make room for codes of a dictionary of n values. */
static void
grow_map(FsCluster *cluster, FsClusterSource *source, uint32 n)
{
	uint32		cap = Max(MAP_FIRST, source->map_cap);
	uint32	   *map;

	while (cap < n)
		cap *= 2;
	map = cluster->arena.alloc(&cluster->arena, cap * sizeof(uint32));
	memset(map, 0, cap * sizeof(uint32));
	if (source->map_cap > 0)
		memcpy(map, source->map, source->map_cap * sizeof(uint32));
	source->map = map;
	source->map_cap = cap;
}

static uint32
add_dict_value(FsClusterSource *source, const FsClusterDict *dict,
			   uint32 code)
{
	if (source->values->kind == FS_KIND_ADDR)
		return fs_cluster_values_add_addr(source->values, &dict->addrs[code]);
	return fs_cluster_values_add_bytes(source->values, dict->ptrs[code], dict->lens[code]);
}

static inline int64
value_number(FsClusterSource *source, const FsVector *vector,
			 const FsClusterDict *dict, uint32 row)
{
	if (vector->dict_n > 0)
	{
		uint32	   *entry = &source->map[vector->codes[row]];

		if (*entry == 0)
			*entry = add_dict_value(source, dict, vector->codes[row]) + 1;
		return *entry - 1;
	}
	if (source->values->kind == FS_KIND_ADDR)
		return fs_cluster_values_add_addr(source->values, &vector->addrs[row]);
	return fs_cluster_values_add_bytes(source->values, vector->ptrs[row], vector->lens[row]);
}

/* Rows go to the column in runs without nulls. */
static void
add_column(FsCluster *cluster, FsClusterSource *source,
		   const FsClusterBatch *batch, uint32 col)
{
	const FsVector *vector = &batch->vectors[col];
	int64		run[FS_VECTOR_ROWS];
	uint32		n = 0;
	uint32		i;

	if (source->values && vector->dict_n > source->map_cap)
		grow_map(cluster, source, vector->dict_n);
	if (!source->values && !vector->has_nulls && !batch->rows)
	{
		fs_cluster_column_add(&source->rows, vector->ints, batch->nrows);
		return;
	}
	for (i = 0; i < batch->nrows; i++)
	{
		uint32		row = batch->rows ? batch->rows[i] : i;

		if (vector->has_nulls && vector->is_null[row])
		{
			fs_cluster_column_add(&source->rows, run, n);
			fs_cluster_column_add_null(&source->rows);
			n = 0;
		}
		else
			run[n++] = source->values ?
				value_number(source, vector, &batch->dicts[col], row) : vector->ints[row];
	}
	fs_cluster_column_add(&source->rows, run, n);
}

void
fs_cluster_add(FsCluster *cluster, const FsClusterBatch *batch)
{
	uint32		i;

	Assert(batch->nrows <= FS_CLUSTER_MAX_ROWS - cluster->nrows);
	for (i = 0; i < cluster->options.ncols; i++)
		add_column(cluster, &cluster->sources[i], batch, i);
	cluster->nrows += batch->nrows;
}

uint32
fs_cluster_nrows(const FsCluster *cluster)
{
	return cluster->nrows;
}

size_t
fs_cluster_memory(const FsCluster *cluster)
{
	size_t		memory = cluster->used + (size_t) cluster->nrows * ROW_FINISH;
	uint32		i;

	for (i = 0; i < cluster->options.ncols; i++)
		if (cluster->sources[i].values)
			memory += (size_t) cluster->sources[i].values->count * VALUE_FINISH;
	return memory;
}

/* Whether the codes of a column are worth a domain, and may be one. */
static bool
is_domain(const FsCluster *cluster, uint32 col)
{
	const FsColumnSpec *spec = &cluster->options.specs[col];
	const FsClusterSource *source = &cluster->sources[col];
	const FsClusterValues *values = source->values;
	uint32		n = cluster->nrows - source->rows.nulls;

	if (values->count == 0 || values->count > FS_PINDEX_MAX_VALUES)
		return false;
	if (spec->kind == FS_KIND_ADDR)
		return true;
	return spec->order != FS_ORDER_CALLBACK && values->count <= n / 2 &&
		values->nbytes <= FS_CHUNK_MAX_BYTES / 4;
}

/* Sort the values, and number those that become domains. */
static void
finish_values(FsCluster *cluster)
{
	uint32		ncols = cluster->options.ncols;
	uint32		i;
	uint32		k;

	for (i = 0; i < ncols; i++)
	{
		FsClusterSource *source = &cluster->sources[i];

		fs_cluster_column_flush(&source->rows);
		if (!source->values || source->values->codes)
			continue;
		fs_cluster_values_sort(source->values, &cluster->temp);
		fs_scratch_reset(&cluster->scratch);
		if (cluster->ndomains == FS_PINDEX_MAX_PARTS || !is_domain(cluster, i))
			continue;
		cluster->ndomains++;
		for (k = i; k < ncols; k++)
			if (cluster->sources[k].values == source->values)
				cluster->sources[k].domain = cluster->ndomains;
	}
}

/* Whether all columns of a list have codes of one domain, or integers. */
static bool
can_list(const FsCluster *cluster, const FsClusterList *list)
{
	const FsClusterSource *source = &cluster->sources[list->cols[0]];
	uint32		i;

	for (i = 1; i < list->ncols; i++)
		if (cluster->sources[list->cols[i]].values != source->values)
			return false;
	return !source->values || source->domain != FS_DOMAIN_NONE;
}

static void
init_lists(FsCluster *cluster)
{
	const FsClusterOptions *options = &cluster->options;
	uint32		i;

	cluster->lists = cluster->arena.alloc(&cluster->arena,
										  (options->nlists + 1) * sizeof(FsClusterLists));
	for (i = 0; i < options->nlists; i++)
	{
		const FsClusterSource *source = &cluster->sources[options->lists[i].cols[0]];

		if (!can_list(cluster, &options->lists[i]))
		{
			memset(&cluster->lists[i], 0, sizeof(FsClusterLists));
			cluster->lists[i].is_given_up = true;
		}
		else
			fs_cluster_lists_init(&cluster->lists[i], source->values ? source->values->count : 0,
								  Min(FS_PINDEX_MAX_VALUES, 65536 + cluster->nrows / 4),
								  &cluster->temp);
	}
}

void
fs_cluster_finish(FsCluster *cluster)
{
	Assert(cluster->nrows > 0);
	finish_values(cluster);
	fs_cluster_attributes(cluster);
	fs_scratch_reset(&cluster->scratch);
	fs_cluster_order(cluster);
	fs_scratch_reset(&cluster->scratch);
	init_lists(cluster);
}
