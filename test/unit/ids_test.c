/*-------------------------------------------------------------------------
 *
 * Tables of ids give equal keys one id and different keys different ones, in
 * order of first sight, give keys back, and account for their memory.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "tap.h"
#include "vector/ids.h"

#define NKEYS	60000

/* --- an allocator that knows what it has given */

typedef struct Heap
{
	FsAllocator allocator;
	size_t		used;
	int			pieces;
} Heap;

static void *
heap_alloc(FsAllocator *allocator, size_t size)
{
	Heap	   *heap = (Heap *) allocator;
	size_t	   *memory = malloc(16 + size);

	memory[0] = size;
	memset(memory + 2, 0xa5, size);
	heap->used += size;
	heap->pieces++;
	return memory + 2;
}

static void
heap_release(FsAllocator *allocator, void *memory)
{
	Heap	   *heap = (Heap *) allocator;
	size_t	   *head = (size_t *) memory - 2;

	heap->used -= *head;
	heap->pieces--;
	free(head);
}

static Heap heap = {{heap_alloc, heap_release, NULL}, 0, 0};

/* --- keys of each kind, all made of one number */

typedef enum Kind
{
	KIND_INT,
	KIND_PAIR,
	KIND_ADDR,
	KIND_BYTES
} Kind;

typedef struct Keys
{
	Kind		kind;
	uint32		n;
	int64	   *ints;
	uint32	   *first;
	uint32	   *second;
	FsAddr	   *addrs;
	const uint8 **ptrs;
	uint32	   *lens;
	uint32	   *ids;
} Keys;

static void
keys_init(Keys *keys, Kind kind)
{
	memset(keys, 0, sizeof(Keys));
	keys->kind = kind;
	keys->ids = malloc(NKEYS * sizeof(uint32));
	keys->ints = malloc(NKEYS * sizeof(int64));
	keys->first = malloc(NKEYS * sizeof(uint32));
	keys->second = malloc(NKEYS * sizeof(uint32));
	keys->addrs = malloc(NKEYS * sizeof(FsAddr));
	keys->ptrs = malloc(NKEYS * sizeof(uint8 *));
	keys->lens = malloc(NKEYS * sizeof(uint32));
}

/* Different numbers give different keys; x = -1 is the empty string. */
static void
keys_add(Keys *keys, int64 x)
{
	uint32		i = keys->n++;
	uint8	   *bytes;

	keys->ints[i] = x;
	keys->first[i] = (uint32) ((uint64) x >> 32);
	keys->second[i] = (uint32) x;
	if (keys->kind == KIND_ADDR)
	{
		FsAddr	   *addr = &keys->addrs[i];

		memset(addr, 0, sizeof(FsAddr));
		addr->family = x % 3 == 0 ? 6 : 4;
		addr->bits = x % 5 == 0 ? 24 : 32;
		memcpy(addr->addr + (x % 3 == 0 ? 8 : 0), &x, 8);
	}
	if (keys->kind == KIND_BYTES)
	{
		keys->lens[i] = x == -1 ? 0 : 8 + ((uint64) x % 7 == 0 ? (uint64) x % 6000 : 0);
		bytes = malloc(keys->lens[i] + 1);
		memset(bytes, 0, keys->lens[i]);
		if (x != -1)
			memcpy(bytes, &x, 8);
		keys->ptrs[i] = bytes;
	}
}

static void
keys_free(Keys *keys)
{
	uint32		i;

	if (keys->kind == KIND_BYTES)
		for (i = 0; i < keys->n; i++)
			free((void *) keys->ptrs[i]);
	free(keys->ids);
	free(keys->ints);
	free(keys->first);
	free(keys->second);
	free(keys->addrs);
	free(keys->ptrs);
	free(keys->lens);
}

/* --- one interface to the four tables */

static void *
create(Kind kind, uint64 seed)
{
	FsAllocator *allocator = &heap.allocator;

	return kind == KIND_INT ? (void *) fs_int_ids_create(allocator, seed) :
		kind == KIND_PAIR ? (void *) fs_pair_ids_create(allocator, seed) :
		kind == KIND_ADDR ? (void *) fs_addr_ids_create(allocator, seed) :
		(void *) fs_bytes_ids_create(allocator, seed);
}

