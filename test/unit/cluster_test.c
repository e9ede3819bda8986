/*-------------------------------------------------------------------------
 *
 * Clustered rows are the rows that went in, in order, and their index lists
 * each value in the vectors that have it and in no other.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/cluster.h"
#include "format/pindex.h"
#include "memory_fetch.h"
#include "sample.h"
#include "tap.h"

#define MAX_COLS	8
#define NSOURCES	3
#define SOURCE_ROWS 30000

/* A column of a case: made by one rule in each source chunk. */
typedef struct CaseColumn
{
	uint8		kind;
	uint8		order;
	SampleRule	rule;
	uint32		null_one_in;
} CaseColumn;

typedef struct Case
{
	const char *name;
	uint32		ncols;
	CaseColumn	cols[MAX_COLS];
	FsClusterPair endpoints;
	FsClusterPair ports;
	FsClusterPair swap;
	int			proto;
	int			time;
	uint32		nzorder;
	int			zorder[FS_CLUSTER_MAX_ZORDER];
	uint32		nlists;
	FsClusterList lists[4];
	uint32		keep_one_in;	/* rows taken; 1: all */
} Case;

#define NO_PAIR		{FS_CLUSTER_NONE, FS_CLUSTER_NONE}
#define INT_COL		FS_KIND_INT, FS_ORDER_INT
#define ADDR_COL	FS_KIND_ADDR, FS_ORDER_ADDR
#define BYTES_COL	FS_KIND_BYTES, FS_ORDER_BYTES

static const Case cases[] = {
	{"flows", 8,
		{{INT_COL, SAMPLE_RISING, 0}, {ADDR_COL, SAMPLE_V4, 0}, {ADDR_COL, SAMPLE_MIXED, 0},
			{INT_COL, SAMPLE_SMALL, 0}, {INT_COL, SAMPLE_SKEWED, 0}, {INT_COL, SAMPLE_FEW, 0},
			{INT_COL, SAMPLE_FEW, 20}, {BYTES_COL, SAMPLE_WORDS, 3}},
		{1, 2}, {3, 4}, {5, 6}, 5, 0, 0, {0},
	4, {{2, {1, 2}}, {2, {4, 3}}, {1, {7}}, {1, {6}}}, 1},
	{"flows with nulls and prefixes", 6,
		{{INT_COL, SAMPLE_RISING, 9}, {ADDR_COL, SAMPLE_PREFIXES, 4}, {ADDR_COL, SAMPLE_PREFIXES, 5},
			{INT_COL, SAMPLE_SMALL, 6}, {INT_COL, SAMPLE_SMALL, 7}, {ADDR_COL, SAMPLE_DISTINCT, 3}},
		{1, 2}, {3, 4}, NO_PAIR, FS_CLUSTER_NONE, 0, 0, {0},
	4, {{1, {1}}, {1, {5}}, {2, {3, 4}}, {2, {5, 1}}}, 3},
	{"z-order of four kinds", 5,
		{{INT_COL, SAMPLE_RANDOM, 0}, {BYTES_COL, SAMPLE_WORDS, 5}, {ADDR_COL, SAMPLE_V6, 0},
			{FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_FLOATS, 4}, {INT_COL, SAMPLE_RISING, 0}},
		NO_PAIR, NO_PAIR, NO_PAIR, FS_CLUSTER_NONE, 4, 4, {0, 1, 2, 3},
	3, {{1, {0}}, {1, {1}}, {1, {2}}}, 1},
	{"by time", 3,
		{{INT_COL, SAMPLE_RANDOM, 50}, {BYTES_COL, SAMPLE_DISTINCT, 2},
			{FS_KIND_BYTES, FS_ORDER_CALLBACK, SAMPLE_WORDS, 2}},
		NO_PAIR, NO_PAIR, NO_PAIR, FS_CLUSTER_NONE, 0, 1, {2},
	2, {{1, {1}}, {1, {2}}}, 2},
	{"nothing to order by", 4,
		{{BYTES_COL, SAMPLE_EMPTY, 0}, {BYTES_COL, SAMPLE_WORDS, 1}, {ADDR_COL, SAMPLE_V4, 1},
			{INT_COL, SAMPLE_SMALL, 1}},
		NO_PAIR, NO_PAIR, NO_PAIR, FS_CLUSTER_NONE, FS_CLUSTER_NONE, 0, {0},
	4, {{1, {0}}, {1, {1}}, {1, {2}}, {1, {3}}}, 5}
};

/* A value, wherever it was; two are the same if these bytes are. */
typedef struct Value
{
	bool		is_null;
	int64		x;
	FsAddr		addr;
	const uint8 *ptr;
	uint32		len;
} Value;

