/*-------------------------------------------------------------------------
 *
 * If this goes, records that no case of other projects has (NAT, MPLS, users,
 * discarded packets), or datagrams that lie, may be read wrongly unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_sflow.h"
#include "flow_extra.h"
#include "tap.h"

#define MAX_FLOWS 8
#define RECEIVED_US INT64_C(1700000000000000)

static struct counters counters;
static struct export_decoder decoder = {.counters = &counters,.sensor = "s"};
static struct flow flows[MAX_FLOWS];
static struct flow_extra extras[MAX_FLOWS];
static char user[300];
static int32_t labels[16];
static int	nflows;

static uint8_t bytes[4096];
static size_t len;

static void
take(void *arg, const struct flow *flow)
{
	struct flow_extra *extra = &extras[nflows];

	(void) arg;
	*extra = *flow->extra;
	if (flow_extra_has(extra, FLOW_USER_NAME))
		snprintf(user, sizeof(user), "%.*s",
				 (int) extra->values[FLOW_USER_NAME].text.len,
				 (const char *) extra->values[FLOW_USER_NAME].text.bytes);
	if (flow_extra_has(extra, FLOW_MPLS_LABELS))
		memcpy(labels, extra->values[FLOW_MPLS_LABELS].text.bytes,
			   extra->values[FLOW_MPLS_LABELS].text.len);
	flows[nflows++] = *flow;
}

static void
put32(uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		bytes[len++] = (uint8_t) (n >> shift);
}

static void
put(const void *from, size_t n)
{
	memcpy(bytes + len, from, n);
	len += n;
	while (len % 4 != 0)
		bytes[len++] = 0;
}

/* A format and a length that end() fills in; returns where. */
static size_t
begin(uint32_t format)
{
	put32(format);
	put32(0);
	return len;
}

static void
end(size_t at)
{
	size_t		total = len;

	len = at - 4;
	put32((uint32_t) (total - at));
	len = total;
}

static void
begin_datagram(uint32_t sequence, uint32_t nsamples)
{
	len = 0;
	put32(5);
	put32(1);
	put("\12\0\0\1", 4);
	put32(3);					/* sub-agent */
	put32(sequence);
	put32(1000);
	put32(nsamples);
}

static size_t
begin_sample(uint32_t source, uint32_t in, uint32_t out, uint32_t nrecords)
{
	size_t		at = begin(1);

	put32(1);
	put32(source);
	put32(512);
	put32(9999);
	put32(7);
	put32(in);
	put32(out);
	put32(nrecords);
	return at;
}

/* Decode the first n bytes, in an allocation of that size. */
static void
decode(size_t n)
{
	uint8_t    *copy = malloc(n > 0 ? n : 1);
	struct datagram datagram = {
		.bytes = copy,.len = n,
		.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.received_us = RECEIVED_US
	};

	memcpy(copy, bytes, n);
	nflows = 0;
	decode_export(&decoder, &datagram);
	free(copy);
}

/* IPv4, UDP from 1.2.3.4:1000 to 5.6.7.8:53, 300 bytes by its header. */
static const uint8_t ip4[28] = {
	0x45, 0x10, 0x01, 0x2c, 0, 7, 0, 0, 64, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	0x03, 0xe8, 0, 53, 0x01, 0x18, 0, 0
};

static void
put_header(uint32_t protocol, const void *before, size_t before_len,
		   uint32_t frame_len)
{
	size_t		at = begin(1);
	uint8_t		header[256];

	memcpy(header, before, before_len);
	memcpy(header + before_len, ip4, sizeof(ip4));
	put32(protocol);
	put32(frame_len);
	put32(4);
	put32((uint32_t) (before_len + sizeof(ip4)));
	put(header, before_len + sizeof(ip4));
	end(at);
}

static bool
is_ip4(const struct flow *flow)
{
	return flow->key.src.family == FLOW_FAMILY_IP4 &&
		memcmp(flow->key.src.bytes, "\1\2\3\4", 4) == 0 &&
		memcmp(flow->key.dst.bytes, "\5\6\7\10", 4) == 0 &&
		flow->key.src_port == 1000 && flow->key.dst_port == 53 &&
		flow->key.proto == 17 && flow->tos == 16 && flow->bytes == 300;
}

static uint64_t
number(int i, enum flow_extra_id id)
{
	return flow_extra_has(&extras[i], id) ? extras[i].values[id].number :
		UINT64_MAX;
}

static bool
has_addr4(int i, enum flow_extra_id id, const char *expected)
{
	return flow_extra_has(&extras[i], id) &&
		extras[i].values[id].addr.family == FLOW_FAMILY_IP4 &&
		memcmp(extras[i].values[id].addr.bytes, expected, 4) == 0;
}

