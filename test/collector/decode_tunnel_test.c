/*-------------------------------------------------------------------------
 *
 * If this goes, tunnels are opened at the wrong byte, a cut one is lost
 * instead of metered as what is around it, or fragments count twice.
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "decode_packet.h"
#include "tap.h"

static struct counters counters;
static struct packet_decoder *decoder;
static struct packet packet;
static uint8_t bytes[2048];
static size_t len;

static void
put8(unsigned n)
{
	bytes[len++] = (uint8_t) n;
}

static void
put16(unsigned n)
{
	put8(n >> 8);
	put8(n);
}

static void
put32(uint32_t n)
{
	put16(n >> 16);
	put16(n & 0xffff);
}

static void
put_zeros(size_t n)
{
	while (n-- > 0)
		put8(0);
}

static void
ethernet(unsigned type)
{
	put_zeros(12);
	put16(type);
}

/* From host src to host dst, with room for everything up to total bytes. */
static void
ip4(size_t total, unsigned proto, unsigned src, unsigned dst)
{
	put16(0x4500);
	put16((unsigned) (total - len + 2));
	put32(0);
	put8(64);
	put8(proto);
	put16(0);
	put32(0x0a000000 + src);
	put32(0x0a000000 + dst);
}

static void
ip6(size_t total, unsigned proto)
{
	put32(0x60000000);
	put16((unsigned) (total - len - 36));
	put8(proto);
	put8(63);
	put32(0x20010db8);
	put_zeros(11);
	put8(1);
	put32(0x20010db8);
	put_zeros(11);
	put8(2);
}

static void
udp(size_t total, unsigned src_port, unsigned dst_port)
{
	put16(src_port);
	put16(dst_port);
	put16((unsigned) (total - len + 4));
	put16(0);
}

/* The packet in the tunnel: 36 bytes of UDP from 10.0.0.7 port 70 to 8:80. */
#define INNER 36

static void
inner_ip4(void)
{
	size_t		total = len + INNER;

	ip4(total, 17, 7, 8);
	udp(total, 70, 80);
	put_zeros(8);
}

static bool
decode_cut(size_t caplen)
{
	uint8_t    *copy = malloc(caplen > 0 ? caplen : 1);
	struct frame frame = {copy, caplen, len, 1000000, 0, DLT_RAW};
	bool		is_metered;

	memcpy(copy, bytes, caplen);
	memset(&counters, 0, sizeof(counters));
	is_metered = decode_packet(decoder, &frame, &packet);
	free(copy);
	return is_metered;
}

/* The whole of it opens; cut anywhere, what is around it is metered. */
static void
check(enum tunnel_type type, int64_t id, uint8_t outer_proto)
{
	const char *name = tunnel_name(type);
	struct packet outer;
	bool		is_good = true;

	is(decode_cut(len), true, name);
	is(packet.tunnel.type, type, "is opened");
	is(packet.flow.key.dst_port, 80, "to the inner port");
	is((int64_t) packet.flow.bytes, INNER, "with the inner bytes");
	is(packet.tunnel.has_id ? (int64_t) packet.tunnel.id : -1, id, "and its id");
	is((int64_t) counters.tunnel_packets, 1, "and counted");
	for (size_t caplen = 20; caplen < len; caplen++)
	{
		bool		is_metered = decode_cut(caplen);

		if (is_metered && packet.tunnel.type == TUNNEL_NONE)
		{
			is_good = is_good && packet.flow.key.proto == outer_proto &&
				packet.flow.bytes == len &&
				(outer_proto == 17 || outer_proto == 6 ||
				 counters.tunnels_truncated + counters.tunnels_not_ip == 1);
		}
		else if (is_metered)
			is_good = is_good && packet.flow.bytes == INNER;
		else
			is_good = is_good && caplen < 40;
	}
	ok(is_good, "cut anywhere, the packet is the inner or the outer one");
	decoder->tunnels = 0;
	is(decode_cut(len), true, "not asked for");
	outer = packet;
	is(outer.tunnel.type, TUNNEL_NONE, "it is not opened");
	is((int64_t) outer.flow.bytes, (int64_t) len, "and metered as a whole");
	decoder->tunnels = TUNNEL_SET_ALL & ~(1u << type);
	is(decode_cut(len) && packet.tunnel.type == type, false,
	   "nor if only others are");
	decoder->tunnels = TUNNEL_SET_ALL;
}

