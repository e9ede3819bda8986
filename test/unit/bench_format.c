/*-------------------------------------------------------------------------
 *
 * How fast flow-like columns are encoded and decoded, and how small.
 *
 * Not a test: prints ns a row and bytes a row of each column of 65,536
 * generated flows, best of ROUNDS.  Build without sanitizers (make bench).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <time.h>

#include "format/chunk.h"
#include "format/enc.h"
#include "tap.h"

#define NROWS		65536
#define NCOLS		19
#define NHOSTS		20000
#define NNAMES		3000
#define ROUNDS		15

typedef struct Flows
{
	const char *names[NCOLS];
	FsColumnSpec specs[NCOLS];
	FsColumnValues values[NCOLS];
	int64	   *ints[NCOLS];
	FsAddr	   *addrs[NCOLS];
	uint32	   *offs[NCOLS];
	char	   *bytes[NCOLS];
} Flows;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void
add_column(Flows *flows, int col, uint8 kind, const char *name)
{
	FsColumnSpec *spec = &flows->specs[col];

	flows->names[col] = name;
	spec->id = col + 1;
	spec->kind = kind;
	spec->order = kind == FS_KIND_INT ? FS_ORDER_INT :
		kind == FS_KIND_ADDR ? FS_ORDER_ADDR : FS_ORDER_BYTES;
	spec->width = kind == FS_KIND_INT ? 8 : 0;
	if (kind == FS_KIND_INT)
		flows->values[col].ints = flows->ints[col] = calloc(NROWS, sizeof(int64));
	else if (kind == FS_KIND_ADDR)
		flows->values[col].addrs = flows->addrs[col] = calloc(NROWS, sizeof(FsAddr));
	else
	{
		flows->values[col].offs = flows->offs[col] = calloc(NROWS + 1, sizeof(uint32));
		flows->bytes[col] = malloc(NROWS * 100);
		flows->values[col].bytes = (uint8 *) flows->bytes[col];
	}
}

static void
put_text(Flows *flows, int col, int row, const char *fmt, unsigned n, unsigned m)
{
	uint32	   *offs = flows->offs[col];

	offs[row + 1] = offs[row] + sprintf(flows->bytes[col] + offs[row], fmt, n, m);
}

/* A skewed number below n: small ones are much more frequent. */
static uint32
skewed(uint64 *state, uint32 n)
{
	uint64		x = tap_below(state, n);

	x = x * tap_below(state, n) / n;
	return (uint32) (x * tap_below(state, n) / n);
}

static void
make_addr(FsAddr *addr, uint32 host)
{
	uint64		seed = host * UINT64CONST(0x9e3779b97f4a7c15) + 12345;
	uint64		bits = tap_random(&seed);
	bool		is_v6 = host % 12 == 5;
	bool		is_inside = host % 3 == 0;

	memset(addr, 0, sizeof(*addr));
	addr->family = is_v6 ? 6 : 4;
	addr->bits = is_v6 ? 128 : 32;
	memcpy(addr->addr, &bits, 4);
	if (is_v6)
	{
		memcpy(addr->addr, "\x20\x01\x0d\xb8\x00", 5);
		memcpy(addr->addr + (is_inside ? 12 : 5), &bits, 4);
		addr->addr[15] = host;
	}
	else if (is_inside)
	{
		addr->addr[0] = 10;
		addr->addr[1] = 1 + host % 4;
	}
}