static void
test_headers(void)
{
	static const uint8_t ethernet[30] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xa8, 0x20, 0x64, 0x81, 0, 0,
		0x65, 0x88, 0x47, 0x00, 0x01, 0x00, 0x40, 0x00, 0x02, 0x01, 0x40
	};
	size_t		at;

	begin_datagram(1, 4);
	at = begin_sample(11, 11, 12, 1);
	put_header(1, ethernet, sizeof(ethernet), 334);
	end(at);
	at = begin_sample(12, 11, 12, 1);
	put_header(11, "", 0, 304);
	end(at);
	at = begin_sample(1 << 24 | 11, 11, 12, 1);
	put_header(13, "\x00\x03\x01\x40", 4, 308);
	end(at);
	at = begin_sample(11, 11, 11, 1);
	put_header(14, "\xff\x03\x00\x21", 4, 308);
	end(at);
	decode(len);
	is(nflows, 4, "four samples");
	ok(is_ip4(&flows[0]), "Ethernet, two tags, two labels");
	ok(is_ip4(&flows[1]), "IPv4");
	ok(is_ip4(&flows[2]), "MPLS");
	ok(is_ip4(&flows[3]), "PPP");
	ok(memcmp(extras[0].values[FLOW_SRC_MAC].mac, "\2\0\0\0\0\2", 6) == 0 &&
	   memcmp(extras[0].values[FLOW_DST_MAC].mac, "\2\0\0\0\0\1", 6) == 0,
	   "MAC addresses");
	is((int64_t) number(0, FLOW_VLAN), 100, "the outer tag");
	is(extras[0].values[FLOW_MPLS_LABELS].text.len, 8, "two labels");
	is(labels[0], 0x30, "a label without its last 12 bits");
	is((int64_t) number(0, FLOW_DIRECTION), 0, "seen at the input");
	is((int64_t) number(1, FLOW_DIRECTION), 1, "seen at the output");
	ok(!flow_extra_has(&extras[2], FLOW_DIRECTION), "not seen at an interface");
	ok(!flow_extra_has(&extras[3], FLOW_DIRECTION), "in is out");
	is((int64_t) number(0, FLOW_DOMAIN), 3, "sub-agent");
	is(flows[0].sampling, 512, "sampling rate");
	is((int64_t) flows[0].packets, 1, "one packet");
	is(flows[0].start_us, RECEIVED_US, "time of arrival");
	ok(memcmp(flows[0].exporter.bytes, "\12\0\0\1", 4) == 0, "agent address");
	ok(strcmp(flows[0].sensor, "s") == 0, "sensor");
	is((int64_t) counters.packets, 0, "a sampled header is no frame");
	is((int64_t) counters.sflow_malformed_headers, 0, "no header is malformed");
}

static void
test_interfaces(void)
{
	static const struct
	{
		uint32_t	in;
		uint32_t	out;
		int			present;
		const char *name;
	} cases[] = {
		{5, 6, FLOW_HAS_IN_IF | FLOW_HAS_OUT_IF, "both known"},
		{0, 6, FLOW_HAS_OUT_IF, "input unknown"},
		{0x3fffffff, 6, FLOW_HAS_OUT_IF, "input internal"},
		{5, 0x3fffffff, FLOW_HAS_IN_IF, "output internal"},
		{5, 0x80000003, FLOW_HAS_IN_IF, "three outputs"},
		{5, 0x40000102, FLOW_HAS_IN_IF, "discarded"}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		bool		is_discarded = cases[i].out >> 30 == 1;
		size_t		at;

		begin_datagram(2, 1);
		at = begin_sample(1, cases[i].in, cases[i].out, 0);
		end(at);
		decode(len);
		is(flows[0].present & (FLOW_HAS_IN_IF | FLOW_HAS_OUT_IF),
		   cases[i].present, cases[i].name);
		is((int64_t) number(0, FLOW_FORWARDING_STATUS), is_discarded ? 128 : -1,
		   "forwarding status");
	}
}

static void
put_address4(const char *addr)
{
	put32(1);
	put(addr, 4);
}

static void
put_routing(void)
{
	size_t		at;

	at = begin(1001);
	put32(30);
	put32(1);
	put32(UINT32_MAX);
	put32(2);
	end(at);
	at = begin(1002);
	put_address4("\11\11\11\1");
	put32(24);
	put32(0xffffff00);
	end(at);
	at = begin(1003);
	put_address4("\11\11\11\2");
	put32(1);
	put32(64500);
	put32(2);
	put32(2);					/* two segments */
	put32(2);
	put32(1);
	put32(7);
	put32(1);
	put32(2);
	put32(8);
	put32(4200000000);
	put32(0);
	put32(100);
	end(at);
}