static void
test_gre(void)
{
	len = 0;
	ip4(20 + 4 + INNER, 47, 1, 2);
	put32(0x00000800);
	inner_ip4();
	check(TUNNEL_GRE, -1, 47);

	len = 0;
	ip4(20 + 16 + INNER, 47, 1, 2);
	put32(0xb0000800);			/* checksum, key, sequence */
	put32(0);
	put32(4711);
	put32(1);
	inner_ip4();
	check(TUNNEL_GRE, 4711, 47);

	len = 0;
	ip4(20 + 8 + 14 + INNER, 47, 1, 2);
	put32(0x20006558);			/* NVGRE */
	put32(0x12345600);
	ethernet(0x0800);
	inner_ip4();
	check(TUNNEL_GRE, 0x12345600, 47);

	len = 0;
	ip4(20 + 12 + 4 + INNER, 47, 1, 2);
	put32(0x3001880b);			/* PPTP */
	put16(INNER + 4);
	put16(77);
	put32(5);
	put32(0xff030021);
	inner_ip4();
	check(TUNNEL_GRE, 77, 47);
}

static void
test_erspan(void)
{
	len = 0;
	ip4(20 + 4 + 14 + INNER, 47, 1, 2);
	put32(0x000088be);			/* type I */
	ethernet(0x0800);
	inner_ip4();
	check(TUNNEL_ERSPAN, -1, 47);

	len = 0;
	ip4(20 + 16 + 18 + INNER, 47, 1, 2);
	put32(0x100088be);
	put32(9);
	put32(0x1000fc65);			/* session in the last ten bits */
	put32(0);
	ethernet(0x8100);
	put32(0x00050800);
	inner_ip4();
	check(TUNNEL_ERSPAN, 0x65, 47);

	len = 0;
	ip4(20 + 8 + 20 + 14 + INNER, 47, 1, 2);
	put32(0x100022eb);			/* type III with the platform's own */
	put32(9);
	put32(0x200003ff);
	put32(0);
	put32(1);
	put_zeros(8);
	ethernet(0x0800);
	inner_ip4();
	check(TUNNEL_ERSPAN, 0x3ff, 47);
}

static void
test_udp_tunnels(void)
{
	len = 0;
	ip4(28 + 8 + 14 + INNER, 17, 1, 2);
	udp(28 + 8 + 14 + INNER, 5, 4789);
	put32(0x08000000);
	put32(100 << 8);
	ethernet(0x0800);
	inner_ip4();
	check(TUNNEL_VXLAN, 100, 17);

	len = 0;
	ip4(28 + 8 + INNER, 17, 1, 2);
	udp(28 + 8 + INNER, 5, 4790);
	put32(0x0c000001);
	put32(0xffffff00);
	inner_ip4();
	check(TUNNEL_VXLAN, 0xffffff, 17);

	len = 0;
	ip4(28 + 16 + 14 + INNER, 17, 1, 2);
	udp(28 + 16 + 14 + INNER, 5, 6081);
	put32(0x02006558);			/* two words of options */
	put32(7 << 8);
	put_zeros(8);
	ethernet(0x0800);
	inner_ip4();
	check(TUNNEL_GENEVE, 7, 17);

	len = 0;
	ip4(28 + 16 + INNER, 17, 1, 2);
	udp(28 + 16 + INNER, 5, 2152);
	put32(0x34ff0000);
	put32(0xdeadbeef);
	put32(0x00000085);			/* one extension header */
	put32(0x01000000);
	inner_ip4();
	check(TUNNEL_GTPU, 0xdeadbeef, 17);
}

static void
test_ip_in_ip(void)
{
	size_t		total = 20 + 40 + 8;

	len = 0;
	ip4(20 + INNER, 4, 1, 2);
	inner_ip4();
	check(TUNNEL_IPIP, -1, 4);

	len = 0;
	ip4(total, 41, 1, 2);
	ip6(total, 17);
	udp(total, 9, 10);
	ok(decode_cut(len) && packet.flow.key.src.family == FLOW_FAMILY_IP6 &&
	   packet.flow.bytes == 48 && packet.flow.key.dst_port == 10 &&
	   packet.tunnel.src.bytes[3] == 1 && packet.ttl == 63,
	   "IPv6 in IPv4");

	/* Teredo, with authentication and origin before the packet */
	total = 28 + 13 + 8 + 40 + 8;
	len = 0;
	ip4(total, 17, 1, 2);
	udp(total, 9999, 3544);
	put16(1);
	put_zeros(11);
	put_zeros(8);
	ip6(total, 17);
	udp(total, 9, 10);
	ok(decode_cut(len) && packet.tunnel.type == TUNNEL_TEREDO &&
	   packet.flow.key.dst_port == 10, "teredo");
}

