/*-------------------------------------------------------------------------
 *
 * If this goes, templates, options and the many forms of a flow in NetFlow v9
 * and IPFIX may turn wrong unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_export.h"
#include "decode_ipfix.h"
#include "export_memory.h"
#include "flow_extra.h"
#include "ipfix_stream.h"
#include "tap.h"

#define EXPORT_S	INT64_C(1700000000)
#define SECOND		INT64_C(1000000)
#define MAX_FLOWS	16

static struct counters counters;
static struct flow flows[MAX_FLOWS];
static struct flow_extra extras[MAX_FLOWS];
static char json[4096];
static char names[MAX_FLOWS][2][64];
static int	nflows;
static uint32_t sequence;

static void
keep_text(char *to, size_t room, const struct flow_extra *extra,
		  enum flow_extra_id id)
{
	const struct flow_bytes *text = &extra->values[id].text;

	if (flow_extra_has(extra, id))
		snprintf(to, room, "%.*s", (int) text->len, (const char *) text->bytes);
}

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (nflows == MAX_FLOWS)
		abort();
	flows[nflows] = *flow;
	extras[nflows] = *flow->extra;
	keep_text(json, sizeof(json), flow->extra, FLOW_FIELDS);
	keep_text(names[nflows][0], 64, flow->extra, FLOW_IN_IF_NAME);
	keep_text(names[nflows][1], 64, flow->extra, FLOW_APP);
	nflows++;
}

static struct export_decoder decoder = {
	.counters = &counters,.out = {take, NULL},.want_fields = true,
	.max_skew_us = 86400 * SECOND
};

/* A message under construction. */
static uint8_t bytes[65536];
static size_t len;
static size_t set_at;

static void
u(uint64_t n, int nbytes)
{
	for (int i = nbytes - 1; i >= 0; i--)
		bytes[len++] = (uint8_t) (n >> (8 * i));
}

static void
text(const char *t, size_t room)
{
	memset(bytes + len, 0, room);
	memcpy(bytes + len, t, strlen(t));
	len += room;
}

static void
begin_ipfix(uint32_t domain)
{
	len = 0;
	u(10, 2);
	u(0, 2);
	u(EXPORT_S, 4);
	u(sequence, 4);
	u(domain, 4);
}

static void
begin_v9(uint32_t domain, uint32_t uptime_ms)
{
	len = 0;
	u(9, 2);
	u(0, 2);
	u(uptime_ms, 4);
	u(EXPORT_S, 4);
	u(sequence++, 4);
	u(domain, 4);
}

static void
begin_set(uint16_t id)
{
	set_at = len;
	u(id, 2);
	u(0, 2);
}

static void
end_set(void)
{
	bytes[set_at + 2] = (uint8_t) ((len - set_at) >> 8);
	bytes[set_at + 3] = (uint8_t) (len - set_at);
}

/* A template set; fields are pairs of id and length. */
static void
template(uint16_t id, const uint16_t *fields, int n)
{
	begin_set(bytes[1] == 10 ? 2 : 0);
	u(id, 2);
	u((uint64_t) n, 2);
	for (int i = 0; i < 2 * n; i++)
		u(fields[i], 2);
	end_set();
}

/* An options template with one scope. */
static void
options(uint16_t id, const uint16_t *fields, int n)
{
	bool		is_ipfix = bytes[1] == 10;

	begin_set(is_ipfix ? 3 : 1);
	u(id, 2);
	u((uint64_t) (is_ipfix ? n : 4), 2);
	u((uint64_t) (is_ipfix ? 1 : 4 * (n - 1)), 2);
	for (int i = 0; i < 2 * n; i++)
		u(fields[i], 2);
	end_set();
}

#define FIELDS(...) (const uint16_t[]) {__VA_ARGS__}, \
	(int) (sizeof((const uint16_t[]) {__VA_ARGS__}) / 4)

static const char *
send_from(uint16_t port, int64_t received_us, enum ipfix_transport transport)
{
	uint8_t    *copy = malloc(len);
	struct datagram datagram = {
		.bytes = copy,.len = len,.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.received_us = received_us,.port = port
	};
	const char *reason = NULL;

	if (bytes[1] == 10)
	{
		bytes[2] = (uint8_t) (len >> 8);
		bytes[3] = (uint8_t) len;
	}
	memcpy(copy, bytes, len);
	nflows = 0;
	memset(names, 0, sizeof(names));
	json[0] = 0;
	if (transport == IPFIX_DATAGRAM)
		decode_export(&decoder, &datagram);
	else
		ok(decode_ipfix_message(&decoder, &datagram, transport, &reason), "stream");
	free(copy);
	return reason;
}