static void
add(void *table, const Keys *keys, uint32 i, uint32 n)
{
	uint32	   *ids = keys->ids + i;

	if (keys->kind == KIND_INT)
		fs_int_ids_add(table, keys->ints + i, n, ids);
	else if (keys->kind == KIND_PAIR)
		fs_pair_ids_add(table, keys->first + i, keys->second + i, n, ids);
	else if (keys->kind == KIND_ADDR)
		fs_addr_ids_add(table, keys->addrs + i, n, ids);
	else
		fs_bytes_ids_add(table, keys->ptrs + i, keys->lens + i, n, ids);
}

static uint32
number(Kind kind, void *table)
{
	return kind == KIND_INT ? fs_int_ids_n(table) :
		kind == KIND_PAIR ? fs_pair_ids_n(table) :
		kind == KIND_ADDR ? fs_addr_ids_n(table) : fs_bytes_ids_n(table);
}

static size_t
bytes_used(Kind kind, void *table)
{
	return kind == KIND_INT ? fs_int_ids_bytes(table) :
		kind == KIND_PAIR ? fs_pair_ids_bytes(table) :
		kind == KIND_ADDR ? fs_addr_ids_bytes(table) : fs_bytes_ids_bytes(table);
}

static void
destroy(Kind kind, void *table)
{
	if (kind == KIND_INT)
		fs_int_ids_destroy(table);
	else if (kind == KIND_PAIR)
		fs_pair_ids_destroy(table);
	else if (kind == KIND_ADDR)
		fs_addr_ids_destroy(table);
	else
		fs_bytes_ids_destroy(table);
}

/* Whether the table gives back key i under its id. */
static bool
gives_back(const Keys *keys, void *table, uint32 i)
{
	uint32		id = keys->ids[i];
	uint32		first;
	uint32		second;
	uint32		len;
	const uint8 *bytes;

	switch (keys->kind)
	{
		case KIND_INT:
			return fs_int_ids_keys(table)[id] == keys->ints[i];
		case KIND_PAIR:
			fs_pair_ids_key(table, id, &first, &second);
			return first == keys->first[i] && second == keys->second[i];
		case KIND_ADDR:
			return memcmp(&fs_addr_ids_keys(table)[id], &keys->addrs[i],
						  sizeof(FsAddr)) == 0;
		default:
			bytes = fs_bytes_ids_key(table, id, &len);
			return len == keys->lens[i] &&
				(len == 0 || memcmp(bytes, keys->ptrs[i], len) == 0);
	}
}

static int
compare_ints(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

static uint32
count_different(const Keys *keys)
{
	int64	   *sorted = malloc(keys->n * sizeof(int64) + 1);
	uint32		n = 0;
	uint32		i;

	memcpy(sorted, keys->ints, keys->n * sizeof(int64));
	qsort(sorted, keys->n, sizeof(int64), compare_ints);
	for (i = 0; i < keys->n; i++)
		n += i == 0 || sorted[i] != sorted[i - 1];
	free(sorted);
	return n;
}

/*
 * Each key has an id whose key it is; ids rise by one as keys are new, but for
 * addresses; there are as many as different keys, so no key has two.
 */
static bool
is_right(const Keys *keys, void *table)
{
	uint32		n = number(keys->kind, table);
	uint32		next = 0;
	uint32		i;

	for (i = 0; i < keys->n; i++)
	{
		if (keys->ids[i] >= n || !gives_back(keys, table, i) ||
			(keys->ids[i] > next && keys->kind != KIND_ADDR))
			return false;
		next += keys->ids[i] == next;
	}
	return (next == n || keys->kind == KIND_ADDR) && n == count_different(keys);
}

/* Add all in batches of some length, twice; the second time nothing is new. */
static void
check(Keys *keys, uint32 batch, const char *name)
{
	static const char *const kinds[] = {"integers", "pairs", "addresses", "strings"};
	void	   *table = create(keys->kind, 77);
	uint32	   *ids = malloc(keys->n * sizeof(uint32) + 1);
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < keys->n; i += batch)
	{
		add(table, keys, i, Min(batch, keys->n - i));
		is_ok &= bytes_used(keys->kind, table) == heap.used;
	}
	is_ok &= is_right(keys, table);
	memcpy(ids, keys->ids, keys->n * sizeof(uint32));
	add(table, keys, 0, keys->n);
	is_ok &= memcmp(ids, keys->ids, keys->n * sizeof(uint32)) == 0;
	is_ok &= is_right(keys, table);
	destroy(keys->kind, table);
	is_ok &= heap.used == 0 && heap.pieces == 0;
	ok(is_ok, "%s, %s", kinds[keys->kind], name);
	free(ids);
}

