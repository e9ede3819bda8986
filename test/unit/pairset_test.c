/*-------------------------------------------------------------------------
 *
 * A set of pairs tells which are new, has each once, and gives them back.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "tap.h"
#include "vector/pairset.h"

#define PAIRS	200000

static void *
take(FsAllocator *allocator, size_t size)
{
	return malloc(size);
}

static void
give(FsAllocator *allocator, void *memory)
{
	free(memory);
}

static int
compare(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/* Sort, leave out what is there twice, and count the rest. */
static uint32
distinct(uint64 *pairs, uint32 n)
{
	uint32		m = 0;
	uint32		i;

	qsort(pairs, n, sizeof(uint64), compare);
	for (i = 0; i < n; i++)
		if (m == 0 || pairs[m - 1] != pairs[i])
			pairs[m++] = pairs[i];
	return m;
}

/* What the set has, against pairs[m] in order. */
static bool
has_all(const FsPairSet *set, const uint64 *pairs, uint32 m)
{
	uint64	   *got = malloc((size_t) m * sizeof(uint64) + 1);
	uint64		at = 0;
	uint32		first;
	uint32		second;
	uint32		n = 0;
	bool		is_ok;

	while (fs_pair_set_next(set, &at, &first, &second) && n < m)
		got[n++] = (uint64) first << 32 | second;
	is_ok = n == m && !fs_pair_set_next(set, &at, &first, &second);
	qsort(got, n, sizeof(uint64), compare);
	is_ok &= memcmp(got, pairs, n * sizeof(uint64)) == 0;
	free(got);
	return is_ok;
}

/* n pairs of numbers below limit, in batches. */
static void
check(uint32 n, uint32 limit, uint32 batch, uint64 *state)
{
	FsAllocator allocator = {take, give, NULL};
	FsPairSet  *set = fs_pair_set_create(&allocator, tap_random(state));
	uint32	   *first = malloc(n * sizeof(uint32) + 1);
	uint32	   *second = malloc(n * sizeof(uint32) + 1);
	uint32	   *fresh = malloc(n * sizeof(uint32) + 1);
	uint64	   *all = malloc(n * sizeof(uint64) + 1);
	uint64	   *news = malloc(n * sizeof(uint64) + 1);
	uint32		nnews = 0;
	uint32		m;
	uint32		i;
	uint32		k;
	bool		is_ascending = true;

	for (i = 0; i < n; i++)
	{
		first[i] = (uint32) tap_below(state, limit);
		second[i] = limit - 1 - (uint32) tap_below(state, limit);
		all[i] = (uint64) first[i] << 32 | second[i];
	}
	for (i = 0; i < n; i += batch)
	{
		uint32		nfresh = fs_pair_set_add(set, first + i, second + i,
											 Min(batch, n - i), fresh);

		for (k = 0; k < nfresh; k++)
		{
			is_ascending &= k == 0 || fresh[k - 1] < fresh[k];
			news[nnews++] = all[i + fresh[k]];
		}
	}
	m = distinct(all, n);
	ok(is_ascending && nnews == m && distinct(news, nnews) == m &&
	   memcmp(news, all, m * sizeof(uint64)) == 0 && fs_pair_set_n(set) == m,
	   "%u of %u pairs are new, numbers below %u, %u at once", m, n, limit, batch);
	ok(has_all(set, all, m), "they come back");
	ok(fs_pair_set_add(set, first, second, n, fresh) == 0, "none is new now");
	ok(fs_pair_set_bytes(set) <= 4096 + 32 * (size_t) m, "bytes of memory");
	fs_pair_set_destroy(set);
	free(first);
	free(second);
	free(fresh);
	free(all);
	free(news);
}

int
main(void)
{
	uint64		state = 71;

	check(0, 1, 10, &state);
	check(1, 1, 10, &state);
	check(1000, 7, 1024, &state);
	check(1000, PG_UINT32_MAX, 63, &state);
	check(PAIRS, 300, 1024, &state);
	check(PAIRS, PG_UINT32_MAX, 1024, &state);
	return tap_done();
}
