/*-------------------------------------------------------------------------
 *
 * If this goes, rows that wait for the database may come back changed, or not
 * at all after an upgrade.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "flow_pack.h"
#include "sink_text.h"
#include "tap.h"

static const int32_t ints[] = {1, -2, INT32_MAX};

static const struct flow full = {
	.key = {
		.src = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.dst = {FLOW_FAMILY_IP6, {0x20, 0x01, 0x0d, 0xb8,[15] = 9}},
		.src_port = 65535,.dst_port = 53,.proto = 255
	},
	.start_us = -1,.end_us = INT64_MAX,
	.packets = 128,.bytes = UINT64_MAX,
	.sensor = "s",
	.in_if = 0,.out_if = UINT32_MAX,.src_as = UINT32_MAX,.dst_as = 3,.sampling = 100,
	.exporter = {FLOW_FAMILY_IP4, {10, 0, 0, 255}},
	.present = 0x1f,.tcp_flags = 255,.tos = 4
};

/* Every column, with values at their limits. */
static void
fill_extra(struct flow_extra *extra)
{
	for (unsigned id = 0; id < FLOW_EXTRA_COUNT; id++)
	{
		union flow_value *value;

		switch (column_list[COLUMN_CORE_COUNT + id].kind)
		{
			case COLUMN_IS_TIME:
				flow_extra_put(extra, id)->time_us = INT64_MIN;
				break;
			case COLUMN_IS_ADDR:
				value = flow_extra_put(extra, id);
				value->addr = full.key.dst;
				break;
			case COLUMN_IS_INT:
				flow_extra_put_number(extra, id, id % 2 == 0 ? 0 : UINT64_MAX);
				break;
			case COLUMN_IS_REAL:
				flow_extra_put(extra, id)->real = -0.1;
				break;
			case COLUMN_IS_MAC:
				memcpy(flow_extra_put(extra, id)->mac, "\1\2\3\4\5\xff", 6);
				break;
			case COLUMN_IS_INTS:
				flow_extra_put_text(extra, id, ints, sizeof(ints));
				break;
			default:
				flow_extra_put_text(extra, id, "text", id % 5);
				break;
		}
	}
}

static struct text_columns
all_columns(void)
{
	struct text_columns columns;
	const char *unknown;
	int			len;

	if (!text_columns_parse("all", &columns, &unknown, &len))
		exit(2);
	return columns;
}

/* Packed and unpacked, all that any sink writes of it is the same. */
static void
is_kept(const struct flow *flow, const char *name)
{
	static char before[65536];
	static char after[65536];
	struct text_columns columns = all_columns();
	size_t		before_len = sink_text_encode(&columns, flow, before);
	size_t		bound = flow_pack_bound(flow);
	uint8_t    *bytes = malloc(bound);
	size_t		len = flow_pack(flow, bytes);
	uint8_t    *exact = malloc(len);
	struct flow_extra extra;
	struct flow back;

	ok(len <= bound, "within the bound");
	memcpy(exact, bytes, len);
	free(bytes);
	ok(flow_unpack(exact, len, &back, &extra), name);
	ok(sink_text_encode(&columns, &back, after) == before_len &&
	   memcmp(before, after, before_len) == 0, "the same columns");
	ok(memcmp(&back.key, &flow->key, sizeof(back.key)) == 0 && back.end_us == flow->end_us &&
	   back.present == flow->present, "the same flow");
	free(exact);
}

static void
test_kept(void)
{
	static struct flow_extra extra;
	struct flow flow = full;
	struct flow none = {0};
	struct flow early = {.start_us = INT64_MIN,.end_us = INT64_MAX};

	is_kept(&none, "an empty flow");
	is_kept(&early, "the longest flow");
	is_kept(&flow, "a full flow");
	fill_extra(&extra);
	flow.extra = &extra;
	is_kept(&flow, "a flow with all columns");
}

