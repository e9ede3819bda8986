/*-------------------------------------------------------------------------
 *
 * An open partition index as a source of values, and its check.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"

static bool
source_size(FsDomainSource *source, uint16 number, uint32 *size,
			FsFault *fault)
{
	FsPindex   *index = (FsPindex *) source;
	uint32		i;

	for (i = 0; i < index->ndomains; i++)
		if (index->domain_infos[i].number == number)
		{
			*size = index->domain_infos[i].size;
			return true;
		}
	return fs_fault_set(fault, 0, "there is no domain %d", number);
}

static bool
check_code(const FsPindexDomainReader *domain, uint32 code, FsFault *fault)
{
	return code < domain->info.size ||
		fs_fault_set(fault, 0, "code %u in domain %d of %u values", code,
					 domain->info.number, domain->info.size);
}

static bool
source_addrs(FsDomainSource *source, uint16 number, const uint32 *codes,
			 uint32 n, FsAddr *values, FsFault *fault)
{
	FsPindex   *index = (FsPindex *) source;
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_ADDR, fault);
	uint32		i;

	if (!domain)
		return false;
	if (fs_pindex_load_all_addrs(index, domain))
	{
		for (i = 0; i < n; i++)
		{
			if (!check_code(domain, codes[i], fault))
				return false;
			values[i] = domain->all[codes[i]];
		}
		return true;
	}
	for (i = 0; i < n; i++)
	{
		bool		is_v4 = codes[i] < domain->count4;
		uint32		place = codes[i] - (is_v4 ? 0 : domain->count4);
		uint32		b = place / FS_PINDEX_BLOCK + (is_v4 ? 0 : domain->part.nblocks4);

		if (!check_code(domain, codes[i], fault) ||
			!fs_pindex_load_addrs(index, domain, b, fault))
			return false;
		fs_addrmap_addr(&domain->values[place % FS_PINDEX_BLOCK], &values[i]);
	}
	return true;
}

static const FsAddr *
source_all_addrs(FsDomainSource *source, uint16 number, uint32 *size)
{
	FsPindex   *index = (FsPindex *) source;
	FsFault		fault = {{0}, 0};
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_ADDR, &fault);

	if (!domain || !fs_pindex_load_all_addrs(index, domain))
		return NULL;
	*size = domain->info.size;
	return domain->all;
}

static bool
source_bytes(FsDomainSource *source, uint16 number, const uint32 *codes,
			 uint32 n, const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	FsPindex   *index = (FsPindex *) source;
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, number, FS_KIND_BYTES, fault);
	const FsPindexStrings *strings = NULL;
	uint32		first = 0;		/* codes of the block at hand */
	uint32		end = 0;
	uint32		b;
	uint32		i;

	if (!domain)
		return false;
	for (i = 0; i < n; i++)
	{
		FsPindexBytes string;

		if (!check_code(domain, codes[i], fault))
			return false;
		if (codes[i] < first || codes[i] >= end)
		{
			if (!fs_pindex_strings_block(index, domain, codes[i], &b, &first, &end, fault))
				return false;
			strings = fs_pindex_load_strings(index, domain, b, fault);
			if (!strings)
				return false;
		}
		string = fs_pindex_string(strings, codes[i] - first);
		ptrs[i] = string.ptr;
		lens[i] = string.len;
	}
	return true;
}

static bool
source_attribute(FsDomainSource *source, uint16 number, uint16 attribute,
				 const uint32 *codes, uint32 n, int64 *values, FsFault *fault)
{
	FsPindex   *index = (FsPindex *) source;
	FsPindexDomainReader *domain = fs_pindex_load_domain(index, number, 0, fault);
	FsPindexTable *table;
	uint32		i;

	if (!domain)
		return false;
	if (attribute >= domain->info.nattributes)
		return fs_fault_set(fault, 0, "domain %d has no attribute %d", number, attribute);
	table = &domain->attributes[attribute];
	for (i = 0; i < n; i++)
	{
		uint32		b = codes[i] / FS_PINDEX_TABLE;

		if (!check_code(domain, codes[i], fault) ||
			((!table->values || !table->values[b]) &&
			 !fs_pindex_load_table(index, table, b, fault)))
			return false;
		values[i] = table->values[b][codes[i] % FS_PINDEX_TABLE];
	}
	return true;
}

static bool
source_find_addr(FsDomainSource *source, uint16 number, const FsAddr *addr,
				 uint32 *code, FsFault *fault)
{
	FsPindexRange range;

	if (!fs_pindex_find_addrs((FsPindex *) source, number, addr, addr, &range, fault))
		return false;
	*code = range.first < range.end ? range.first : FS_DOMAIN_NO_CODE;
	return true;
}

