/*-------------------------------------------------------------------------
 *
 * The values of a column's dictionary: all, or some.
 *
 * A domain gives some values by decoding the blocks that have them, each
 * again when it has been put out of the domain's small memory of blocks.  So
 * codes are asked for in order; and once so many were picked that the whole
 * dictionary would not have cost more, it is made.  The code of a value is
 * found by halving, since dictionaries and domains ascend.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrmap.h"
#include "format/reader.h"

/* codes that are sorted at once */
#define PICK_MAX		FS_VECTOR_ROWS

/*
 * Strings that may be picked, as a part of the dictionary: each is looked for
 * in its block.  Addresses of a domain that is often asked stand in an array.
 */
#define PICK_FRACTION	32

const FsAddr *
fs_column_dict_addrs(FsColumnReader *reader, uint32 *size, FsFault *fault)
{
	const FsCoded *coded = &reader->coded;
	FsAddr	   *addrs;

	*size = reader->part.dict_n;
	if (*size == 0 || reader->meta.kind != FS_KIND_ADDR)
	{
		*size = 0;
		return NULL;
	}
	if (!reader->is_coded)
		return reader->part.of.addrs.dict;
	if (reader->dict_addrs)
		return reader->dict_addrs;
	if (!reader->domains)
	{
		fs_fault_set(fault, 0, "values of a domain that is not there");
		return NULL;
	}
	addrs = reader->arena->alloc(reader->arena, coded->count * sizeof(FsAddr));
	if (!reader->domains->addrs(reader->domains, coded->domain, coded->codes,
								coded->count, addrs, fault))
		return NULL;
	reader->dict_addrs = addrs;
	return addrs;
}

/* Load the values of a BYTES column's domain. */
static bool
load_dict_bytes(FsColumnReader *reader, FsFault *fault)
{
	const FsCoded *coded = &reader->coded;
	FsArena    *arena = reader->arena;
	const uint8 **ptrs;
	uint32	   *lens;

	if (!reader->domains)
		return fs_fault_set(fault, 0, "values of a domain that is not there");
	ptrs = arena->alloc(arena, coded->count * sizeof(uint8 *));
	lens = arena->alloc(arena, coded->count * sizeof(uint32));
	if (!reader->domains->bytes(reader->domains, coded->domain, coded->codes,
								coded->count, ptrs, lens, fault))
		return false;
	reader->dict_ptrs = ptrs;
	reader->dict_lens = lens;
	return true;
}

bool
fs_column_dict_bytes(FsColumnReader *reader, uint32 *size,
					 const uint8 *const **ptrs, const uint32 **lens,
					 FsFault *fault)
{
	FsBytes    *bytes = &reader->part.of.bytes;

	*size = 0;
	*ptrs = NULL;
	*lens = NULL;
	if (reader->part.dict_n == 0 || reader->meta.kind != FS_KIND_BYTES)
		return true;
	*size = reader->part.dict_n;
	if (reader->is_coded)
	{
		if (!reader->dict_ptrs && !load_dict_bytes(reader, fault))
			return false;
		*ptrs = reader->dict_ptrs;
		*lens = reader->dict_lens;
		return true;
	}
	if (!fs_bytes_load_dict(bytes, fault))
		return false;
	*ptrs = bytes->ptrs;
	*lens = bytes->lens;
	return true;
}

/* Whether values are to be taken from the whole dictionary, which is made. */
static bool
wants_all(FsColumnReader *reader, uint32 n)
{
	if (!reader->is_coded || reader->dict_addrs || reader->dict_ptrs)
		return true;
	reader->picked += n;
	return reader->picked > reader->coded.count /
		(reader->meta.kind == FS_KIND_ADDR ? 1 : PICK_FRACTION) + 1;
}

