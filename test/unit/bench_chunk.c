/*-------------------------------------------------------------------------
 *
 * How small and fast clustered chunks of generated flows are.
 *
 * Not a test: reads the rows of `flowgen --wide` from standard input, makes
 * a partition of each hour and domains of each partition, orders rows by
 * (lower and higher endpoint, ports, protocol, time), encodes them, and prints
 * bytes a row of each column, ns a row to encode, and ns a row to decode.
 * Domains are not counted.  `bench_chunk check` also compares every value.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <arpa/inet.h>
#include <time.h>

#include "format/chunkreader.h"
#include "format/enc.h"
#include "format/roundtrip.h"
#include "memdomain.h"
#include "tap.h"

#define NCOLS		19
#define MAX_ROWS	4000000

enum
{
	TS, DURATION, EXPORTER, IN_IF, OUT_IF, SRC, DST, SPORT, DPORT, PROTO,
	FLAGS, TOS, PACKETS, BYTES, SRC_AS, DST_AS, SNI, JA4, ENTROPY
};

static const char *const names[NCOLS] = {
	"ts", "duration_ms", "exporter", "in_if", "out_if", "src_addr", "dst_addr",
	"src_port", "dst_port", "proto", "tcp_flags", "tos", "packets", "bytes",
	"src_as", "dst_as", "sni", "ja4", "entropy"
};

typedef struct Row
{
	int64		ints[NCOLS];
	FsAddr		addrs[DST + 1];	/* by column */
	char	   *strings[2];		/* SNI, JA4, or NULL */
	uint32		codes[NCOLS];
	bool		nulls[NCOLS];
} Row;

typedef struct Sums
{
	uint64		rows;
	uint64		chunks;
	uint64		total;
	uint64		frame;
	double		encode_ns;
	uint64		len[NCOLS];
	double		open_ns[NCOLS];
	double		decode_ns[NCOLS];
	uint32		places[NCOLS][FS_PLACE_LAST + 1];
	uint32		encodings[NCOLS][FS_ENC_LAST + 1];
} Sums;

static Row *rows;
static uint32 nrows;
static Sums sums;
static bool is_checking;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static uint8
kind_of(int col)
{
	return col == EXPORTER || col == SRC || col == DST ? FS_KIND_ADDR :
		col == SNI || col == JA4 ? FS_KIND_BYTES : FS_KIND_INT;
}

/* Microseconds since the epoch, of "2025-01-01 08:13:37.330+00". */
static int64
parse_time(const char *text)
{
	struct tm	tm = {0};
	double		seconds;

	sscanf(text, "%d-%d-%d %d:%d:%lf", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &seconds);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return ((int64) timegm(&tm) * 1000 + (int64) (seconds * 1000 + 0.5)) * 1000;
}

static void
parse_addr(const char *text, FsAddr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(text, ':') ? 6 : 4;
	addr->bits = addr->family == 6 ? 128 : 32;
	if (inet_pton(addr->family == 6 ? AF_INET6 : AF_INET, text, addr->addr) != 1)
		exit(2);
}

static void
parse_field(Row *row, int col, char *text)
{
	row->nulls[col] = strcmp(text, "\\N") == 0;
	if (row->nulls[col])
		return;
	if (col == TS)
		row->ints[col] = parse_time(text);
	else if (col == ENTROPY)
	{
		float		x = strtof(text, NULL);
		uint32		bits;

		memcpy(&bits, &x, sizeof(bits));
		row->ints[col] = fs_float4_to_int(bits);
	}
	else if (kind_of(col) == FS_KIND_ADDR)
		parse_addr(text, &row->addrs[col]);
	else if (kind_of(col) == FS_KIND_BYTES)
		row->strings[col - SNI] = strdup(text);
	else
		row->ints[col] = strtoll(text, NULL, 10);
}

static void
read_rows(void)
{
	static char line[4096];

	rows = calloc(MAX_ROWS, sizeof(Row));
	while (nrows < MAX_ROWS && fgets(line, sizeof(line), stdin))
	{
		char	   *p = line;
		int			col;

		line[strcspn(line, "\n")] = 0;
		for (col = 0; col < NCOLS; col++)
			parse_field(&rows[nrows], col, strsep(&p, "\t"));
		nrows++;
	}
}

static int
compare_hours(const void *a, const void *b)
{
	int64		x = ((const Row *) a)->ints[TS];
	int64		y = ((const Row *) b)->ints[TS];

	return x < y ? -1 : x > y;
}

