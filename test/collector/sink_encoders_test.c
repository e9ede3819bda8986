/*-------------------------------------------------------------------------
 *
 * If this goes, the bytes of both outputs are checked only by what PostgreSQL
 * happens to accept.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "sink_binary.h"
#include "sink_queue.h"
#include "sink_text.h"
#include "tap.h"

static const struct flow full = {
	.key = {
		.src = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.dst = {FLOW_FAMILY_IP6, {0x20, 0x01, 0x0d, 0xb8,[15] = 9}},
		.src_port = 65535,.dst_port = 53,.proto = 17
	},
	.start_us = INT64_C(951782399999999),	/* 2000-02-28, a leap year */
	.end_us = INT64_C(951782401000000),
	.packets = 7,
	.bytes = UINT64_MAX,
	.sensor = "a\tb\\c",
	.in_if = 1,.out_if = UINT32_MAX,.src_as = UINT32_MAX,.dst_as = 3,
	.sampling = 100,
	.exporter = {FLOW_FAMILY_IP4, {10, 0, 0, 255}},
	.present = 0x1f,
	.tcp_flags = 255,
	.tos = 4
};

static const uint8_t labels[] = {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff};

static struct flow_extra
some_extra(void)
{
	struct flow_extra extra;

	flow_extra_clear(&extra);
	flow_extra_put(&extra, FLOW_RECEIVED)->time_us = 1000000;
	flow_extra_put_number(&extra, FLOW_END_REASON, 40000);
	flow_extra_put(&extra, FLOW_NEXT_HOP)->addr = (struct flow_addr) {FLOW_FAMILY_IP4, {10, 0, 0, 1}};
	memcpy(flow_extra_put(&extra, FLOW_SRC_MAC)->mac, "\1\2\3\4\5\xff", 6);
	flow_extra_put(&extra, FLOW_ENTROPY)->real = 1.5;
	flow_extra_put_text(&extra, FLOW_SNI, "a\nb", 3);
	flow_extra_put_text(&extra, FLOW_FIELDS, "{}", 2);
	flow_extra_put_text(&extra, FLOW_MPLS_LABELS, labels, sizeof(labels));
	flow_extra_put_text(&extra, FLOW_SPLT_TIMES, labels, 0);
	return extra;
}

static const char extra_list[] =
"received,end_reason,next_hop,src_mac,entropy,sni,fields,mpls_labels,splt_times,ja4";

static struct text_columns
columns_of(const char *list)
{
	struct text_columns columns;
	const char *unknown;
	int			len;

	if (!text_columns_parse(list, &columns, &unknown, &len))
		exit(2);
	return columns;
}

static void
is_text_of(const char *list, const struct flow *flow, const char *expected,
		   const char *name)
{
	struct text_columns columns = columns_of(list);
	char		line[4096];
	size_t		len = sink_text_encode(&columns, flow, line);

	ok(len <= sink_text_bound(&columns, flow), "within the bound");
	ok(len == strlen(expected) && memcmp(line, expected, len) == 0, name);
	if (len != strlen(expected) || memcmp(line, expected, len) != 0)
		printf("# got %.*s", (int) len, line);
}

static void
is_text(const struct flow *flow, const char *expected, const char *name)
{
	is_text_of("core", flow, expected, name);
}

static void
test_columns(void)
{
	struct text_columns columns;
	const char *unknown = NULL;
	int			len = 0;

	ok(text_columns_parse("all", &columns, &unknown, &len) && columns.n == COLUMN_COUNT, "all columns");
	ok(text_columns_parse("sni,core", &columns, &unknown, &len) &&
	   columns.n == COLUMN_CORE_COUNT + 1 && columns.ids[1] == COLUMN_TS, "in the order of the list");
	ok(!text_columns_parse("ts,time,sni", &columns, &unknown, &len) && len == 4 &&
	   strncmp(unknown, "time", 4) == 0, "an unknown name");
	ok(!text_columns_parse("ts,ts", &columns, &unknown, &len), "twice");
	ok(!text_columns_parse("", &columns, &unknown, &len), "none");
}

