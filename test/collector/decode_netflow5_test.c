/*-------------------------------------------------------------------------
 *
 * If this goes, times across a wrap of the uptime, or counts that lie, may
 * turn wrong unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_export.h"
#include "tap.h"

#define MAX_FLOWS 64

static struct counters counters;
static struct flow flows[MAX_FLOWS];
static int	nflows;
static int64_t received_us = INT64_C(1700000000) * 1000000;

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (nflows < MAX_FLOWS)
		flows[nflows++] = *flow;
}

static struct export_decoder decoder = {
	.counters = &counters,.out = {take, NULL},.sensor = "s",
	.max_skew_us = INT64_C(86400) * 1000000
};

static void
set16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t) (n >> 8);
	p[1] = (uint8_t) n;
}

static void
set32(uint8_t *p, uint32_t n)
{
	set16(p, n >> 16);
	set16(p + 2, n & 0xffff);
}

/* A datagram of two records in bytes[120]. */
static void
make(uint8_t *bytes, uint32_t uptime_ms, uint32_t first_ms, uint32_t last_ms)
{
	memset(bytes, 0, 120);
	set16(bytes, 5);
	set16(bytes + 2, 2);
	set32(bytes + 4, uptime_ms);
	set32(bytes + 8, 1700000000);
	set32(bytes + 12, 250000999);
	bytes[20] = 1;
	set16(bytes + 22, 0xc000 | 1000);
	for (int i = 0; i < 2; i++)
	{
		uint8_t    *r = bytes + 24 + 48 * i;

		for (int b = 0; b < 48; b++)
			r[b] = (uint8_t) (b + 1);
		set32(r + 24, first_ms);
		set32(r + 28, last_ms);
	}
}

/* Decode the first len bytes, in an allocation of that size. */
static void
decode(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = malloc(len > 0 ? len : 1);
	struct datagram datagram = {
		copy, len, {FLOW_FAMILY_IP4, {192, 0, 2, 1}}, received_us, 2055, false
	};

	memcpy(copy, bytes, len);
	nflows = 0;
	decode_export(&decoder, &datagram);
	free(copy);
}

static void
test_fields(void)
{
	uint8_t		bytes[120];
	const struct flow *f = &flows[0];

	make(bytes, 10000, 7000, 9000);
	decode(bytes, 120);
	is(nflows, 2, "two records");
	ok(memcmp(f->key.src.bytes, "\1\2\3\4", 4) == 0 && f->key.src.family == 4,
	   "source address");
	ok(memcmp(f->key.dst.bytes, "\5\6\7\10", 4) == 0, "destination address");
	is(f->in_if, 0x0d0e, "input interface");
	is(f->out_if, 0x0f10, "output interface");
	is((int64_t) f->packets, 0x11121314, "packets");
	is((int64_t) f->bytes, 0x15161718, "bytes");
	is(f->key.src_port, 0x2122, "source port");
	is(f->key.dst_port, 0x2324, "destination port");
	is(f->tcp_flags, 0x26, "TCP flags");
	is(f->key.proto, 0x27, "protocol");
	is(f->tos, 0x28, "TOS");
	is(f->src_as, 0x292a, "source AS");
	is(f->dst_as, 0x2b2c, "destination AS");
	is(f->sampling, 1000, "sampling interval without its mode bits");
	is(f->present, 0x1f, "nothing is absent");
	is(f->start_us, INT64_C(1700000000250000) - 3000000, "first packet");
	is(f->end_us, INT64_C(1700000000250000) - 1000000, "last packet");
	ok(strcmp(f->sensor, "s") == 0, "sensor");
	is(f->exporter.bytes[3], 1, "exporter");
}