static void
put_names_and_nat(void)
{
	size_t		at;

	at = begin(1004);
	put32(106);
	put32(0);
	put32(106);
	put32(5);
	put("a\xff\nb\t", 5);
	end(at);
	at = begin(1006);
	put_address4("\11\11\11\3");
	put32(2);
	put32(16 << 12);
	put32(17 << 12 | 0x100);
	put32(0);
	end(at);
	at = begin(1007);
	put_address4("\11\11\11\4");
	put_address4("\11\11\11\5");
	end(at);
	at = begin(1020);
	put32(4000);
	put32(70000);
	end(at);
	at = begin(1030);
	put32(5001);
	end(at);
	at = begin(4413 << 12 | 1);
	put32(1);
	end(at);
}

static void
test_extended(void)
{
	uint64_t	skipped = counters.sflow_skipped_records;
	size_t		at;

	begin_datagram(3, 1);
	at = begin_sample(1, 1, 2, 9);
	put_routing();
	put_names_and_nat();
	end(at);
	decode(len);
	is((int64_t) number(0, FLOW_VLAN), 30, "VLAN");
	ok(!flow_extra_has(&extras[0], FLOW_POST_VLAN), "no VLAN on the way out");
	ok(has_addr4(0, FLOW_NEXT_HOP, "\11\11\11\1"), "next hop");
	is((int64_t) number(0, FLOW_SRC_MASK), 24, "prefix length");
	ok(!flow_extra_has(&extras[0], FLOW_DST_MASK), "a netmask is no length");
	ok(has_addr4(0, FLOW_BGP_NEXT_HOP, "\11\11\11\2"), "BGP next hop");
	is(flows[0].src_as, 64500, "source AS");
	is(flows[0].dst_as, 4200000000, "the last AS of the path");
	is(flows[0].present & FLOW_HAS_DST_AS, FLOW_HAS_DST_AS, "there is one");
	ok(strcmp(user, "a\xef\xbf\xbd?b?") == 0, "user, cleaned");
	is(labels[0], 16, "first label");
	is(labels[1], 17, "second label");
	ok(has_addr4(0, FLOW_NAT_SRC_ADDR, "\11\11\11\4"), "NAT source");
	ok(has_addr4(0, FLOW_NAT_DST_ADDR, "\11\11\11\5"), "NAT destination");
	is((int64_t) number(0, FLOW_NAT_SRC_PORT), 4000, "NAT port");
	ok(!flow_extra_has(&extras[0], FLOW_NAT_DST_PORT), "not a port");
	is((int64_t) number(0, FLOW_TUNNEL_ID), 5001, "VNI");
	is((int64_t) (counters.sflow_skipped_records - skipped), 1,
	   "a vendor's record");
	is(flows[0].key.src.family, FLOW_FAMILY_NONE, "no packet");
}

static void
put_sampled_ip4(uint32_t format, uint32_t proto)
{
	size_t		at = begin(format);

	put32(1500);
	put32(proto);
	put("\7\7\7\1", 4);
	put("\7\7\7\2", 4);
	put32(80);
	put32(2000);
	put32(0x12);
	put32(32);
	end(at);
}

static void
test_knowledge(void)
{
	size_t		at;

	begin_datagram(4, 3);
	at = begin_sample(1, 1, 2, 2);
	put_sampled_ip4(3, 6);
	put_header(1, "\1\2\3\4\5\6\1\2\3\4\5\7\x08\x06", 14, 64);
	end(at);
	at = begin_sample(1, 1, 2, 2);
	put_header(11, "", 0, 304);
	put_sampled_ip4(3, 6);
	end(at);
	at = begin_sample(1, 1, 2, 2);
	put_sampled_ip4(1024, 47);
	put_header(1, "\1\2\3\4\5\6\1\2\3\4\5\7\x08\x06", 14, 64);
	end(at);
	decode(len);
	is((int64_t) flows[0].bytes, 1500, "IPv4 record beside a frame without IP");
	is(flows[0].tcp_flags, 0x12, "its flags");
	is(flows[0].key.dst_port, 2000, "its port");
	ok(is_ip4(&flows[1]), "the header is better than the IPv4 record");
	is((int64_t) flows[2].bytes, 46, "frame without IP: less link layer and stripped");
	ok(has_addr4(2, FLOW_TUNNEL_SRC_ADDR, "\7\7\7\1"), "tunnel");
	ok(memcmp(extras[2].values[FLOW_TUNNEL_TYPE].text.bytes, "gre", 3) == 0,
	   "type of the tunnel");
}