static int
compare_rows(const void *a, const void *b)
{
	const Row  *x = a;
	const Row  *y = b;
	int64		keys[6][2] = {
		{Min(x->codes[SRC], x->codes[DST]), Min(y->codes[SRC], y->codes[DST])},
		{Max(x->codes[SRC], x->codes[DST]), Max(y->codes[SRC], y->codes[DST])},
		{Min(x->ints[SPORT], x->ints[DPORT]), Min(y->ints[SPORT], y->ints[DPORT])},
		{Max(x->ints[SPORT], x->ints[DPORT]), Max(y->ints[SPORT], y->ints[DPORT])},
		{x->ints[PROTO], y->ints[PROTO]},
		{x->ints[TS], y->ints[TS]}
	};
	int			i;

	for (i = 0; i < 6; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* One domain of addresses, one of exporters, one of each kind of string. */
static void
make_domains(MemDomains *domains, Row *part, uint32 n)
{
	FsAddr	   *addrs = malloc(2 * n * sizeof(FsAddr));
	FsAddr	   *exporters = malloc(n * sizeof(FsAddr));
	char	  **strings[2] = {malloc(n * sizeof(char *)), malloc(n * sizeof(char *))};
	uint32		nstrings[2] = {0, 0};
	uint32		i;
	int			k;

	memdomain_init(domains);
	for (i = 0; i < n; i++)
	{
		addrs[2 * i] = part[i].addrs[SRC];
		addrs[2 * i + 1] = part[i].addrs[DST];
		exporters[i] = part[i].addrs[EXPORTER];
		for (k = 0; k < 2; k++)
			if (part[i].strings[k])
				strings[k][nstrings[k]++] = part[i].strings[k];
	}
	memdomain_set_addrs(&domains->domains[0], addrs, 2 * n);
	memdomain_set_addrs(&domains->domains[1], exporters, n);
	memdomain_set_strings(&domains->domains[2], strings[0], nstrings[0]);
	memdomain_set_strings(&domains->domains[3], strings[1], nstrings[1]);
	for (k = 0; k < 2; k++)
		domains->domains[0].attributes[k] = calloc(domains->domains[0].size, sizeof(int64));
	for (i = 0; i < n; i++)
	{
		Row		   *row = &part[i];

		row->codes[SRC] = memdomain_find_addr(&domains->domains[0], &row->addrs[SRC]);
		row->codes[DST] = memdomain_find_addr(&domains->domains[0], &row->addrs[DST]);
		row->codes[EXPORTER] = memdomain_find_addr(&domains->domains[1], &row->addrs[EXPORTER]);
		for (k = 0; k < 2; k++)
			if (row->strings[k])
				row->codes[SNI + k] = memdomain_find_string(&domains->domains[2 + k], row->strings[k]);
		domains->domains[0].attributes[0][row->codes[SRC]] = row->ints[SRC_AS];
		domains->domains[0].attributes[0][row->codes[DST]] = row->ints[DST_AS];
		domains->domains[0].attributes[1][row->codes[SRC]] = row->ints[IN_IF];
		domains->domains[0].attributes[1][row->codes[DST]] = row->ints[OUT_IF];
	}
}

static void
set_column(FsColumnSpec *spec, FsColumnValues *values, const Row *part,
		   uint32 n, int col, FsArena *arena)
{
	uint8	   *nulls = arena->alloc(arena, n / 8 + 1);
	int64	   *ints = arena->alloc(arena, n * sizeof(int64));
	uint32	   *codes = arena->alloc(arena, n * sizeof(uint32));
	bool		has_nulls = false;
	uint32		i;

	memset(nulls, 0, n / 8 + 1);
	spec->id = col + 1;
	spec->kind = kind_of(col);
	spec->width = spec->kind == FS_KIND_INT ? 8 : 0;
	spec->order = spec->kind == FS_KIND_ADDR ? FS_ORDER_ADDR :
		spec->kind == FS_KIND_BYTES ? FS_ORDER_BYTES :
		col == ENTROPY ? FS_ORDER_FLOAT4 : FS_ORDER_INT;
	for (i = 0; i < n; i++)
	{
		ints[i] = part[i].ints[col];
		codes[i] = part[i].codes[col];
		if (part[i].nulls[col])
		{
			nulls[i / 8] |= 1 << (i % 8);
			has_nulls = true;
		}
	}
	values->nulls = has_nulls ? nulls : NULL;
	if (spec->kind == FS_KIND_INT)
		values->ints = ints;
	else
	{
		values->codes = codes;
		values->domain = col == EXPORTER ? 2 : col == SNI ? 3 : col == JA4 ? 4 : 1;
	}
}

static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

static void
fail(const FsFault *fault)
{
	fprintf(stderr, "%s at %u\n", fault->reason, fault->off);
	exit(1);
}

static void
decode_chunk(const uint8 *bytes, MemDomains *domains)
{
	FsArena    *arena = tap_arena();
	FsFetch		fetch = {get, (void *) bytes};
	FsFault		fault;
	FsChunkHead *head;
	uint32		head_len;
	uint32		version;
	int			col;

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault) ||
		!(head = fs_chunk_head_parse(bytes, head_len, arena, &fault)))
		fail(&fault);
	sums.total += head->total_len;
	sums.frame += head->frame_len;
	for (col = 0; col < NCOLS; col++)
	{
		FsChunkReader *reader = fs_chunkreader_open(head, &fetch, &domains->source, arena);
		FsColumnReader *column;
		FsVector	vector;
		double		start = now();
		uint32		v;

		column = fs_chunkreader_column(reader, col + 1, &fault);
		if (!column)
			fail(&fault);
		sums.open_ns[col] += now() - start;
		start = now();
		for (v = 0; v * FS_VECTOR_ROWS < head->nrows; v++)
			if (!fs_column_read(column, v, &vector, &fault))
				fail(&fault);
		sums.decode_ns[col] += now() - start;
		sums.len[col] += head->cols[col].len;
		sums.places[col][head->cols[col].place]++;
		sums.encodings[col][head->cols[col].encoding]++;
	}
	tap_arena_free(arena);
}

