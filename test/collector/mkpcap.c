/*-------------------------------------------------------------------------
 *
 * Makes the captures of TESTLIST, the same bytes every time.
 *
 *		mkpcap DIR				all captures of TESTLIST
 *		mkpcap DIR flood N		flood.pcap: N packets of N flows
 *		mkpcap DIR bulk N		bulk.pcap: N packets of 10,000 flows
 *
 * Addresses are those reserved for documentation.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_NULL		0
#define LINK_ETHERNET	1
#define LINK_PPP		9
#define LINK_RAW		101
#define LINK_SLL		113
#define LINK_IPV4		228
#define LINK_IPV6		229
#define LINK_SLL2		276

#define ICMP	1
#define TCP		6
#define UDP		17
#define GRE		47
#define ICMP6	58
#define SCTP	132

#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16

#define START_S 1700000000

static FILE *out;
static uint8_t frame[65536];
static size_t frame_len;

static void
put8(unsigned n)
{
	frame[frame_len++] = (uint8_t) n;
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
	memset(frame + frame_len, 0, n);
	frame_len += n;
}

static void
file_int(uint32_t n)
{
	fwrite(&n, sizeof(n), 1, out);
}

static void
open_capture(const char *dir, const char *name, uint32_t link)
{
	char		path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "wb");
	if (out == NULL)
	{
		perror(path);
		exit(1);
	}
	file_int(0xa1b2c3d4);
	file_int(4 << 16 | 2);
	file_int(0);
	file_int(0);
	file_int(65535);
	file_int(link);
	frame_len = 0;
}

/* Write the frame, at so many ms after START_S, cut to caplen. */
static void
write_cut(int64_t ms, size_t caplen, size_t wirelen)
{
	file_int((uint32_t) (START_S + ms / 1000));
	file_int((uint32_t) (ms % 1000 * 1000));
	file_int((uint32_t) caplen);
	file_int((uint32_t) wirelen);
	fwrite(frame, 1, caplen, out);
	frame_len = 0;
}

static void
write_frame(int64_t ms)
{
	write_cut(ms, frame_len, frame_len);
}

static void
ethernet(unsigned type)
{
	put32(0x02000000);
	put16(1);
	put32(0x02000000);
	put16(2);
	put16(type);
}

/* An IPv4 header for payload_len bytes that follow; host parts of 192.0.2. */
static void
ip4_header(unsigned src, unsigned dst, unsigned proto, size_t payload_len,
		   unsigned id, unsigned offset_and_flags)
{
	put16(0x4500);
	put16((unsigned) (20 + payload_len));
	put16(id);
	put16(offset_and_flags);
	put8(64);
	put8(proto);
	put16(0);
	put32(0xc0000200 | src);
	put32(0xc0000200 | dst);
}

/* 2001:db8::src and ::dst, traffic class 0x28. */
static void
ip6_header(unsigned src, unsigned dst, unsigned next, size_t payload_len)
{
	put32(0x62800000);
	put16((unsigned) payload_len);
	put8(next);
	put8(64);
	put32(0x20010db8);
	put_zeros(8);
	put32(src);
	put32(0x20010db8);
	put_zeros(8);
	put32(dst);
}

static size_t
transport_len(unsigned proto)
{
	return proto == TCP ? 20 : proto == SCTP ? 12 : 8;
}

/* For ICMP, src_port is the type and dst_port the code. */
static void
transport(unsigned proto, unsigned src_port, unsigned dst_port, unsigned flags,
		  size_t data_len)
{
	size_t		len = transport_len(proto);
	size_t		begin = frame_len;

	if (proto == ICMP || proto == ICMP6)
	{
		put8(src_port);
		put8(dst_port);
	}
	else
	{
		put16(src_port);
		put16(dst_port);
	}
	if (proto == UDP)
		put16((unsigned) (8 + data_len));
	if (proto == TCP)
	{
		put_zeros(8);
		put8(0x50);
		put8(flags);
	}
	put_zeros(len - (frame_len - begin) + data_len);
}