static void
send(void)
{
	send_from(2055, EXPORT_S * SECOND, IPFIX_DATAGRAM);
}

static void
reset(void)
{
	export_memory_close(decoder.memory);
	decoder.memory = export_memory_open(&counters, hash_key_seeded(1));
	memset(&counters, 0, sizeof(counters));
	sequence = 0;
}

static uint64_t
number(int i, enum flow_extra_id id)
{
	return flow_extra_has(&extras[i], id) ? extras[i].values[id].number :
		UINT64_MAX;
}

static void
test_sizes(void)
{
	reset();
	begin_ipfix(7);
	template(256, FIELDS(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 2, 5, 1, 1, 3, 2, 8,
						 10, 2, 14, 8, 58, 2, 210, 3));
	begin_set(256);
	u(0x0a000001, 4);
	u(0x0a000002, 4);
	u(1234, 2);
	u(443, 2);
	u(6, 1);
	u(0x0112, 2);
	u(9, 1);
	u(0x010203, 3);
	u(UINT64_C(5000000000), 8);
	u(17, 2);
	u(UINT64_C(0x100000000), 8);
	u(5, 2);
	u(0, 3);
	u(0, 3);					/* padding */
	end_set();
	send();
	is(nflows, 1, "a template and its data in one message");
	is((int64_t) flows[0].bytes, 0x010203, "three bytes of a number");
	is((int64_t) flows[0].packets, INT64_C(5000000000), "eight");
	is(flows[0].tcp_flags, 0x12, "flags of two bytes");
	is(flows[0].key.dst_port, 443, "port");
	is(flows[0].in_if, 17, "interface");
	ok((flows[0].present & FLOW_HAS_OUT_IF) == 0, "one that is too large");
	is((int64_t) number(0, FLOW_VLAN), 5, "a column");
	is((int64_t) number(0, FLOW_DOMAIN), 7, "domain");
	is(flows[0].end_us, EXPORT_S * SECOND, "no time: that of the export");
}

static void
test_parking(void)
{
	reset();
	for (int i = 0; i < 2; i++)
	{
		begin_v9(1, 1000);
		begin_set(300);
		u(0x0a000001 + (unsigned) i, 4);
		end_set();
		send();
	}
	is(nflows, 0, "data without a template gives nothing");
	begin_v9(1, 1000);
	template(300, FIELDS(8, 4));
	send_from(2056, EXPORT_S * SECOND, IPFIX_DATAGRAM);
	is(nflows, 0, "a template from another port is another one");
	begin_v9(2, 1000);
	template(300, FIELDS(8, 4));
	send();
	is(nflows, 0, "and that of another source id");
	begin_v9(1, 1000);
	template(300, FIELDS(8, 4));
	send();
	is(nflows, 2, "with it both are decoded");
	is(flows[1].key.src.bytes[3], 2, "in order");
	is((int64_t) counters.sets_parked, 2, "parked");
	is((int64_t) counters.sets_unparked, 2, "unparked");
	begin_v9(1, 1000);
	begin_set(301);
	u(1, 4);
	end_set();
	send();
	begin_v9(1, 1000);
	send_from(2055, EXPORT_S * SECOND + PARKING_US + 1, IPFIX_DATAGRAM);
	is((int64_t) counters.sets_park_expired, 1, "expired");
}

static void
test_redefinition(void)
{
	reset();
	begin_v9(1, 1000);
	template(256, FIELDS(16, 2));
	template(256, FIELDS(16, 2));
	template(256, FIELDS(16, 4));
	begin_set(256);
	u(70000, 4);
	end_set();
	send();
	is(flows[0].src_as, 70000, "the last definition counts");
	is((int64_t) counters.templates_changed, 1, "a change");
	is((int64_t) counters.templates, 3, "of three");
	begin_v9(1, 1000);
	template(257, FIELDS(8, 65535));
	template(258, FIELDS(8, 0));
	template(255, FIELDS(8, 4));
	template(259, (const uint16_t[]) {0}, 0);
	send();
	is((int64_t) counters.templates_malformed, 4, "variable length in version 9, "
	   "no length at all, a reserved id, no fields");
}

static void
withdraw(uint16_t id, uint16_t set)
{
	begin_ipfix(1);
	begin_set(set);
	u(id, 2);
	u(0, 2);
	end_set();
}

