/*-------------------------------------------------------------------------
 *
 * Values by group.
 *
 * A pass over the groups' numbers tells how often they change.  If seldom, as
 * in sorted rows, a run is summed in registers and its group updated once;
 * else each row updates its group, which has no branch to mispredict.  Where
 * all rows are of one group it is a reduction, where they are of very few one
 * for each.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/group.h"
#include "vector/level.h"
#include "vector/onegroup.h"
#include "vector/reduce.h"

/* rows that are judged together */
#define PIECE		1024

/*
 * So many groups have room for one result of each LANE, so that a row need
 * not wait for the row before it, if that is of the same group.
 */
#define FEW			64
#define LANES		4

/* So few have a pass each, where the processor takes several rows at once. */
#define PASSES		8

/* runs of this many rows on average are worth a mispredicted branch each */
#define RUN_ROWS	6

typedef enum Mix
{
	MIX_ONE,					/* all rows are of one group */
	MIX_RUNS,
	MIX_PASSES,					/* groups below PASSES, and many rows */
	MIX_FEW,					/* groups below FEW, and many rows */
	MIX_ANY
} Mix;

static Mix
judge(const uint32 *g, uint32 m)
{
	uint32		changes = fs_reduce_changes_uint32(g, m);
	uint32		max;

	if (changes == 0)
		return MIX_ONE;
	if (changes * RUN_ROWS <= m)
		return MIX_RUNS;
	if (m < PIECE / 2)
		return MIX_ANY;
	max = fs_reduce_max_uint32(g, m);
	if (max < PASSES && fs_level_get() != FS_LEVEL_PORTABLE)
		return MIX_PASSES;
	return max < FEW ? MIX_FEW : MIX_ANY;
}

/* The groups of MIX_PASSES that are met; gives how many.  met[PASSES] */
static uint32
list_groups(const uint32 *g, uint32 m, uint32 *met)
{
	uint32		left = m;
	uint32		n = 0;
	uint32		group;

	for (group = 0; left > 0; group++)
	{
		uint32		count = fs_onegroup_count(g, m, group);

		met[n] = group;
		n += count > 0;
		left -= count;
	}
	return n;
}

/* Are the absolute values below 2^bits, or one more? */
static bool
are_small(const int64 *v, uint32 m, int bits)
{
	return fs_reduce_magnitude(v, m) >> bits == 0;
}

static void
count_passes(const uint32 *g, uint32 m, int64 *counts)
{
	uint32		left = m;
	uint32		group;

	for (group = 0; left > 0; group++)
	{
		uint32		count = fs_onegroup_count(g, m, group);

		if (count > 0)
			counts[group] += count;
		left -= count;
	}
}

/* Values below 2^52. */
static void
sum_passes(const uint32 *g, const int64 *v, uint32 m, FsInt128 *sums)
{
	uint32		met[PASSES];
	uint32		n = list_groups(g, m, met);
	uint32		i;

	for (i = 0; i < n; i++)
		fs_int128_add_int(&sums[met[i]], fs_onegroup_sum(g, v, m, met[i]));
}

/* Values below 2^26. */
static void
sum_squares_passes(const uint32 *g, const int64 *v, uint32 m, FsUint192 *sums)
{
	uint32		met[PASSES];
	uint32		n = list_groups(g, m, met);
	uint32		i;

	for (i = 0; i < n; i++)
	{
		FsUint192	sum = {{fs_onegroup_sum_squares(g, v, m, met[i])}};

		fs_uint192_add(&sums[met[i]], &sum);
	}
}

static void
min_passes(const uint32 *g, const int64 *v, uint32 m, int64 *min)
{
	uint32		met[PASSES];
	uint32		n = list_groups(g, m, met);
	uint32		i;

	for (i = 0; i < n; i++)
		min[met[i]] = Min(min[met[i]], fs_onegroup_min(g, v, m, met[i]));
}

