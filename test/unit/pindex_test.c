/*-------------------------------------------------------------------------
 *
 * What is written to a partition index is found again, and nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/crc.h"
#include "format/pindex_write.h"
#include "memory_fetch.h"
#include "tap.h"

#define NADDRS		5000
#define NSTRINGS	3000
#define NKEYS		2000
#define NROWS		(3 * 65536 + 5000)
#define NVECTORS	((NROWS - 1) / 1024 + 1)
#define LISTS_MAX	(NADDRS * 40)

static FsAddrNumber addrs[NADDRS];
static uint32 naddrs;
static const uint8 *ptrs[NSTRINGS];
static uint32 lens[NSTRINGS];
static uint32 nstrings;
static int64 keys[NKEYS];
static uint64 attribute[NADDRS];
static uint32 starts[NADDRS + 1];
static uint16 vectors[LISTS_MAX];
static bool dropped[NKEYS];

static int
compare_addrs(const void *a, const void *b)
{
	return fs_addrmap_compare(a, b);
}

/* IPv4 and IPv6, near and far apart, some with short prefixes. */
static void
make_addrs(uint64 *random)
{
	uint32		i;
	uint32		n = 1;

	for (i = 0; i < NADDRS; i++)
	{
		addrs[i].family = i % 5 == 0 ? 6 : 4;
		addrs[i].bits = addrs[i].family == 4 ? 32 : 128;
		addrs[i].hi = 0;
		addrs[i].lo = i % 3 == 0 ? 0x0a000000 + tap_below(random, 4000) :
			tap_below(random, UINT64CONST(1) << 32);
		if (addrs[i].family == 6)
		{
			addrs[i].hi = UINT64CONST(0x20010db800000000) + tap_below(random, 50);
			addrs[i].lo = i % 2 == 0 ? tap_random(random) : tap_below(random, 9);
		}
		if (i % 11 == 0)
			addrs[i].bits = (uint8) tap_below(random, 33);
	}
	for (i = 0; i < 200; i++)	/* one address, many prefix lengths */
	{
		addrs[i].family = 6;
		addrs[i].hi = UINT64CONST(0x20010db800000000);
		addrs[i].lo = 0;
		addrs[i].bits = i % 129;
	}
	qsort(addrs, NADDRS, sizeof(FsAddrNumber), compare_addrs);
	for (i = 1; i < NADDRS; i++)
		if (fs_addrmap_compare(&addrs[n - 1], &addrs[i]) != 0)
			addrs[n++] = addrs[i];
	naddrs = n;
	for (i = 0; i < n; i++)
		attribute[i] = addrs[i].hi % 7 + (tap_below(random, 50) == 0);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Words, a long common beginning, an empty string, a very long string. */
static void
make_strings(uint64 *random, FsArena *arena)
{
	uint32		i;
	uint32		n = 1;

	for (i = 0; i < NSTRINGS; i++)
	{
		char	   *s = arena->alloc(arena, 100000);

		if (i < 100)
		{
			memset(s, 'm', 400);
			sprintf(s + 400, "%u", i);
		}
		else
			sprintf(s, "%c%u.example", (char) ('a' + i % 26), (uint32) tap_below(random, 5000));
		if (i % 1000 == 999)
		{
			memset(s, 'm', 90000);
			s[90000] = 0;
		}
		ptrs[i] = (const uint8 *) s;
	}
	((char *) ptrs[0])[0] = 0;
	qsort(ptrs, NSTRINGS, sizeof(ptrs[0]), compare_strings);
	for (i = 1; i < NSTRINGS; i++)
		if (strcmp((const char *) ptrs[n - 1], (const char *) ptrs[i]) != 0)
			ptrs[n++] = ptrs[i];
	nstrings = n;
	for (i = 0; i < n; i++)
		lens[i] = strlen((const char *) ptrs[i]);
}

/* Lists of n values: none, one, few, many, runs, all vectors. */
static void
make_lists(uint64 *random, uint32 n, bool is_dense)
{
	uint32		at = 0;
	uint32		i;
	uint32		v;

	for (i = 0; i < n; i++)
	{
		uint32		kind = tap_below(random, is_dense ? 12 : 40);
		uint32		step = kind == 0 ? 1 : kind == 1 ? 2 : kind < 8 ? 8 : 100;

		starts[i] = at;
		if (kind == 11)
			continue;
		if (kind == 10)
		{
			for (v = 17; v < 40 && at < LISTS_MAX; v++)
				vectors[at++] = v;
			continue;
		}
		for (v = tap_below(random, step); v < NVECTORS && at < LISTS_MAX;
			 v += 1 + tap_below(random, 2 * step - 1))
			vectors[at++] = v;
	}
	starts[n] = at;
}

/* Whether the set is the union of these values' lists. */
static bool
is_union(const FsVectorSet *set, uint32 first, uint32 end)
{
	static bool member[NVECTORS];
	uint32		i;

	memset(member, 0, sizeof(member));
	for (i = starts[first]; i < starts[end]; i++)
		member[vectors[i]] = true;
	for (i = 0; i < NVECTORS; i++)
		if (member[i] != fs_vectorset_contains(set, i))
			return false;
	return true;
}

static bool
check_unions(FsPindex *index, uint32 group, uint32 size, uint64 *random,
			 FsArena *arena)
{
	FsVectorSet set;
	FsFault		fault;
	uint32		i;

	fs_vectorset_init(&set, NVECTORS, arena);
	for (i = 0; i < size + 500; i++)
	{
		FsPindexRange range = {i, i + 1};
		bool		is_listed = true;

		if (i >= size)
		{
			range.first = tap_below(random, size);
			range.end = range.first + tap_below(random, 700);
			range.end = Min(size, range.end);
		}
		fs_vectorset_clear(&set);
		if (!fs_pindex_union(index, group, range, &set, &is_listed, &fault))
			return false;
		if (is_listed && !is_union(&set, range.first, range.end))
			return false;
		if (!is_listed && range.end == range.first + 1)
			dropped[range.first] = true;
	}
	return true;
}

static void
test_addrs(FsPindex *index)
{
	FsFault		fault;
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < naddrs; i++)
	{
		FsPindexRange range;
		FsAddr		addr;
		FsAddr		other;
		bool		is_there = i + 1 < naddrs && addrs[i + 1].lo == addrs[i].lo + 1 &&
			addrs[i + 1].hi == addrs[i].hi && addrs[i + 1].bits == addrs[i].bits;
		FsAddrNumber next = addrs[i];

		fs_addrmap_addr(&addrs[i], &addr);
		if (!fs_pindex_find_addrs(index, 1, &addr, &addr, &range, &fault) ||
			range.first != i || range.end != i + 1)
			wrong++;
		next.lo++;
		fs_addrmap_addr(&next, &other);
		if (addrs[i].bits == (addrs[i].family == 4 ? 32 : 128) && !is_there &&
			(addrs[i].family == 6 || next.lo <= PG_UINT32_MAX) &&
			(!fs_pindex_find_addrs(index, 1, &other, &other, &range, &fault) ||
			 (range.first < range.end &&
			  fs_addrmap_compare(&addrs[range.first], &next) != 0)))
			wrong++;
	}
	ok(wrong == 0, "each address is found at its code, and no other: %u", wrong);
}