static void
ip4_packet(unsigned src, unsigned dst, unsigned proto, unsigned src_port,
		   unsigned dst_port, unsigned flags, size_t data_len)
{
	ip4_header(src, dst, proto, transport_len(proto) + data_len, 0, 0x4000);
	transport(proto, src_port, dst_port, flags, data_len);
}

static void
ip6_packet(unsigned src, unsigned dst, unsigned proto, unsigned src_port,
		   unsigned dst_port, unsigned flags, size_t data_len)
{
	ip6_header(src, dst, proto, transport_len(proto) + data_len);
	transport(proto, src_port, dst_port, flags, data_len);
}

static void
eth4(int64_t ms, unsigned src, unsigned dst, unsigned proto, unsigned src_port,
	 unsigned dst_port, unsigned flags, size_t data_len)
{
	ethernet(0x0800);
	ip4_packet(src, dst, proto, src_port, dst_port, flags, data_len);
	write_frame(ms);
}

static void
eth6(int64_t ms, unsigned src, unsigned dst, unsigned proto, unsigned src_port,
	 unsigned dst_port, unsigned flags, size_t data_len)
{
	ethernet(0x86dd);
	ip6_packet(src, dst, proto, src_port, dst_port, flags, data_len);
	write_frame(ms);
}

static void
make_protocols(const char *dir)
{
	open_capture(dir, "protocols.pcap", LINK_ETHERNET);
	eth4(0, 1, 2, TCP, 40000, 443, SYN, 0);
	eth4(10, 2, 1, TCP, 443, 40000, SYN | ACK, 0);
	eth4(20, 1, 2, TCP, 40000, 443, ACK, 0);
	eth4(30, 1, 2, TCP, 40000, 443, PSH | ACK, 500);
	eth4(45, 2, 1, TCP, 443, 40000, PSH | ACK, 1400);
	eth4(60, 1, 2, TCP, 40000, 443, FIN | ACK, 0);
	eth4(70, 2, 1, TCP, 443, 40000, RST, 0);
	eth4(100, 1, 53, UDP, 5353, 53, 0, 40);
	eth4(101, 53, 1, UDP, 53, 5353, 0, 200);
	eth4(200, 1, 3, ICMP, 8, 0, 0, 56);
	eth4(201, 3, 1, ICMP, 0, 0, 0, 56);
	eth4(202, 3, 1, ICMP, 3, 13, 0, 28);
	eth4(300, 1, 4, SCTP, 3868, 3869, 0, 20);
	eth4(400, 1, 5, GRE, 1, 2, 0, 60);	/* no ports */
	eth6(500, 1, 2, TCP, 50000, 80, SYN, 0);
	eth6(501, 2, 1, TCP, 80, 50000, SYN | ACK, 0);
	eth6(502, 1, 2, UDP, 1234, 53, 0, 33);
	eth6(503, 1, 2, ICMP6, 128, 0, 0, 56);
	eth6(504, 2, 1, ICMP6, 129, 0, 0, 56);
	eth6(505, 1, 2, SCTP, 1, 2, 0, 4);
	ethernet(0x0806);			/* ARP */
	put_zeros(28);
	write_frame(600);

	/* no next header, padded by Ethernet: 40 bytes, not 46 */
	ethernet(0x86dd);
	ip6_header(7, 8, 59, 0);
	put_zeros(6);
	write_frame(700);

	/* total length 0, as segmentation offload leaves it */
	ethernet(0x0800);
	ip4_packet(9, 10, TCP, 1, 2, ACK, 3000);
	frame[16] = frame[17] = 0;
	write_frame(800);

	/* captured up to the IP header only */
	ethernet(0x0800);
	ip4_packet(11, 12, UDP, 1, 2, 0, 1000);
	write_cut(900, 34, frame_len);
	fclose(out);
}