static bool
source_find_net(FsDomainSource *source, uint16 number, const FsAddr *net,
				uint32 *first, uint32 *end, FsFault *fault)
{
	FsPindexRange range;

	if (!fs_pindex_find_net((FsPindex *) source, number, net, &range, fault))
		return false;
	*first = range.first;
	*end = range.end;
	return true;
}

const FsDomainSource fs_pindex_source_functions = {
	source_size, source_addrs, source_all_addrs, source_bytes, source_attribute,
	source_find_addr, source_find_net
};

/* The entry of block b, for the place of a fault; its leaf is there. */
static uint32
off_of_block(const FsPindexPart *part, uint32 b)
{
	return part->leaves[b / FS_PINDEX_FANOUT]->off[b % FS_PINDEX_FANOUT];
}

static bool
check_addrs(FsPindex *index, FsPindexDomainReader *domain, FsFault *fault)
{
	FsAddrNumber last;
	uint32		b;

	for (b = 0; b < domain->part.nblocks; b++)
	{
		if (!fs_pindex_load_addrs(index, domain, b, fault))
			return false;
		if (b > 0 && fs_addrmap_compare(&last, &domain->values[0]) >= 0)
			return fs_fault_set(fault, off_of_block(&domain->part, b), "blocks do not ascend");
		last = domain->values[fs_pindex_addrs_count(domain, b) - 1];
	}
	return true;
}

static bool
check_bytes(FsPindex *index, FsPindexDomainReader *domain, FsFault *fault)
{
	FsPindexBytes last = {NULL, 0};
	uint32		b;

	for (b = 0; b < domain->part.nblocks; b++)
	{
		uint32		i = b % FS_PINDEX_FANOUT;
		const FsPindexNode *leaf =
			fs_pindex_load_leaf(index, &domain->part, b / FS_PINDEX_FANOUT, fault);
		const FsPindexStrings *strings =
			leaf ? fs_pindex_load_strings(index, domain, b, fault) : NULL;
		FsPindexBytes first;

		if (!strings)
			return false;
		first = fs_pindex_string(strings, 0);
		if ((b > 0 && fs_pindex_compare_bytes(&last, &first) >= 0) ||
			fs_pindex_compare_bytes(&leaf->separators[i], &first) > 0)
			return fs_fault_set(fault, leaf->off[i], "blocks do not ascend");
		last = fs_pindex_string(strings, leaf->starts[i + 1] - leaf->starts[i] - 1);
	}
	return true;
}

static bool
check_domain(FsPindex *index, uint32 d, FsFault *fault)
{
	const FsPindexDomain *info = &index->domain_infos[d];
	FsPindexDomainReader *domain =
		fs_pindex_load_domain(index, info->number, info->kind, fault);
	uint32		i;
	uint32		b;

	if (!domain)
		return false;
	for (i = 0; i < info->nattributes; i++)
		for (b = 0; b * FS_PINDEX_TABLE < info->size; b++)
			if (!fs_pindex_load_table(index, &domain->attributes[i], b, fault))
				return false;
	return info->kind == FS_KIND_ADDR ? check_addrs(index, domain, fault) :
		check_bytes(index, domain, fault);
}

static bool
check_group(FsPindex *index, uint32 g, FsVectorSet *set, FsFault *fault)
{
	const FsPindexGroupReader *group = &index->groups[g];
	const FsPindexPart *part = &group->part;
	int64		last = 0;
	bool		has_last = false;
	uint32		b;

	if (!fs_pindex_load_group(index, g, fault))
		return false;
	for (b = 0; b < part->nblocks; b++)
	{
		FsPindexRange range;
		bool		is_listed = true;

		range.first = b * FS_PINDEX_BLOCK;
		range.end = Min(part->size, range.first + FS_PINDEX_BLOCK);
		fs_vectorset_clear(set);
		if (!fs_pindex_union(index, g, range, set, &is_listed, fault))
			return false;
		if (part->kind != FS_KIND_INT || !is_listed)
			continue;
		if (has_last && group->at->keys[0] <= last)
			return fs_fault_set(fault, off_of_block(part, b), "blocks do not ascend");
		last = group->at->keys[range.end - range.first - 1];
		has_last = true;
	}
	return true;
}

bool
fs_pindex_check(FsPindex *index, FsFault *fault)
{
	FsVectorSet set;
	uint32		i;

	fs_vectorset_init(&set, index->shape.nvectors, index->arena);
	for (i = 0; i < index->ndomains; i++)
		if (!check_domain(index, i, fault))
			return false;
	for (i = 0; i < index->ngroups; i++)
		if (!check_group(index, i, &set, fault))
			return false;
	return true;
}
