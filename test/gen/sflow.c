/*-------------------------------------------------------------------------
 *
 * sFlow version 5 (sflow.org, 2004): compact flow samples with a raw packet
 * header and an extended gateway record.
 *
 *-------------------------------------------------------------------------
 */
#include "stream.h"
#include "wire.h"

#define HEADER_BYTES			28
#define SAMPLE_MAX_BYTES		240
#define ETHERNET_BYTES			14
#define FCS_BYTES				4
#define IP_LEN_MAX				65535

static int
transport_bytes(uint8_t proto)
{
	return proto == PROTO_TCP ? 20 : proto == PROTO_UDP ? 8 : 4;
}

static uint8_t *
put_transport(uint8_t *p, const struct record *record, uint32_t len)
{
	uint8_t    *end = p + transport_bytes(record->proto);

	memset(p, 0, (size_t) (end - p));
	switch (record->proto)
	{
		case PROTO_TCP:
			p = put16(p, record->src_port);
			p = put16(p, record->dst_port);
			p[8] = 5 << 4;
			p[9] = record->tcp_flags;
			break;
		case PROTO_UDP:
			p = put16(p, record->src_port);
			p = put16(p, record->dst_port);
			put16(p, len);
			break;
		case PROTO_ICMP:
		case PROTO_ICMP6:
			put16(p, record->dst_port);	/* type and code */
			break;
		default:
			break;
	}
	return end;
}

/* Checksums are zero; nobody looks at those of a header that was cut. */
static uint8_t *
put_ip(uint8_t *p, const struct record *record, uint32_t len)
{
	if (record->src->family == 6)
	{
		p = put32(p, UINT32_C(6) << 28 | (uint32_t) record->tos << 20);
		p = put16(p, len - 40);
		*p++ = record->proto;
		*p++ = 60;
		p = put_bytes(p, record->src->bytes, 16);
		p = put_bytes(p, record->dst->bytes, 16);
		return put_transport(p, record, len - 40);
	}
	*p++ = 0x45;
	*p++ = record->tos;
	p = put16(p, len);
	p = put32(p, 0x4000);		/* not a fragment */
	*p++ = 60;
	*p++ = record->proto;
	p = put16(p, 0);
	p = put_bytes(p, record->src->bytes, 4);
	p = put_bytes(p, record->dst->bytes, 4);
	return put_transport(p, record, len - 20);
}

static uint8_t *
put_raw_header(uint8_t *p, const struct record *record)
{
	static const uint8_t macs[12] = {2, 0, 0x5e, 0, 0, 1, 2, 0, 0x5e, 0, 0, 2};
	bool		is_ip4 = record->src->family == 4;
	uint32_t	header_len = (is_ip4 ? 20 : 40) + (uint32_t) transport_bytes(record->proto);
	uint64_t	len = record->packets > 0 ? record->bytes / record->packets : 0;
	uint8_t    *start = p + 4 * 6;

	if (len < header_len)
		len = header_len;
	if (len > IP_LEN_MAX)
		len = IP_LEN_MAX;
	p = put_bytes(start, macs, sizeof(macs));
	p = put16(p, is_ip4 ? 0x0800 : 0x86dd);
	p = put_ip(p, record, (uint32_t) len);
	header_len = (uint32_t) (p - start);
	while ((p - start) % 4 != 0)
		*p++ = 0;
	start = put32(start - 4 * 6, 1);
	start = put32(start, (uint32_t) (p - start) - 4);
	start = put32(start, 1);	/* Ethernet */
	start = put32(start, (uint32_t) len + ETHERNET_BYTES + FCS_BYTES);
	start = put32(start, FCS_BYTES);
	put32(start, header_len);
	return p;
}

static uint8_t *
put_gateway(uint8_t *p, const struct record *record)
{
	p = put32(p, 1003);
	p = put32(p, 4 * 11);
	p = put32(p, 1);			/* next hop, IPv4 */
	p = put32(p, 0x0afe0001);
	p = put32(p, 64500);		/* of the router */
	p = put32(p, record->src_as);
	p = put32(p, record->src_as);
	p = put32(p, 1);			/* a path of one sequence of one */
	p = put32(p, 2);
	p = put32(p, 1);
	p = put32(p, record->dst_as);
	p = put32(p, 0);			/* communities */
	return put32(p, 100);
}

static void
put_record(struct stream *stream, const struct record *record)
{
	uint8_t    *start = stream->end;
	uint64_t	rate = record->packets * record->sampling;
	uint8_t    *p = start + 8;

	if (rate == 0 || rate > UINT32_MAX)
		rate = rate == 0 ? 1 : UINT32_MAX;
	p = put32(p, stream->nsamples++);
	p = put32(p, record->in_if & 0xffffff);
	p = put32(p, (uint32_t) rate);
	p = put32(p, (uint32_t) rate);	/* pool */
	p = put32(p, 0);
	p = put32(p, record->in_if);
	p = put32(p, record->out_if);
	p = put32(p, 2);
	p = put_raw_header(p, record);
	p = put_gateway(p, record);
	put32(start, 1);
	put32(start + 4, (uint32_t) (p - start) - 8);
	stream->end = p;
}

static void
finish(struct stream *stream, int64_t now_ms)
{
	uint8_t    *p = stream->bytes;

	p = put32(p, 5);
	p = put32(p, 1);
	p = put32(p, 0x0aff0000 + stream->domain);	/* agent in 10.255.0.0/16 */
	p = put32(p, stream->domain);
	p = put32(p, stream->sequence++);
	p = put32(p, stream_uptime(stream, now_ms));
	put32(p, stream->nrecords);
}

const struct format format_sflow = {
	.header_bytes = HEADER_BYTES,
	.record_bytes = SAMPLE_MAX_BYTES,
	.has_ip6 = true,
	.put_record = put_record,
	.finish = finish
};

_Static_assert(8 + 32 + 24 + ETHERNET_BYTES + 40 + 20 + 3 + 8 + 44 <= SAMPLE_MAX_BYTES,
			   "the longest sample, TCP over IPv6");