static void
test_depth(void)
{
	size_t		total = 20 * 6 + 8;

	len = 0;
	for (unsigned i = 0; i < 6; i++)
		ip4(total, i < 5 ? 4 : 17, i, i + 1);
	udp(total, 1, 2);
	ok(decode_cut(len) && packet.flow.key.src.bytes[3] == PACKET_MAX_TUNNELS &&
	   packet.tunnel.src.bytes[3] == PACKET_MAX_TUNNELS - 1 &&
	   counters.tunnel_packets == 1, "four tunnels in each other, not five");
}

static void
test_wrong(void)
{
	len = 0;
	ip4(20 + INNER, 4, 1, 2);
	inner_ip4();
	bytes[22] = 0x40;			/* longer than the outer packet */
	ok(decode_cut(len) && packet.flow.key.proto == 4 &&
	   packet.flow.bytes == len && counters.tunnels_malformed == 1,
	   "an inner length beyond the outer one");

	len = 0;
	ip4(28 + 8 + 14, 17, 1, 2);
	udp(28 + 8 + 14, 5, 4789);
	put32(0x08000000);
	put32(0);
	ethernet(0x0806);
	ok(decode_cut(len) && packet.flow.key.dst_port == 4789 &&
	   counters.tunnels_not_ip == 1, "ARP in VXLAN");
}

/* A tunnel's packet in two fragments: the inner one counts once. */
static void
test_fragments(void)
{
	size_t		whole = 20 + 4 + INNER;

	len = 0;
	ip4(whole, 47, 1, 2);
	put32(0x00000800);
	inner_ip4();
	len = 20 + 32;				/* all but the last eight bytes */
	put8(0);
	len--;
	bytes[3] = (uint8_t) len;
	bytes[5] = 99;
	bytes[6] = 0x20;
	ok(decode_cut(len) && packet.flow.bytes == INNER &&
	   packet.flow.key.dst_port == 80, "the first fragment is the inner packet");
	len = 28;
	bytes[3] = 28;
	bytes[6] = 0;
	bytes[7] = 4;
	ok(!decode_cut(len) && counters.tunnel_fragments == 1 &&
	   counters.ip_packets == 0, "the later one is part of it");
	bytes[5] = 98;
	ok(decode_cut(len) && packet.flow.key.proto == 47 &&
	   counters.fragments_unmatched == 1, "unless the first was not seen");
}

static void
test_pseudowire(void)
{
	struct frame frame = {bytes, 0, 0, 1000000, 0, DLT_EN10MB};

	for (int has_word = 0; has_word < 2; has_word++)
	{
		len = 0;
		put_zeros(12);
		put32(0x81000064);		/* VLAN 100 */
		put16(0x8847);
		put32(16 << 12);
		put32(17 << 12 | 0x100);
		if (has_word)
			put32(0);
		ethernet(0x0800);
		inner_ip4();
		frame.caplen = frame.wirelen = len;
		ok(decode_packet(decoder, &frame, &packet) &&
		   packet.tunnel.type == TUNNEL_MPLS && packet.tunnel.id == 17 &&
		   packet.flow.bytes == INNER && packet.tags.vlan == 100,
		   has_word ? "Ethernet in MPLS with a control word" :
		   "Ethernet in MPLS");
	}
}

static void
test_sets(void)
{
	uint32_t	set;

	ok(tunnel_parse_set("gre,mpls", &set) &&
	   set == (1u << TUNNEL_GRE | 1u << TUNNEL_MPLS), "a list of tunnels");
	ok(tunnel_parse_set("none", &set) && set == 0, "none");
	ok(tunnel_parse_set("all", &set) && set == TUNNEL_SET_ALL, "all");
	ok(!tunnel_parse_set("gre,", &set) && !tunnel_parse_set("", &set) &&
	   !tunnel_parse_set("gr", &set), "what is no name");
}

int
main(void)
{
	decoder = packet_decoder_open(&counters, hash_key_seeded(1));
	decoder->tunnels = TUNNEL_SET_ALL;
	test_gre();
	test_erspan();
	test_udp_tunnels();
	test_ip_in_ip();
	test_depth();
	test_wrong();
	test_fragments();
	test_pseudowire();
	test_sets();
	packet_decoder_close(decoder);
	return tap_failed;
}