static int
compare_uint64(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/* Codes of the domain, ascending, with their places in the lower half. */
static bool
sort_codes(const FsColumnReader *reader, const uint32 *codes, uint32 n,
		   uint64 *sorted, FsFault *fault)
{
	bool		is_sorted = true;
	uint32		i;

	if (!reader->domains)
		return fs_fault_set(fault, 0, "values of a domain that is not there");
	for (i = 0; i < n; i++)
	{
		if (codes[i] >= reader->coded.count)
			return fs_fault_set(fault, 0, "code %u of %u", codes[i], reader->coded.count);
		sorted[i] = (uint64) reader->coded.codes[codes[i]] << 32 | i;
		is_sorted &= i == 0 || sorted[i] > sorted[i - 1];
	}
	if (!is_sorted)
		qsort(sorted, n, sizeof(uint64), compare_uint64);
	return true;
}

/* The codes of sorted[n], each once; gives how many. */
static uint32
take_codes(const uint64 *sorted, uint32 n, uint32 *codes)
{
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		if (i == 0 || codes[count - 1] != sorted[i] >> 32)
			codes[count++] = sorted[i] >> 32;
	return count;
}

/* From an array of all; false if there is none, or a code is beyond it. */
static bool
pick_from_all(FsColumnReader *reader, const uint32 *codes, uint32 n, FsAddr *out)
{
	FsDomainSource *domains = reader->domains;
	const FsCoded *coded = &reader->coded;
	const FsAddr *all;
	uint32		size;
	uint32		i;

	if (!domains || !domains->all_addrs)
		return false;
	all = domains->all_addrs(domains, coded->domain, &size);
	if (!all)
		return false;
	for (i = 0; i < n; i++)
	{
		if (codes[i] >= coded->count || coded->codes[codes[i]] >= size)
			return false;
		out[i] = all[coded->codes[codes[i]]];
	}
	return true;
}

static bool
pick_addrs(FsColumnReader *reader, const uint32 *codes, uint32 n, FsAddr *out,
		   FsFault *fault)
{
	uint64		sorted[PICK_MAX];
	uint32		distinct[PICK_MAX];
	FsAddr		values[PICK_MAX];
	uint32		count;
	uint32		k = 0;
	uint32		i;

	if (!sort_codes(reader, codes, n, sorted, fault))
		return false;
	count = take_codes(sorted, n, distinct);
	if (!reader->domains->addrs(reader->domains, reader->coded.domain, distinct, count, values, fault))
		return false;
	for (i = 0; i < n; i++)
	{
		k += distinct[k] != sorted[i] >> 32;
		out[(uint32) sorted[i]] = values[k];
	}
	return true;
}

static bool
pick_bytes(FsColumnReader *reader, const uint32 *codes, uint32 n,
		   const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	uint64		sorted[PICK_MAX];
	uint32		distinct[PICK_MAX];
	const uint8 *values[PICK_MAX];
	uint32		values_lens[PICK_MAX];
	uint32		count;
	uint32		k = 0;
	uint32		i;

	if (!sort_codes(reader, codes, n, sorted, fault))
		return false;
	count = take_codes(sorted, n, distinct);
	if (!reader->domains->bytes(reader->domains, reader->coded.domain, distinct, count,
								values, values_lens, fault))
		return false;
	for (i = 0; i < n; i++)
	{
		k += distinct[k] != sorted[i] >> 32;
		ptrs[(uint32) sorted[i]] = values[k];
		lens[(uint32) sorted[i]] = values_lens[k];
	}
	return true;
}

static bool
check_codes(const uint32 *codes, uint32 n, uint32 size, FsFault *fault)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (codes[i] >= size)
			return fs_fault_set(fault, 0, "code %u of %u", codes[i], size);
	return true;
}