static void
max_passes(const uint32 *g, const int64 *v, uint32 m, int64 *max)
{
	uint32		met[PASSES];
	uint32		n = list_groups(g, m, met);
	uint32		i;

	for (i = 0; i < n; i++)
		max[met[i]] = Max(max[met[i]], fs_onegroup_max(g, v, m, met[i]));
}

static void
count_few(const uint32 *g, uint32 m, int64 *counts)
{
	uint32		lanes[LANES][FEW] = {{0}};
	uint32		i;

	for (i = 0; i + LANES <= m; i += LANES)
	{
		lanes[0][g[i]]++;
		lanes[1][g[i + 1]]++;
		lanes[2][g[i + 2]]++;
		lanes[3][g[i + 3]]++;
	}
	for (; i < m; i++)
		lanes[0][g[i]]++;
	for (i = 0; i < FEW; i++)
	{
		uint32		sum = lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i];

		if (sum > 0)
			counts[i] += sum;
	}
}

/* Values below 2^52: PIECE of them have room in 64 bits. */
static void
sum_few(const uint32 *g, const int64 *v, uint32 m, FsInt128 *sums)
{
	int64		lanes[LANES][FEW] = {{0}};
	uint32		i;

	for (i = 0; i + LANES <= m; i += LANES)
	{
		lanes[0][g[i]] += v[i];
		lanes[1][g[i + 1]] += v[i + 1];
		lanes[2][g[i + 2]] += v[i + 2];
		lanes[3][g[i + 3]] += v[i + 3];
	}
	for (; i < m; i++)
		lanes[0][g[i]] += v[i];
	for (i = 0; i < FEW; i++)
	{
		int64		sum = lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i];

		if (sum != 0)
			fs_int128_add_int(&sums[i], sum);
	}
}

/* Values below 2^26. */
static void
sum_squares_few(const uint32 *g, const int64 *v, uint32 m, FsUint192 *sums)
{
	uint64		lanes[LANES][FEW] = {{0}};
	uint32		i;

	for (i = 0; i + LANES <= m; i += LANES)
	{
		lanes[0][g[i]] += (uint64) (v[i] * v[i]);
		lanes[1][g[i + 1]] += (uint64) (v[i + 1] * v[i + 1]);
		lanes[2][g[i + 2]] += (uint64) (v[i + 2] * v[i + 2]);
		lanes[3][g[i + 3]] += (uint64) (v[i + 3] * v[i + 3]);
	}
	for (; i < m; i++)
		lanes[0][g[i]] += (uint64) (v[i] * v[i]);
	for (i = 0; i < FEW; i++)
	{
		FsUint192	sum = {{lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i]}};

		if (sum.word[0] != 0)
			fs_uint192_add(&sums[i], &sum);
	}
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
		else if (mix == MIX_PASSES)
			count_passes(g, rows, counts);
		else if (mix == MIX_FEW)
			count_few(g, rows, counts);
		else if (mix != MIX_RUNS)
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
	else if (mix == MIX_PASSES && are_small(v, m, 52))
		sum_passes(g, v, m, sums);
	else if (mix == MIX_FEW && are_small(v, m, 52))
		sum_few(g, v, m, sums);
	else if (mix != MIX_RUNS)
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
	else if (mix == MIX_PASSES && are_small(v, m, 26))
		sum_squares_passes(g, v, m, sums);
	else if (mix == MIX_FEW && are_small(v, m, 26))
		sum_squares_few(g, v, m, sums);
	else if (mix != MIX_RUNS)
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
	else if (mix == MIX_PASSES)
		min_passes(g, v, m, min);
	else if (mix != MIX_RUNS)
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
	else if (mix == MIX_PASSES)
		max_passes(g, v, m, max);
	else if (mix != MIX_RUNS)
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

void
fs_group_and(const uint32 *g, const int64 *v, uint32 m, int64 *and)
{
	for (uint32 i = 0; i < m; i++)
		and[g[i]] &= v[i];
}

void
fs_group_or(const uint32 *g, const int64 *v, uint32 m, int64 *or)
{
	for (uint32 i = 0; i < m; i++)
		or[g[i]] |= v[i];
}
