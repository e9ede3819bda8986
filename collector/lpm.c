/*-------------------------------------------------------------------------
 *
 * Longest-prefix match by sorted ranges.
 *
 * Addresses are keys of 128 bits; those of IPv4 are the first 32 of them.
 * Sorted by first key, then length, prefixes nest like brackets: a stack of
 * the open ones tells whose range goes on where one ends.
 *
 * first[i] is the range that contains the first key of slot i, so the range of
 * any key of the slot is one of first[i] .. first[i + 1].
 *
 * Most prefixes of IPv6 end within the first 64 bits of an address, so these are
 * an array of their own, which is searched first; the others decide among ranges
 * that begin alike.
 *
 *-------------------------------------------------------------------------
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "lpm.h"

#define MAX_SLOT_BITS	20
#define MAX_DEPTH		130		/* a prefix of each length, and none */

struct key
{
	uint64_t	high;
	uint64_t	low;
};

struct prefix
{
	struct key	first;
	uint32_t	value;
	uint32_t	order;			/* in which it was added */
	uint8_t		len;
};

struct range4
{
	uint32_t	start;			/* up to the next one's */
	uint32_t	value;
};

struct range6
{
	struct key	start;
	uint32_t	value;
};

struct family
{
	uint32_t	nprefixes;
	uint32_t	prefix_room;
	struct prefix *prefixes;	/* NULL after building */

	uint32_t	nranges;
	struct range4 *ranges4;		/* [nranges], IPv4 */
	struct range6 *ranges6;		/* [nranges], while it is built */
	uint64_t   *highs;			/* [nranges], IPv6: where they start */
	uint64_t   *lows;			/* [nranges] */
	uint32_t   *values;			/* [nranges] */
	uint64_t	base;			/* where slots begin */
	int			shift;			/* bits of a key within a slot */
	uint32_t	nslots;
	uint32_t   *first;			/* [nslots + 1] */
};

struct lpm
{
	struct family ip4;
	struct family ip6;
};

struct open_prefix
{
	struct key	last;
	uint32_t	value;
};

struct lpm *
lpm_open(void)
{
	return calloc(1, sizeof(struct lpm));
}

static void
free_family(struct family *family)
{
	free(family->prefixes);
	free(family->ranges4);
	free(family->ranges6);
	free(family->highs);
	free(family->lows);
	free(family->values);
	free(family->first);
}

void
lpm_close(struct lpm *lpm)
{
	if (lpm == NULL)
		return;
	free_family(&lpm->ip4);
	free_family(&lpm->ip6);
	free(lpm);
}

static uint64_t
load64(const uint8_t *bytes)
{
	uint64_t	n;

	memcpy(&n, bytes, sizeof(n));
	return be64toh(n);
}

static struct key
key_of(const struct flow_addr *addr)
{
	if (addr->family == FLOW_FAMILY_IP4)
		return (struct key) {
			(uint64_t) addr->bytes[0] << 56 | (uint64_t) addr->bytes[1] << 48 |
			(uint64_t) addr->bytes[2] << 40 | (uint64_t) addr->bytes[3] << 32, 0
		};
	return (struct key) {load64(addr->bytes), load64(addr->bytes + 8)};
}

/* All bits behind the first len. */
static struct key
rest_mask(int len)
{
	return (struct key) {
		len == 0 ? UINT64_MAX : len >= 64 ? 0 : UINT64_MAX >> len,
		len <= 64 ? UINT64_MAX : len == 128 ? 0 : UINT64_MAX >> (len - 64)
	};
}

static int
compare_keys(const struct key *a, const struct key *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low == b->low ? 0 : a->low < b->low ? -1 : 1;
}

bool
lpm_add(struct lpm *lpm, const struct flow_addr *prefix, int len, uint32_t value)
{
	struct family *family = prefix->family == FLOW_FAMILY_IP4 ? &lpm->ip4 : &lpm->ip6;
	struct key	mask = rest_mask(len);
	struct prefix *p;

	if (lpm->ip4.nprefixes + lpm->ip6.nprefixes >= LPM_MAX_PREFIXES)
		return false;
	if (family->nprefixes == family->prefix_room)
	{
		uint32_t	room = family->prefix_room == 0 ? 1024 : family->prefix_room * 2;

		p = realloc(family->prefixes, room * sizeof(*p));
		if (p == NULL)
			return false;
		family->prefixes = p;
		family->prefix_room = room;
	}
	p = &family->prefixes[family->nprefixes];
	p->first = key_of(prefix);
	p->first.high &= ~mask.high;
	p->first.low &= ~mask.low;
	p->value = value;
	p->order = family->nprefixes++;
	p->len = (uint8_t) len;
	return true;
}