typedef struct Fixture
{
	const Case *c;
	FsArena    *arena;
	FsColumnSpec specs[MAX_COLS];
	Sample		samples[MAX_COLS];	/* of the rows of all sources */
	uint32		nrows;
	uint32	   *origins;		/* [nrows] sample row of each old row */
} Fixture;

typedef struct ChunkFetch
{
	FsFetch		fetch;
	const uint8 *bytes;
} ChunkFetch;

static const uint8 *
get_bytes(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return ((ChunkFetch *) fetch)->bytes + off;
}

/* An open chunk, and the dictionaries of its columns. */
typedef struct Open
{
	ChunkFetch	fetch;
	FsChunkHead *head;
	FsColumnReader *readers[MAX_COLS];
	FsClusterDict dicts[MAX_COLS];
} Open;

static bool
open_chunk(const Fixture *f, const uint8 *bytes, FsDomainSource *domains,
		   FsArena *arena, Open *open)
{
	FsFault		fault;
	uint32		version;
	uint32		head_len;
	uint32		n;
	FsChunkReader *reader;
	uint32		i;

	memset(open, 0, sizeof(*open));
	open->fetch.fetch.get = get_bytes;
	open->fetch.fetch.load = NULL;
	open->fetch.bytes = bytes;
	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault) ||
		!(open->head = fs_chunk_head_parse(bytes, head_len, arena, &fault)))
		return false;
	reader = fs_chunkreader_open(open->head, &open->fetch.fetch, domains, arena);
	for (i = 0; i < f->c->ncols; i++)
	{
		FsClusterDict *dict = &open->dicts[i];

		open->readers[i] = fs_chunkreader_column(reader, f->specs[i].id, &fault);
		if (!open->readers[i])
			return false;
		if (f->specs[i].kind == FS_KIND_ADDR)
			dict->addrs = fs_column_dict_addrs(open->readers[i], &n, &fault);
		else if (f->specs[i].kind == FS_KIND_BYTES &&
				 !fs_column_dict_bytes(open->readers[i], &n, &dict->ptrs, &dict->lens, &fault))
			return false;
	}
	return true;
}

static Value
sample_value(const Fixture *f, uint32 col, uint32 origin)
{
	const Sample *sample = &f->samples[col];
	Value		value;

	memset(&value, 0, sizeof(value));
	value.is_null = sample_is_null(sample, origin);
	if (value.is_null)
		return value;
	if (sample->values.ints)
		value.x = sample->values.ints[origin];
	else if (sample->values.addrs)
		value.addr = sample->values.addrs[origin];
	else
	{
		value.ptr = sample->values.bytes + sample->values.offs[origin];
		value.len = sample->values.offs[origin + 1] - sample->values.offs[origin];
	}
	return value;
}

static Value
vector_value(const FsVector *vector, const FsClusterDict *dict, uint32 row)
{
	Value		value;

	memset(&value, 0, sizeof(value));
	value.is_null = vector->has_nulls && vector->is_null[row];
	if (value.is_null)
		return value;
	if (vector->ints)
		value.x = vector->ints[row];
	else if (dict->addrs || vector->addrs)
		value.addr = vector->dict_n > 0 ? dict->addrs[vector->codes[row]] : vector->addrs[row];
	else
	{
		value.ptr = vector->dict_n > 0 ? dict->ptrs[vector->codes[row]] : vector->ptrs[row];
		value.len = vector->dict_n > 0 ? dict->lens[vector->codes[row]] : vector->lens[row];
	}
	return value;
}

