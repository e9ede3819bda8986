/*-------------------------------------------------------------------------
 *
 * Looking up values and lists in an open partition index.
 *
 * Binary searches over the first values of leaves, which the root has, and
 * of blocks, which a leaf has, lead to the one block that must be decoded.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"

/* In line; without prefix lengths. */
static inline int
compare(const FsAddrNumber *a, const FsAddrNumber *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Entries whose first address, of no prefix length, is below the key's. */
static uint32
count_firsts(const FsPindexNode *node, const FsAddrNumber *key)
{
	uint32		low = 0;
	uint32		high = node->n;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (compare(&node->firsts[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The same of blocks, of which the last leaf that has any is searched. */
static bool
count_blocks_below(FsPindex *index, FsPindexDomainReader *domain,
				   const FsAddrNumber *key, uint32 *count, FsFault *fault)
{
	const FsPindexNode *node = domain->part.root;
	uint32		before = 0;

	if (node->leaf_off)
	{
		uint32		l = count_firsts(node, key);

		*count = 0;
		if (l == 0)
			return true;
		node = fs_pindex_load_leaf(index, &domain->part, l - 1, fault);
		before = (l - 1) * FS_PINDEX_FANOUT;
	}
	if (node)
		*count = before + count_firsts(node, key);
	return node != NULL;
}

/*
 * How many values are below the key, or not above it.  An address may have
 * several prefix lengths, at the end of a block and on in the next.
 */
static bool
count_addrs(FsPindex *index, FsPindexDomainReader *domain,
			const FsAddrNumber *key, bool or_equal, uint32 *count,
			FsFault *fault)
{
	uint32		b;

	if (!count_blocks_below(index, domain, key, &b, fault))
		return false;
	for (b = b > 0 ? b - 1 : 0; b < domain->part.nblocks; b++)
	{
		uint32		n = fs_pindex_addrs_count(domain, b);
		uint32		low = 0;
		uint32		high = n;

		if (!fs_pindex_load_addrs(index, domain, b, fault))
			return false;
		while (low < high)
		{
			uint32		mid = (low + high) / 2;
			int			cmp = compare(&domain->values[mid], key);

			if (cmp == 0)
				cmp = domain->values[mid].bits - key->bits;
			if (cmp < 0 || (cmp == 0 && or_equal))
				low = mid + 1;
			else
				high = mid;
		}
		*count = fs_pindex_addrs_start(domain, b) + low;
		if (low < n)
			break;
	}
	return true;
}

/* Whether the value of a code, which was just counted, is the key. */
static bool
is_code_of(const FsPindexDomainReader *domain, uint32 code,
		   const FsAddrNumber *key)
{
	uint32		start = fs_pindex_addrs_start(domain, (uint32) domain->block);

	return code < start + fs_pindex_addrs_count(domain, (uint32) domain->block) &&
		fs_addrmap_compare(&domain->values[code - start], key) == 0;
}

static bool
find_addr_range(FsPindex *index, uint16 number, const FsAddrNumber *low,
				const FsAddrNumber *high, FsPindexRange *range,
				FsFault *fault)
{
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_ADDR, fault);

	range->first = 0;
	range->end = 0;
	if (!domain)
		return false;
	if (fs_addrmap_compare(low, high) > 0)
		return true;
	if (!count_addrs(index, domain, low, false, &range->first, fault))
		return false;
	if (fs_addrmap_compare(low, high) == 0)
	{
		range->end = range->first + is_code_of(domain, range->first, low);
		return true;
	}
	if (!count_addrs(index, domain, high, true, &range->end, fault))
		return false;
	range->end = Max(range->end, range->first);
	return true;
}

bool
fs_pindex_find_addrs(FsPindex *index, uint16 domain, const FsAddr *low,
					 const FsAddr *high, FsPindexRange *range,
					 FsFault *fault)
{
	FsAddrNumber from = fs_addrmap_number(low);
	FsAddrNumber to = fs_addrmap_number(high);

	return find_addr_range(index, domain, &from, &to, range, fault);
}

bool
fs_pindex_find_net(FsPindex *index, uint16 domain, const FsAddr *net,
				   FsPindexRange *range, FsFault *fault)
{
	FsAddrNumber from = fs_addrmap_number(net);
	FsAddrNumber to = from;
	int			host_bits = (net->family == 4 ? 32 : 128) - net->bits;
	uint64		lo_mask = host_bits >= 64 ? ~UINT64CONST(0) :
		(UINT64CONST(1) << host_bits) - 1;
	uint64		hi_mask = host_bits >= 128 ? ~UINT64CONST(0) :
		host_bits > 64 ? (UINT64CONST(1) << (host_bits - 64)) - 1 : 0;

	from.lo &= ~lo_mask;
	from.hi &= ~hi_mask;
	to.lo |= lo_mask;
	to.hi |= hi_mask;
	to.bits = net->family == 4 ? 32 : 128;
	return find_addr_range(index, domain, &from, &to, range, fault);
}

/* Entries whose separator is not above the key. */
static uint32
count_separators(const FsPindexNode *node, const FsPindexBytes *key)
{
	uint32		low = 0;
	uint32		high = node->n;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (fs_pindex_compare_bytes(&node->separators[mid], key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The same of blocks: at least one, since the first separator is empty. */
static bool
count_blocks_upto(FsPindex *index, FsPindexDomainReader *domain,
				  const FsPindexBytes *key, uint32 *count, FsFault *fault)
{
	const FsPindexNode *root = domain->part.root;
	uint32		l = root->leaf_off ? count_separators(root, key) - 1 : 0;
	const FsPindexNode *leaf = fs_pindex_load_leaf(index, &domain->part, l, fault);

	if (leaf)
		*count = l * FS_PINDEX_FANOUT + count_separators(leaf, key);
	return leaf != NULL;
}

/* How many strings of a block are below the key. */
static uint32
count_in_block(const FsPindexStrings *strings, uint32 n,
			   const FsPindexBytes *key)
{
	uint32		low = 0;
	uint32		high = n;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;
		FsPindexBytes string = fs_pindex_string(strings, mid);

		if (fs_pindex_compare_bytes(&string, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * How many strings are below the key.  A separator is not above its block's
 * first string; it may have been cut, so that the key is further in front.
 */
static bool
count_strings(FsPindex *index, FsPindexDomainReader *domain,
			  const FsPindexBytes *key, uint32 *count, FsFault *fault)
{
	uint32		b;
	uint32		low;

	if (!count_blocks_upto(index, domain, key, &b, fault))
		return false;
	for (low = 0; b > 0 && low == 0; b--)
	{
		uint32		i = (b - 1) % FS_PINDEX_FANOUT;
		const FsPindexNode *leaf =
			fs_pindex_load_leaf(index, &domain->part, (b - 1) / FS_PINDEX_FANOUT, fault);
		const FsPindexStrings *strings =
			leaf ? fs_pindex_load_strings(index, domain, b - 1, fault) : NULL;

		if (!strings)
			return false;
		low = count_in_block(strings, leaf->starts[i + 1] - leaf->starts[i], key);
		*count = leaf->starts[i] + low;
	}
	return true;
}

bool
fs_pindex_find_bytes_range(FsPindex *index, uint16 number,
						   const FsPindexBytes *low,
						   const FsPindexBytes *high, FsPindexRange *range,
						   FsFault *fault)
{
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_BYTES, fault);

	range->first = 0;
	if (!domain)
		return false;
	range->end = high ? 0 : domain->info.size;
	if (!count_strings(index, domain, low, &range->first, fault) ||
		(high && !count_strings(index, domain, high, &range->end, fault)))
		return false;
	range->end = Max(range->end, range->first);
	return true;
}

bool
fs_pindex_find_bytes(FsPindex *index, uint16 number,
					 const FsPindexBytes *value, FsPindexRange *range,
					 FsFault *fault)
{
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_BYTES, fault);
	const FsPindexStrings *strings;
	FsPindexBytes string;
	uint32		first;
	uint32		end;
	uint32		b;

	range->first = 0;
	if (!domain || !count_strings(index, domain, value, &range->first, fault))
		return false;
	range->end = range->first;
	if (range->first == domain->info.size)
		return true;
	if (!fs_pindex_strings_block(index, domain, range->first, &b, &first, &end, fault))
		return false;
	strings = fs_pindex_load_strings(index, domain, b, fault);
	if (!strings)
		return false;
	string = fs_pindex_string(strings, range->first - first);
	range->end += fs_pindex_compare_bytes(&string, value) == 0;
	return true;
}

/* Entries whose first key is below the given one, or not above it. */
static uint32
count_first_keys(const FsPindexNode *node, int64 key, bool or_equal)
{
	uint32		low = 0;
	uint32		high = node->n;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (node->keys[mid] < key || (or_equal && node->keys[mid] == key))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The same of blocks. */
static bool
count_key_blocks(FsPindex *index, FsPindexGroupReader *group, int64 key,
				 bool or_equal, uint32 *count, FsFault *fault)
{
	const FsPindexNode *node = group->part.root;
	uint32		before = 0;

	if (node->leaf_off)
	{
		uint32		l = count_first_keys(node, key, or_equal);

		*count = 0;
		if (l == 0)
			return true;
		node = fs_pindex_load_leaf(index, &group->part, l - 1, fault);
		before = (l - 1) * FS_PINDEX_FANOUT;
	}
	if (node)
		*count = before + count_first_keys(node, key, or_equal);
	return node != NULL;
}

/*
 * How many keys are below the given one, or not above it.  Of a block that
 * was left out only the first key is known: as many as include it are
 * counted if or_equal, else as many as precede it.
 */
static bool
count_keys(FsPindex *index, uint32 number, int64 key, bool or_equal,
		   uint32 *count, FsFault *fault)
{
	FsPindexGroupReader *group = &index->groups[number];
	bool		is_listed = true;
	uint32		n;
	uint32		i;
	uint32		b;

	*count = 0;
	if (!count_key_blocks(index, group, key, or_equal, &b, fault))
		return false;
	if (b-- == 0)
		return true;
	*count = b * FS_PINDEX_BLOCK;
	n = Min(group->part.size - *count, FS_PINDEX_BLOCK);
	if (!fs_pindex_load_lists(index, number, b, &is_listed, fault))
		return false;
	if (!is_listed)
	{
		*count += or_equal ? n : 0;
		return true;
	}
	for (i = 0; i < n; i++)
		if (group->at->keys[i] > key || (group->at->keys[i] == key && !or_equal))
			break;
	*count += i;
	return true;
}

bool
fs_pindex_find_ints(FsPindex *index, uint32 group, int64 low, int64 high,
					FsPindexRange *range, FsFault *fault)
{
	range->first = 0;
	range->end = 0;
	if (group >= index->ngroups || index->group_infos[group].kind != FS_KIND_INT)
		return fs_fault_set(fault, 0, "group %u has no integers", group);
	if (!fs_pindex_load_group(index, group, fault))
		return false;
	if (low > high)
		return true;
	if (!count_keys(index, group, low, false, &range->first, fault) ||
		!count_keys(index, group, high, true, &range->end, fault))
		return false;
	range->end = Max(range->end, range->first);
	return true;
}

bool
fs_pindex_union(FsPindex *index, uint32 number, FsPindexRange range,
				FsVectorSet *set, bool *is_listed, FsFault *fault)
{
	FsPindexGroupReader *group = &index->groups[number];
	uint32		i = range.first;

	if (number >= index->ngroups || range.end > index->group_infos[number].size)
		return fs_fault_set(fault, 0, "group %u has no value %u", number, range.end);
	if (!fs_pindex_load_group(index, number, fault))
		return false;
	while (i < range.end)
	{
		uint32		b = i / FS_PINDEX_BLOCK;
		uint32		end = Min(range.end, (b + 1) * FS_PINDEX_BLOCK);
		bool		is_there = true;

		if (!fs_pindex_load_lists(index, number, b, &is_there, fault))
			return false;
		if (!is_there)
		{
			*is_listed = false;
			return true;
		}
		for (; i < end; i++)
			if (!fs_lists_read(&group->at->lists, i % FS_PINDEX_BLOCK, set, fault))
				return false;
	}
	return true;
}