static int
compare_prefixes(const void *left, const void *right)
{
	const struct prefix *a = left;
	const struct prefix *b = right;
	int			order = compare_keys(&a->first, &b->first);

	if (order != 0)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* From this key on, until the next one, it is value. */
static void
add_range(struct family *family, const struct key *start, uint32_t value)
{
	struct range6 *ranges = family->ranges6;
	uint32_t	n = family->nranges;

	if (n > 0 && compare_keys(&ranges[n - 1].start, start) == 0)
		n--;
	ranges[n++] = (struct range6) {*start, value};
	if (n > 1 && ranges[n - 2].value == value)
		n--;
	family->nranges = n;
}

/* The innermost open prefix ends: what is around it goes on. */
static void
close_prefix(struct family *family, struct open_prefix *open, int *depth)
{
	struct key	next = open[--*depth].last;

	if (++next.low == 0 && ++next.high == 0)
		return;					/* there are no addresses behind it */
	add_range(family, &next, open[*depth - 1].value);
}

static void
flatten(struct family *family)
{
	struct open_prefix open[MAX_DEPTH] = {{{UINT64_MAX, UINT64_MAX}, LPM_NONE}};
	struct key	zero = {0, 0};
	int			depth = 1;

	add_range(family, &zero, LPM_NONE);
	for (uint32_t i = 0; i < family->nprefixes; i++)
	{
		const struct prefix *p = &family->prefixes[i];
		struct key	mask = rest_mask(p->len);

		while (depth > 1 && compare_keys(&open[depth - 1].last, &p->first) < 0)
			close_prefix(family, open, &depth);
		add_range(family, &p->first, p->value);
		/* the same prefix once more */
		if (i > 0 && p[-1].len == p->len && compare_keys(&p[-1].first, &p->first) == 0)
			depth--;
		open[depth++] = (struct open_prefix) {
			{p->first.high | mask.high, p->first.low | mask.low}, p->value
		};
	}
	while (depth > 1)
		close_prefix(family, open, &depth);
}

/*
 * Slots cover the keys from the first prefix to the last one, so that the part
 * of the address space that nobody uses costs nothing.
 */
static bool
index_ranges(struct family *family)
{
	const struct range6 *ranges = family->ranges6;
	uint32_t	n = family->nranges;
	uint32_t	max = UINT32_C(1) << MAX_SLOT_BITS;
	uint32_t	range = 0;
	uint64_t	span;

	while (max > 256 && max / 4 > n)
		max /= 2;
	family->base = n > 1 ? ranges[1].start.high : 0;
	span = ranges[n - 1].start.high - family->base;
	while (family->shift < 63 && span >> family->shift >= max)
		family->shift++;
	family->nslots = (uint32_t) (span >> family->shift) + 1;
	family->first = malloc(((size_t) family->nslots + 1) * sizeof(uint32_t));
	if (family->first == NULL)
		return false;
	for (uint32_t slot = 0; slot < family->nslots; slot++)
	{
		struct key	start = {family->base + ((uint64_t) slot << family->shift), 0};

		while (range + 1 < n && compare_keys(&ranges[range + 1].start, &start) <= 0)
			range++;
		family->first[slot] = range;
	}
	family->first[family->nslots] = n - 1;
	return true;
}

/* IPv4 needs but a third of the space. */
static bool
shorten_ranges(struct family *family)
{
	family->ranges4 = malloc(family->nranges * sizeof(struct range4));
	if (family->ranges4 == NULL)
		return false;
	for (uint32_t i = 0; i < family->nranges; i++)
		family->ranges4[i] = (struct range4) {
			(uint32_t) (family->ranges6[i].start.high >> 32),
			family->ranges6[i].value
		};
	free(family->ranges6);
	family->ranges6 = NULL;
	return true;
}

/* Each part of a range where a search finds it close to its neighbours. */
static bool
split_ranges(struct family *family)
{
	uint32_t	n = family->nranges;

	family->highs = malloc(n * sizeof(*family->highs));
	family->lows = malloc(n * sizeof(*family->lows));
	family->values = malloc(n * sizeof(*family->values));
	if (family->highs == NULL || family->lows == NULL || family->values == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
	{
		family->highs[i] = family->ranges6[i].start.high;
		family->lows[i] = family->ranges6[i].start.low;
		family->values[i] = family->ranges6[i].value;
	}
	free(family->ranges6);
	family->ranges6 = NULL;
	return true;
}

static bool
build_family(struct family *family, bool is_ip4)
{
	size_t		room = 2 * (size_t) family->nprefixes + 2;

	if (family->nprefixes > 0)
		qsort(family->prefixes, family->nprefixes, sizeof(struct prefix),
			  compare_prefixes);
	family->ranges6 = malloc(room * sizeof(struct range6));
	if (family->ranges6 == NULL)
		return false;
	flatten(family);
	free(family->prefixes);
	family->prefixes = NULL;
	if (!index_ranges(family))
		return false;
	return is_ip4 ? shorten_ranges(family) : split_ranges(family);
}

bool
lpm_build(struct lpm *lpm)
{
	return build_family(&lpm->ip4, true) && build_family(&lpm->ip6, false);
}

/* The key's range is one of *low .. *high. */
static void
find_slot(const struct family *family, uint64_t high_bits, uint32_t *low,
		  uint32_t *high)
{
	uint64_t	slot = (high_bits - family->base) >> family->shift;

	*low = *high = high_bits < family->base ? 0 : family->nranges - 1;
	if (high_bits < family->base || slot >= family->nslots)
		return;
	*low = family->first[slot];
	*high = family->first[slot + 1];
}

static uint32_t
find4(const struct family *family, uint32_t addr)
{
	uint32_t	low;
	uint32_t	high;

	find_slot(family, (uint64_t) addr << 32, &low, &high);
	while (low < high)
	{
		uint32_t	middle = low + (high - low + 1) / 2;

		if (family->ranges4[middle].start <= addr)
			low = middle;
		else
			high = middle - 1;
	}
	return family->ranges4[low].value;
}

/*
 * The last of keys[low .. high] that is not above key; the first is not.  The
 * processor need not guess which half is next.
 */
static uint32_t
find_last(const uint64_t *keys, uint32_t low, uint32_t high, uint64_t key)
{
	uint32_t	n = high - low + 1;

	while (n > 1)
	{
		uint32_t	half = n / 2;

		low += keys[low + half] <= key ? half : 0;
		n -= half;
	}
	return low;
}

/* The first of keys[low .. high] that is not below key; the last is not. */
static uint32_t
find_first(const uint64_t *keys, uint32_t low, uint32_t high, uint64_t key)
{
	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t
find6(const struct family *family, const struct key *key)
{
	uint32_t	low;
	uint32_t	high;
	uint32_t	last;

	find_slot(family, key->high, &low, &high);
	last = find_last(family->highs, low, high, key->high);
	if (family->highs[last] != key->high || family->lows[last] <= key->low)
		return family->values[last];

	/* of those that begin alike, which one; or the one before them */
	low = find_first(family->highs, low, last, key->high);
	if (family->lows[low] > key->low)
		return family->values[low - 1];
	return family->values[find_last(family->lows, low, last, key->low)];
}

uint32_t
lpm_find(const struct lpm *lpm, const struct flow_addr *addr)
{
	struct key	key;

	if (addr->family == FLOW_FAMILY_NONE)
		return LPM_NONE;
	key = key_of(addr);
	return addr->family == FLOW_FAMILY_IP4 ?
		find4(&lpm->ip4, (uint32_t) (key.high >> 32)) : find6(&lpm->ip6, &key);
}

uint32_t
lpm_count(const struct lpm *lpm)
{
	return lpm->ip4.nprefixes + lpm->ip6.nprefixes;
}

uint64_t
lpm_bytes(const struct lpm *lpm)
{
	return (uint64_t) lpm->ip4.nranges * sizeof(struct range4) +
		(uint64_t) lpm->ip6.nranges * (2 * sizeof(uint64_t) + sizeof(uint32_t)) +
		((uint64_t) lpm->ip4.nslots + lpm->ip6.nslots) * sizeof(uint32_t);
}