static int
data_is_known(uint16_t id)
{
	begin_ipfix(1);
	begin_set(id);
	u(1, 4);
	end_set();
	send();
	return nflows;
}

static void
test_withdrawal(void)
{
	reset();
	begin_ipfix(1);
	template(256, FIELDS(8, 4));
	template(257, FIELDS(8, 4));
	send();
	withdraw(256, 2);
	send();
	is(data_is_known(256), 1, "a withdrawal in a datagram is ignored");
	withdraw(256, 2);
	send_from(2055, EXPORT_S * SECOND, IPFIX_STREAM);
	is(data_is_known(256), 0, "not so in a stream");
	is(data_is_known(257), 1, "others stay");
	withdraw(2, 2);
	send_from(2055, EXPORT_S * SECOND, IPFIX_STREAM);
	is(data_is_known(257), 0, "all are withdrawn");
	is((int64_t) counters.template_withdrawals, 3, "counted");
}

static void
test_variable(void)
{
	reset();
	begin_ipfix(1);
	template(256, FIELDS(371, 65535, 8, 65535, 82, 65535, 96, 4, 147, 65535));
	begin_set(256);
	u(3, 1);
	text("joe", 3);
	u(255, 1);
	u(4, 2);
	u(0x0a000001, 4);
	u(0, 1);
	text("web", 4);
	u(4, 1);
	text("a\"\\\n", 4);
	u(200, 1);					/* a record that is cut */
	end_set();
	send();
	is(nflows, 1, "one record, one is cut");
	is((int64_t) extras[0].values[FLOW_USER_NAME].text.len, 3, "a text");
	is(flows[0].key.src.bytes[0], 10, "long form of a length");
	ok(!flow_extra_has(&extras[0], FLOW_IN_IF_NAME), "an empty text is none");
	ok(strcmp(names[0][1], "web") == 0, "zero bytes behind a text");
	ok(strcmp(json, "{\"wlanSSID\":\"a\\\"\\\\?\"}") == 0, "JSON");
}

static void
test_other_fields(void)
{
	reset();
	begin_ipfix(1);
	begin_set(2);
	u(256, 2);
	u(7, 2);
	u(60, 2);
	u(1, 2);
	u(0x8000 | 5, 2);
	u(2, 2);
	u(4711, 4);
	u(0x8000 | 1, 2);
	u(4, 2);
	u(29305, 4);
	u(0x8000 | 2, 2);
	u(4, 2);
	u(29305, 4);
	u(0x8000 | 6, 2);
	u(1, 2);
	u(29305, 4);
	u(0x8000 | 152, 2);
	u(8, 2);
	u(29305, 4);
	u(90, 2);
	u(8, 2);
	end_set();
	begin_set(256);
	u(4, 1);
	u(77, 2);
	u(1000, 4);
	u(10, 4);
	u(0x1b, 1);
	u(EXPORT_S * 1000, 8);
	u(UINT64_C(0x0000fde800000001), 8);
	end_set();
	send();
	ok(strcmp(json, "{\"ipVersion\":4,\"e4711.5\":77,"
			  "\"reverseFlowStartMilliseconds\":1700000000000,"
			  "\"mplsVpnRouteDistinguisher\":\"0000fde800000001\"}") == 0, json);
	is((int64_t) number(0, FLOW_REV_BYTES), 1000, "reverse bytes");
	is((int64_t) number(0, FLOW_REV_PACKETS), 10, "reverse packets");
	is((int64_t) number(0, FLOW_REV_TCP_FLAGS), 0x1b, "reverse flags");
	ok(flows[0].key.src.family == FLOW_FAMILY_NONE, "no addresses");
}

/* One v9 record of fields with one number each. */
static void
record9(uint32_t uptime_ms, const uint16_t *fields, int n, const uint64_t *values)
{
	begin_v9(1, uptime_ms);
	template(256, fields, n);
	begin_set(256);
	for (int i = 0; i < n; i++)
		u(values[i], fields[2 * i + 1]);
	end_set();
	send();
}

#define VALUES(...) (const uint64_t[]) {__VA_ARGS__}