static void
test_extra(void)
{
	struct flow_extra extra = some_extra();
	struct flow flow = {.extra = &extra};
	struct flow none = {0};

	is_text_of(extra_list, &flow, "1970-01-01 00:00:01.000000+00\t32767\t10.0.0.1\t"
			   "01:02:03:04:05:ff\t1.5\ta\\nb\t{}\t{1,-2}\t{}\t\\N\n", "what some flows have");
	is_text_of("sni,entropy", &none, "\\N\t\\N\n", "what others have not");
}

static void
is_time(int64_t us, const char *expected)
{
	struct flow flow = {.start_us = us};
	struct text_columns columns = columns_of("core");
	char		line[4096];
	size_t		len = sink_text_encode(&columns, &flow, line);

	ok(len > strlen(expected) && memcmp(line, expected, strlen(expected)) == 0,
	   expected);
}

static void
test_text(void)
{
	struct flow empty = {0};

	is_text(&full, "2000-02-28 23:59:59.999999+00\t1000\t10.0.0.255\t"
			"a\\tb\\\\c\t1\t\\N\t192.0.2.1\t2001:db8::9\t65535\t53\t17\t255\t4\t7\t"
			"9223372036854775807\t4294967295\t3\t100\n", "a full line");
	is_text(&empty, "1970-01-01 00:00:00.000000+00\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t"
			"\\N\t0\t0\t0\t0\t0\t0\t0\t\\N\t\\N\t\\N\n", "an empty line");
	is_time(-1, "1969-12-31 23:59:59.999999+00");
	is_time(INT64_C(951782400000000), "2000-02-29 00:00:00.000000+00");
	is_time(INT64_C(4107542400000000), "2100-03-01 00:00:00.000000+00");
	is_time(INT64_C(253402300799999999), "9999-12-31 23:59:59.999999+00");
}

static const uint8_t binary_full[] = {
	0, 5,
	0, 0, 0, 8, 0x00, 0x00, 0x04, 0xa2, 0xe0, 0xa3, 0x1f, 0xff,	/* ts */
	0, 0, 0, 8, 2, 32, 0, 4, 192, 0, 2, 1,	/* src_addr */
	0, 0, 0, 20, 3, 128, 0, 16, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 9,		/* dst_addr */
	0, 0, 0, 2, 0, 17,			/* proto */
	0xff, 0xff, 0xff, 0xff		/* out_if, too large for int */
};

static const uint8_t binary_wide[] = {
	0, 3,
	0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 17,	/* proto as bigint */
	0, 0, 0, 5, 'a', '\t', 'b', '\\', 'c',	/* sensor */
	0, 0, 0, 8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff	/* src_as */
};

static void
is_binary(const struct binary_layout *layout, const uint8_t *expected,
		  size_t expected_len, const char *name)
{
	uint8_t		row[1024];
	size_t		len = binary_encode_row(layout, &full, row);

	is((int64_t) len, (int64_t) expected_len, name);
	ok(memcmp(row, expected, expected_len) == 0, "byte by byte");
	ok(len <= binary_row_bound(layout, &full), "within the bound");
}

static void
test_binary(void)
{
	struct binary_layout narrow = {0};
	struct binary_layout wide = {0};
	uint8_t		bytes[BINARY_HEADER_LEN];

	ok(binary_layout_add(&narrow, "ts", 1184), "ts timestamptz");
	ok(binary_layout_add(&narrow, "src_addr", 869), "src_addr inet");
	ok(binary_layout_add(&narrow, "dst_addr", 869), "dst_addr inet");
	ok(binary_layout_add(&narrow, "proto", 21), "proto smallint");
	ok(binary_layout_add(&narrow, "comment", 25), "an own column");
	ok(binary_layout_add(&narrow, "out_if", 23), "out_if int");
	is(narrow.ncolumns, 5, "own columns are left out");
	ok(!binary_layout_add(&narrow, "src_port", 21), "a port needs int");
	ok(!binary_layout_add(&narrow, "bytes", 23), "bytes need bigint");
	ok(!binary_layout_add(&narrow, "bytes", 1700), "numeric is not written");
	ok(!binary_layout_add(&narrow, "src_addr", 25), "nor an address as text");
	is_binary(&narrow, binary_full, sizeof(binary_full), "a row");
	ok(binary_layout_add(&wide, "proto", 20), "proto bigint");
	ok(binary_layout_add(&wide, "sensor", 1043), "sensor varchar");
	ok(binary_layout_add(&wide, "src_as", 20), "src_as bigint");
	is_binary(&wide, binary_wide, sizeof(binary_wide), "another row");
	is((int64_t) binary_encode_header(bytes), 19, "header");
	ok(memcmp(bytes, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19) == 0,
	   "byte by byte");
	is((int64_t) binary_encode_trailer(bytes), 2, "trailer");
	ok(memcmp(bytes, "\377\377", 2) == 0, "byte by byte");
}

