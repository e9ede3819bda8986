/*-------------------------------------------------------------------------
 *
 * How fast kernels on vectors and tables of ids are.
 *
 * Not a test: prints ns a value at each level that the processor has.  Each
 * vector of FS_VECTOR_ROWS values is timed on its own and its best time of
 * several passes counts, so others on the machine disturb little.  Build
 * without sanitizers (make bench-vector).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <time.h>

#include "tap.h"
#include "vector/compact.h"
#include "vector/compare.h"
#include "vector/group.h"
#include "vector/ids.h"
#include "vector/level.h"
#include "vector/reduce.h"

#define VECTORS		64
#define ROUNDS		25
#define NVALUES		(VECTORS * FS_VECTOR_ROWS)
#define MAX_GROUPS	50000
#define ID_KEYS		(1 << 20)
#define ID_ROUNDS	9

typedef struct Bench
{
	int64	   *v;				/* [NVALUES], below 1,500 */
	uint32	   *g;				/* [NVALUES] */
	uint8	   *match;			/* [MAX_GROUPS] */
	FsBits		half[VECTORS];	/* random rows */
	uint16		rows[FS_VECTOR_ROWS];
	uint32		nrows;			/* of rows, from half[0] */
	FsIntSet const *set;
	FsBits		out;
	int64		dst[FS_VECTOR_ROWS];
	FsInt128   *sums;
	FsUint192  *squares;
	int64	   *counts;
	int64		sink;			/* so that nothing is left out */
} Bench;

/* Does something to vector i. */
typedef void (*Kernel) (Bench *bench, int i);

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void
run(Bench *bench, const char *name, Kernel kernel)
{
	int			level;

	printf("%-34s", name);
	for (level = FS_LEVEL_PORTABLE; level <= FS_LEVEL_AVX512; level++)
	{
		double		best[VECTORS];
		double		all = 0;
		int			round;
		int			i;

		if (fs_level_use(level) != (FsLevel) level)
			break;
		for (round = 0; round < ROUNDS; round++)
			for (i = 0; i < VECTORS; i++)
			{
				double		start = now();

				kernel(bench, i);
				start = now() - start;
				best[i] = round == 0 ? start : Min(best[i], start);
			}
		for (i = 0; i < VECTORS; i++)
			all += best[i];
		printf(" %8.3f", all / NVALUES);
	}
	printf("\n");
}

#define V(i)	(bench->v + (i) * FS_VECTOR_ROWS)
#define G(i)	(bench->g + (i) * FS_VECTOR_ROWS)

#define KERNEL(name, call) \
static void \
name(Bench *bench, int i) \
{ \
	call; \
}

KERNEL(range, fs_compare_range(V(i), FS_VECTOR_ROWS, 100, 700, &bench->out))
KERNEL(set, fs_compare_set(V(i), FS_VECTOR_ROWS, bench->set, &bench->out))
KERNEL(code, fs_compare_code(G(i), FS_VECTOR_ROWS, 5, &bench->out))
KERNEL(code_range, fs_compare_code_range(G(i), FS_VECTOR_ROWS, 5, 500, &bench->out))
KERNEL(table, fs_compare_table(G(i), FS_VECTOR_ROWS, bench->match, &bench->out))
KERNEL(bools, fs_bits_from_bools((const bool *) bench->match + i, FS_VECTOR_ROWS, &bench->out))
KERNEL(list, bench->sink += fs_bits_list(&bench->half[i], bench->rows))
KERNEL(count_bits, bench->sink += fs_bits_count(&bench->half[i]))
KERNEL(compact, fs_compact_int64(V(i), bench->rows, bench->nrows, bench->dst))
KERNEL(sum, fs_reduce_sum(V(i), FS_VECTOR_ROWS, bench->sums))
KERNEL(squares, fs_reduce_sum_squares(V(i), FS_VECTOR_ROWS, bench->squares))
KERNEL(min, bench->sink += fs_reduce_min(V(i), FS_VECTOR_ROWS))
KERNEL(group_count, fs_group_count(G(i), FS_VECTOR_ROWS, bench->counts))
KERNEL(group_sum, fs_group_sum(G(i), V(i), FS_VECTOR_ROWS, bench->sums))
KERNEL(group_squares, fs_group_sum_squares(G(i), V(i), FS_VECTOR_ROWS, bench->squares))
KERNEL(group_min, fs_group_min(G(i), V(i), FS_VECTOR_ROWS, bench->counts))

/* Groups in runs of about so many rows; 1 for none. */
static void
fill_groups(Bench *bench, uint32 ngroups, uint32 run_rows)
{
	uint64		state = 99;
	uint32		group = 0;
	int			i;

	for (i = 0; i < NVALUES; i++)
	{
		if (tap_below(&state, run_rows) == 0)
			group = tap_below(&state, ngroups);
		bench->g[i] = group;
	}
}