static void
test_times(void)
{
	int64_t		now = EXPORT_S * SECOND;

	reset();
	record9(5000, FIELDS(22, 4, 21, 4), VALUES(0xfffffc18, 4000));
	is(flows[0].start_us, now - 6 * SECOND, "an uptime before the wrap");
	is(flows[0].end_us, now - SECOND, "and one behind it");
	record9(1, FIELDS(150, 4, 151, 4), VALUES(EXPORT_S - 9, EXPORT_S - 8));
	is(flows[0].start_us, now - 9 * SECOND, "seconds");
	record9(1, FIELDS(152, 8, 153, 8),
			VALUES(EXPORT_S * 1000 - 1500, EXPORT_S * 1000 - 1));
	is(flows[0].end_us, now - 1000, "milliseconds");
	record9(1, FIELDS(154, 8, 157, 8),
			VALUES((UINT64_C(2208988800) + EXPORT_S - 2) << 32 | 0x80000000,
				   (UINT64_C(2208988800) + EXPORT_S - 1) << 32 | 0x40000000));
	is(flows[0].start_us, now - 3 * SECOND / 2, "NTP");
	is(flows[0].end_us, now - 3 * SECOND / 4, "of nanoseconds");
	record9(1, FIELDS(158, 4, 159, 4), VALUES(3000000, 1000000));
	is(flows[0].start_us, now - 3 * SECOND, "differences to the export");
	record9(1, FIELDS(152, 8, 323, 8),
			VALUES(EXPORT_S * 1000 - 7000, EXPORT_S * 1000 - 5000));
	is(flows[0].end_us, now - 5 * SECOND, "an event ends a flow");
	record9(1, FIELDS(153, 8, 161, 4), VALUES(EXPORT_S * 1000, 2500));
	is(flows[0].start_us, now - 5 * SECOND / 2, "a duration");
	is((int64_t) counters.implausible_times, 0, "nothing is odd");
	record9(1, FIELDS(152, 8, 153, 8), VALUES(0, UINT64_MAX));
	is(flows[0].start_us, now, "a time that cannot be");
	record9(1, FIELDS(150, 4, 151, 4), VALUES(1000, 1001));
	is(flows[0].start_us, now, "a clock that was never set");
	is(flows[0].end_us, now, "is taken for the export");
	record9(1, FIELDS(152, 8, 153, 8),
			VALUES(EXPORT_S * 1000 + 100, EXPORT_S * 1000));
	is(flows[0].start_us, now, "a start behind the end");
	is((int64_t) counters.implausible_times, 2, "are counted");
}

static void
test_ipfix_uptime(void)
{
	reset();
	begin_ipfix(1);
	template(256, FIELDS(22, 4, 21, 4));
	begin_set(256);
	u(1000, 4);
	u(3000, 4);
	end_set();
	send();
	is(flows[0].end_us - flows[0].start_us, 2 * SECOND, "without a base");
	is((int64_t) counters.uptimes_without_base, 1, "counted");
	sequence = 1;
	begin_ipfix(1);
	options(257, FIELDS(144, 4, 160, 8));
	begin_set(257);
	u(1, 4);
	u((EXPORT_S - 10) * 1000, 8);
	end_set();
	begin_set(256);
	u(1000, 4);
	u(3000, 4);
	end_set();
	send();
	is(nflows, 1, "options are not flows");
	is(flows[0].start_us, (EXPORT_S - 9) * SECOND, "the base is in options");
	is((int64_t) counters.sequence_gaps, 0, "no gap");
	is((int64_t) counters.options_records, 1, "one of options");
}

static void
test_icmp_and_nsel(void)
{
	reset();
	record9(1, FIELDS(4, 1, 7, 2, 11, 2, 176, 1, 177, 1, 231, 4, 232, 4, 298, 4,
					  299, 4, 233, 1),
			VALUES(1, 999, 0, 3, 1, 500, 600, 5, 6, 2));
	is(flows[0].key.dst_port, 3 * 256 + 1, "ICMP type and code");
	is(flows[0].key.src_port, 0, "no source port");
	is((int64_t) flows[0].bytes, 500, "bytes of the initiator");
	is((int64_t) flows[0].packets, 5, "packets of the initiator");
	is((int64_t) number(0, FLOW_REV_BYTES), 600, "of the responder");
	is((int64_t) number(0, FLOW_REV_PACKETS), 6, "of the responder");
	record9(1, FIELDS(4, 1, 32, 2, 11, 2), VALUES(6, 0, 80));
	is(flows[0].key.dst_port, 80, "TCP keeps its port");
	record9(1, FIELDS(4, 1, 139, 2), VALUES(58, 0x8000));
	is(flows[0].key.dst_port, 0x8000, "ICMPv6");
	record9(1, FIELDS(40001, 4, 40003, 2, 40005, 1), VALUES(0x01020304, 7, 2));
	is((int64_t) number(0, FLOW_NAT_SRC_PORT), 7, "ASA's own types");
	is((int64_t) number(0, FLOW_FIREWALL_EVENT), 2, "event");
	record9(1, FIELDS(70, 3, 71, 3, 72, 3),
			VALUES(24002 << 4, 24003 << 4 | 1, 0));
	is(extras[0].values[FLOW_MPLS_LABELS].text.len, 8, "two labels");
}

