/*-------------------------------------------------------------------------
 *
 * A frame is built in full, so that its checksum covers all payload, and
 * then cut behind the part to keep.
 *
 * File format: draft-ietf-opsawg-pcap, little endian, microseconds.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "conv.h"
#include "frame.h"
#include "wire.h"

#define ETHER_IP4		0x0800
#define ETHER_ARP		0x0806
#define ETHER_VLAN		0x8100
#define ETHER_IP6		0x86dd
#define SNAP_LEN		262144
#define LINK_ETHERNET	1
#define FRAME_MAX		1600
#define WINDOW			502

struct record
{
	int64_t		us;
	uint32_t	serial;			/* order of creation, for equal times */
	uint32_t	off;			/* into bytes */
	uint32_t	len;			/* in the file */
	uint32_t	wire_len;
};

struct capture
{
	struct record *records;
	uint32_t	n;
	uint32_t	capacity;
	uint8_t    *bytes;
	uint32_t	nbytes;
	uint32_t	bytes_capacity;
};

const uint8_t router_mac[6] = {0x02, 0x00, 0x5e, 0x00, 0x00, 0x01};

static void *
resize(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return p;
}

/* RFC 1071, not folded; p[n] starts at an even offset of what is summed */
static uint32_t
sum16(const uint8_t *p, int n, uint32_t sum)
{
	for (int i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t) p[i] << 8;
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~sum;
}

static int
addr_len(const struct addr *addr)
{
	return addr->family == 4 ? 4 : 16;
}

static uint8_t *
put_ethernet(uint8_t *p, const struct station *src, const struct station *dst, uint32_t type)
{
	uint16_t	vlan = dst->is_inside ? dst->vlan : src->vlan;

	p = put_bytes(p, dst->is_inside ? dst->mac : router_mac, 6);
	p = put_bytes(p, dst->is_inside ? router_mac : src->mac, 6);
	if (vlan != 0)
	{
		p = put16(p, ETHER_VLAN);
		p = put16(p, vlan);
	}
	return put16(p, type);
}

static uint8_t *
put_ip(uint8_t *p, const struct packet *packet, int len)
{
	uint8_t    *start = p;
	int			ttl = packet->src->is_inside ? 63 : 52;

	if (packet->src->addr.family == 6)
	{
		p = put32(p, 0x60000000);
		p = put16(p, (uint32_t) len);
		*p++ = packet->proto;
		*p++ = (uint8_t) ttl;
		p = put_bytes(p, packet->src->addr.bytes, 16);
		return put_bytes(p, packet->dst->addr.bytes, 16);
	}
	p = put16(p, 0x4500);
	p = put16(p, (uint32_t) len + 20);
	p = put16(p, packet->ip_id);
	p = put16(p, 0x4000);
	*p++ = (uint8_t) ttl;
	*p++ = packet->proto;
	p = put16(p, 0);
	p = put_bytes(p, packet->src->addr.bytes, 4);
	p = put_bytes(p, packet->dst->addr.bytes, 4);
	put16(start + 10, fold(sum16(start, 20, 0)));
	return p;
}

static uint8_t *
put_tcp(uint8_t *p, const struct packet *packet)
{
	/* maximum segment size 1460, window scale 7 */
	static const uint8_t syn_options[8] = {2, 4, 0x05, 0xb4, 1, 3, 3, 7};
	bool		is_syn = packet->tcp_flags & TCP_SYN;

	p = put16(p, packet->src_port);
	p = put16(p, packet->dst_port);
	p = put32(p, packet->seq);
	p = put32(p, packet->ack);
	*p++ = is_syn ? 7 << 4 : 5 << 4;
	*p++ = packet->tcp_flags;
	p = put16(p, packet->tcp_flags & TCP_RST ? 0 : is_syn ? 64240 : WINDOW);
	p = put32(p, 0);
	return is_syn ? put_bytes(p, syn_options, 8) : p;
}

static uint8_t *
put_udp(uint8_t *p, const struct packet *packet)
{
	p = put16(p, packet->src_port);
	p = put16(p, packet->dst_port);
	p = put16(p, (uint32_t) packet->wire_len + 8);
	return put16(p, 0);
}

static uint8_t *
put_icmp(uint8_t *p, const struct packet *packet)
{
	p = put16(p, packet->src_port);
	p = put16(p, 0);
	p = put16(p, packet->dst_port);
	return put16(p, packet->seq);
}

/* ICMP for IPv4 has no pseudo header */
static uint16_t
transport_checksum(const struct packet *packet, const uint8_t *start, int len)
{
	uint32_t	sum = 0;
	uint16_t	result;

	if (packet->proto != PROTO_ICMP)
	{
		sum = sum16(packet->src->addr.bytes, addr_len(&packet->src->addr), sum);
		sum = sum16(packet->dst->addr.bytes, addr_len(&packet->dst->addr), sum);
		sum += packet->proto + (uint32_t) len;
	}
	result = fold(sum16(start, len, sum));
	return result == 0 && packet->proto == PROTO_UDP ? 0xffff : result;
}