static void
make_tags(const char *dir)
{
	open_capture(dir, "tags.pcap", LINK_ETHERNET);
	ethernet(0x8100);
	put16(10);
	put16(0x0800);
	ip4_packet(1, 2, UDP, 1, 1, 0, 10);
	write_frame(0);
	ethernet(0x88a8);
	put16(10);
	put16(0x8100);
	put16(20);
	put16(0x0800);
	ip4_packet(1, 2, UDP, 2, 2, 0, 10);
	write_frame(1);
	ethernet(0x9100);
	put16(10);
	put16(0x9100);
	put16(11);
	put16(0x8100);
	put16(20);
	put16(0x86dd);
	ip6_packet(1, 2, UDP, 3, 3, 0, 10);
	write_frame(2);
	ethernet(0x8847);
	put32(100 << 12 | 64);
	put32(200 << 12 | 0x100 | 64);
	ip4_packet(1, 2, UDP, 4, 4, 0, 10);
	write_frame(3);
	ethernet(0x8847);
	put32(200 << 12 | 0x100 | 64);
	ip6_packet(1, 2, UDP, 5, 5, 0, 10);
	write_frame(4);
	ethernet(0x8864);
	put16(0x1100);
	put16(7);
	put16(2 + 38);
	put16(0x0021);
	ip4_packet(1, 2, UDP, 6, 6, 0, 10);
	write_frame(5);
	ethernet(0x8100);
	put16(10);
	put16(0x8864);
	put16(0x1100);
	put16(7);
	put16(2 + 58);
	put16(0x0057);
	ip6_packet(1, 2, UDP, 7, 7, 0, 10);
	write_frame(6);
	ethernet(46);				/* 802.3 with SNAP */
	put32(0xaaaa0300);
	put32(0x00000800);
	ip4_packet(1, 2, UDP, 8, 8, 0, 10);
	write_frame(7);

	/* same endpoints and ports in two VLANs are one flow */
	ethernet(0x8100);
	put16(99);
	put16(0x0800);
	ip4_packet(1, 2, UDP, 1, 1, 0, 10);
	write_frame(8);
	fclose(out);
}

static void
fragment4(int64_t ms, unsigned src, unsigned id, unsigned offset, bool more,
		  size_t len)
{
	ethernet(0x0800);
	ip4_header(src, 2, UDP, len, id, offset / 8 | (more ? 0x2000 : 0));
	if (offset == 0)
		transport(UDP, 1111, 2222, 0, len - 8);
	else
		put_zeros(len);
	write_frame(ms);
}

static void
fragment6(int64_t ms, uint32_t id, unsigned offset, bool more, size_t len)
{
	ethernet(0x86dd);
	ip6_header(1, 2, 44, 8 + len);
	put8(UDP);
	put8(0);
	put16(offset | more);
	put32(id);
	if (offset == 0)
		transport(UDP, 3333, 4444, 0, len - 8);
	else
		put_zeros(len);
	write_frame(ms);
}

static void
make_fragments(const char *dir)
{
	open_capture(dir, "fragments.pcap", LINK_ETHERNET);
	fragment4(0, 1, 7, 0, true, 1480);
	fragment4(1, 1, 7, 1480, true, 1480);
	fragment4(2, 1, 7, 2960, false, 100);
	fragment4(3, 1, 8, 1480, false, 50);	/* first one not seen */
	fragment4(4, 3, 9, 1480, false, 60);	/* last one comes first */
	fragment4(5, 3, 9, 0, true, 1480);
	fragment6(6, 0x01020304, 0, true, 1232);
	fragment6(7, 0x01020304, 1232, false, 200);
	fragment6(8, 0x01020305, 1232, false, 300);
	fragment6(9, 0x01020306, 0, false, 32); /* atomic, RFC 6946 */

	/* 31 s later the number is in use for something else */
	fragment4(31100, 1, 7, 1480, false, 70);
	fclose(out);
}

