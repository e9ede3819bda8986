/*-------------------------------------------------------------------------
 *
 * How fast partitions of generated flows are clustered, and how small.
 *
 * Not a test: reads the rows of `flowgen --wide` from standard input, makes
 * chunks of each hour in order of arrival, clusters each hour from them, and
 * prints ns and bytes a row of each stage, the parts of the partition index,
 * and what one look-up costs.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <arpa/inet.h>
#include <time.h>

#include "format/chunkreader.h"
#include "format/cluster.h"
#include "format/pindex.h"
#include "memory_fetch.h"
#include "tap.h"

#define NCOLS		19
#define NHOURS		25
#define MAX_CHUNKS	1024
#define MAX_BYTES	(16 * 1024 * 1024)
#define VISITS		200
#define ROUNDS		7			/* of decoding, to take the best of */

enum
{
	TS, DURATION, EXPORTER, IN_IF, OUT_IF, SRC, DST, SPORT, DPORT, PROTO,
	FLAGS, TOS, PACKETS, BYTES, SRC_AS, DST_AS, SNI, JA4, ENTROPY
};

typedef struct Column
{
	int64	   *ints;
	FsAddr	   *addrs;
	uint32	   *offs;
	uint8	   *bytes;
	uint8		nulls[FS_CHUNK_MAX_ROWS / 8];
} Column;

typedef struct Hour
{
	uint32		nrows;			/* of the chunk that is being filled */
	Column	   *cols;
	uint32		nchunks;
	uint8	   *chunks[MAX_CHUNKS];
	uint32		lens[MAX_CHUNKS];
} Hour;

/* A chunk in memory. */
typedef struct Source
{
	FsFetch		fetch;
	const uint8 *bytes;
	uint64		fetched;
} Source;

/* An index in memory. */
typedef struct IndexSource
{
	FsPindexFetch fetch;
	const uint8 *bytes;
	uint64		fetched;
} IndexSource;

static Hour hours[NHOURS];
static FsColumnSpec specs[NCOLS];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Wall time is cheap enough to be asked for each vector. */
static double
wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void
init_specs(void)
{
	int			i;

	for (i = 0; i < NCOLS; i++)
	{
		specs[i].id = i + 1;
		specs[i].kind = i == EXPORTER || i == SRC || i == DST ? FS_KIND_ADDR :
			i == SNI || i == JA4 ? FS_KIND_BYTES : FS_KIND_INT;
		specs[i].order = specs[i].kind == FS_KIND_ADDR ? FS_ORDER_ADDR :
			specs[i].kind == FS_KIND_BYTES ? FS_ORDER_BYTES :
			i == ENTROPY ? FS_ORDER_FLOAT4 : FS_ORDER_INT;
		specs[i].width = specs[i].kind != FS_KIND_INT ? 0 : i == TS || i == PACKETS || i == BYTES ||
			i == SRC_AS || i == DST_AS ? 8 : 4;
	}
}

static void
init_hour(Hour *hour)
{
	int			i;

	hour->cols = calloc(NCOLS, sizeof(Column));
	for (i = 0; i < NCOLS; i++)
	{
		hour->cols[i].ints = malloc(FS_CHUNK_MAX_ROWS * sizeof(int64));
		hour->cols[i].addrs = malloc(FS_CHUNK_MAX_ROWS * sizeof(FsAddr));
		hour->cols[i].offs = calloc(FS_CHUNK_MAX_ROWS + 1, sizeof(uint32));
		hour->cols[i].bytes = malloc(MAX_BYTES);
	}
}