static uint32_t
sampling_of(const uint16_t *fields, int n, const uint64_t *values)
{
	record9(1, fields, n, values);
	return flows[0].sampling;
}

/* An options record with a scope of 4 bytes and fields of 4. */
static void
tell(uint16_t scope, uint32_t scope_value, const uint16_t *fields, int n,
	 const uint64_t *values)
{
	uint16_t	all[32] = {scope, 4};

	memcpy(all + 2, fields, (size_t) n * 4);
	begin_v9(1, 1);
	options(400, all, n + 1);
	begin_set(400);
	u(scope_value, 4);
	for (int i = 0; i < n; i++)
		u(values[i], fields[2 * i + 1]);
	end_set();
	send();
}

static void
test_sampling(void)
{
	reset();
	is(sampling_of(FIELDS(8, 4), VALUES(1)), 0, "nothing known");
	ok((flows[0].present & FLOW_HAS_SAMPLING) == 0, "is absent");
	is(sampling_of(FIELDS(34, 4), VALUES(100)), 100, "in the record: 34");
	is(sampling_of(FIELDS(305, 4, 306, 4), VALUES(2, 18)), 10, "305 and 306");
	is(sampling_of(FIELDS(309, 4, 310, 4), VALUES(3, 300)), 100, "309 and 310");
	is(sampling_of(FIELDS(311, 4), VALUES(0x3a83126f)), 1000, "probability");
	tell(1, 0, FIELDS(34, 4, 35, 1), VALUES(0, 2));
	is(sampling_of(FIELDS(8, 4), VALUES(1)), 0, "an interval of 0 is ignored");
	tell(1, 0, FIELDS(48, 1, 49, 1, 50, 4), VALUES(3, 2, 64));
	is(sampling_of(FIELDS(48, 1), VALUES(3)), 64, "by sampler");
	is(sampling_of(FIELDS(8, 4), VALUES(1)), 64, "the only one there is");
	is(sampling_of(FIELDS(48, 1), VALUES(4)), 0, "another one");
	tell(1, 0, FIELDS(302, 8, 305, 4, 306, 4), VALUES(4, 1, 31));
	is(sampling_of(FIELDS(302, 8), VALUES(4)), 32, "by selector");
	is(sampling_of(FIELDS(8, 4), VALUES(1)), 0, "one of two is not guessed");
	tell(2, 12, FIELDS(34, 4), VALUES(7));
	is(sampling_of(FIELDS(10, 2), VALUES(12)), 7, "by interface");
	is(sampling_of(FIELDS(10, 2), VALUES(13)), 0, "not the others");
	tell(1, 0, FIELDS(34, 4), VALUES(512));
	is(sampling_of(FIELDS(8, 4), VALUES(1)), 512, "of all");
	is(sampling_of(FIELDS(34, 4), VALUES(8)), 8, "a flow knows better");
}

static void
test_names(void)
{
	reset();
	begin_v9(1, 1);
	options(400, FIELDS(2, 4, 82, 8));
	begin_set(400);
	u(3, 4);
	text("Gi0/3", 8);
	end_set();
	send();
	record9(1, FIELDS(10, 2, 14, 4), VALUES(3, 4));
	ok(strcmp(names[0][0], "Gi0/3") == 0, "name of the interface");
	ok(!flow_extra_has(&extras[0], FLOW_OUT_IF_NAME), "none of the other");
	begin_v9(1, 1);
	options(401, FIELDS(1, 4, 95, 4, 96, 8, 94, 4));
	begin_set(401);
	u(0, 4);
	u(0x03000050, 4);
	text("http", 8);
	text("abc", 4);
	end_set();
	send();
	record9(1, FIELDS(95, 4), VALUES(0x03000050));
	ok(strcmp(names[0][1], "http") == 0, "name of the application");
	is((int64_t) number(0, FLOW_APP_ID), 0x03000050, "its id");
	begin_v9(1, 1);
	template(256, FIELDS(95, 12));
	begin_set(256);
	u(0x14, 1);
	u(9, 4);
	u(77, 7);
	end_set();
	send();
	ok(!flow_extra_has(&extras[0], FLOW_APP_ID), "12 bytes have no room");
}