static void
test_nets(FsPindex *index, uint64 *random)
{
	FsFault		fault;
	uint32		wrong = 0;
	uint32		i;
	uint32		k;

	for (i = 0; i < 300; i++)
	{
		FsAddrNumber number = addrs[tap_below(random, naddrs)];
		int			full = number.family == 4 ? 32 : 128;
		FsAddr		net;
		FsPindexRange range;

		number.bits = (uint8) tap_below(random, full + 1);
		fs_addrmap_addr(&number, &net);
		if (!fs_pindex_find_net(index, 1, &net, &range, &fault))
			wrong++;
		for (k = 0; k < naddrs; k++)
		{
			FsAddr		addr;
			bool		is_in;
			int			b;

			fs_addrmap_addr(&addrs[k], &addr);
			is_in = addr.family == net.family;
			for (b = 0; b < net.bits && is_in; b++)
				is_in = ((addr.addr[b / 8] ^ net.addr[b / 8]) >> (7 - b % 8) & 1) == 0;
			if (is_in && addr.bits >= net.bits && (k < range.first || k >= range.end))
				wrong++;
			if (!is_in && k >= range.first && k < range.end)
				wrong++;
		}
	}
	ok(wrong == 0, "networks are ranges of codes: %u", wrong);
}

static void
test_strings(FsPindex *index)
{
	FsFault		fault;
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < nstrings; i++)
	{
		FsPindexBytes value = {ptrs[i], lens[i]};
		FsPindexBytes other = {(const uint8 *) "zz", 2};
		FsPindexRange range;

		if (!fs_pindex_find_bytes(index, 2, &value, &range, &fault) ||
			range.first != i || range.end != i + 1)
			wrong++;
		if (!fs_pindex_find_bytes_range(index, 2, &value, &other, &range, &fault) ||
			range.first != i || range.end != nstrings)
			wrong++;
		if (lens[i] == 0)
			continue;
		value.len--;			/* what begins with this */
		if (!fs_pindex_find_bytes_range(index, 2, &value, NULL, &range, &fault) ||
			range.first > i || range.end != nstrings)
			wrong++;
		value.ptr = (const uint8 *) "missing";
		value.len = 7;
		if (!fs_pindex_find_bytes(index, 2, &value, &range, &fault) ||
			range.first != range.end)
			wrong++;
	}
	ok(wrong == 0, "strings and ranges of strings: %u", wrong);
}