/* Encode what an hour has as a chunk in order of arrival. */
static void
flush_hour(Hour *hour)
{
	FsArena    *arena = tap_arena();
	FsColumnValues values[NCOLS];
	uint8	   *bytes;
	int			i;

	memset(values, 0, sizeof(values));
	for (i = 0; i < NCOLS; i++)
	{
		Column	   *col = &hour->cols[i];

		values[i].nulls = col->nulls;
		if (specs[i].kind == FS_KIND_INT)
			values[i].ints = col->ints;
		else if (specs[i].kind == FS_KIND_ADDR)
			values[i].addrs = col->addrs;
		else
		{
			values[i].offs = col->offs;
			values[i].bytes = col->bytes;
		}
	}
	bytes = fs_chunk_encode(specs, values, NCOLS, hour->nrows, arena, &hour->lens[hour->nchunks]);
	hour->chunks[hour->nchunks] = malloc(hour->lens[hour->nchunks]);
	memcpy(hour->chunks[hour->nchunks], bytes, hour->lens[hour->nchunks]);
	hour->nchunks++;
	hour->nrows = 0;
	for (i = 0; i < NCOLS; i++)
		memset(hour->cols[i].nulls, 0, sizeof(hour->cols[i].nulls));
	tap_arena_free(arena);
}

static void
set_field(Column *col, int i, uint32 row, const char *text)
{
	bool		is_null = strcmp(text, "\\N") == 0;
	uint32		bits;
	float		x;

	col->nulls[row / 8] |= is_null << (row % 8);
	col->ints[row] = 0;
	memset(&col->addrs[row], 0, sizeof(FsAddr));
	col->addrs[row].family = 4;
	col->offs[row + 1] = col->offs[row];
	if (is_null)
		return;
	if (specs[i].kind == FS_KIND_ADDR)
	{
		bool		is_v6 = strchr(text, ':') != NULL;

		col->addrs[row].family = is_v6 ? 6 : 4;
		col->addrs[row].bits = is_v6 ? 128 : 32;
		if (inet_pton(is_v6 ? AF_INET6 : AF_INET, text, col->addrs[row].addr) != 1)
			exit(2);
	}
	else if (specs[i].kind == FS_KIND_BYTES)
	{
		memcpy(col->bytes + col->offs[row], text, strlen(text));
		col->offs[row + 1] += strlen(text);
	}
	else if (i == ENTROPY)
	{
		x = strtof(text, NULL);
		memcpy(&bits, &x, sizeof(bits));
		col->ints[row] = fs_float4_to_int(bits);
	}
	else if (i != TS)
		col->ints[row] = strtoll(text, NULL, 10);
}

/* Microseconds since midnight, of "2025-01-01 08:13:37.330+00". */
static int64
parse_time(const char *text)
{
	int			day,
				hour,
				minute;
	double		second;

	if (sscanf(text, "%*d-%*d-%d %d:%d:%lf", &day, &hour, &minute, &second) != 4)
		exit(2);
	return (int64) (((day - 1) * 24 + hour) * 3600 + minute * 60) * 1000000 +
		(int64) (second * 1000 + 0.5) * 1000;
}

static void
read_rows(void)
{
	static char line[8192];

	while (fgets(line, sizeof(line), stdin))
	{
		char	   *p = line;
		int64		time = parse_time(line);
		Hour	   *hour = &hours[Min(time / INT64CONST(3600000000), NHOURS - 1)];
		int			i;

		if (!hour->cols)
			init_hour(hour);
		for (i = 0; i < NCOLS; i++)
		{
			char	   *end = p + strcspn(p, "\t\n");

			*end = 0;
			set_field(&hour->cols[i], i, hour->nrows, p);
			p = end + 1;
		}
		hour->cols[TS].ints[hour->nrows] = time;
		if (++hour->nrows == FS_CHUNK_MAX_ROWS)
			flush_hour(hour);
	}
}

static const uint8 *
get_bytes(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	((Source *) fetch)->fetched += len;
	return ((Source *) fetch)->bytes + off;
}

static bool
get_index_bytes(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst, FsFault *fault)
{
	IndexSource *source = (IndexSource *) fetch;

	source->fetched += len;
	memcpy(dst, source->bytes + off, len);
	return true;
}

static void
load_dict(FsColumnReader *reader, uint8 kind, FsClusterDict *dict)
{
	FsFault		fault;
	uint32		n;

	memset(dict, 0, sizeof(*dict));
	if (kind == FS_KIND_ADDR)
		dict->addrs = fs_column_dict_addrs(reader, &n, &fault);
	else if (kind == FS_KIND_BYTES &&
			 !fs_column_dict_bytes(reader, &n, &dict->ptrs, &dict->lens, &fault))
		exit(3);
}

