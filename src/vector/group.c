/*-------------------------------------------------------------------------
 *
 * Values by group.
 *
 * A pass over the groups' numbers tells how often they change.  If seldom, as
 * in sorted rows, a run is summed in registers and its group updated once;
 * else each row updates its group, which has no branch to mispredict.  Where
 * all rows are of one group it is a reduction.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/group.h"
#include "vector/reduce.h"

/* rows that are judged together */
#define PIECE		1024

/* runs of this many rows on average are worth a mispredicted branch each */
#define RUN_ROWS	6

typedef enum Mix
{
	MIX_ONE,					/* all rows are of one group */
	MIX_RUNS,
	MIX_ANY
} Mix;

static Mix
judge(const uint32 *g, uint32 m)
{
	uint32		changes = fs_reduce_changes_uint32(g, m);

	return changes == 0 ? MIX_ONE : changes * RUN_ROWS <= m ? MIX_RUNS : MIX_ANY;
}

/* The end of the run that begins at i. */
static inline uint32
run_end(const uint32 *g, uint32 m, uint32 i)
{
	uint32		group = g[i];

	do
		i++;
	while (i < m && g[i] == group);
	return i;
}

/* Call piece(g, v, rows, results) for all of m rows, PIECE at a time. */
#define BY_PIECE(piece, g, v, m, results) \
	do { \
		uint32		rows; \
		for (; (m) > 0; (m) -= rows, (g) += rows, (v) += rows) \
		{ \
			rows = Min((m), PIECE); \
			piece(g, v, rows, results); \
		} \
	} while (0)

void
fs_group_count(const uint32 *g, uint32 m, int64 *counts)
{
	uint32		rows;
	uint32		i;
	uint32		end;

	for (; m > 0; m -= rows, g += rows)
	{
		Mix			mix;

		rows = Min(m, PIECE);
		mix = judge(g, rows);
		if (mix == MIX_ONE)
			counts[g[0]] += rows;
		else if (mix == MIX_ANY)
			for (i = 0; i < rows; i++)
				counts[g[i]]++;
		else
			for (i = 0; i < rows; i = end)
			{
				end = run_end(g, rows, i);
				counts[g[i]] += end - i;
			}
	}
}

static void
sum_piece(const uint32 *g, const int64 *v, uint32 m, FsInt128 *sums)
{
	Mix			mix = judge(g, m);
	uint32		i;

	if (mix == MIX_ONE)
		fs_reduce_sum(v, m, &sums[g[0]]);
	else if (mix == MIX_ANY)
		for (i = 0; i < m; i++)
			fs_int128_add_int(&sums[g[i]], v[i]);
	else
		for (i = 0; i < m;)
		{
			uint32		group = g[i];
			FsInt128	sum = sums[group];

			do
				fs_int128_add_int(&sum, v[i++]);
			while (i < m && g[i] == group);
			sums[group] = sum;
		}
}

void
fs_group_sum(const uint32 *g, const int64 *v, uint32 m, FsInt128 *sums)
{
	BY_PIECE(sum_piece, g, v, m, sums);
}

static void
sum_squares_piece(const uint32 *g, const int64 *v, uint32 m, FsUint192 *sums)
{
	Mix			mix = judge(g, m);
	uint32		i;

	if (mix == MIX_ONE)
		fs_reduce_sum_squares(v, m, &sums[g[0]]);
	else if (mix == MIX_ANY)
		for (i = 0; i < m; i++)
			fs_uint192_add_square(&sums[g[i]], v[i]);
	else
		for (i = 0; i < m;)
		{
			uint32		group = g[i];
			FsUint192	sum = sums[group];

			do
				fs_uint192_add_square(&sum, v[i++]);
			while (i < m && g[i] == group);
			sums[group] = sum;
		}
}

void
fs_group_sum_squares(const uint32 *g, const int64 *v, uint32 m,
					 FsUint192 *sums)
{
	BY_PIECE(sum_squares_piece, g, v, m, sums);
}

static void
min_piece(const uint32 *g, const int64 *v, uint32 m, int64 *min)
{
	Mix			mix = judge(g, m);
	uint32		i;

	if (mix == MIX_ONE)
		min[g[0]] = Min(min[g[0]], fs_reduce_min(v, m));
	else if (mix == MIX_ANY)
		for (i = 0; i < m; i++)
		{
			int64		best = min[g[i]];

			min[g[i]] = Min(best, v[i]);
		}
	else
		for (i = 0; i < m;)
		{
			uint32		group = g[i];
			int64		best = min[group];

			do
				best = Min(best, v[i]);
			while (++i < m && g[i] == group);
			min[group] = best;
		}
}

static void
max_piece(const uint32 *g, const int64 *v, uint32 m, int64 *max)
{
	Mix			mix = judge(g, m);
	uint32		i;

	if (mix == MIX_ONE)
		max[g[0]] = Max(max[g[0]], fs_reduce_max(v, m));
	else if (mix == MIX_ANY)
		for (i = 0; i < m; i++)
		{
			int64		best = max[g[i]];

			max[g[i]] = Max(best, v[i]);
		}
	else
		for (i = 0; i < m;)
		{
			uint32		group = g[i];
			int64		best = max[group];

			do
				best = Max(best, v[i]);
			while (++i < m && g[i] == group);
			max[group] = best;
		}
}

void
fs_group_mark(const uint32 *g, uint32 m, uint8 *has)
{
	uint32		i;

	for (i = 0; i < m; i++)
		has[g[i]] = 1;
}

void
fs_group_min(const uint32 *g, const int64 *v, uint32 m, int64 *min)
{
	BY_PIECE(min_piece, g, v, m, min);
}

void
fs_group_max(const uint32 *g, const int64 *v, uint32 m, int64 *max)
{
	BY_PIECE(max_piece, g, v, m, max);
}
