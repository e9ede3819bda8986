/*-------------------------------------------------------------------------
 *
 * Integers that are functions of the endpoints: AS, interface.
 *
 * For each address the value is taken that most of its rows may have: each
 * other value takes a vote from it, and at none it loses its place.  A table
 * is kept if at least seven of eight values agreed when they voted.  Those
 * that do not are exceptions in the chunks.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_state.h"

/* most tables: their number is a byte */
#define MAX_ATTRIBUTES	255

typedef struct Vote
{
	uint64		value;
	uint32		votes;
} Vote;

typedef struct Poll
{
	Vote	   *votes;			/* [values] by number */
	uint32		agreed;
	uint32		total;
} Poll;

static void
take_votes(const FsCluster *cluster, int endpoint, int col, Poll *poll)
{
	const FsClusterColumn *addrs = &cluster->sources[endpoint].rows;
	const FsClusterColumn *values = &cluster->sources[col].rows;
	uint32		row;

	for (row = 0; row < cluster->nrows; row++)
	{
		Vote	   *vote;
		uint64		value;

		if (fs_cluster_column_is_null(addrs, row) || fs_cluster_column_is_null(values, row))
			continue;
		vote = &poll->votes[fs_cluster_column_get(addrs, row)];
		value = (uint64) fs_cluster_column_get(values, row);
		if (vote->votes == 0)
			vote->value = value;
		if (vote->value == value)
		{
			vote->votes++;
			poll->agreed++;
		}
		else
			vote->votes--;
		poll->total++;
	}
}

static void
add_attribute(FsCluster *cluster, FsClusterPair pair, Vote *votes)
{
	const FsClusterPair *endpoints = &cluster->options.endpoints;
	const FsClusterValues *addrs = cluster->sources[endpoints->src].values;
	FsClusterAttribute *attribute = &cluster->attributes[cluster->nattributes];
	Poll		poll = {votes, 0, 0};
	uint32		i;

	memset(votes, 0, addrs->count * sizeof(Vote));
	take_votes(cluster, endpoints->src, pair.src, &poll);
	take_votes(cluster, endpoints->dst, pair.dst, &poll);
	if (poll.total == 0 || poll.total - poll.agreed > poll.total / 8)
		return;
	attribute->cols = pair;
	attribute->values = cluster->arena.alloc(&cluster->arena, addrs->count * sizeof(uint64));
	for (i = 0; i < addrs->count; i++)
		attribute->values[addrs->codes[i]] = votes[i].value;
	cluster->nattributes++;
}

void
fs_cluster_attributes(FsCluster *cluster)
{
	const FsClusterOptions *options = &cluster->options;
	FsArena    *arena = &cluster->arena;
	Vote	   *votes;
	uint32		i;

	if (!fs_cluster_has_pair(cluster, options->endpoints, FS_KIND_ADDR) ||
		cluster->sources[options->endpoints.src].domain == FS_DOMAIN_NONE ||
		cluster->sources[options->endpoints.src].domain !=
		cluster->sources[options->endpoints.dst].domain)
		return;
	votes = cluster->temp.alloc(&cluster->temp, sizeof(Vote) *
								cluster->sources[options->endpoints.src].values->count);
	cluster->attributes = arena->alloc(arena, (options->nswaps + 1) * sizeof(FsClusterAttribute));
	for (i = 0; i < options->nswaps && cluster->nattributes < MAX_ATTRIBUTES; i++)
		if (fs_cluster_has_pair(cluster, options->swaps[i], FS_KIND_INT))
			add_attribute(cluster, options->swaps[i], votes);
}