typedef struct ColumnBytes
{
	uint64		bytes;
	uint8		encoding;		/* of the last chunk */
	uint8		place;
	double		alone;			/* ns of decoding all vectors */
	double		together;		/* the same, vector by vector with the others */
} ColumnBytes;

static ColumnBytes column_bytes[NCOLS];
static uint64 head_bytes;
static uint64 frame_bytes;

typedef struct Times
{
	double		read;
	double		add;
	double		finish;
	double		chunks;
	double		index;
	uint64		rows;
	uint64		chunk_bytes;
	uint64		index_bytes;
	uint64		fresh_bytes;
	uint64		memory;
	uint64		used;
	double		probe;
	uint64		probes;
	double		open;
	uint32		opens;

	/* visits of one vector, of which two rows are read */
	uint32		visits;
	double		visit_open;
	double		visit_read;
	double		visit_pick;
	uint64		visit_chunk_bytes;
	uint64		visit_index_bytes;
} Times;

static Times times;

/* Give the rows of one chunk to a cluster. */
static void
add_chunk(FsCluster *cluster, const uint8 *bytes)
{
	FsArena    *arena = tap_arena();
	Source		source = {{get_bytes}, bytes};
	FsFault		fault;
	uint32		version;
	uint32		head_len;
	FsChunkHead *head;
	FsChunkReader *chunk;
	FsColumnReader *readers[NCOLS];
	FsClusterDict dicts[NCOLS];
	FsVector	vectors[NCOLS];
	FsClusterBatch batch = {vectors, dicts, NULL, 0};
	uint32		v;
	int			i;
	double		start = now();

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault) ||
		!(head = fs_chunk_head_parse(bytes, head_len, arena, &fault)))
		exit(3);
	chunk = fs_chunkreader_open(head, &source.fetch, NULL, arena);
	for (i = 0; i < NCOLS; i++)
	{
		readers[i] = fs_chunkreader_column(chunk, i + 1, &fault);
		load_dict(readers[i], specs[i].kind, &dicts[i]);
	}
	fs_cluster_source(cluster);
	for (v = 0; v * FS_VECTOR_ROWS < head->nrows; v++)
	{
		for (i = 0; i < NCOLS; i++)
			if (!fs_column_read(readers[i], v, &vectors[i], &fault))
				exit(3);
		times.read += now() - start;
		start = now();
		batch.nrows = vectors[0].nrows;
		fs_cluster_add(cluster, &batch);
		times.add += now() - start;
		start = now();
	}
	times.rows += head->nrows;
	tap_arena_free(arena);
}

static FsClusterOptions
cluster_options(void)
{
	static const FsClusterPair swaps[] = {{IN_IF, OUT_IF}, {SRC_AS, DST_AS}};
	static const FsClusterList lists[] = {
		{2, {SRC, DST}}, {2, {SPORT, DPORT}}, {1, {PROTO}}, {1, {FLAGS}}, {1, {EXPORTER}},
		{1, {SNI}}, {1, {JA4}}
	};
	FsClusterOptions options = {specs, NCOLS};

	options.endpoints.src = SRC;
	options.endpoints.dst = DST;
	options.ports.src = SPORT;
	options.ports.dst = DPORT;
	options.swaps = swaps;
	options.nswaps = lengthof(swaps);
	options.proto = PROTO;
	options.time = TS;
	options.lists = lists;
	options.nlists = lengthof(lists);
	return options;
}

static void
print_parts(FsPindex *index, uint32 nrows)
{
	uint32		n;
	uint32		i;
	const FsPindexDomain *domains = fs_pindex_domains(index, &n);
	const FsPindexGroup *groups;

	for (i = 0; i < n; i++)
		printf("  domain %u: column %u, %u values, %.3f B a row\n", domains[i].number,
			   domains[i].cols[0], domains[i].size, (double) domains[i].len / nrows);
	groups = fs_pindex_groups(index, &n);
	for (i = 0; i < n; i++)
		printf("  lists of column %u: %u values, %.3f B a row\n", groups[i].cols[0],
			   groups[i].size, (double) groups[i].len / nrows);
}