static void
encode_chunk(const Row *part, uint32 n, MemDomains *domains)
{
	static const FsSwap swaps[] = {
		{SRC, DST, true}, {SPORT, DPORT, true}, {SRC_AS, DST_AS, false}, {IN_IF, OUT_IF, false}
	};
	static const uint16 keys[] = {PROTO};
	static const FsAttribute attributes[] = {
		{SRC_AS, SRC, 0}, {DST_AS, DST, 0}, {IN_IF, SRC, 1}, {OUT_IF, DST, 1}
	};
	static const FsChunkHints hints = {
		swaps, lengthof(swaps), keys, lengthof(keys), attributes, lengthof(attributes)
	};
	FsColumnSpec specs[NCOLS] = {0};
	FsColumnValues values[NCOLS] = {0};
	FsChunkInput in = {specs, values, NCOLS, n, &hints, &domains->source};
	FsArena    *arena = tap_arena();
	FsFault		fault;
	uint32		len;
	uint8	   *bytes;
	double		start;
	int			col;

	for (col = 0; col < NCOLS; col++)
	{
		set_column(&specs[col], &values[col], part, n, col, arena);
		if (values[col].codes)
			values[col].domain_size = domains->domains[values[col].domain - 1].size;
	}
	start = now();
	bytes = fs_chunk_encode_clustered(&in, arena, &len, &fault);
	sums.encode_ns += now() - start;
	if (!bytes)
		fail(&fault);
	sums.rows += n;
	sums.chunks++;
	if (is_checking && !fs_roundtrip_check(&in, bytes, len, arena, &fault))
		fail(&fault);
	decode_chunk(bytes, domains);
	tap_arena_free(arena);
}

static void
print_sums(void)
{
	static const char *const places[] = {"rows", "shared", "paired", "swapped", "function"};
	double		n = sums.rows;
	int			col;
	int			i;

	for (col = 0; col < NCOLS; col++)
	{
		printf("%-12s %7.3f B  open %6.2f ns  decode %6.2f ns ", names[col], sums.len[col] / n,
			   sums.open_ns[col] / n, sums.decode_ns[col] / n);
		for (i = 0; i <= FS_PLACE_LAST; i++)
			if (sums.places[col][i] > 0)
				printf(" %s:%u", places[i], sums.places[col][i]);
		for (i = 0; i <= FS_ENC_LAST; i++)
			if (sums.encodings[col][i] > 0)
				printf(" %s:%u", fs_encoding_name(i), sums.encodings[col][i]);
		printf("\n");
	}
	printf("%-12s %7.3f B\n", "frame", sums.frame / n);
	printf("%-12s %7.3f B a row of %.0f in %llu chunks, encode %.1f ns a row\n", "all",
		   sums.total / n, n, (unsigned long long) sums.chunks, sums.encode_ns / n);
}

int
main(int argc, char **argv)
{
	const int64 hour = INT64CONST(3600000000);
	uint32		start = 0;
	uint32		end;
	uint32		at;

	is_checking = argc > 1 && strcmp(argv[1], "check") == 0;
	read_rows();
	qsort(rows, nrows, sizeof(Row), compare_hours);
	for (start = 0; start < nrows; start = end)
	{
		MemDomains	domains;

		for (end = start; end < nrows && rows[end].ints[TS] / hour == rows[start].ints[TS] / hour;)
			end++;
		make_domains(&domains, rows + start, end - start);
		qsort(rows + start, end - start, sizeof(Row), compare_rows);
		for (at = start; at < end; at += FS_CHUNK_MAX_ROWS)
			encode_chunk(rows + at, Min(end - at, FS_CHUNK_MAX_ROWS), &domains);
	}
	if (sums.rows > 0)
		print_sums();
	return 0;
}