/* The second packet's ports may not come from the first, nor by chance. */
static void
test_fragments(void)
{
	static const uint8_t ethernet[14] = {[12] = 8};
	size_t		at;
	size_t		second;

	begin_datagram(5, 2);
	at = begin_sample(1, 1, 2, 1);
	put_header(1, ethernet, sizeof(ethernet), 318);
	end(at);
	bytes[len - sizeof(ip4) - 2 + 6] = 0x20;	/* more fragments */
	second = len;
	at = begin_sample(1, 1, 2, 1);
	put_header(1, ethernet, sizeof(ethernet), 318);
	end(at);
	bytes[len - sizeof(ip4) - 2 + 7] = 9;	/* a later one */
	ok(second < len, "two samples");
	decode(len);
	is(flows[0].key.dst_port, 53, "ports of a first fragment");
	is(flows[1].key.dst_port, 0, "nothing is remembered for the later one");
}

static void
test_sequence(void)
{
	begin_datagram(100, 0);
	decode(len);
	counters.sequence_missed_datagrams = 0;
	begin_datagram(101, 0);
	decode(len);
	is((int64_t) counters.sequence_missed_datagrams, 0, "the next datagram");
	begin_datagram(104, 0);
	decode(len);
	is((int64_t) counters.sequence_missed_datagrams, 2, "two are missing");
	bytes[15] = 4;				/* another sub-agent */
	decode(len);
	is((int64_t) counters.sequence_missed_datagrams, 2, "each sub-agent counts");
}

static void
test_agents(void)
{
	size_t		at;

	len = 0;
	put32(5);
	put32(2);
	put("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	for (int i = 0; i < 3; i++)
		put32(0);
	put32(1);
	at = begin_sample(0, 1, 2, 0);
	end(at);
	decode(len);
	is(flows[0].exporter.family, FLOW_FAMILY_IP6, "IPv6 agent");
	is(flows[0].exporter.bytes[15], 1, "its address");

	begin_datagram(1, 1);
	memset(bytes + 8, 0, 4);
	at = begin_sample(0, 1, 2, 0);
	end(at);
	decode(len);
	is(flows[0].exporter.bytes[0], 192, "an agent without address");
	is(flows[0].sampling, 512, "sampling");
	memset(bytes + 28 + 8 + 8, 0, 4);
	decode(len);
	is(flows[0].sampling, 1, "a sampling rate of 0");
}

static void
test_damage(void)
{
	uint64_t	flow_samples = counters.sflow_flow_samples;
	uint64_t	records = counters.records;
	uint64_t	malformed_samples = counters.sflow_malformed_samples;
	size_t		at;
	size_t		total;
	bool		is_bounded = true;

	begin_datagram(200, 1);
	at = begin_sample(11, 11, 12, 10);
	put_routing();
	put_names_and_nat();
	put_header(11, "", 0, 304);
	end(at);
	total = len;
	counters.sflow_malformed = 0;
	for (size_t n = 4; n <= total; n++)
	{
		decode(n);
		is_bounded &= nflows == (n >= 28 + 8 + 32);
	}
	ok(is_bounded, "every cut datagram gives what is there");
	is((int64_t) counters.sflow_malformed, (int64_t) total - 4,
	   "every cut is counted");
	is((int64_t) (counters.sflow_flow_samples - flow_samples),
	   (int64_t) (counters.records - records) + 32,
	   "a sample that ends in its head is no flow");
	ok(counters.sflow_malformed_samples - malformed_samples >= 32,
	   "and is counted");

	memset(bytes + 28 + 8 + 28, 0xff, 4);
	decode(total);
	is(nflows, 1, "four billion records");
	begin_datagram(201, UINT32_MAX);
	decode(len);
	is(nflows, 0, "four billion samples");
	is((int64_t) counters.unsupported_sflow, 0, "all of it was version 5");
	bytes[3] = 4;
	decode(len);
	is((int64_t) counters.unsupported_sflow, 1, "version 4");
}

static void
test_malformed_header(void)
{
	uint64_t	before = counters.sflow_malformed_headers;
	size_t		at;

	begin_datagram(300, 2);
	at = begin_sample(1, 1, 2, 1);
	put_header(12, ip4, 12, 316);
	end(at);
	at = begin_sample(1, 1, 2, 1);
	put_header(2, "", 0, 304);
	end(at);
	decode(len);
	is(nflows, 2, "flows all the same");
	is((int64_t) (counters.sflow_malformed_headers - before), 1,
	   "IPv4 where IPv6 was announced");
	is(flows[1].key.src.family, FLOW_FAMILY_NONE, "token bus is not read");
}

int
main(void)
{
	decoder.out.put = take;
	decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	decoder.sflow = sflow_decoder_open(&counters, hash_key_seeded(1));
	test_headers();
	test_interfaces();
	test_extended();
	test_knowledge();
	test_fragments();
	test_sequence();
	test_agents();
	test_damage();
	test_malformed_header();
	sflow_decoder_close(decoder.sflow);
	exporter_table_close(decoder.exporters);
	return tap_failed;
}
