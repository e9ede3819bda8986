/*-------------------------------------------------------------------------
 *
 * Sets of addresses hold what they were made of, whichever form a block has,
 * and damaged bytes are refused or found something in, but never read beyond.
 *
 * The oracle asks all ranges one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/ipset.h"
#include "tap.h"

#define MAX_RANGES	20000
#define NASKED		12000
#define NDAMAGED	20000

static FsIpRange v4[MAX_RANGES];
static FsIpRange v6[MAX_RANGES];
static uint32 n4;
static uint32 n6;

/* How addresses are strewn: which bits vary, and how long runs are. */
typedef struct Shape
{
	const char *name;
	uint32		n;
	uint32		bits;
	uint32		run;
} Shape;

static const Shape shapes[] = {
	{"nothing", 0, 0xffffffff, 1},
	{"one address", 1, 0xffffffff, 1},
	{"single addresses everywhere", MAX_RANGES, 0xffffffff, 1},
	{"arrays", 5000, 0x0003ffff, 1},
	{"runs", 2000, 0x0007ffff, 60},
	{"bitmaps", MAX_RANGES, 0x0000ffff, 3},
	{"whole blocks", 60, 0xffffffff, 20000000},
	{"whole blocks and single addresses", 3000, 0xfff30003, 70000}
};

static int
compare(const void *a, const void *b)
{
	return fs_ip_compare(((const FsIpRange *) a)->first, ((const FsIpRange *) b)->first);
}

/* Sort, and unite what touches. */
static uint32
put_in_order(FsIpRange *ranges, uint32 n)
{
	uint32		kept = 0;

	qsort(ranges, n, sizeof(FsIpRange), compare);
	for (uint32 i = 0; i < n; i++)
		if (kept > 0 && (fs_ip_compare(ranges[i].first, ranges[kept - 1].last) <= 0 ||
						 fs_ip_compare(fs_ip_previous(ranges[i].first), ranges[kept - 1].last) == 0))
		{
			if (fs_ip_compare(ranges[i].last, ranges[kept - 1].last) > 0)
				ranges[kept - 1].last = ranges[i].last;
		}
		else
			ranges[kept++] = ranges[i];
	return kept;
}

static void
make_ranges(uint64 *state, const Shape *shape)
{
	for (uint32 i = 0; i < shape->n; i++)
	{
		uint64		first = tap_random(state) & shape->bits;

		v4[i].first = (FsIp) {0, first};
		v4[i].last = (FsIp) {0, Min(first + tap_below(state, shape->run), PG_UINT32_MAX)};
		v6[i].first = (FsIp) {0x20010db8, tap_random(state) & shape->bits};
		v6[i].last = (FsIp) {0x20010db8 + tap_below(state, 100) / 99, v6[i].first.lo + tap_below(state, shape->run)};
	}
	n4 = put_in_order(v4, shape->n);
	n6 = put_in_order(v6, shape->n);
}

/* The first range that does not end before the address. */
static const FsIpRange *
first_from(const FsIpRange *ranges, uint32 n, FsIp ip)
{
	for (uint32 i = 0; i < n; i++)
		if (fs_ip_compare(ranges[i].last, ip) >= 0)
			return &ranges[i];
	return NULL;
}

static void
check_answers(const FsIpset *set, uint64 *state, const Shape *shape)
{
	uint32		wrong = 0;
	uint32		nheld = 0;

	for (int i = 0; i < NASKED; i++)
	{
		uint8		family = i % 8 == 0 ? 6 : 4;
		const FsIpRange *ranges = family == 4 ? v4 : v6;
		uint32		n = family == 4 ? n4 : n6;
		FsIpRange	asked;
		const FsIpRange *found;

		asked.first = (FsIp) {family == 4 ? 0 : 0x20010db8, tap_random(state) & shape->bits};
		if (i % 2 == 0 && n > 0)
		{
			/* at an end of a range, or beside it */
			asked.first = i % 4 == 0 ? ranges[tap_below(state, n)].first : ranges[tap_below(state, n)].last;
			if (i % 3 == 0)
				asked.first = i % 5 == 0 ? fs_ip_previous(asked.first) : fs_ip_next(asked.first);
			if (family == 4)
				asked.first = (FsIp) {0, asked.first.lo & 0xffffffff};
		}
		asked.last = asked.first;
		if (i % 6 == 0)
			asked.last.lo = Min(asked.last.lo + tap_below(state, 2 * shape->run + 2), PG_UINT32_MAX);
		if (fs_ip_compare(asked.last, asked.first) < 0)
			asked.last = asked.first;
		found = first_from(ranges, n, asked.first);
		nheld += fs_ipset_covers(set, family, &asked);
		wrong += fs_ipset_covers(set, family, &asked) !=
			(found != NULL && fs_ip_compare(found->first, asked.first) <= 0 &&
			 fs_ip_compare(found->last, asked.last) >= 0);
		wrong += fs_ipset_meets(set, family, &asked) !=
			(found != NULL && fs_ip_compare(found->first, asked.last) <= 0);
	}
	ok(wrong == 0, "%s: what is in it and what is not", shape->name);
	ok(n4 == 0 || nheld > 0, "%s: %u blocks, %u words, %u IPv6 ranges", shape->name,
	   set->nblocks, set->nwords, set->nranges);
}