static void
test_source(FsPindex *index)
{
	FsDomainSource *source = fs_pindex_source(index);
	FsFault		fault;
	uint32		wrong = 0;
	uint32		size;
	uint32		i;

	ok(source->size(source, 1, &size, &fault) && size == naddrs, "size of a domain");
	ok(!source->size(source, 9, &size, &fault), "no such domain");
	for (i = 0; i < naddrs; i++)
	{
		FsAddr		value;
		FsAddrNumber number;
		int64		x;

		if (!source->addrs(source, 1, &i, 1, &value, &fault))
			wrong++;
		number = fs_addrmap_number(&value);
		if (fs_addrmap_compare(&number, &addrs[i]) != 0)
			wrong++;
		if (!source->attribute(source, 1, 0, &i, 1, &x, &fault) || x != attribute[i])
			wrong++;
	}
	for (i = 0; i < nstrings; i++)
	{
		const uint8 *ptr;
		uint32		len;

		if (!source->bytes(source, 2, &i, 1, &ptr, &len, &fault) || len != lens[i] ||
			memcmp(ptr, ptrs[i], len) != 0)
			wrong++;
	}
	ok(wrong == 0, "values and attributes of codes: %u", wrong);
	ok(!source->addrs(source, 1, &naddrs, 1, NULL, &fault), "a code beyond the domain");
	ok(!source->addrs(source, 2, &i, 1, NULL, &fault), "a domain of another kind");
}

/* Keys with gaps: ranges that begin and end on and between keys. */
static void
test_ints(FsPindex *index, uint32 group, uint64 *random)
{
	FsFault		fault;
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < 3000; i++)
	{
		FsPindexRange range;
		uint32		a = tap_below(random, NKEYS);
		uint32		b = tap_below(random, NKEYS);
		int64		off = (int64) tap_below(random, 3) - 1;

		if (!fs_pindex_find_ints(index, group, keys[a], keys[b], &range, &fault))
			wrong++;
		if (!dropped[a] && !dropped[b] && a <= b &&
			(range.first != a || range.end != b + 1))
			wrong++;
		if (a <= b && (range.first > a || range.end < b + 1))
			wrong++;
		if (!fs_pindex_find_ints(index, group, keys[a] + off, keys[a] + off, &range, &fault))
			wrong++;
		if (off != 0 && !dropped[a] && range.first != range.end &&
			keys[range.first] != keys[a] + off && !dropped[range.first])
			wrong++;
	}
	ok(wrong == 0, "ranges of keys: %u", wrong);
}

/* Every byte changed is a fault, not a wrong answer. */
static void
test_damage(uint8 *bytes, uint32 len)
{
	uint32		unseen = 0;
	uint32		i;

	for (i = 0; i < len; i += 1 + i / 2000)
	{
		FsArena    *arena = tap_arena();
		MemoryFetch fetch = memory_fetch(bytes, len);
		FsFault		fault;
		FsPindex   *index;

		bytes[i] ^= 0x10;
		index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
		if (index && fs_pindex_check(index, &fault))
			unseen++;
		bytes[i] ^= 0x10;
		tap_arena_free(arena);
	}
	ok(unseen == 0, "%u changed bytes were not noticed", unseen);
}