static void
test_times(void)
{
	uint8_t		bytes[120];
	uint64_t	before = counters.implausible_times;

	make(bytes, 1000, 0xfffffc18, 500);	/* 1 s before the wrap */
	decode(bytes, 120);
	is(flows[0].start_us, INT64_C(1700000000250000) - 2000000,
	   "the uptime wrapped between first packet and export");
	is(flows[0].end_us - flows[0].start_us, 1500000,
	   "and between the packets");
	make(bytes, 1000, 2000, 3000);
	decode(bytes, 120);
	is(flows[0].start_us, INT64_C(1700000000250000) + 1000000,
	   "a flow after the export is in its future, not 49.7 days away");
	is((int64_t) (counters.implausible_times - before), 0, "all plausible");
	make(bytes, 9000, 7000, 6000);
	decode(bytes, 120);
	is(flows[0].end_us, flows[0].start_us, "an end before the start is not used");
	is((int64_t) (counters.implausible_times - before), 2, "and counted");
	make(bytes, 9000, 7000, 8000);
	set32(bytes + 12, 4000000000u);
	decode(bytes, 120);
	is(flows[0].start_us, INT64_C(1699999998000000), "4 s of nanoseconds are not used");
	is((int64_t) (counters.implausible_times - before), 3, "and counted");
}

static void
test_skew(void)
{
	uint8_t		bytes[120];
	uint64_t	before = counters.implausible_times;
	int64_t		export_us = INT64_C(1700000000250000);

	make(bytes, 10000, 7000, 9000);
	received_us = export_us + INT64_C(86400) * 1000000;
	decode(bytes, 120);
	is(flows[0].end_us, export_us - 1000000, "a clock that is a day off is used");
	is((int64_t) (counters.implausible_times - before), 0, "and plausible");
	received_us++;
	decode(bytes, 120);
	is(flows[0].end_us, received_us - 1000000,
	   "one that is further behind is not, but the time of arrival");
	received_us = export_us - INT64_C(86401) * 1000000;
	decode(bytes, 120);
	is(flows[0].end_us, received_us - 1000000, "nor one that is ahead");
	is((int64_t) (counters.implausible_times - before), 2, "and both are counted");
	received_us = INT64_C(1700000000) * 1000000;
	make(bytes, 10000, 9000, 10000 + 60001);
	decode(bytes, 120);
	is((int64_t) (counters.implausible_times - before), 4,
	   "ends a minute after the export are counted");
}

static void
test_lengths(void)
{
	uint8_t		bytes[120];
	uint64_t	malformed = counters.netflow5_malformed;
	int			nwrong = 0;

	make(bytes, 10000, 7000, 9000);
	for (size_t len = 0; len < 120; len++)
	{
		decode(bytes, len);
		nwrong += nflows != 0;
	}
	is(nwrong, 0, "no flow from a datagram cut anywhere");
	is((int64_t) (counters.netflow5_malformed - malformed), 116,
	   "each of 4 bytes or more counted as malformed");
	is((int64_t) counters.datagrams_short, 4, "shorter ones as short");
	set16(bytes + 2, 1);
	decode(bytes, 120);
	is(nflows, 1, "trailing bytes do not matter");
	is((int64_t) counters.netflow5_trailing_bytes, 1, "and are counted");
	malformed = counters.netflow5_malformed;
	set16(bytes + 2, 0);
	decode(bytes, 120);
	set16(bytes + 2, 65535);
	decode(bytes, 120);
	is((int64_t) (counters.netflow5_malformed - malformed), 2,
	   "counts of 0 and 65535 are malformed");
}

static void
test_versions(void)
{
	uint8_t		bytes[8] = {0};

	for (unsigned version = 0; version < 12; version++)
	{
		set16(bytes, version);
		decode(bytes, sizeof(bytes));
	}
	set32(bytes, 5);
	decode(bytes, sizeof(bytes));
	is((int64_t) counters.netflow1_malformed, 1, "version 1, cut");
	is((int64_t) counters.netflow7_malformed, 1, "version 7, cut");
	is((int64_t) counters.unsupported_v8, 1, "version 8");
	is((int64_t) counters.unsupported_v9, 1, "version 9");
	is((int64_t) counters.unsupported_ipfix, 1, "IPFIX");
	is((int64_t) counters.unsupported_sflow, 1, "sFlow");
	is((int64_t) counters.unsupported_other, 6, "others");
}