static void
add_record(struct capture *capture, int64_t us, const uint8_t *frame, uint32_t len,
		   uint32_t wire_len)
{
	struct record *record;

	if (capture->n == capture->capacity)
	{
		capture->capacity = capture->capacity * 2 + 1024;
		capture->records = resize(capture->records, capture->capacity * sizeof(*record));
	}
	if (capture->nbytes + len > capture->bytes_capacity)
	{
		capture->bytes_capacity = capture->bytes_capacity * 2 + 65536;
		capture->bytes = resize(capture->bytes, capture->bytes_capacity);
	}
	record = &capture->records[capture->n];
	record->us = us;
	record->serial = capture->n++;
	record->off = capture->nbytes;
	record->len = len;
	record->wire_len = wire_len;
	memcpy(capture->bytes + capture->nbytes, frame, len);
	capture->nbytes += len;
}

struct capture *
capture_create(void)
{
	return memset(resize(NULL, sizeof(struct capture)), 0, sizeof(struct capture));
}

void
capture_free(struct capture *capture)
{
	free(capture->records);
	free(capture->bytes);
	free(capture);
}

void
capture_add(struct capture *capture, const struct packet *packet)
{
	uint8_t		frame[FRAME_MAX];
	bool		is_ip4 = packet->src->addr.family == 4;
	bool		is_tcp = packet->proto == PROTO_TCP;
	int			header_len = is_tcp ? (packet->tcp_flags & TCP_SYN ? 28 : 20) : 8;
	int			checksum_off = is_tcp ? 16 : packet->proto == PROTO_UDP ? 6 : 2;
	uint8_t    *start;
	uint8_t    *p;
	uint32_t	cut;

	p = put_ethernet(frame, packet->src, packet->dst, is_ip4 ? ETHER_IP4 : ETHER_IP6);
	p = put_ip(p, packet, header_len + packet->wire_len);
	start = p;
	if (is_tcp)
		p = put_tcp(p, packet);
	else if (packet->proto == PROTO_UDP)
		p = put_udp(p, packet);
	else
		p = put_icmp(p, packet);
	if (packet->len > 0)
		p = put_bytes(p, packet->data, (size_t) packet->len);
	cut = (uint32_t) (p - frame);
	for (int i = packet->len; i < packet->wire_len; i++)
		*p++ = (uint8_t) (i * 73 + packet->seq);
	put16(start + checksum_off, transport_checksum(packet, start, (int) (p - start)));
	add_record(capture, packet->us, frame, cut, (uint32_t) (p - frame));
}

void
capture_add_arp(struct capture *capture, int64_t us, const struct station *src,
				const struct station *dst, bool is_answer)
{
	uint8_t		frame[64];
	uint8_t    *p = frame;

	if (is_answer)
		p = put_bytes(p, dst->mac, 6);
	else
		p = put_bytes(p, "\377\377\377\377\377\377", 6);
	p = put_bytes(p, src->mac, 6);
	p = put16(p, ETHER_ARP);
	p = put_bytes(p, "\0\1\10\0\6\4\0", 7);
	*p++ = is_answer ? 2 : 1;
	p = put_bytes(p, src->mac, 6);
	p = put_bytes(p, src->addr.bytes, 4);
	if (is_answer)
		p = put_bytes(p, dst->mac, 6);
	else
		p = put_bytes(p, "\0\0\0\0\0\0", 6);
	p = put_bytes(p, dst->addr.bytes, 4);
	add_record(capture, us, frame, (uint32_t) (p - frame), (uint32_t) (p - frame));
}

uint32_t
capture_count(const struct capture *capture)
{
	return capture->n;
}

static int
compare_records(const void *a, const void *b)
{
	const struct record *x = a;
	const struct record *y = b;

	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

static void
write_le32(FILE *file, uint32_t x)
{
	for (int i = 0; i < 4; i++)
		putc((int) (x >> (8 * i) & 0xff), file);
}

bool
capture_write(struct capture *capture, FILE *file, uint32_t max)
{
	qsort(capture->records, capture->n, sizeof(struct record), compare_records);
	write_le32(file, 0xa1b2c3d4);
	write_le32(file, 2 | 4 << 16);	/* version 2.4 */
	write_le32(file, 0);
	write_le32(file, 0);
	write_le32(file, SNAP_LEN);
	write_le32(file, LINK_ETHERNET);
	for (uint32_t i = 0; i < capture->n && i < max; i++)
	{
		const struct record *record = &capture->records[i];

		write_le32(file, (uint32_t) (record->us / 1000000));
		write_le32(file, (uint32_t) (record->us % 1000000));
		write_le32(file, record->len);
		write_le32(file, record->wire_len);
		fwrite(capture->bytes + record->off, 1, record->len, file);
	}
	return fflush(file) == 0 && !ferror(file);
}