static void
make_extensions(const char *dir)
{
	open_capture(dir, "extensions.pcap", LINK_IPV6);
	ip6_header(1, 2, 0, 8 + 24 + 8 + 16 + 28);
	put8(43);					/* hop by hop, 8 bytes */
	put8(0);
	put_zeros(6);
	put8(60);					/* routing, 24 bytes */
	put8(2);
	put_zeros(22);
	put8(51);					/* destination options, 8 bytes */
	put8(0);
	put_zeros(6);
	put8(UDP);					/* authentication, 16 bytes */
	put8(2);
	put_zeros(14);
	transport(UDP, 10, 20, 0, 20);
	write_frame(0);

	ip6_header(1, 2, 50, 40);	/* ESP ends the chain */
	put_zeros(40);
	write_frame(1);

	ip6_header(1, 2, 60, 4);	/* shorter than the smallest extension */
	put_zeros(4);
	write_frame(2);

	ip6_header(1, 2, 0, 0);		/* jumbogram: length 0 */
	put8(UDP);
	put8(0);
	put32(0xc2040000);
	put16(28);
	transport(UDP, 30, 40, 0, 20);
	write_frame(3);
	fclose(out);
}

static void
make_links(const char *dir)
{
	open_capture(dir, "null.pcap", LINK_NULL);
	put32(0x02000000);			/* AF_INET, little endian */
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	put32(30);					/* AF_INET6 of macOS, big endian */
	ip6_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(1);
	fclose(out);

	open_capture(dir, "raw.pcap", LINK_RAW);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	ip6_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(1);
	fclose(out);

	open_capture(dir, "ipv4.pcap", LINK_IPV4);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	fclose(out);

	open_capture(dir, "sll.pcap", LINK_SLL);
	put_zeros(14);
	put16(0x0800);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	put_zeros(14);
	put16(0x8100);
	put16(10);
	put16(0x86dd);
	ip6_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(1);
	fclose(out);

	open_capture(dir, "sll2.pcap", LINK_SLL2);
	put16(0x86dd);
	put_zeros(18);
	ip6_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	fclose(out);

	open_capture(dir, "ppp.pcap", LINK_PPP);
	put32(0xff030021);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	put8(0x57);					/* compressed protocol and address fields */
	ip6_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(1);
	put32(0x0f000800);			/* Cisco HDLC */
	ip4_packet(1, 2, UDP, 3, 4, 0, 5);
	write_frame(2);
	fclose(out);
}

/* Captures that hold nothing, or cannot be read to the end. */
static void
make_failures(const char *dir)
{
	open_capture(dir, "arp.pcap", LINK_ETHERNET);
	ethernet(0x0806);
	put_zeros(28);
	write_frame(0);
	fclose(out);

	open_capture(dir, "unsupported.pcap", 147);
	put_zeros(28);
	write_frame(0);
	fclose(out);

	open_capture(dir, "cut.pcap", LINK_RAW);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	write_frame(0);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	file_int(START_S);			/* promises 1000 bytes, has none */
	file_int(0);
	file_int(1000);
	file_int(1000);
	fclose(out);
}

/* Flows end by active and idle timeout; packets overtake each other. */
static void
make_timeouts(const char *dir)
{
	open_capture(dir, "timeouts.pcap", LINK_ETHERNET);
	for (int s = 0; s <= 130; s += 10)
		eth4(s * 1000, 1, 2, TCP, 1000, 80, ACK, 0);
	for (int s = 131; s <= 161; s += 15)	/* idle for 15 s each time */
		eth4(s * 1000, 3, 4, UDP, 1000, 53, 0, 10);
	eth4(170000, 5, 6, UDP, 7, 7, 0, 1);
	eth4(169000, 5, 6, UDP, 7, 7, 0, 1);
	eth4(171000, 5, 6, UDP, 7, 7, 0, 1);
	eth4(10000, 5, 6, UDP, 7, 7, 0, 1); /* the clock was set back */
	eth4(11000, 5, 6, UDP, 7, 7, 0, 1);
	fclose(out);
}

static void
netflow5_header(unsigned count, uint32_t uptime_ms, uint32_t seconds,
				uint32_t sequence, unsigned engine, unsigned sampling)
{
	put16(5);
	put16(count);
	put32(uptime_ms);
	put32(seconds);
	put32(500000000);
	put32(sequence);
	put16(engine);
	put16(sampling);
}