static bool
is_same(const Value *a, const Value *b)
{
	return a->is_null == b->is_null && a->x == b->x && a->len == b->len &&
		memcmp(&a->addr, &b->addr, sizeof(FsAddr)) == 0 &&
		(a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

/* Make most odd rows of a pair answers to the row before. */
static void
mirror(Fixture *f, FsClusterPair pair)
{
	FsColumnValues *a;
	FsColumnValues *b;
	uint32		i;

	if (pair.src < 0)
		return;
	a = &f->samples[pair.src].values;
	b = &f->samples[pair.dst].values;
	for (i = 1; i < NSOURCES * SOURCE_ROWS; i += 2)
		if (i % 9 != 0 && a->addrs)
		{
			unconstify(FsAddr *, a->addrs)[i] = b->addrs[i - 1];
			unconstify(FsAddr *, b->addrs)[i] = a->addrs[i - 1];
		}
		else if (i % 9 != 0)
		{
			unconstify(int64 *, a->ints)[i] = b->ints[i - 1];
			unconstify(int64 *, b->ints)[i] = a->ints[i - 1];
		}
}

static void
make_rows(Fixture *f)
{
	uint32		i;

	for (i = 0; i < f->c->ncols; i++)
	{
		const CaseColumn *col = &f->c->cols[i];

		f->samples[i] = sample_make(col->kind, col->order, col->rule, NSOURCES * SOURCE_ROWS,
									col->null_one_in, f->arena);
		f->samples[i].spec.id = 2 * i + 1;
		f->specs[i] = f->samples[i].spec;
	}
	mirror(f, f->c->endpoints);
	mirror(f, f->c->ports);
	mirror(f, f->c->swap);
	f->origins = f->arena->alloc(f->arena, NSOURCES * SOURCE_ROWS * sizeof(uint32));
}

/* The values of one source. */
static FsColumnValues
source_values(const Sample *sample, uint32 s)
{
	FsColumnValues values = sample->values;
	uint32		first = s * SOURCE_ROWS;

	if (values.nulls)
		values.nulls += first / 8;
	if (values.ints)
		values.ints += first;
	if (values.addrs)
		values.addrs += first;
	if (values.offs)
		values.offs += first;
	return values;
}

/* Encode a source chunk, read it, and give rows of it to the cluster. */
static bool
add_source(Fixture *f, FsCluster *cluster, uint32 s, uint64 *random)
{
	FsArena    *arena = tap_arena();
	FsColumnValues values[MAX_COLS];
	FsVector	vectors[MAX_COLS];
	uint16		rows[FS_VECTOR_ROWS];
	FsFault		fault;
	Open		open;
	FsClusterBatch batch = {vectors, open.dicts, f->c->keep_one_in > 1 ? rows : NULL, 0};
	uint32		len;
	uint32		i;
	uint32		v;

	for (i = 0; i < f->c->ncols; i++)
		values[i] = source_values(&f->samples[i], s);
	if (!open_chunk(f, fs_chunk_encode(f->specs, values, f->c->ncols, SOURCE_ROWS, arena, &len),
					NULL, arena, &open))
		return false;
	fs_cluster_source(cluster);
	for (v = 0; v * FS_VECTOR_ROWS < SOURCE_ROWS; v++)
	{
		for (i = 0; i < f->c->ncols; i++)
			if (!fs_column_read(open.readers[i], v, &vectors[i], &fault))
				return false;
		batch.nrows = 0;
		for (i = 0; i < vectors[0].nrows; i++)
			if (tap_below(random, f->c->keep_one_in) == 0)
			{
				rows[batch.nrows++] = (uint16) i;
				f->origins[f->nrows++] = s * SOURCE_ROWS + v * FS_VECTOR_ROWS + i;
			}
		fs_cluster_add(cluster, &batch);
	}
	tap_arena_free(arena);
	return true;
}

static FsClusterOptions
case_options(const Fixture *f)
{
	FsClusterOptions options = {f->specs, f->c->ncols};

	options.endpoints = f->c->endpoints;
	options.ports = f->c->ports;
	options.swaps = &f->c->swap;
	options.nswaps = f->c->swap.src >= 0;
	options.proto = f->c->proto;
	options.time = f->c->time;
	options.zorder = f->c->zorder;
	options.nzorder = f->c->nzorder;
	options.lists = f->c->lists;
	options.nlists = f->c->nlists;
	return options;
}

/* The range of one value in a group; false: it cannot be asked for. */
static bool
find_value(FsPindex *index, uint32 g, uint8 kind, const Value *value,
		   FsPindexRange *range)
{
	uint32		n;
	uint16		domain = fs_pindex_groups(index, &n)[g].domain;
	FsPindexBytes bytes = {value->ptr, value->len};
	FsFault		fault;

	if (kind == FS_KIND_INT)
		return fs_pindex_find_ints(index, g, value->x, value->x, range, &fault);
	if (kind == FS_KIND_ADDR)
		return fs_pindex_find_addrs(index, domain, &value->addr, &value->addr, range, &fault);
	return fs_pindex_find_bytes(index, domain, &bytes, range, &fault);
}

/* Of every 50th row, whether the lists of its values are what they are. */
static uint32
count_wrong_lists(const Fixture *f, FsPindex *index, const uint32 *rows, uint32 nlisted)
{
	FsArena    *arena = tap_arena();
	FsVectorSet set;
	FsFault		fault;
	uint32		wrong = 0;
	uint32		l;
	uint32		i;
	uint32		k;
	uint32		c;

	fs_vectorset_init(&set, fs_pindex_nvectors(index), arena);
	for (l = 0; l < f->c->nlists; l++)
	{
		const FsClusterList *list = &f->c->lists[l];
		int			g = fs_pindex_group_of(index, f->specs[list->cols[0]].id);

		for (i = 0; g >= 0 && i < f->nrows; i += f->nrows / 40 + 1)
		{
			Value		value = sample_value(f, list->cols[0], f->origins[rows[i]]);
			FsPindexRange range;
			bool		is_listed = true;
			static bool member[FS_VECTORSET_MAX];

			if (value.is_null)
				continue;
			fs_vectorset_clear(&set);
			if (!find_value(index, g, f->specs[list->cols[0]].kind, &value, &range) ||
				!fs_pindex_union(index, g, range, &set, &is_listed, &fault))
				wrong++;
			if (!is_listed)
				continue;
			memset(member, 0, sizeof(member));
			for (k = 0; k < f->nrows; k++)
				for (c = 0; c < list->ncols; c++)
				{
					Value		other = sample_value(f, list->cols[c], f->origins[rows[k]]);

					member[k / FS_VECTOR_ROWS] |= is_same(&value, &other);
				}
			for (k = 0; k < set.n; k++)
				wrong += member[k] != fs_vectorset_contains(&set, k);
		}
	}
	tap_arena_free(arena);
	return wrong;
}

/* Values of one chunk that differ from the row that they came from. */
static uint32
count_wrong_values(const Fixture *f, const uint8 *bytes, const uint32 *rows,
				   FsPindex *index)
{
	FsArena    *arena = tap_arena();
	FsFault		fault;
	uint32		wrong = 0;
	uint32		i;
	uint32		v;
	uint32		k;
	Open		open;

	if (!open_chunk(f, bytes, fs_pindex_source(index), arena, &open))
	{
		tap_arena_free(arena);
		return 1;
	}
	for (v = 0; v * FS_VECTOR_ROWS < open.head->nrows; v++)
		for (i = 0; i < f->c->ncols; i++)
		{
			FsVector	vector;

			if (!fs_column_read(open.readers[i], v, &vector, &fault))
				return 1;
			for (k = 0; k < vector.nrows; k++)
			{
				Value		got = vector_value(&vector, &open.dicts[i], k);
				Value		expected = sample_value(f, i, f->origins[rows[v * FS_VECTOR_ROWS + k]]);

				wrong += !is_same(&got, &expected);
			}
		}
	tap_arena_free(arena);
	return wrong;
}

/* Each old row is a new one, once. */
static bool
is_permutation(const uint32 *rows, uint32 n)
{
	bool	   *seen = calloc(n, sizeof(bool));
	bool		is_one = true;
	uint32		i;

	for (i = 0; i < n && is_one; i++)
	{
		is_one = rows[i] < n && !seen[rows[i]];
		if (is_one)
			seen[rows[i]] = true;
	}
	free(seen);
	return is_one;
}

static void
check_cluster(Fixture *f, FsCluster *cluster)
{
	FsArena    *arena = f->arena;
	uint32		nchunks = fs_cluster_nchunks(cluster);
	uint8	  **chunks = arena->alloc(arena, nchunks * sizeof(uint8 *));
	FsFault		fault = {"", 0};
	FsPindex   *index;
	MemoryFetch fetch;
	const uint32 *rows;
	uint32		len;
	uint32		wrong = 0;
	uint32		k;
	uint8	   *bytes;

	for (k = 0; k < nchunks; k++)
	{
		chunks[k] = fs_cluster_chunk(cluster, k, arena, &len, &fault);
		if (!ok(chunks[k] != NULL, "chunk %u %s", k, fault.reason))
			return;
	}
	bytes = fs_cluster_index(cluster, arena, &len);
	fetch = memory_fetch(bytes, len);
	index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
	if (!ok(index && fs_pindex_check(index, &fault), "index %s", fault.reason))
		return;
	ok(fs_pindex_nrows(index) == f->nrows && fs_pindex_nchunks(index) == nchunks,
	   "rows and chunks of the index");
	for (k = 0; k < nchunks; k++)
	{
		uint32		n;

		rows = fs_cluster_rows(cluster, k, &n);
		wrong += count_wrong_values(f, chunks[k], rows, index);
	}
	ok(wrong == 0, "%u values differ", wrong);
	rows = fs_cluster_rows(cluster, 0, &k);
	ok(is_permutation(rows, f->nrows), "each row once");
	wrong = count_wrong_lists(f, index, rows, f->nrows);
	ok(wrong == 0, "%u lists are wrong", wrong);
}

static void
test_case(const Case *c)
{
	Fixture		f = {c};
	FsClusterOptions options;
	FsCluster  *cluster;
	uint64		random = 7;
	bool		is_read = true;
	uint32		s;

	f.arena = tap_arena();
	make_rows(&f);
	options = case_options(&f);
	cluster = fs_cluster_begin(&options, f.arena);
	for (s = 0; s < NSOURCES; s++)
		is_read &= add_source(&f, cluster, s, &random);
	ok(is_read && fs_cluster_nrows(cluster) == f.nrows, "%s: %u rows", c->name, f.nrows);
	ok(fs_cluster_memory(cluster) > f.nrows, "memory is counted");
	fs_cluster_finish(cluster);
	check_cluster(&f, cluster);
	tap_arena_free(f.arena);
}

int
main(void)
{
	int			i;

	for (i = 0; i < lengthof(cases); i++)
		test_case(&cases[i]);
	return tap_done();
}