static void
test_sequence(void)
{
	uint8_t		bytes[120];
	static const uint32_t sequences[] = {
		0xfffffffc, 0xfffffffe, 0, 2, 7, 4, 9, 2000000000
	};

	memset(&counters, 0, sizeof(counters));
	make(bytes, 10000, 7000, 9000);
	bytes[21] = 77;				/* an engine not heard of yet */
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
	{
		set32(bytes + 16, sequences[i]);
		decode(bytes, 120);
	}
	is((int64_t) counters.sequence_gaps, 1, "one gap");
	is((int64_t) counters.sequence_missed_records, 3, "of three records");
	is((int64_t) counters.sequence_reordered, 1, "one datagram overtaken");
	is((int64_t) counters.sequence_resets, 1, "one restart");
	bytes[21] = 78;
	decode(bytes, 120);
	is((int64_t) counters.sequence_gaps, 1, "each engine counts for itself");
}

/* Datagrams of two records, with one sequence number each. */
static void
decode_sequence(uint8_t engine, const uint32_t *sequences, size_t n,
				uint32_t uptime_ms)
{
	uint8_t		bytes[120];

	make(bytes, uptime_ms, uptime_ms - 3000, uptime_ms - 1000);
	bytes[21] = engine;
	for (size_t i = 0; i < n; i++)
	{
		set32(bytes + 16, sequences[i]);
		decode(bytes, 120);
	}
}

static void
test_restart(void)
{
	static const uint32_t before[] = {900000};
	static const uint32_t after[] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 25};
	static const uint32_t ahead[] = {900100, 900102, 900107};

	memset(&counters, 0, sizeof(counters));
	decode_sequence(90, before, 1, 5000000);
	decode_sequence(90, after, 11, 5000000);
	is((int64_t) counters.sequence_resets, 1, "eight steps back are a restart");
	is((int64_t) counters.sequence_reordered, 7, "the first seven may be none");
	is((int64_t) counters.sequence_missed_records, 5, "then loss is found");
	memset(&counters, 0, sizeof(counters));
	decode_sequence(91, before, 1, 5000000);
	decode_sequence(91, after, 11, 4000000);
	is((int64_t) counters.sequence_resets, 1,
	   "so is one with an uptime that went back");
	is((int64_t) counters.sequence_reordered, 0, "at once");
	is((int64_t) counters.sequence_missed_records, 5, "and loss is found");
	memset(&counters, 0, sizeof(counters));
	decode_sequence(92, before, 1, 5000000);
	decode_sequence(92, ahead, 3, 4000000);
	is((int64_t) counters.sequence_resets, 1, "also one step forward");
	is((int64_t) counters.sequence_missed_records, 3, "which is no gap");
}

static void
test_log_budget(void)
{
	struct log_budget budget = {0};
	int			nlines = 0;

	for (int64_t s = 0; s < 120; s++)
		nlines += log_within_budget(&budget, 1 + s * 1000000);
	is(nlines, 2 * LOG_BUDGET_LINES, "the log has a budget for each minute");
}

static void
test_many_exporters(void)
{
	struct exporter_key key = {.version = 5};

	for (uint32_t i = 0; i < 4 * EXPORTER_SLOTS; i++)
	{
		key.domain = i;
		(void) exporter_get(decoder.exporters, &key, i + 1);
	}
	ok(counters.exporters_evicted >= 3 * EXPORTER_SLOTS &&
	   counters.exporters_evicted < 4 * EXPORTER_SLOTS,
	   "more exporters than slots are forgotten, and counted");
}

int
main(void)
{
	decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	test_fields();
	test_times();
	test_skew();
	test_lengths();
	test_versions();
	test_sequence();
	test_restart();
	test_many_exporters();
	test_log_budget();
	exporter_table_close(decoder.exporters);
	return tap_failed;
}