static void
test_enterprise_names(void)
{
	reset();
	begin_ipfix(1);
	options(400, FIELDS(346, 4, 303, 2, 341, 10));
	begin_set(400);
	u(4711, 4);
	u(5, 2);
	text("colour", 10);
	end_set();
	begin_set(2);
	u(256, 2);
	u(1, 2);
	u(0x8005, 2);
	u(2, 2);
	u(4711, 4);
	end_set();
	begin_set(256);
	u(3, 2);
	end_set();
	send();
	ok(strcmp(json, "{\"colour\":3}") == 0, json);
}

static void
test_frames(void)
{
	reset();
	begin_v9(1, 1);
	template(256, FIELDS(8, 4));
	len += 8;
	memset(bytes + len - 8, 0, 8);
	begin_set(256);
	u(1, 4);
	end_set();
	begin_set(9);
	u(1, 4);
	end_set();
	u(256, 2);
	u(40, 2);
	u(2, 4);
	send();
	is(nflows, 2, "zeros between sets, and a set that is cut");
	is((int64_t) counters.sets_reserved, 1, "a reserved set");
	is((int64_t) counters.sets_truncated, 1, "cut");
	begin_v9(1, 1);
	u(256, 2);
	u(3, 2);
	u(2, 4);
	send();
	is((int64_t) counters.sets_malformed, 1, "a set shorter than its header");
	begin_ipfix(1);
	len = 15;
	send();
	is((int64_t) counters.ipfix_malformed, 1, "a header that is cut");
}

static void
test_sequence(void)
{
	reset();
	for (int i = 0; i < 8; i++)
	{
		begin_v9(1, 1000);
		template(256, FIELDS(8, 4));
		begin_set(256);
		u(1, 4);
		u(2, 4);
		u(3, 4);
		end_set();
		send();
		sequence += i == 3;
	}
	is((int64_t) counters.sequence_missed_datagrams, 1, "one datagram is missing");
	reset();
	for (int i = 0; i < 8; i++)
	{
		begin_v9(1, 1000);
		template(256, FIELDS(8, 4));
		begin_set(256);
		u(1, 4);
		u(2, 4);
		u(3, 4);
		end_set();
		send();
		sequence += i == 6 ? 5 : 2;
	}
	is((int64_t) counters.sequence_missed_records, 3,
	   "an exporter that counts records");
	reset();
	for (int i = 0; i < 3; i++)
	{
		begin_ipfix(1);
		template(256, FIELDS(8, 4));
		begin_set(256);
		u(1, 4);
		u(2, 4);
		end_set();
		send();
		sequence += i == 1 ? 6 : 2;
	}
	is((int64_t) counters.sequence_missed_records, 4, "IPFIX counts records");
}

static void
test_stream(void)
{
	static struct ipfix_stream stream;
	const uint8_t *message;
	size_t		room;
	int			nmessages = 0;

	begin_ipfix(1);
	template(256, FIELDS(8, 4));
	bytes[3] = (uint8_t) len;
	for (size_t i = 0; i < 3 * len; i++)
	{
		uint8_t    *to = ipfix_stream_space(&stream, &room);

		to[0] = bytes[i % len];
		ipfix_stream_added(&stream, 1);
		while (ipfix_stream_next(&stream, &message) > 0)
			nmessages += memcmp(message, bytes, len) == 0;
	}
	is(nmessages, 3, "a stream, byte by byte");
	is((int64_t) ipfix_stream_left(&stream), 0, "and whole");
	memset(ipfix_stream_space(&stream, &room), 7, 4);
	ipfix_stream_added(&stream, 4);
	is(ipfix_stream_next(&stream, &message), -1, "that is not IPFIX");
}

int
main(void)
{
	decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	test_sizes();
	test_parking();
	test_redefinition();
	test_withdrawal();
	test_variable();
	test_other_fields();
	test_times();
	test_ipfix_uptime();
	test_icmp_and_nsel();
	test_sampling();
	test_names();
	test_enterprise_names();
	test_frames();
	test_sequence();
	test_stream();
	exporter_table_close(decoder.exporters);
	export_memory_close(decoder.memory);
	return tap_failed;
}
