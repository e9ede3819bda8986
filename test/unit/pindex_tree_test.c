/*-------------------------------------------------------------------------
 *
 * Parts of so many blocks that they have leaves: each value is found, values
 * between them are not, and one look-up fetches little.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_tree.h"
#include "memory_fetch.h"
#include "tap.h"

#define NADDRS		30000
#define NADDRS4		20000
#define NSTRINGS	1500
#define NKEYS		20000
#define NROWS		(3 * 65536 + 5000)
#define NVECTORS	((NROWS - 1) / 1024 + 1)
#define STRING_LEN	4000		/* some sixteen in a block */

typedef struct CountingFetch
{
	MemoryFetch memory;
	uint32		fetches;
	uint64		fetched;
} CountingFetch;

static FsAddrNumber addrs[NADDRS];
static const uint8 *ptrs[NSTRINGS];
static uint32 lens[NSTRINGS];
static int64 keys[NKEYS];
static uint32 starts[NADDRS + 1];
static uint16 vectors[NADDRS];

static bool
count_get(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
		  FsFault *fault)
{
	CountingFetch *counting = (CountingFetch *) fetch;

	counting->fetches++;
	counting->fetched += len;
	return memory_fetch_get(fetch, off, len, dst, fault);
}

static CountingFetch
counting_fetch(const uint8 *bytes, uint32 len)
{
	CountingFetch counting = {memory_fetch(bytes, len), 0, 0};

	counting.memory.fetch.fetch = count_get;
	return counting;
}

/* Odd addresses and keys; strings end in an odd number. */
static void
make_values(FsArena *arena)
{
	uint32		i;

	for (i = 0; i < NADDRS; i++)
	{
		bool		is_v4 = i < NADDRS4;

		addrs[i].family = is_v4 ? 4 : 6;
		addrs[i].bits = is_v4 ? 32 : 128;
		addrs[i].hi = is_v4 ? 0 : UINT64CONST(0x20010db800000000) + i / 700;
		addrs[i].lo = is_v4 ? 0x0a000001 + i * 600 : (uint64) i * 1000003 * 2 + 1;
		starts[i] = i;
		vectors[i] = (i / 90 + i % 7) % NVECTORS;
	}
	starts[NADDRS] = NADDRS;
	for (i = 0; i < NSTRINGS; i++)
	{
		char	   *s = arena->alloc(arena, STRING_LEN + 16);

		memset(s, 'a' + i / 200, STRING_LEN);
		lens[i] = STRING_LEN + sprintf(s + STRING_LEN, "%06u", 2 * i + 1);
		ptrs[i] = (const uint8 *) s;
	}
	for (i = 0; i < NKEYS; i++)
		keys[i] = ((int64) i - 9000) * 6 + 1;
}

static uint8 *
write_index(FsArena *arena, uint32 *len)
{
	static const uint16 cols[] = {4, 7, 9, 11};
	FsPindexWriter *writer = fs_pindex_write_begin(NROWS, arena);
	FsPindexDomainInput domain = {1, FS_KIND_ADDR, NADDRS, addrs, NULL, NULL, cols, 2, NULL, 0};
	FsPindexDomainInput strings = {2, FS_KIND_BYTES, NSTRINGS, NULL, ptrs, lens, cols + 2, 1, NULL, 0};
	FsPindexGroupInput group = {FS_KIND_ADDR, 1, NADDRS, NULL, starts, vectors, cols, 2, 1 << 30};
	FsPindexGroupInput ints = {FS_KIND_INT, FS_DOMAIN_NONE, NKEYS, keys, starts, vectors, cols + 3, 1, 1 << 30};

	fs_pindex_write_domain(writer, &domain);
	fs_pindex_write_domain(writer, &strings);
	ok(fs_pindex_write_group(writer, &group) && fs_pindex_write_group(writer, &ints),
	   "groups are written");
	return fs_pindex_write_end(writer, len);
}

/* Whether the list of value i is the one vector that it has. */
static bool
has_its_vector(FsPindex *index, uint32 group, uint32 i, FsVectorSet *set)
{
	FsPindexRange range = {i, i + 1};
	bool		is_listed = true;
	FsFault		fault;

	fs_vectorset_clear(set);
	return fs_pindex_union(index, group, range, set, &is_listed, &fault) && is_listed &&
		fs_vectorset_count(set) == 1 && fs_vectorset_contains(set, vectors[i]);
}

static void
test_addrs(FsPindex *index, FsVectorSet *set)
{
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < NADDRS; i++)
	{
		uint32		k = (i * 7919) % NADDRS;
		FsAddrNumber next = addrs[k];
		FsPindexRange range;
		FsAddr		addr;
		FsFault		fault;

		fs_addrmap_addr(&addrs[k], &addr);
		wrong += !fs_pindex_find_addrs(index, 1, &addr, &addr, &range, &fault) ||
			range.first != k || range.end != k + 1 || !has_its_vector(index, 0, k, set);
		next.lo++;
		fs_addrmap_addr(&next, &addr);
		wrong += !fs_pindex_find_addrs(index, 1, &addr, &addr, &range, &fault) ||
			range.first != range.end;
	}
	ok(wrong == 0, "addresses and their lists: %u", wrong);
}