/* These bytes may wait on a disk: they are for ever. */
static void
test_golden(void)
{
	static const uint8_t golden[] = {0x01, 0x04, 0x80, 0x80, 0x9b, 0xb4, 0xde, 0xfe, 0x8a, 0x06,
		0x1e, 4, 192, 0, 2, 1, 0x28, 0xbb, 0x03, 0x2c, 6, 0xae, 0x02, 1, 'x', 0xb1, 0x03};
	static const uint8_t small[] = {0x01, 0x28, 0xbb, 0x03, 0x2c, 6, 0x82, 0x01, 1, 'x'};
	static const uint8_t newer[] = {0x01, 0xfc, 0x7f, 5, 0xfe, 0x7f, 2, 1, 2, 0x2c, 6};
	struct flow flow = {.key = {.dst_port = 443,.proto = 6}};
	struct flow_extra extra;
	struct flow back;
	uint8_t		bytes[512];

	is((int64_t) flow_pack(&flow, bytes), 8, "length of the documented bytes");
	ok(memcmp(bytes, "\1\4\0\x28\xbb\3\x2c\6", 8) == 0, "the documented bytes");
	ok(flow_unpack(small, 6, &back, &extra) && back.key.dst_port == 443 && back.key.proto == 6,
	   "and back");
	ok(!flow_unpack(small, sizeof(small), &back, &extra), "a time as bytes is refused");
	ok(flow_unpack(newer, sizeof(newer), &back, &extra) && back.key.proto == 6,
	   "fields of a newer version are passed over");
	ok(!flow_unpack(golden, sizeof(golden), &back, &extra), "a field that is cut is refused");
}

static void
is_refused(const char *bytes, size_t len, const char *name)
{
	struct flow_extra extra;
	struct flow flow;

	ok(!flow_unpack((const uint8_t *) bytes, len, &flow, &extra), name);
}

static void
test_refused(void)
{
	static uint8_t bytes[8192];
	static struct flow_extra extra;
	struct flow flow = full;
	struct flow back;
	struct flow_extra back_extra;
	size_t		len;
	int			nread = 0;

	is_refused("", 0, "no bytes");
	is_refused("\2", 1, "another version");
	is_refused("\1\3", 2, "no form");
	is_refused("\1\x2c\x80\2", 4, "a protocol of 256");
	is_refused("\1\x1e\5abcde", 8, "an address of five bytes");
	is_refused("\1\x12\1x", 4, "a sensor without its end");
	is_refused("\1\x12\2\0\0", 5, "a sensor with two ends");
	is_refused("\1\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 12, "a number of 65 bits");
	is_refused("\1\4\2\x8\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 13, "an end that does not fit");
	fill_extra(&extra);
	flow.extra = &extra;
	len = flow_pack(&flow, bytes);
	for (size_t cut = 0; cut < len; cut++)
		nread += flow_unpack(bytes, cut, &back, &back_extra);
	ok(nread > 0 && nread < (int) len / 2, "a cut flow is read or refused");
}

static void
test_numbers(void)
{
	static const struct
	{
		enum flow_extra_id id;
		uint8_t		tag[2];
	}			fixed[] = {{FLOW_RECEIVED, {0x80, 0x01}}, {FLOW_SNI, {0xae, 0x02}},
	{FLOW_FIELDS, {0xae, 0x03}}};

	for (int i = 0; i < 3; i++)
	{
		struct flow_extra extra;
		struct flow flow = {.extra = &extra};
		uint8_t		bytes[512];

		flow_extra_clear(&extra);
		if (fixed[i].id == FLOW_RECEIVED)
			flow_extra_put(&extra, FLOW_RECEIVED)->time_us = 0;
		else
			flow_extra_put_text(&extra, fixed[i].id, "", 0);
		(void) flow_pack(&flow, bytes);
		ok(memcmp(bytes + 3, fixed[i].tag, 2) == 0, "the number of a column never changes");
	}
}

int
main(void)
{
	test_kept();
	test_golden();
	test_refused();
	test_numbers();
	return tap_failed;
}
