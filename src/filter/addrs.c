/*-------------------------------------------------------------------------
 *
 * Comparisons of addresses.
 *
 * The order of inet is that of core's network_cmp(): the common bits first,
 * then the shorter prefix, then the rest.  Constants that are compared by
 * order or for equality are hosts here; others are left to core.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_operator.h"
#include "common/hashfn.h"

#include "filter/node.h"
#include "prune/members.h"

#define KEY_LEN 17

/*
 * With so many values of a dictionary for each constant, constants are looked
 * up in the dictionary, else its values among them; either takes some 0.15 us.
 */
#define VALUES_PER_HOST	2

/* The constants of a list, by hash: open addressing, at most half full. */
typedef struct FsAddrSet
{
	uint32		mask;
	const uint8 **keys;			/* [mask + 1] KEY_LEN bytes each, or NULL */
} FsAddrSet;

static uint32
hash_key(const uint8 *key)
{
	return hash_bytes(key, KEY_LEN);
}

void *
fs_filter_make_addr_set(const FsPredNode *compare)
{
	FsAddrSet  *set = palloc(sizeof(FsAddrSet));
	uint32		size = 16;

	while (size < 2 * (uint32) compare->nbounds)
		size *= 2;
	set->mask = size - 1;
	set->keys = palloc0(sizeof(uint8 *) * size);
	for (int i = 0; i < compare->nbounds; i++)
	{
		const FsBound *bound = &compare->bounds[i];
		uint32		at;

		if (bound->is_null)
			continue;
		at = hash_key(bound->bytes) & set->mask;
		while (set->keys[at] != NULL)
			at = (at + 1) & set->mask;
		set->keys[at] = bound->bytes;
	}
	return set;
}

static bool
is_in_set(const FsAddrSet *set, const uint8 *key)
{
	uint32		at = hash_key(key) & set->mask;

	for (; set->keys[at] != NULL; at = (at + 1) & set->mask)
		if (memcmp(set->keys[at], key, KEY_LEN) == 0)
			return true;
	return false;
}

/* Compare the first bits of two addresses. */
static int
compare_bits(const uint8 *a, const uint8 *b, int bits)
{
	int			diff = memcmp(a, b, bits / 8);
	int			mask = (0xff00 >> bits % 8) & 0xff;

	if (diff != 0 || bits % 8 == 0)
		return diff;
	return (a[bits / 8] & mask) - (b[bits / 8] & mask);
}

static int
max_bits(const FsAddr *addr)
{
	return addr->family == 4 ? 32 : 128;
}

/* As network_cmp(), with a host. */
static int
compare_with_host(const FsAddr *addr, const FsBound *host)
{
	int			diff = (int) addr->family - (int) host->bytes[0];

	if (diff == 0)
		diff = compare_bits(addr->addr, host->bytes + 1, addr->bits);
	if (diff == 0)
		diff = (int) addr->bits - max_bits(addr);
	return diff;
}

static bool
matches_bound(const FsFilterNode *node, const FsAddr *addr,
			  const FsBound *bound)
{
	bool		is_strict = node->compare->opno == OID_INET_SUB_OP;

	switch (node->compare->test)
	{
		case FS_TEST_EQ:
		case FS_TEST_NE:
			return compare_with_host(addr, bound) == 0;
		case FS_TEST_LT:
			return compare_with_host(addr, bound) < 0;
		case FS_TEST_LE:
			return compare_with_host(addr, bound) <= 0;
		case FS_TEST_GT:
			return compare_with_host(addr, bound) > 0;
		case FS_TEST_GE:
			return compare_with_host(addr, bound) >= 0;
		case FS_TEST_WITHIN:
			return addr->family == bound->bytes[0] &&
				addr->bits >= bound->bits + (is_strict ? 1 : 0) &&
				compare_bits(addr->addr, bound->bytes + 1, bound->bits) == 0;
		case FS_TEST_OVERLAP:
			return addr->family == bound->bytes[0] &&
				compare_bits(addr->addr, bound->bytes + 1,
							 Min(addr->bits, bound->bits)) == 0;
		case FS_TEST_MEMBER:
			return fs_members_hold(node->compare, addr);
	}
	elog(ERROR, "unexpected test %d", node->compare->test);
}

static bool
matches(const FsFilterNode *node, const FsAddr *addr)
{
	const FsPredNode *compare = node->compare;

	if (node->addr_set != NULL)
	{
		uint8		key[KEY_LEN];

		fs_addr_zone_key(addr, key);
		return addr->bits == max_bits(addr) && is_in_set(node->addr_set, key);
	}
	for (int i = 0; i < compare->nbounds; i++)
		if (!compare->bounds[i].is_null &&
			matches_bound(node, addr, &compare->bounds[i]))
			return true;
	return false;
}

/* Whether rows match that are equal to one of a few hosts. */
static bool
has_few_hosts(const FsFilterNode *node)
{
	return node->compare->nbounds <= node->dict_n / VALUES_PER_HOST &&
		(node->compare->test == FS_TEST_EQ || node->compare->test == FS_TEST_NE);
}