static const uint8_t binary_extra[] = {
	0, 10,
	0, 0, 0, 8, 0xff, 0xfc, 0xa2, 0xfe, 0xc4, 0xd7, 0x62, 0x40,	/* received */
	0, 0, 0, 2, 0x7f, 0xff,		/* end_reason */
	0, 0, 0, 8, 2, 32, 0, 4, 10, 0, 0, 1,	/* next_hop */
	0, 0, 0, 6, 1, 2, 3, 4, 5, 0xff,	/* src_mac */
	0, 0, 0, 4, 0x3f, 0xc0, 0, 0,	/* entropy as real */
	0, 0, 0, 3, 'a', '\n', 'b',	/* sni */
	0, 0, 0, 3, 1, '{', '}',	/* fields as jsonb */
	0, 0, 0, 36, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1,
	0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xfe,	/* mpls_labels */
	0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23,	/* splt_times, empty */
	0xff, 0xff, 0xff, 0xff		/* ja4 */
};

static void
test_binary_extra(void)
{
	static const uint32_t types[] = {1184, 21, 869, 829, 700, 25, 3802, 1007, 1007, 25};
	struct text_columns columns = columns_of(extra_list);
	struct flow_extra extra = some_extra();
	struct flow flow = {.extra = &extra};
	struct binary_layout layout = {0};
	uint8_t		row[1024];
	size_t		len;

	for (int i = 0; i < columns.n; i++)
		ok(binary_layout_add(&layout, column_list[columns.ids[i]].name, types[i]), "a column");
	len = binary_encode_row(&layout, &flow, row);
	is((int64_t) len, (int64_t) sizeof(binary_extra), "what some flows have");
	ok(memcmp(row, binary_extra, sizeof(binary_extra)) == 0, "byte by byte");
	ok(len <= binary_row_bound(&layout, &flow), "within the bound");
	ok(!binary_layout_add(&layout, "byte_counts", 1005), "an array needs int[]");
	ok(!binary_layout_add(&layout, "entropy", 1700), "and entropy real");
	ok(!binary_layout_add(&layout, "src_mac", 25), "and a MAC macaddr");
	ok(!binary_layout_add(&layout, "fields", 25), "and fields json");
}

static void
test_queue(void)
{
	struct queue queue = {.batch_rows = 100};
	bool		all_in = true;

	for (int i = 0; i < 250; i++)
		all_in &= queue_put(&queue, &full);
	ok(all_in, "250 rows queued");
	is((int64_t) queue.nbatches, 3, "as three batches");
	is((int64_t) queue_open_rows(&queue), 50, "the last still open");
	is((int64_t) queue_oldest(&queue)->nrows, 100, "the first closed");
	ok(queue.bytes >= 250 * 64, "memory is counted");
	queue_oldest(&queue)->is_sending = true;
	is((int64_t) queue_drop_oldest(&queue), 100, "drop the second");
	is((int64_t) queue_drop_oldest(&queue), 50, "drop the open one");
	is((int64_t) queue_drop_oldest(&queue), 0, "keep what is being sent");
	ok(queue_put(&queue, &full), "a new batch opens");
	queue_remove(&queue, queue.oldest);
	ok(queue_oldest(&queue) == NULL, "an open batch is not sent");
	queue_close_batch(&queue);
	ok(queue_oldest(&queue) != NULL, "until it is closed");
	queue_remove(&queue, queue.oldest);
	queue_close_batch(&queue);
	is((int64_t) queue.bytes, 0, "all memory is given back");
	is((int64_t) queue.nbatches, 0, "no batch is left");
}

int
main(void)
{
	test_text();
	test_columns();
	test_extra();
	test_binary();
	test_binary_extra();
	test_queue();
	return tap_failed;
}