typedef int64 (*Maker) (uint32 i, uint64 *state);

static int64
close_together(uint32 i, uint64 *state)
{
	return (int64) tap_below(state, 700) - 300;
}

static int64
spread_out(uint32 i, uint64 *state)
{
	return (int64) (tap_below(state, 20000) * UINT64CONST(0x123456789abcd));
}

static int64
in_runs(uint32 i, uint64 *state)
{
	return (int64) (i / 7 % 5000) << 33 | i / 21;
}

/* Starts close together and then does not fit an array. */
static int64
growing(uint32 i, uint64 *state)
{
	return (int64) tap_below(state, i + 1) * (i < 30000 ? 10 : -100000);
}

/* Alternates between both ends of what it had. */
static int64
both_ways(uint32 i, uint64 *state)
{
	return i % 2 ? (int64) i * 8 : -(int64) i * 8;
}

static int64
ends_of_integers(uint32 i, uint64 *state)
{
	return tap_below(state, 2) ? PG_INT64_MAX - (int64) tap_below(state, 3000) :
		PG_INT64_MIN + (int64) tap_below(state, 3000);
}

static int64
upper_end(uint32 i, uint64 *state)
{
	return PG_INT64_MAX - (int64) tap_below(state, 1 + i);
}

static int64
lower_end(uint32 i, uint64 *state)
{
	return PG_INT64_MIN + (int64) tap_below(state, 1 + i);
}

/* Keys that differ in few high bits, as a stranger might choose. */
static int64
high_bits(uint32 i, uint64 *state)
{
	return (int64) ((uint64) i << 48 | (uint64) (i >> 12) << 28);
}

static int64
any_int(uint32 i, uint64 *state)
{
	return i % 100 == 0 ? -1 : (int64) tap_random(state);
}

typedef struct Case
{
	const char *name;
	Maker		maker;
	uint32		n;
	uint32		batch;
} Case;

static const Case cases[] = {
	{"no key", any_int, 0, 1},
	{"one key", any_int, 1, 1},
	{"close together", close_together, 20000, 1024},
	{"close together, one by one", close_together, 3000, 1},
	{"spread out", spread_out, NKEYS, 1000},
	{"in runs", in_runs, NKEYS, 1024},
	{"in runs, long batches", in_runs, NKEYS, 5000},
	{"growing", growing, NKEYS, 777},
	{"growing both ways", both_ways, NKEYS, 100},
	{"from both ends of the integers", ends_of_integers, 10000, 1024},
	{"from the upper end", upper_end, 20000, 10},
	{"from the lower end", lower_end, 20000, 10},
	{"different in high bits", high_bits, NKEYS, 1024},
	{"random", any_int, NKEYS, NKEYS},
};

/* Arrays of pairs are as long as the numbers, in either place, ask for. */
static void
pairs_of_codes(void)
{
	Keys		keys;
	uint64		state = 3;
	uint32		i;

	keys_init(&keys, KIND_PAIR);
	for (i = 0; i < 40000; i++)
	{
		uint32		limit = 1 + i / 20;

		keys.first[i] = i < 20000 ? tap_below(&state, limit) : tap_below(&state, 3);
		keys.second[i] = i < 20000 ? tap_below(&state, 5) : tap_below(&state, limit);
		keys.ints[i] = (int64) ((uint64) keys.first[i] << 32 | keys.second[i]);
	}
	keys.n = 10000;
	check(&keys, 500, "an array that grows in the first number");
	keys.n = 40000;
	check(&keys, 500, "an array that grows until it is given up");
	keys_free(&keys);
}