/* Find the codes of the constants in the chunk's dictionary. */
static bool
find_hosts(FsFilterTask *task, FsFilterNode *node)
{
	for (int i = 0; i < node->compare->nbounds; i++)
	{
		const FsBound *bound = &node->compare->bounds[i];
		FsAddr		host;
		uint32		code;

		if (bound->is_null)
			continue;
		host.family = bound->bytes[0];
		host.bits = max_bits(&host);
		memcpy(host.addr, bound->bytes + 1, sizeof(host.addr));
		if (!fs_scan_find_addr(task->scan, node->att, &host, &code))
			return false;
		if (code == node->dict_n || node->matches[code] != 0)
			continue;
		node->matches[code] = 1;
		node->match = code;
		node->nmatches++;
	}
	return true;
}

static bool
try_all(FsFilterTask *task, FsFilterNode *node)
{
	FsClusterDict dict;

	if (!fs_scan_dict(task->scan, node->att, &dict))
		return false;
	for (uint32 code = 0; code < node->dict_n; code++)
		if (matches(node, &dict.addrs[code]))
		{
			node->matches[code] = 1;
			node->match = code;
			node->nmatches++;
		}
	return true;
}

/*
 * Of one subnet, if all values of the chunk are hosts: those that match are
 * neighbours.  *is_known: they were found.
 */
static bool
find_range(FsFilterTask *task, FsFilterNode *node, bool *is_known)
{
	const FsPredNode *compare = node->compare;
	const FsBound *bound = &compare->bounds[0];
	FsZone		zone;
	FsAddr		net;

	*is_known = false;
	if (compare->nbounds != 1 || bound->is_null ||
		(compare->test != FS_TEST_WITHIN && compare->test != FS_TEST_OVERLAP) ||
		!fs_scan_chunk_zone(task->scan, node->att, &zone) || !zone.has_bounds)
		return true;
	net.family = bound->bytes[0];
	net.bits = bound->bits;
	memcpy(net.addr, bound->bytes + 1, sizeof(net.addr));
	if (compare->opno == OID_INET_SUB_OP && net.bits == max_bits(&net))
		return true;
	return fs_scan_find_net(task->scan, node->att, &net, is_known,
							&node->first, &node->end);
}

/* Which values of the chunk's dictionary match. */
static bool
prepare_matches(FsFilterTask *task, FsFilterNode *node, uint32 dict_n)
{
	fs_filter_enter_chunk(task);
	if (node->visit == task->filter->visit && node->dict_n == dict_n &&
		(node->has_range || node->matches != NULL))
		return true;
	node->visit = task->filter->visit;
	node->dict_n = dict_n;
	node->nmatches = 0;
	node->matches = NULL;
	if (!find_range(task, node, &node->has_range))
	{
		node->has_range = false;
		return false;
	}
	if (node->has_range)
	{
		node->nmatches = node->end - node->first;
		return true;
	}
	node->matches = MemoryContextAllocZero(task->filter->chunk_cxt, dict_n);
	if (has_few_hosts(node) ? find_hosts(task, node) : try_all(task, node))
		return true;
	node->matches = NULL;
	return false;
}

/* Rows whose code matches; under a null there may be anything. */
static void
look_up(const FsVector *vec, const FsFilterNode *node, FsBits *found)
{
	const uint8 *matches = node->matches;
	uint32		codes[FS_VECTOR_ROWS];

	if (node->has_range)
	{
		fs_compare_code_range(vec->codes, vec->nrows, node->first,
							  node->end - 1, found);
		return;
	}
	if (node->nmatches == 1)
	{
		fs_compare_code(vec->codes, vec->nrows, node->match, found);
		return;
	}
	if (!vec->has_nulls)
	{
		fs_compare_table(vec->codes, vec->nrows, matches, found);
		return;
	}
	for (uint32 i = 0; i < vec->nrows; i++)
		codes[i] = vec->is_null[i] ? 0 : vec->codes[i];
	fs_compare_table(codes, vec->nrows, matches, found);
}

bool
fs_filter_eval_addrs(FsFilterTask *task, FsFilterNode *node, bool want,
					 const FsBits *in, FsBits *out)
{
	const FsVector *vec;
	FsBits		found;

	if (!node->is_usable)
		return fs_filter_eval_expr(task, node, want, in, out);
	if (fs_filter_is_settled(task, node, want, in, out))
		return true;
	switch (fs_scan_vector(task->scan, node->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_DATUMS:
			return fs_filter_eval_expr(task, node, want, in, out);
		case FS_READ_STORED:
			break;
	}
	task->ways |= 1 << (vec->dict_n > 0 ? FS_WAY_CODES : FS_WAY_VALUES);
	if (vec->dict_n > 0)
	{
		if (!prepare_matches(task, node, vec->dict_n))
			return false;
		if (node->nmatches == 0)
			fs_bits_none(&found);
		else
			look_up(vec, node, &found);
	}
	else
	{
		fs_bits_none(&found);
		for (uint32 i = 0; i < vec->nrows; i++)
			if (!vec->is_null[i] && matches(node, &vec->addrs[i]))
				fs_bits_add(&found, i);
	}
	fs_filter_answer(node, vec, want, in, &found, out);
	return true;
}