static const FsIntSet *
make_set(FsArena *arena, uint32 n, uint64 span)
{
	uint64		state = 5;
	int64	   *values = arena->alloc(arena, n * sizeof(int64));
	uint32		i;

	for (i = 0; i < n; i++)
		values[i] = tap_below(&state, span);
	return fs_intset_create(values, n, 7, arena);
}

static void
bench_sets(Bench *bench)
{
	FsArena    *arena = tap_arena();

	bench->set = make_set(arena, 5, 1500);
	run(bench, "compare_set, list of 5", set);
	bench->set = make_set(arena, 100, 1500);
	run(bench, "compare_set, bitmap", set);
	bench->set = make_set(arena, 1000, UINT64CONST(1) << 40);
	run(bench, "compare_set, hash of 1,000", set);
	tap_arena_free(arena);
}

static void
bench_groups(Bench *bench, const char *name)
{
	printf("%s\n", name);
	run(bench, "  group_count", group_count);
	run(bench, "  group_sum", group_sum);
	run(bench, "  group_sum_squares", group_squares);
	run(bench, "  group_min", group_min);
}

static void
bench_kernels(Bench *bench)
{
	printf("%-34s %8s %8s %8s\n", "ns a value", "portable", "AVX2", "AVX-512");
	fill_groups(bench, 1000, 1);
	run(bench, "compare_range", range);
	run(bench, "compare_code", code);
	run(bench, "compare_code_range", code_range);
	run(bench, "compare_table", table);
	bench_sets(bench);
	run(bench, "bits_from_bools", bools);
	run(bench, "bits_count", count_bits);
	run(bench, "bits_list, half of the rows", list);
	bench->nrows = fs_bits_list(&bench->half[0], bench->rows);
	run(bench, "compact_int64, half of the rows", compact);
	run(bench, "reduce_sum", sum);
	run(bench, "reduce_sum_squares", squares);
	run(bench, "reduce_min", min);
	fill_groups(bench, 1, 1);
	bench_groups(bench, "one group");
	fill_groups(bench, 8, 1);
	bench_groups(bench, "8 groups");
	fill_groups(bench, 1000, 1);
	bench_groups(bench, "1,000 groups");
	fill_groups(bench, MAX_GROUPS, 1);
	bench_groups(bench, "50,000 groups");
	fill_groups(bench, 1000, 3);
	bench_groups(bench, "1,000 groups in runs of 3");
	fill_groups(bench, 1000, 10);
	bench_groups(bench, "1,000 groups in runs of 10");
}

/* --- tables of ids: ID_KEYS look-ups of keys that are all known */

typedef enum IdsKind
{
	IDS_INT,
	IDS_PAIR,
	IDS_ADDR,
	IDS_BYTES
} IdsKind;

typedef struct IdKeys
{
	int64	   *ints;
	uint32	   *first;
	uint32	   *second;
	FsAddr	   *addrs;
	const uint8 **ptrs;
	uint32	   *lens;
	uint32	   *ids;
} IdKeys;

static void *
take(FsAllocator *allocator, size_t size)
{
	return malloc(size);
}

static void
give_back(FsAllocator *allocator, void *memory)
{
	free(memory);
}

static FsAllocator malloc_allocator = {take, give_back, NULL};

/* Key number x as each kind of key; scale spreads integers out. */
static void
make_key(IdKeys *keys, int i, uint32 x, uint64 scale)
{
	static uint8 names[1 << 21][16];
	FsAddr	   *addr = &keys->addrs[i];

	keys->ints[i] = x * scale;
	keys->first[i] = x / 8;
	keys->second[i] = x % 8 * (scale > 1 ? 99991 : 1);
	memset(addr, 0, sizeof(FsAddr));
	addr->family = x % 4 == 0 ? 6 : 4;
	addr->bits = x % 4 == 0 ? 128 : 32;
	memcpy(addr->addr + (x % 4 == 0 ? 12 : 0), &x, 4);
	keys->lens[i] = snprintf((char *) names[x], 16, "host-%u", x);
	keys->ptrs[i] = names[x];
}

static void
fill_keys(IdKeys *keys, uint32 nkeys, uint32 run_rows, uint64 scale)
{
	uint64		state = 3;
	uint32		x = 0;
	int			i;

	for (i = 0; i < ID_KEYS; i++)
	{
		if (tap_below(&state, run_rows) == 0)
			x = tap_below(&state, nkeys);
		make_key(keys, i, x, scale);
	}
}

static void
add(IdKeys *keys, IdsKind kind, void *table, int i)
{
	if (kind == IDS_INT)
		fs_int_ids_add(table, keys->ints + i, FS_VECTOR_ROWS, keys->ids);
	else if (kind == IDS_PAIR)
		fs_pair_ids_add(table, keys->first + i, keys->second + i,
						FS_VECTOR_ROWS, keys->ids);
	else if (kind == IDS_ADDR)
		fs_addr_ids_add(table, keys->addrs + i, FS_VECTOR_ROWS, keys->ids);
	else
		fs_bytes_ids_add(table, keys->ptrs + i, keys->lens + i, FS_VECTOR_ROWS,
						 keys->ids);
}

