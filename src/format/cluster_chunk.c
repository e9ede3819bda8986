/*-------------------------------------------------------------------------
 *
 * Chunks of clustered rows.
 *
 * The values of a chunk's rows are gathered column by column, which is a
 * walk through memory as large as the rows; hence their narrow form.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/cluster_state.h"
#include "format/cursor.h"
#include "format/shape.h"

/* The rows of a chunk, and where their values go. */
typedef struct Gather
{
	FsCluster  *cluster;
	FsArena    *arena;			/* the chunk's */
	const uint32 *rows;			/* [nrows] */
	uint32		nrows;
	uint32		first_vector;
} Gather;

uint32
fs_cluster_nchunks(const FsCluster *cluster)
{
	return (cluster->nrows - 1) / FS_CHUNK_MAX_ROWS + 1;
}

const uint32 *
fs_cluster_rows(const FsCluster *cluster, uint32 chunk, uint32 *nrows)
{
	uint32		first = chunk * FS_CHUNK_MAX_ROWS;

	*nrows = Min(cluster->nrows - first, FS_CHUNK_MAX_ROWS);
	return cluster->rows + first;
}

static const uint8 *
gather_nulls(const Gather *gather, const FsClusterColumn *column)
{
	uint32		len = (gather->nrows + 7) / 8;
	uint8	   *nulls;
	uint32		i;

	if (column->nulls == 0)
		return NULL;
	nulls = gather->arena->alloc(gather->arena, len);
	memset(nulls, 0, len);
	for (i = 0; i < gather->nrows; i++)
		if (fs_cluster_column_is_null(column, gather->rows[i]))
			nulls[i / 8] |= 1 << (i % 8);
	return nulls;
}

static const int64 *
gather_ints(const Gather *gather, const FsClusterColumn *column)
{
	int64	   *ints = gather->arena->alloc(gather->arena, gather->nrows * sizeof(int64));

	fs_cluster_column_gather(column, gather->rows, gather->nrows, ints);
	return ints;
}

static inline bool
is_null(const uint8 *nulls, uint32 i)
{
	return nulls && (nulls[i / 8] >> (i % 8) & 1) != 0;
}

static const uint32 *
gather_codes(const Gather *gather, const FsClusterSource *source,
			 const uint8 *nulls)
{
	uint32	   *codes = gather->arena->alloc(gather->arena, gather->nrows * sizeof(uint32));
	int64		numbers[FS_VECTOR_ROWS];
	uint32		first;
	uint32		i;

	for (first = 0; first < gather->nrows; first += FS_VECTOR_ROWS)
	{
		uint32		n = Min(gather->nrows - first, FS_VECTOR_ROWS);

		fs_cluster_column_gather(&source->rows, gather->rows + first, n, numbers);
		for (i = 0; i < n; i++)
			codes[first + i] = is_null(nulls, first + i) ? 0 :
				source->values->codes[numbers[i]];
	}
	return codes;
}

static const FsAddr *
gather_addrs(const Gather *gather, const FsClusterSource *source,
			 const uint8 *nulls)
{
	FsAddr	   *addrs = gather->arena->alloc(gather->arena, gather->nrows * sizeof(FsAddr));
	uint32		i;

	memset(addrs, 0, gather->nrows * sizeof(FsAddr));
	for (i = 0; i < gather->nrows; i++)
		if (!is_null(nulls, i))
			fs_addrmap_addr(&source->values->addrs[fs_cluster_code(source, gather->rows[i])],
							&addrs[i]);
	return addrs;
}

/* Gives false if the strings are too long for a chunk. */
static bool
gather_bytes(const Gather *gather, const FsClusterSource *source,
			 FsColumnValues *out)
{
	uint32	   *offs = gather->arena->alloc(gather->arena, (gather->nrows + 1) * sizeof(uint32));
	uint64		len = 0;
	uint8	   *bytes;
	uint32		i;

	for (i = 0; i < gather->nrows; i++)
	{
		offs[i] = (uint32) len;
		if (!is_null(out->nulls, i))
			len += source->values->lens[fs_cluster_code(source, gather->rows[i])];
		if (len > FS_CHUNK_MAX_BYTES)
			return false;
	}
	offs[i] = (uint32) len;
	bytes = gather->arena->alloc(gather->arena, len + 1);
	for (i = 0; i < gather->nrows; i++)
		if (offs[i + 1] > offs[i])
			memcpy(bytes + offs[i],
				   source->values->ptrs[fs_cluster_code(source, gather->rows[i])],
				   offs[i + 1] - offs[i]);
	out->offs = offs;
	out->bytes = bytes;
	return true;
}

static bool
gather_column(const Gather *gather, uint32 col, FsColumnValues *out)
{
	const FsClusterSource *source = &gather->cluster->sources[col];

	memset(out, 0, sizeof(*out));
	out->nulls = gather_nulls(gather, &source->rows);
	if (!source->values)
		out->ints = gather_ints(gather, &source->rows);
	else if (source->domain != FS_DOMAIN_NONE)
	{
		out->codes = gather_codes(gather, source, out->nulls);
		out->domain = source->domain;
		out->domain_size = source->values->count;
	}
	else if (source->values->kind == FS_KIND_ADDR)
		out->addrs = gather_addrs(gather, source, out->nulls);
	else
		return gather_bytes(gather, source, out);
	return true;
}