/* Addresses whose bytes are the same differ by prefix length and family. */
static void
equal_bytes(void)
{
	FsAddrIds  *table = fs_addr_ids_create(&heap.allocator, 5);
	FsAddr		addrs[33 + 129];
	uint32		ids[33 + 129];
	bool		is_ok = true;
	uint32		i;

	memset(addrs, 0, sizeof(addrs));
	for (i = 0; i < lengthof(addrs); i++)
	{
		addrs[i].family = i < 33 ? 4 : 6;
		addrs[i].bits = i < 33 ? i : i - 33;
	}
	fs_addr_ids_add(table, addrs, lengthof(addrs), ids);
	for (i = 0; i < lengthof(addrs); i++)
		is_ok &= memcmp(&fs_addr_ids_keys(table)[ids[i]], &addrs[i], sizeof(FsAddr)) == 0;
	ok(is_ok && fs_addr_ids_n(table) == lengthof(addrs),
	   "addresses that differ in prefix length or family only");
	fs_addr_ids_destroy(table);
}

/* Tables do without hashing while an array serves; it shows in their size. */
static void
sizes(void)
{
	FsIntIds   *table = fs_int_ids_create(&heap.allocator, 5);
	int64		v[2] = {1000, 1000 + (1 << 20) - 1};
	uint32		ids[2];

	fs_int_ids_add(table, v, 1, ids);
	ok(fs_int_ids_bytes(table) < 10000, "an array for one key is small");
	fs_int_ids_add(table, v, 2, ids);
	ok(fs_int_ids_bytes(table) > (size_t) 8 << 20, "an array of 2^20 integers");
	v[0] = 999;
	fs_int_ids_add(table, v, 2, ids);
	ok(fs_int_ids_bytes(table) < 10000 && ids[0] == 2 && ids[1] == 1,
	   "beyond that the array is given up");
	fs_int_ids_destroy(table);
}

/* A scattered table has no array, whether asked before or after keys came. */
static void
scattered(void)
{
	FsIntIds   *ints = fs_int_ids_create(&heap.allocator, 5);
	FsPairIds  *pairs = fs_pair_ids_create(&heap.allocator, 5);
	int64		v[3] = {7, 1000000, 7};
	uint32		first[3] = {1000, 3, 1000};
	uint32		second[3] = {1000, 4, 1000};
	uint32		ids[3];
	int			i;

	fs_int_ids_scatter(ints);
	fs_int_ids_add(ints, v, 3, ids);
	ok(ids[0] == 0 && ids[1] == 1 && ids[2] == 0 && fs_int_ids_n(ints) == 2 &&
	   fs_int_ids_keys(ints)[1] == 1000000 && fs_int_ids_bytes(ints) < 10000,
	   "scattered integers");
	fs_pair_ids_add(pairs, first, second, 1, ids);
	for (i = 0; i < 2; i++)
	{
		fs_pair_ids_scatter(pairs);
		fs_pair_ids_add(pairs, first, second, 3, ids);
		ok(ids[0] == 0 && ids[1] == 1 && ids[2] == 0 &&
		   fs_pair_ids_n(pairs) == 2 && fs_pair_ids_bytes(pairs) < 10000,
		   "scattered pairs");
	}
	fs_int_ids_destroy(ints);
	fs_pair_ids_destroy(pairs);
}

int
main(void)
{
	uint64		state = 14;
	int			kind;
	int			c;
	uint32		i;

	for (kind = KIND_INT; kind <= KIND_BYTES; kind++)
		for (c = 0; c < lengthof(cases); c++)
		{
			Keys		keys;

			keys_init(&keys, kind);
			for (i = 0; i < cases[c].n; i++)
				keys_add(&keys, cases[c].maker(i, &state));
			check(&keys, cases[c].batch, cases[c].name);
			keys_free(&keys);
		}
	pairs_of_codes();
	equal_bytes();
	sizes();
	scattered();
	return tap_done();
}