/* One pass; best[] of the batches, and what all took. */
static double
add_all(IdKeys *keys, IdsKind kind, void *table, double *best)
{
	double		first = now();
	int			i;

	for (i = 0; i < ID_KEYS / FS_VECTOR_ROWS; i++)
	{
		double		start = now();

		add(keys, kind, table, i * FS_VECTOR_ROWS);
		best[i] = Min(best[i], now() - start);
	}
	return now() - first;
}

static size_t
destroy(IdsKind kind, void *table)
{
	size_t		bytes = kind == IDS_INT ? fs_int_ids_bytes(table) :
		kind == IDS_PAIR ? fs_pair_ids_bytes(table) :
		kind == IDS_ADDR ? fs_addr_ids_bytes(table) :
		fs_bytes_ids_bytes(table);

	if (kind == IDS_INT)
		fs_int_ids_destroy(table);
	else if (kind == IDS_PAIR)
		fs_pair_ids_destroy(table);
	else if (kind == IDS_ADDR)
		fs_addr_ids_destroy(table);
	else
		fs_bytes_ids_destroy(table);
	return bytes;
}

static void
bench_ids_of(IdKeys *keys, const char *name, IdsKind kind)
{
	FsAllocator *allocator = &malloc_allocator;
	void	   *table = kind == IDS_INT ? (void *) fs_int_ids_create(allocator, 1) :
		kind == IDS_PAIR ? (void *) fs_pair_ids_create(allocator, 1) :
		kind == IDS_ADDR ? (void *) fs_addr_ids_create(allocator, 1) :
		(void *) fs_bytes_ids_create(allocator, 1);
	double		best[ID_KEYS / FS_VECTOR_ROWS];
	double		all = 0;
	double		first;
	int			i;

	for (i = 0; i < lengthof(best); i++)
		best[i] = 1e18;
	first = add_all(keys, kind, table, best);
	for (i = 0; i < ID_ROUNDS; i++)
		add_all(keys, kind, table, best);
	for (i = 0; i < lengthof(best); i++)
		all += best[i];
	printf("  %-32s %8.2f %8.2f %8zu\n", name, all / ID_KEYS, first / ID_KEYS,
		   destroy(kind, table) / 1024);
}

static void
bench_ids(void)
{
	static const uint32 nkeys[] = {1000, 20000, 100000, 1000000};
	IdKeys		keys;
	int			i;
	int			runs;

	keys.ints = calloc(ID_KEYS, sizeof(int64));
	keys.first = calloc(ID_KEYS, sizeof(uint32));
	keys.second = calloc(ID_KEYS, sizeof(uint32));
	keys.addrs = calloc(ID_KEYS, sizeof(FsAddr));
	keys.ptrs = calloc(ID_KEYS, sizeof(uint8 *));
	keys.lens = calloc(ID_KEYS, sizeof(uint32));
	keys.ids = calloc(FS_VECTOR_ROWS, sizeof(uint32));
	printf("\nids, ns a key                         known    first       kB\n");
	for (runs = 1; runs <= 4; runs += 3)
		for (i = 0; i < lengthof(nkeys); i++)
		{
			printf("%u keys%s\n", nkeys[i], runs > 1 ? " in runs of 4" : "");
			fill_keys(&keys, nkeys[i], runs, 1);
			bench_ids_of(&keys, "integers close together", IDS_INT);
			bench_ids_of(&keys, "pairs close together", IDS_PAIR);
			bench_ids_of(&keys, "addresses", IDS_ADDR);
			bench_ids_of(&keys, "strings", IDS_BYTES);
			fill_keys(&keys, nkeys[i], runs, UINT64CONST(1000003));
			bench_ids_of(&keys, "integers", IDS_INT);
			bench_ids_of(&keys, "pairs", IDS_PAIR);
		}
}

int
main(int argc, char **argv)
{
	Bench	   *bench = calloc(1, sizeof(Bench));
	uint64		state = 1;
	int			i;
	int			w;

	bench->v = calloc(NVALUES, sizeof(int64));
	bench->g = calloc(NVALUES, sizeof(uint32));
	bench->match = calloc(MAX_GROUPS, 1);
	bench->sums = calloc(MAX_GROUPS, sizeof(FsInt128));
	bench->squares = calloc(MAX_GROUPS, sizeof(FsUint192));
	bench->counts = calloc(MAX_GROUPS, sizeof(int64));
	for (i = 0; i < NVALUES; i++)
		bench->v[i] = tap_below(&state, 1500);
	for (i = 0; i < MAX_GROUPS; i++)
		bench->match[i] = tap_below(&state, 2);
	for (i = 0; i < VECTORS; i++)
		for (w = 0; w < FS_BITS_WORDS; w++)
			bench->half[i].word[w] = tap_random(&state);
	if (argc < 2 || strcmp(argv[1], "ids") != 0)
		bench_kernels(bench);
	fs_level_use(FS_LEVEL_AVX512);
	bench_ids();
	return 0;
}