static void
netflow5_record(unsigned host, uint32_t first_ms, uint32_t last_ms)
{
	put32(0xc6336400 | host);
	put32(0xcb007101);
	put32(0);
	put16(11);
	put16(12);
	put32(100 + host);
	put32(4000000000u);
	put32(first_ms);
	put32(last_ms);
	put16(40000 + host);
	put16(443);
	put8(0);
	put8(SYN | ACK);
	put8(TCP);
	put8(0x10);
	put16(64496);
	put16(65535);
	put32(0);
}

/* count records are sent, whatever the header says */
static void
export5(int64_t ms, unsigned count, unsigned said, uint32_t uptime_ms,
		uint32_t sequence, unsigned engine, unsigned sampling)
{
	size_t		len = 24 + 48 * count;

	ethernet(0x0800);
	ip4_header(200, 201, UDP, 8 + len, 0, 0);
	put16(30000);
	put16(2055);
	put16((unsigned) (8 + len));
	put16(0);
	netflow5_header(said, uptime_ms, START_S + (uint32_t) (ms / 1000),
					sequence, engine, sampling);
	for (unsigned i = 0; i < count; i++)
		netflow5_record(i + 1, uptime_ms - 3000 - i, uptime_ms - 1000);
	write_frame(ms);
}

/* A pcapng block of what has been put into frame. */
static void
write_block(uint32_t type)
{
	uint32_t	len;

	while (frame_len % 4 != 0)
		put8(0);
	len = (uint32_t) frame_len + 12;
	file_int(type);
	file_int(len);
	fwrite(frame, 1, frame_len, out);
	file_int(len);
	frame_len = 0;
}

static void
put_host(const void *value, size_t len)
{
	memcpy(frame + frame_len, value, len);
	frame_len += len;
}

static void
section_block(void)
{
	static const uint32_t magic_and_version[] = {0x1a2b3c4d, 1};

	put_host(magic_and_version, sizeof(magic_and_version));
	put32(0xffffffff);
	put32(0xffffffff);
	write_block(0x0a0d0d0a);
}

/* resolution 0: leave the option out */
static void
interface_block(uint16_t link, uint32_t snaplen, uint8_t resolution)
{
	static const uint16_t option[] = {9, 1};
	uint16_t	reserved = 0;

	put_host(&link, sizeof(link));
	put_host(&reserved, sizeof(reserved));
	put_host(&snaplen, sizeof(snaplen));
	if (resolution != 0)
	{
		put_host(option, sizeof(option));
		put8(resolution);
		put_zeros(3 + 4);
	}
	write_block(1);
}

/* A packet block around the frame that has been put. */
static void
packet_block(uint32_t interface, uint64_t time)
{
	uint32_t	head[] = {
		interface, (uint32_t) (time >> 32), (uint32_t) time,
		(uint32_t) frame_len, (uint32_t) frame_len
	};

	memmove(frame + sizeof(head), frame, frame_len);
	memcpy(frame, head, sizeof(head));
	frame_len += sizeof(head);
	write_block(6);
}

/* A packet block without time; the frame may be cut. */
static void
simple_block(uint32_t wirelen)
{
	memmove(frame + sizeof(wirelen), frame, frame_len);
	memcpy(frame, &wirelen, sizeof(wirelen));
	frame_len += sizeof(wirelen);
	write_block(3);
}

/* Packets without time among others; the last one is cut to 33 bytes. */
static void
make_simple(const char *dir)
{
	open_capture(dir, "simple.pcapng", 0);
	rewind(out);
	section_block();
	interface_block(LINK_RAW, 33, 0);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	packet_block(0, START_S * UINT64_C(1000000));
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	simple_block(33);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	packet_block(0, START_S * UINT64_C(1000000) + 2000000);
	ip4_packet(1, 2, UDP, 1, 2, 0, 500);
	frame_len = 33;
	simple_block(528);
	fclose(out);

	open_capture(dir, "damaged.pcapng", 0);
	rewind(out);
	section_block();
	interface_block(LINK_RAW, 65535, 0);
	for (unsigned i = 0; i < 3; i++)
	{
		ip4_packet(1, 2, UDP, i, 2, 0, 5);
		packet_block(0, START_S * UINT64_C(1000000) + i);
	}
	file_int(6);
	file_int(13);				/* no length of a block */
	fclose(out);
}