/* A walk gives the ranges, in pieces. */
static bool
is_same_walk(const FsIpset *set, uint8 family, const FsIpRange *ranges, uint32 n)
{
	FsIpCursor	cursor = fs_ipset_start(set, family);
	FsIpRange	piece;
	uint32		i = 0;
	FsIp		wanted = n > 0 ? ranges[0].first : (FsIp) {0, 0};

	while (fs_ipset_next(&cursor, &piece))
	{
		if (i == n || fs_ip_compare(piece.first, wanted) != 0 ||
			fs_ip_compare(piece.last, ranges[i].last) > 0)
			return false;
		wanted = fs_ip_next(piece.last);
		if (fs_ip_compare(piece.last, ranges[i].last) == 0 && ++i < n)
			wanted = ranges[i].first;
	}
	return i == n;
}

static uint32
walk_all(const FsIpset *set)
{
	uint32		n = 0;

	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(set, family);
		FsIpRange	range;

		while (n < 10 * MAX_RANGES && fs_ipset_next(&cursor, &range))
			n++;
	}
	return n;
}

static void
check_damage(const uint8 *bytes, uint64 len, uint64 *state, const Shape *shape)
{
	uint32		opened = 0;
	uint32		found = 0;

	for (int i = 0; i < NDAMAGED; i++)
	{
		/* of its own size, so that the sanitizer sees what is read beyond */
		uint64		size = i % 4 == 0 ? tap_below(state, len) : len;
		uint8	   *copy = malloc(size + 1);
		FsIpset		set;

		memcpy(copy, bytes, size);
		for (int k = tap_below(state, 4); k >= 0 && size > 0; k--)
			copy[tap_below(state, i % 2 == 0 ? Min(size, 64) : size)] = tap_random(state);
		if (fs_ipset_open(copy, size, &set))
		{
			opened++;
			for (int k = 0; k < 16; k++)
			{
				FsIpRange	asked = {{0, tap_random(state) & shape->bits}, {0, 0}};

				asked.last = asked.first;
				found += fs_ipset_covers(&set, 4, &asked) + fs_ipset_meets(&set, 4, &asked);
				asked.last.lo += 1000;
				found += fs_ipset_covers(&set, 4, &asked) + fs_ipset_meets(&set, k % 2 == 0 ? 4 : 6, &asked);
			}
			found += walk_all(&set);
		}
		free(copy);
	}
	ok(opened > 0 && opened < NDAMAGED && found > 0, "%s: damaged bytes are refused or harmless", shape->name);
}

int
main(void)
{
	uint64		state = 11;

	for (int i = 0; i < lengthof(shapes); i++)
	{
		FsIpset		set;
		uint64		len;
		uint8	   *bytes;

		make_ranges(&state, &shapes[i]);
		len = fs_ipset_len(v4, n4, n6);
		bytes = malloc(len);
		fs_ipset_encode(v4, n4, v6, n6, bytes);
		ok(fs_ipset_open(bytes, len, &set), "%s: opens", shapes[i].name);
		check_answers(&set, &state, &shapes[i]);
		ok(is_same_walk(&set, 4, v4, n4) && is_same_walk(&set, 6, v6, n6), "%s: a walk gives all", shapes[i].name);
		if (n4 > 0 && len < 20000)
			check_damage(bytes, len, &state, &shapes[i]);
		free(bytes);
	}
	return tap_done();
}
