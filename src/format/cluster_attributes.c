/*-------------------------------------------------------------------------
 *
 * Integers that are functions of the endpoints: AS, interface.
 *
 * For each address the value is taken that most of its rows may have; a
 * table is kept if at least seven of eight values agree with it.  The others
 * are exceptions in the chunks.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_state.h"

/* most tables: their number is a byte */
#define MAX_ATTRIBUTES	255

/* One value of a row, if both it and its endpoint are there. */
static inline bool
find_value(const FsClusterSource *endpoint, const FsClusterSource *source,
		   uint32 row, uint32 *code, uint64 *value)
{
	if (fs_cluster_column_is_null(&endpoint->rows, row) ||
		fs_cluster_column_is_null(&source->rows, row))
		return false;
	*code = fs_cluster_code(endpoint, row);
	*value = (uint64) fs_cluster_column_get(&source->rows, row);
	return true;
}

/* Votes: a value loses one for each other value, and at none its place. */
static void
vote(const FsCluster *cluster, int endpoint, int col, uint64 *values,
	 uint32 *votes)
{
	uint32		row;
	uint32		code;
	uint64		value;

	for (row = 0; row < cluster->nrows; row++)
	{
		if (!find_value(&cluster->sources[endpoint], &cluster->sources[col], row,
						&code, &value))
			continue;
		if (votes[code] == 0)
			values[code] = value;
		if (values[code] == value)
			votes[code]++;
		else
			votes[code]--;
	}
}

/* How many values differ from their address's, and how many there are. */
static uint32
count_exceptions(const FsCluster *cluster, int endpoint, int col,
				 const uint64 *values, uint32 *total)
{
	uint32		exceptions = 0;
	uint32		row;
	uint32		code;
	uint64		value;

	for (row = 0; row < cluster->nrows; row++)
		if (find_value(&cluster->sources[endpoint], &cluster->sources[col], row,
					   &code, &value))
		{
			exceptions += values[code] != value;
			(*total)++;
		}
	return exceptions;
}

/* Gives whether values[] became a table. */
static bool
add_attribute(FsCluster *cluster, FsClusterPair pair, uint64 *values,
			  uint32 *votes)
{
	const FsClusterPair *endpoints = &cluster->options.endpoints;
	uint32		size = cluster->sources[endpoints->src].values->count;
	FsClusterAttribute *attribute = &cluster->attributes[cluster->nattributes];
	uint32		total = 0;
	uint32		exceptions;

	memset(values, 0, size * sizeof(uint64));
	memset(votes, 0, size * sizeof(uint32));
	vote(cluster, endpoints->src, pair.src, values, votes);
	vote(cluster, endpoints->dst, pair.dst, values, votes);
	exceptions = count_exceptions(cluster, endpoints->src, pair.src, values, &total);
	exceptions += count_exceptions(cluster, endpoints->dst, pair.dst, values, &total);
	if (total == 0 || exceptions > total / 8)
		return false;
	attribute->cols = pair;
	attribute->values = values;
	cluster->nattributes++;
	return true;
}

void
fs_cluster_attributes(FsCluster *cluster)
{
	const FsClusterOptions *options = &cluster->options;
	FsArena    *arena = &cluster->arena;
	uint32		size;
	uint64	   *values;
	uint32	   *votes;
	uint32		i;

	if (!fs_cluster_has_pair(cluster, options->endpoints, FS_KIND_ADDR) ||
		cluster->sources[options->endpoints.src].domain == FS_DOMAIN_NONE)
		return;
	size = cluster->sources[options->endpoints.src].values->count;
	values = arena->alloc(arena, size * sizeof(uint64));
	votes = arena->alloc(arena, size * sizeof(uint32));
	cluster->attributes = arena->alloc(arena, (options->nswaps + 1) * sizeof(FsClusterAttribute));
	for (i = 0; i < options->nswaps && cluster->nattributes < MAX_ATTRIBUTES; i++)
		if (fs_cluster_has_pair(cluster, options->swaps[i], FS_KIND_INT) &&
			add_attribute(cluster, options->swaps[i], values, votes))
			values = arena->alloc(arena, size * sizeof(uint64));
}