bool
fs_column_pick_addrs(FsColumnReader *reader, const uint32 *codes, uint32 n,
					 FsAddr *out, FsFault *fault)
{
	const FsAddr *dict;
	uint32		size;
	uint32		i;

	if (!wants_all(reader, n))
	{
		if (pick_from_all(reader, codes, n, out))
			return true;
		for (i = 0; i < n; i += PICK_MAX)
			if (!pick_addrs(reader, codes + i, Min(n - i, PICK_MAX), out + i, fault))
				return false;
		return true;
	}
	dict = fs_column_dict_addrs(reader, &size, fault);
	if ((!dict && size > 0) || !check_codes(codes, n, size, fault))
		return false;
	for (i = 0; i < n; i++)
		out[i] = dict[codes[i]];
	return true;
}

bool
fs_column_pick_bytes(FsColumnReader *reader, const uint32 *codes, uint32 n,
					 const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	const uint8 *const *dict;
	const uint32 *dict_lens;
	uint32		size;
	uint32		i;

	if (!wants_all(reader, n))
	{
		for (i = 0; i < n; i += PICK_MAX)
			if (!pick_bytes(reader, codes + i, Min(n - i, PICK_MAX), ptrs + i, lens + i, fault))
				return false;
		return true;
	}
	if (!fs_column_dict_bytes(reader, &size, &dict, &dict_lens, fault) ||
		!check_codes(codes, n, size, fault))
		return false;
	for (i = 0; i < n; i++)
	{
		ptrs[i] = dict[codes[i]];
		lens[i] = dict_lens[codes[i]];
	}
	return true;
}

/* Entry i of the dictionary against an address. */
static bool
compare_entry(FsColumnReader *reader, uint32 i, const FsAddrNumber *wanted,
			  int *result, FsFault *fault)
{
	const FsAddr *dict = reader->is_coded ? reader->dict_addrs : reader->part.of.addrs.dict;
	FsAddr		entry;
	FsAddrNumber number;

	if (dict)
		entry = dict[i];
	else if (!reader->domains)
		return fs_fault_set(fault, 0, "values of a domain that is not there");
	else if (!reader->domains->addrs(reader->domains, reader->coded.domain,
									 &reader->coded.codes[i], 1, &entry, fault))
		return false;
	number = fs_addrmap_number(&entry);
	*result = fs_addrmap_compare(&number, wanted);
	return true;
}

static bool
find_by_value(FsColumnReader *reader, const FsAddr *addr, uint32 *code,
			  FsFault *fault)
{
	FsAddrNumber wanted = fs_addrmap_number(addr);
	uint32		low = 0;
	uint32		high = reader->part.dict_n;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;
		int			result = 0;

		if (!compare_entry(reader, mid, &wanted, &result, fault))
			return false;
		if (result == 0)
		{
			*code = mid;
			return true;
		}
		if (result < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*code = reader->part.dict_n;
	return true;
}

/* Entries whose code in the domain is below this. */
static uint32
count_below(const FsCoded *coded, uint32 wanted)
{
	uint32		low = 0;
	uint32		high = coded->count;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (coded->codes[mid] < wanted)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
fs_column_find_addr(FsColumnReader *reader, const FsAddr *addr, uint32 *code,
					FsFault *fault)
{
	const FsCoded *coded = &reader->coded;
	uint32		wanted;
	uint32		low;

	if (!reader->is_coded || !reader->domains || !reader->domains->find_addr)
		return find_by_value(reader, addr, code, fault);
	if (!reader->domains->find_addr(reader->domains, coded->domain, addr, &wanted, fault))
		return false;
	low = count_below(coded, wanted);
	*code = low < coded->count && coded->codes[low] == wanted ? low : coded->count;
	return true;
}

bool
fs_column_find_net(FsColumnReader *reader, const FsAddr *net, bool *is_known,
				   uint32 *first, uint32 *end, FsFault *fault)
{
	const FsCoded *coded = &reader->coded;

	*is_known = reader->is_coded && reader->domains && reader->domains->find_net;
	if (!*is_known)
		return true;
	if (!reader->domains->find_net(reader->domains, coded->domain, net, first, end, fault))
		return false;
	*first = count_below(coded, *first);
	*end = count_below(coded, *end);
	return true;
}