static FsPindexDomainInput
addr_domain(const uint16 *cols)
{
	static const uint64 *const attributes[] = {attribute};
	FsPindexDomainInput in = {0};

	in.number = 1;
	in.kind = FS_KIND_ADDR;
	in.size = naddrs;
	in.addrs = addrs;
	in.cols = cols;
	in.ncols = 2;
	in.attributes = attributes;
	in.nattributes = 1;
	return in;
}

static FsPindexDomainInput
bytes_domain(const uint16 *cols)
{
	FsPindexDomainInput in = {0};

	in.number = 2;
	in.kind = FS_KIND_BYTES;
	in.size = nstrings;
	in.ptrs = ptrs;
	in.lens = lens;
	in.cols = cols;
	in.ncols = 1;
	return in;
}

/* An index of two domains and one group, whose lists are in vectors[]. */
static uint8 *
write_index(const FsPindexGroupInput *group, FsArena *arena, uint32 *len)
{
	static const uint16 cols[] = {4, 7, 9};
	FsPindexWriter *writer = fs_pindex_write_begin(NROWS, arena);
	FsPindexDomainInput domain = addr_domain(cols);

	fs_pindex_write_domain(writer, &domain);
	domain = bytes_domain(cols + 2);
	fs_pindex_write_domain(writer, &domain);
	ok(fs_pindex_write_group(writer, group), "a group is written");
	return fs_pindex_write_end(writer, len);
}

static void
test_domains(uint64 *random, FsArena *arena)
{
	static const uint16 cols[] = {4, 7};
	FsPindexGroupInput group = {FS_KIND_ADDR, 1, naddrs, NULL, starts, vectors, cols, 2, 1 << 30};
	uint32		len;
	uint32		n;
	uint8	   *bytes;
	MemoryFetch fetch;
	FsPindex   *index;
	FsFault		fault;

	make_lists(random, naddrs, false);
	bytes = write_index(&group, arena, &len);
	fetch = memory_fetch(bytes, len);
	index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
	if (!ok(index != NULL, "open"))
		return;
	ok(fs_pindex_check(index, &fault), "check");
	ok(fs_pindex_nvectors(index) == NVECTORS && fs_pindex_nchunks(index) == 4, "size of the set");
	ok(fs_pindex_domains(index, &n)[1].size == nstrings && n == 2, "domains");
	ok(fs_pindex_group_of(index, 7) == 0 && fs_pindex_group_of(index, 9) == -1,
	   "the group of a column");
	test_addrs(index);
	test_nets(index, random);
	test_strings(index);
	test_source(index);
	ok(check_unions(index, 0, naddrs, random, arena), "lists of addresses");
	test_damage(bytes, len);
}

static void
test_keys(bool is_dense, uint64 budget, uint64 *random, FsArena *arena)
{
	static const uint16 cols[] = {3};
	FsPindexGroupInput group = {FS_KIND_INT, FS_DOMAIN_NONE, NKEYS, keys, starts, vectors, cols, 1, budget};
	uint32		len;
	uint32		ndropped = 0;
	uint8	   *bytes;
	MemoryFetch fetch;
	FsPindex   *index;
	FsFault		fault;
	uint32		i;

	for (i = 0; i < NKEYS; i++)
		keys[i] = i == 0 ? PG_INT64_MIN : i == NKEYS - 1 ? PG_INT64_MAX :
			(int64) i * 3 - 3000 + (i > 1500 ? (int64) i << 33 : 0);
	make_lists(random, NKEYS, is_dense);
	for (i = 0; i < 300; i++)	/* blocks of short lists */
		starts[i] = starts[300];
	memset(dropped, 0, sizeof(dropped));
	bytes = write_index(&group, arena, &len);
	fetch = memory_fetch(bytes, len);
	index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
	if (!ok(index && fs_pindex_check(index, &fault), "open and check"))
		return;
	ok(check_unions(index, 0, NKEYS, random, arena), "lists of keys");
	for (i = 0; i < NKEYS; i++)
		ndropped += dropped[i];
	ok((ndropped > 0) == (budget < 10000) && ndropped < NKEYS, "%u lists are left out", ndropped);
	test_ints(index, 0, random);
}

int
main(void)
{
	FsArena    *arena = tap_arena();
	uint64		random = 42;

	make_addrs(&random);
	make_strings(&random, arena);
	test_domains(&random, arena);
	test_keys(false, 1 << 30, &random, arena);
	test_keys(true, 1 << 30, &random, arena);
	test_keys(true, 5000, &random, arena);
	tap_arena_free(arena);
	return tap_done();
}