/* What each column of a chunk takes. */
static void
count_columns(const uint8 *bytes, FsArena *arena)
{
	uint32		head_len;
	uint32		version;
	uint32		i;
	FsFault		fault;
	FsChunkHead *head;

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault) ||
		!(head = fs_chunk_head_parse(bytes, head_len, arena, &fault)))
		exit(3);
	head_bytes += head_len;
	frame_bytes += head->frame_len;
	for (i = 0; i < head->ncols; i++)
	{
		ColumnBytes *column = &column_bytes[head->cols[i].id - 1];

		column->bytes += head->cols[i].len;
		column->encoding = head->cols[i].encoding;
		column->place = head->cols[i].place;
	}
}

static FsChunkReader *
open_chunk(FsDomainSource *domains, const Source *source, FsArena *arena)
{
	uint32		version;
	uint32		head_len;
	FsFault		fault;
	FsChunkHead *head;

	if (!fs_chunk_head_len(source->bytes, &head_len, &version, &fault) ||
		!(head = fs_chunk_head_parse(source->bytes, head_len, arena, &fault)))
		exit(3);
	return fs_chunkreader_open(head, (FsFetch *) &source->fetch, domains, arena);
}

/* Decode columns from..to - 1 vector by vector; add to ns[column]. */
static void
decode(FsCluster *cluster, const Source *source, uint32 nrows, int from, int to, double *ns)
{
	FsArena    *arena = tap_arena();
	FsChunkReader *chunk = open_chunk(fs_cluster_domains(cluster), source, arena);
	FsColumnReader *readers[NCOLS];
	FsVector	vector;
	FsFault		fault;
	uint32		v;
	int			i;

	for (i = from; i < to; i++)
	{
		readers[i] = fs_chunkreader_column(chunk, i + 1, &fault);
		if (!readers[i] || !fs_column_read(readers[i], 0, &vector, &fault))
			exit(3);
	}
	for (v = 0; v * FS_VECTOR_ROWS < nrows; v++)
		for (i = from; i < to; i++)
		{
			double		start = wall();

			if (!fs_column_read(readers[i], v, &vector, &fault))
				exit(3);
			ns[i] += wall() - start;
		}
	tap_arena_free(arena);
}

/* How long each column of a chunk takes to decode: the best of some rounds. */
static void
time_columns(FsCluster *cluster, const uint8 *bytes, uint32 nrows)
{
	Source		source = {{get_bytes}, bytes};
	double		best[2][NCOLS];
	int			round;
	int			i;

	for (round = 0; round < ROUNDS; round++)
	{
		double		ns[2][NCOLS] = {{0}};

		for (i = 0; i < NCOLS; i++)
			decode(cluster, &source, nrows, i, i + 1, ns[0]);
		decode(cluster, &source, nrows, 0, NCOLS, ns[1]);
		for (i = 0; i < NCOLS; i++)
		{
			best[0][i] = round == 0 ? ns[0][i] : Min(best[0][i], ns[0][i]);
			best[1][i] = round == 0 ? ns[1][i] : Min(best[1][i], ns[1][i]);
		}
	}
	for (i = 0; i < NCOLS; i++)
	{
		column_bytes[i].alone += best[0][i];
		column_bytes[i].together += best[1][i];
	}
}