/* Add the values of one column to lists, vector by vector. */
static void
list_column(const Gather *gather, uint32 col, const FsColumnValues *values,
			FsClusterLists *lists, uint32 v)
{
	const FsClusterSource *source = &gather->cluster->sources[col];
	uint32		first = v * FS_VECTOR_ROWS;
	uint32		n = Min(gather->nrows - first, FS_VECTOR_ROWS);
	const uint8 *nulls = values[col].nulls ? values[col].nulls + first / 8 : NULL;

	if (source->values)
		fs_cluster_lists_add_codes(lists, gather->first_vector + v,
								   values[col].codes + first, n, nulls);
	else
		fs_cluster_lists_add_ints(lists, gather->first_vector + v,
								  values[col].ints + first, n, nulls);
}

static void
list_values(const Gather *gather, const FsColumnValues *values)
{
	const FsClusterOptions *options = &gather->cluster->options;
	uint32		nvecs = fs_shape_nvecs(gather->nrows);
	uint32		i;
	uint32		v;
	uint32		k;

	for (i = 0; i < options->nlists; i++)
	{
		FsClusterLists *lists = &gather->cluster->lists[i];

		for (v = 0; v < nvecs && !lists->is_given_up; v++)
			for (k = 0; k < options->lists[i].ncols; k++)
				list_column(gather, options->lists[i].cols[k], values, lists, v);
	}
}

/* swaps[nswaps + 2]; gives how many there are. */
static uint32
hint_swaps(const FsCluster *cluster, FsSwap *swaps)
{
	const FsClusterOptions *options = &cluster->options;
	uint32		n = 0;
	uint32		i;

	for (i = 0; i < options->nswaps + 2; i++)
	{
		FsClusterPair pair = i == 0 ? options->endpoints :
			i == 1 ? options->ports : options->swaps[i - 2];

		if (pair.src < 0 || pair.dst < 0)
			continue;
		swaps[n].a = (uint16) pair.src;
		swaps[n].b = (uint16) pair.dst;
		swaps[n++].is_key = i < 2;
	}
	return n;
}

static FsAttribute *
hint_attributes(const FsCluster *cluster, FsArena *arena)
{
	FsAttribute *hints = arena->alloc(arena, (2 * cluster->nattributes + 1) * sizeof(FsAttribute));
	const FsClusterPair *endpoints = &cluster->options.endpoints;
	uint32		i;

	for (i = 0; i < cluster->nattributes; i++)
	{
		const FsClusterAttribute *attribute = &cluster->attributes[i];

		hints[2 * i].col = (uint16) attribute->cols.src;
		hints[2 * i].of = (uint16) endpoints->src;
		hints[2 * i].number = (uint16) i;
		hints[2 * i + 1].col = (uint16) attribute->cols.dst;
		hints[2 * i + 1].of = (uint16) endpoints->dst;
		hints[2 * i + 1].number = (uint16) i;
	}
	return hints;
}

static uint8 *
encode(const Gather *gather, const FsColumnValues *values, uint32 *len,
	   FsFault *fault)
{
	FsCluster  *cluster = gather->cluster;
	const FsClusterOptions *options = &cluster->options;
	FsArena    *arena = gather->arena;
	FsSwap	   *swaps = arena->alloc(arena, (options->nswaps + 2) * sizeof(FsSwap));
	uint16		proto = (uint16) options->proto;
	FsChunkHints hints = {swaps};
	FsChunkInput in = {options->specs, values, options->ncols, gather->nrows};

	hints.nswaps = hint_swaps(cluster, swaps);
	hints.keys = &proto;
	hints.nkeys = options->proto >= 0 ? 1 : 0;
	hints.attributes = hint_attributes(cluster, arena);
	hints.nattributes = 2 * cluster->nattributes;
	in.hints = &hints;
	in.domains = fs_cluster_domains(cluster);
	return fs_chunk_encode_clustered(&in, arena, len, fault);
}

uint8 *
fs_cluster_chunk(FsCluster *cluster, uint32 chunk, FsArena *chunk_arena,
				 uint32 *len, FsFault *fault)
{
	const FsClusterOptions *options = &cluster->options;
	FsColumnValues *values = chunk_arena->alloc(chunk_arena,
												(options->ncols + 1) * sizeof(FsColumnValues));
	Gather		gather = {cluster, chunk_arena, NULL, 0, chunk * FS_CHUNK_MAX_VECTORS};
	uint32		i;

	Assert(chunk == cluster->next_chunk);
	cluster->next_chunk++;
	gather.rows = fs_cluster_rows(cluster, chunk, &gather.nrows);
	for (i = 0; i < options->ncols; i++)
		if (!gather_column(&gather, i, &values[i]))
		{
			fs_fault_set(fault, 0, "strings exceed %u bytes", FS_CHUNK_MAX_BYTES);
			return NULL;
		}
	list_values(&gather, values);
	return encode(&gather, values, len, fault);
}