/* Two sections; interfaces differ in link type, length and clock. */
static void
make_pcapng(const char *dir)
{
	open_capture(dir, "interfaces.pcapng", 0);
	rewind(out);
	section_block();
	interface_block(LINK_ETHERNET, 65535, 0);
	interface_block(LINK_RAW, 100, 9);
	interface_block(147, 100, 0);
	ethernet(0x0800);
	ip4_packet(1, 2, UDP, 1, 2, 0, 5);
	packet_block(0, START_S * UINT64_C(1000000) + 123456);
	ip6_packet(1, 2, UDP, 3, 4, 0, 5);
	packet_block(1, START_S * UINT64_C(1000000000) + 234567890);
	put_zeros(30);
	packet_block(2, START_S * UINT64_C(1000000));
	put_zeros(8);
	write_block(0x0bad);		/* a block of some other program */
	section_block();
	interface_block(LINK_RAW, 0, 0x80 | 10);
	ip4_packet(1, 2, UDP, 5, 6, 0, 5);
	packet_block(0, ((uint64_t) START_S << 10) + 512);
	fclose(out);
}

static void
make_netflow5(const char *dir)
{
	open_capture(dir, "netflow5.pcap", LINK_ETHERNET);
	export5(0, 2, 2, 100000, 0xfffffffe, 0x0102, 0);
	export5(1000, 1, 1, 2000, 0, 0x0102, 0x4000 | 100); /* uptime wraps */
	export5(2000, 1, 1, 3000, 11, 0x0102, 0);	/* ten are missing */
	export5(3000, 1, 1, 4000, 5, 0x0102, 0);	/* overtaken */
	export5(4000, 1, 1, 5000, 7, 0x0103, 1);	/* another engine */
	export5(5000, 2, 3, 6000, 12, 0x0102, 0);	/* cut short */
	export5(6000, 2, 1, 7000, 12, 0x0102, 0);	/* trailing bytes */
	ethernet(0x0800);
	ip4_header(200, 201, UDP, 8 + 20, 0, 0);
	put16(30000);
	put16(2055);
	put16(8 + 20);
	put16(0);
	put16(9);
	put_zeros(18);
	write_frame(7000);
	fclose(out);
}

static void
make_flood(const char *dir, uint32_t n)
{
	open_capture(dir, "flood.pcap", LINK_ETHERNET);
	for (uint32_t i = 0; i < n; i++)
	{
		ethernet(0x0800);
		ip4_packet(1, 2, TCP, i & 0xffff, 80, SYN, 0);
		for (int b = 0; b < 4; b++)
			frame[26 + b] = (uint8_t) ((i * 2654435761u) >> (8 * b));
		write_frame(i / 500);
	}
	fclose(out);
}

static void
make_bulk(const char *dir, uint32_t n)
{
	open_capture(dir, "bulk.pcap", LINK_ETHERNET);
	for (uint32_t i = 0; i < n; i++)
		eth4(i / 1000, i * 7919 % 100, i * 104729 % 100, TCP, 1024, 80, ACK,
			 400);
	fclose(out);
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[2], "flood") == 0)
		make_flood(argv[1], (uint32_t) strtoul(argv[3], NULL, 10));
	else if (argc == 4 && strcmp(argv[2], "bulk") == 0)
		make_bulk(argv[1], (uint32_t) strtoul(argv[3], NULL, 10));
	else if (argc == 2)
	{
		make_protocols(argv[1]);
		make_tags(argv[1]);
		make_fragments(argv[1]);
		make_extensions(argv[1]);
		make_links(argv[1]);
		make_failures(argv[1]);
		make_timeouts(argv[1]);
		make_netflow5(argv[1]);
		make_pcapng(argv[1]);
		make_simple(argv[1]);
	}
	else
	{
		fputs("usage: mkpcap DIR [flood|bulk N]\n", stderr);
		return 2;
	}
	return 0;
}