static void
make_row(Flows *flows, int row, uint64 *state)
{
	static const uint16 ports[] = {443, 443, 443, 443, 80, 53, 53, 123, 22, 993, 8080};
	static int64 ts = INT64CONST(826000000000000);
	uint32		a = skewed(state, NHOSTS);
	uint32		b = skewed(state, NHOSTS);
	int64		service = ports[tap_below(state, lengthof(ports))];
	int64		client = 32768 + tap_below(state, 28000);
	bool		is_reply = tap_below(state, 2) == 0;
	int64		packets = 1 + skewed(state, 60) + (tap_below(state, 40) == 0 ? skewed(state, 100000) : 0);
	int64	   *ints[NCOLS];
	int			i;

	for (i = 0; i < NCOLS; i++)
		ints[i] = flows->ints[i] ? &flows->ints[i][row] : NULL;
	ts += 1000 * tap_below(state, 17);
	*ints[0] = ts - 1000 * tap_below(state, 4000);
	*ints[1] = tap_below(state, 4) == 0 ? 0 : skewed(state, 60000);
	make_addr(&flows->addrs[2][row], 3 * (tap_below(state, 100) < 70 ? 1 : 2));
	*ints[4] = 1 + a % 8;
	*ints[5] = 1 + b % 8;
	make_addr(&flows->addrs[6][row], a);
	make_addr(&flows->addrs[7][row], b);
	*ints[8] = is_reply ? service : client;
	*ints[9] = is_reply ? client : service;
	*ints[10] = service == 53 || service == 123 ? 17 : 6;
	*ints[11] = *ints[10] == 17 ? 0 : tap_below(state, 10) == 0 ? 2 : 27;
	*ints[12] = tap_below(state, 20) == 0 ? 72 : 0;
	*ints[13] = packets;
	*ints[14] = packets * (52 + tap_below(state, 1400));
	*ints[15] = a % 3 == 0 ? 64512 : 1000 + a % 400 * 97;
	*ints[16] = b % 3 == 0 ? 64512 : 1000 + b % 400 * 97;
	*ints[17] = 1;
	put_text(flows, 3, row, "sensor-%u", 1 + (unsigned) tap_below(state, 2), 0);
	if (service == 443)
		put_text(flows, 18, row, "www%u.host-%u.example.com", b % 7, b % NNAMES);
	else
		flows->offs[18][row + 1] = flows->offs[18][row];
}

static Flows *
make_flows(void)
{
	static const char *const names[NCOLS] = {
		"ts", "duration_ms", "exporter", "sensor", "in_if", "out_if", "src_addr",
		"dst_addr", "src_port", "dst_port", "proto", "tcp_flags", "tos", "packets",
		"bytes", "src_as", "dst_as", "sampling", "sni"
	};
	Flows	   *flows = calloc(1, sizeof(Flows));
	uint64		state = 4711;
	int			i;

	for (i = 0; i < NCOLS; i++)
		add_column(flows, i, i == 2 || i == 6 || i == 7 ? FS_KIND_ADDR :
				   i == 3 || i == 18 ? FS_KIND_BYTES : FS_KIND_INT, names[i]);
	for (i = 0; i < NROWS; i++)
		make_row(flows, i, &state);
	return flows;
}

/* Encode and decode some of the columns; prints one line. */
static void
measure(Flows *flows, int col, int ncols, const char *name)
{
	double		encode_ns = 1e18;
	double		open_ns = 1e18;
	double		decode_ns = 1e18;
	uint32		len = 0;
	uint8		encoding = 0;
	size_t		used = 0;
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		FsArena    *arena = tap_arena();
		FsFault		fault;
		FsVector	vector;
		FsChunkHead *head;
		uint8	   *bytes;
		uint32		head_len;
		uint32		version;
		uint32		v;
		double		start = now();
		double		opening = 0;
		double		decoding = 0;
		int			i;

		bytes = fs_chunk_encode(flows->specs + col, flows->values + col, ncols, NROWS, arena, &len);
		encode_ns = Min(encode_ns, now() - start);
		used = tap_arena_used(arena);
		if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
			exit(2);
		head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
		encoding = head->cols[0].encoding;
		for (i = 0; i < ncols; i++)
		{
			FsColumnMeta *meta = &head->cols[i];
			FsColumnReader *reader;

			start = now();
			reader = fs_column_open(meta, NROWS, bytes + meta->off, meta->len, arena, &fault);
			opening += now() - start;
			start = now();
			for (v = 0; v < NROWS / FS_VECTOR_ROWS; v++)
				if (!fs_column_read(reader, v, &vector, &fault))
					exit(2);
			decoding += now() - start;
		}
		open_ns = Min(open_ns, opening);
		decode_ns = Min(decode_ns, decoding);
		tap_arena_free(arena);
	}
	printf("%-12s %-10s %8.3f B  encode %7.2f ns  open %7.1f us  decode %6.2f ns  %6.1f MB\n",
		   name, ncols == 1 ? fs_encoding_name(encoding) : "", (double) len / NROWS,
		   encode_ns / NROWS, open_ns / 1000, decode_ns / NROWS, used / 1e6);
}

int
main(void)
{
	Flows	   *flows = make_flows();
	int			i;

	for (i = 0; i < NCOLS; i++)
		measure(flows, i, 1, flows->names[i]);
	measure(flows, 0, NCOLS, "all");
	return 0;
}