static void
print_columns(uint64 nrows)
{
	static const char *const names[NCOLS] = {
		"ts", "duration", "exporter", "in_if", "out_if", "src", "dst", "sport", "dport", "proto",
		"flags", "tos", "packets", "bytes", "src_as", "dst_as", "sni", "ja4", "entropy"
	};
	double		together = 0;
	int			i;

	for (i = 0; i < NCOLS; i++)
	{
		printf("  %-8s place %d, encoding %d: %.3f B, decoding %.2f ns a row alone, %.2f with the others\n",
			   names[i], column_bytes[i].place, column_bytes[i].encoding,
			   (double) column_bytes[i].bytes / nrows, column_bytes[i].alone / nrows,
			   column_bytes[i].together / nrows);
		together += column_bytes[i].together;
	}
	printf("  all columns: %.2f ns a row\n", together / nrows);
	printf("  heads %.3f, frames %.3f\n", (double) head_bytes / nrows, (double) frame_bytes / nrows);
}

/* Addresses of a stride through the first chunk, each looked up. */
static void
probe_index(const uint8 *bytes, uint32 len, const Hour *hour)
{
	FsArena    *arena = tap_arena();
	MemoryFetch fetch = memory_fetch(bytes, len);
	FsVectorSet set;
	FsFault		fault;
	FsPindex   *index;
	FsPindexRange range;
	bool		is_listed = true;
	double		start = now();
	uint32		i;

	index = fs_pindex_open(&fetch.fetch, len, arena, &fault);
	times.open += now() - start;
	times.opens++;
	if (!index || !fs_pindex_check(index, &fault))
		exit(3);
	fs_vectorset_init(&set, fs_pindex_nvectors(index), arena);
	start = now();
	for (i = 0; i < 20000; i++)
	{
		const FsAddr *addr = &hour->cols[SRC].addrs[i * 7919 % 30000];

		fs_vectorset_clear(&set);
		if (!fs_pindex_find_addrs(index, 2, addr, addr, &range, &fault) ||
			!fs_pindex_union(index, 0, range, &set, &is_listed, &fault))
			exit(3);
	}
	times.probe += now() - start;
	times.probes += i;
	tap_arena_free(arena);
}

/* The values of two rows. */
static void
pick_rows(FsColumnReader *reader, uint8 kind, const FsVector *vector)
{
	uint32		codes[2] = {0, 0};
	FsAddr		addrs[2];
	const uint8 *ptrs[2];
	uint32		lens[2];
	uint32		n = 0;
	uint32		i;
	FsFault		fault;

	for (i = 0; vector->dict_n > 0 && i < 2; i++)
		if (!vector->is_null[i * 100])
			codes[n++] = vector->codes[i * 100];
	if (n > 0 && !(kind == FS_KIND_ADDR ?
				   fs_column_pick_addrs(reader, codes, n, addrs, &fault) :
				   fs_column_pick_bytes(reader, codes, n, ptrs, lens, &fault)))
		exit(3);
}

/* Read two rows of one vector, as a query for a rare address does. */
static void
visit(const uint8 *bytes, const uint8 *index_bytes, uint32 index_len, uint32 v)
{
	FsArena    *arena = tap_arena();
	Source		source = {{get_bytes}, bytes};
	IndexSource index_source = {{get_index_bytes}, index_bytes};
	FsColumnReader *readers[NCOLS];
	FsVector	vectors[NCOLS];
	const uint16 rows[2] = {0, 100};
	FsFault		fault;
	double		start = now();
	FsPindex   *index = fs_pindex_open(&index_source.fetch, index_len, arena, &fault);
	FsChunkReader *chunk = open_chunk(fs_pindex_source(index), &source, arena);
	int			i;

	for (i = 0; i < NCOLS; i++)
		readers[i] = fs_chunkreader_column(chunk, i + 1, &fault);
	times.visit_open += now() - start;
	start = now();
	for (i = 0; i < NCOLS; i++)
		if (!fs_column_read_rows(readers[i], v, rows, lengthof(rows), &vectors[i], &fault))
			exit(3);
	times.visit_read += now() - start;
	start = now();
	for (i = 0; i < NCOLS; i++)
		pick_rows(readers[i], specs[i].kind, &vectors[i]);
	times.visit_pick += now() - start;
	times.visit_chunk_bytes += source.fetched;
	times.visit_index_bytes += index_source.fetched;
	times.visits++;
	tap_arena_free(arena);
}