static void
test_strings(FsPindex *index)
{
	FsDomainSource *source = fs_pindex_source(index);
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < NSTRINGS; i++)
	{
		uint32		k = (i * 7919) % NSTRINGS;
		FsPindexBytes value = {ptrs[k], lens[k] - 1};
		FsPindexRange range;
		const uint8 *ptr;
		uint32		len;
		FsFault		fault;

		wrong += !fs_pindex_find_bytes(index, 2, &value, &range, &fault) ||
			range.first != range.end;
		value.len++;
		wrong += !fs_pindex_find_bytes(index, 2, &value, &range, &fault) ||
			range.first != k || range.end != k + 1;
		wrong += !source->bytes(source, 2, &k, 1, &ptr, &len, &fault) || len != lens[k] ||
			memcmp(ptr, ptrs[k], len) != 0;
	}
	ok(wrong == 0, "strings: %u", wrong);
}

static void
test_ints(FsPindex *index, FsVectorSet *set)
{
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < NKEYS; i++)
	{
		uint32		k = (i * 7919) % NKEYS;
		FsPindexRange range;
		FsFault		fault;

		wrong += !fs_pindex_find_ints(index, 1, keys[k], keys[k], &range, &fault) ||
			range.first != k || range.end != k + 1 || !has_its_vector(index, 1, k, set);
		wrong += !fs_pindex_find_ints(index, 1, keys[k] + 1, keys[k] + 3, &range, &fault) ||
			range.first != range.end;
		wrong += !fs_pindex_find_ints(index, 1, keys[k], PG_INT64_MAX, &range, &fault) ||
			range.first != k || range.end != NKEYS;
	}
	ok(wrong == 0, "keys and their lists: %u", wrong);
}

/* One value of an index that was just opened. */
static void
test_cost(const uint8 *bytes, uint32 len, FsArena *arena)
{
	CountingFetch fetch = counting_fetch(bytes, len);
	FsPindexRange range;
	FsVectorSet set;
	FsAddr		addr;
	FsFault		fault;
	FsPindex   *index = fs_pindex_open(&fetch.memory.fetch, len, arena, &fault);
	bool		is_found;
	uint32		fetches;

	fs_vectorset_init(&set, NVECTORS, arena);
	ok(index && fetch.fetches == 1 && fetch.fetched <= 2048, "opening fetches the front alone");
	fs_addrmap_addr(&addrs[NADDRS4 / 2], &addr);
	is_found = fs_pindex_find_addrs(index, 1, &addr, &addr, &range, &fault) &&
		range.end > range.first;
	ok(is_found && fetch.fetches <= 3 && fetch.fetched < 4096,
	   "an address takes a leaf and a block: %u bytes", (uint32) fetch.fetched);
	is_found = has_its_vector(index, 0, range.first, &set);
	ok(is_found && fetch.fetches <= 5 && fetch.fetched < 6144,
	   "its list takes as much: %u bytes", (uint32) fetch.fetched);
	addr.addr[3]++;
	fetches = fetch.fetches;
	is_found = fs_pindex_find_addrs(index, 1, &addr, &addr, &range, &fault) &&
		range.end > range.first;
	ok(!is_found && fetch.fetches == fetches, "its neighbour takes nothing more");
}

/* Every byte changed is a fault, wherever the change is. */
static void
test_damage(uint8 *bytes, uint32 len)
{
	uint64		random = 3;
	uint32		unseen = 0;
	uint32		i;

	for (i = 0; i < 600; i++)
	{
		uint32		at = i < 200 ? i * 4 % len : tap_below(&random, len);
		FsArena    *arena = tap_arena();
		MemoryFetch fetch = memory_fetch(bytes, len);
		FsPindex   *index;
		FsFault		fault;

		bytes[at] ^= 1 << i % 8;
		index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
		unseen += index && fs_pindex_check(index, &fault);
		bytes[at] ^= 1 << i % 8;
		tap_arena_free(arena);
	}
	ok(unseen == 0, "%u changed bits were not noticed", unseen);
}

int
main(void)
{
	FsArena    *arena = tap_arena();
	uint32		len;
	uint8	   *bytes;
	MemoryFetch fetch;
	FsPindex   *index;
	FsVectorSet set;
	FsFault		fault = {"", 0};

	make_values(arena);
	bytes = write_index(arena, &len);
	fetch = memory_fetch(bytes, len);
	index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
	if (!ok(index && fs_pindex_check(index, &fault), "open and check %s", fault.reason))
		return tap_done();
	fs_vectorset_init(&set, NVECTORS, arena);
	test_addrs(index, &set);
	test_strings(index);
	test_ints(index, &set);
	test_cost(bytes, len, arena);
	test_damage(bytes, len);
	tap_arena_free(arena);
	return tap_done();
}