static void
cluster_hour(const Hour *hour)
{
	FsArena    *arena = tap_arena();
	FsClusterOptions options = cluster_options();
	FsCluster  *cluster = fs_cluster_begin(&options, arena);
	FsFault		fault;
	double		start;
	uint8	   *bytes;
	uint32		len;
	uint8	   *chunks[MAX_CHUNKS];
	uint32		k;

	for (k = 0; k < hour->nchunks; k++)
	{
		add_chunk(cluster, hour->chunks[k]);
		times.fresh_bytes += hour->lens[k];
	}
	times.memory += fs_cluster_memory(cluster);
	start = now();
	fs_cluster_finish(cluster);
	times.finish += now() - start;
	for (k = 0; k < fs_cluster_nchunks(cluster); k++)
	{
		FsArena    *chunk_arena = tap_arena();
		uint32		nrows;

		start = now();
		bytes = fs_cluster_chunk(cluster, k, chunk_arena, &len, &fault);
		if (!bytes)
			exit(4);
		chunks[k] = malloc(len);
		memcpy(chunks[k], bytes, len);
		times.chunk_bytes += len;
		times.chunks += now() - start;
		count_columns(bytes, chunk_arena);
		fs_cluster_rows(cluster, k, &nrows);
		time_columns(cluster, bytes, nrows);
		tap_arena_free(chunk_arena);
	}
	start = now();
	bytes = fs_cluster_index(cluster, arena, &len);
	times.index += now() - start;
	times.index_bytes += len;
	times.used += tap_arena_used(arena);
	{
		MemoryFetch fetch = memory_fetch(bytes, len);

		print_parts(fs_pindex_open(&fetch.fetch, len, arena, &fault), fs_cluster_nrows(cluster));
	}
	probe_index(bytes, len, hour);
	for (k = 0; k < VISITS; k++)
		visit(chunks[0], bytes, len, k * 7919 % (Min(fs_cluster_nrows(cluster), FS_CHUNK_MAX_ROWS) / FS_VECTOR_ROWS));
	for (k = 0; k < fs_cluster_nchunks(cluster); k++)
		free(chunks[k]);
	tap_arena_free(arena);
}

int
main(void)
{
	double		all;
	int			i;

	init_specs();
	read_rows();
	for (i = 0; i < NHOURS; i++)
	{
		if (!hours[i].cols)
			continue;
		if (hours[i].nrows > 0)
			flush_hour(&hours[i]);
		printf("hour %d: %u chunks\n", i, hours[i].nchunks);
		cluster_hour(&hours[i]);
	}
	all = times.add + times.finish + times.chunks + times.index;
	printf("%llu rows; ns a row: read %.0f, add %.0f, finish %.0f, chunks %.0f, index %.0f; without reading %.0f\n",
		   (unsigned long long) times.rows, times.read / times.rows, times.add / times.rows,
		   times.finish / times.rows, times.chunks / times.rows, times.index / times.rows, all / times.rows);
	print_columns(times.rows);
	printf("bytes a row: fresh %.2f; clustered %.3f + index %.3f = %.3f\n",
		   (double) times.fresh_bytes / times.rows, (double) times.chunk_bytes / times.rows,
		   (double) times.index_bytes / times.rows,
		   (double) (times.chunk_bytes + times.index_bytes) / times.rows);
	printf("memory a row: estimated %.1f, used with index %.1f\n",
		   (double) times.memory / times.rows, (double) times.used / times.rows);
	printf("two rows of a vector: open %.1f, read %.1f, values %.1f us; %llu bytes of the chunk, %llu of the index\n",
		   times.visit_open / times.visits / 1000, times.visit_read / times.visits / 1000,
		   times.visit_pick / times.visits / 1000,
		   (unsigned long long) (times.visit_chunk_bytes / times.visits),
		   (unsigned long long) (times.visit_index_bytes / times.visits));
	printf("open %.1f us; one address %.2f us\n", times.open / times.opens / 1000,
		   times.probe / times.probes / 1000);
	return 0;
}
