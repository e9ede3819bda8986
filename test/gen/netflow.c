/*-------------------------------------------------------------------------
 *
 * NetFlow v5, NetFlow v9 (RFC 3954) and IPFIX (RFC 7011).
 *
 * The last two have a template for each family; fields are in the order in
 * which put_fields writes them.
 *
 *-------------------------------------------------------------------------
 */
#include "stream.h"
#include "wire.h"

#define NETFLOW5_HEADER_BYTES	24
#define NETFLOW5_RECORD_BYTES	48
#define NETFLOW9_HEADER_BYTES	20
#define IPFIX_HEADER_BYTES		16
#define SET_HEADER_BYTES		4
#define FIELDS_MAX_BYTES		96
#define PADDING_MAX_BYTES		3

#define TEMPLATE_IP4			256
#define TEMPLATE_IP6			257
#define NFIELDS					16
#define AS_TRANS				23456	/* RFC 6793 */

struct field
{
	uint16_t	element;
	uint16_t	bytes;
};

/* of IPFIX and IPv4; the others differ in the first two and in the times */
static const struct field fields[NFIELDS] = {
	{8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {6, 1}, {5, 1}, {10, 4}, {14, 4},
	{2, 8}, {1, 8}, {16, 4}, {17, 4}, {34, 4}, {152, 8}, {153, 8}
};

static uint8_t *
put64(uint8_t *p, uint64_t x)
{
	return put32(put32(p, (uint32_t) (x >> 32)), (uint32_t) x);
}

static uint8_t *
put_template(uint8_t *p, uint16_t id, bool is_ipfix)
{
	p = put16(p, id);
	p = put16(p, NFIELDS);
	for (int i = 0; i < NFIELDS; i++)
	{
		struct field field = fields[i];

		if (i < 2 && id == TEMPLATE_IP6)
			field = (struct field) {i == 0 ? 27 : 28, 16};
		if (i >= NFIELDS - 2 && !is_ipfix)
			field = (struct field) {i == NFIELDS - 2 ? 22 : 21, 4};
		p = put16(p, field.element);
		p = put16(p, field.bytes);
	}
	return p;
}

static void
close_set(struct stream *stream)
{
	if (stream->set == NULL)
		return;
	while ((stream->end - stream->set) % 4 != 0)
		*stream->end++ = 0;
	put16(stream->set + 2, (uint32_t) (stream->end - stream->set));
	stream->set = NULL;
}

static void
open_set(struct stream *stream, uint16_t id)
{
	if (stream->set != NULL && stream->set_id == id)
		return;
	close_set(stream);
	stream->set = stream->end;
	stream->set_id = id;
	stream->end = put32(stream->end, (uint32_t) id << 16);
}

static void
put_templates(struct stream *stream, uint16_t set_id, bool is_ipfix)
{
	open_set(stream, set_id);
	stream->end = put_template(stream->end, TEMPLATE_IP4, is_ipfix);
	stream->end = put_template(stream->end, TEMPLATE_IP6, is_ipfix);
	stream->ntemplates += 2;
	close_set(stream);
}

static uint8_t *
put_fields(uint8_t *p, const struct record *record)
{
	size_t		addr_len = record->src->family == 4 ? 4 : 16;

	p = put_bytes(p, record->src->bytes, addr_len);
	p = put_bytes(p, record->dst->bytes, addr_len);
	p = put16(p, record->src_port);
	p = put16(p, record->dst_port);
	*p++ = record->proto;
	*p++ = record->tcp_flags;
	*p++ = record->tos;
	p = put32(p, record->in_if);
	p = put32(p, record->out_if);
	p = put64(p, record->packets);
	p = put64(p, record->bytes);
	p = put32(p, record->src_as);
	p = put32(p, record->dst_as);
	return put32(p, record->sampling);
}

static uint16_t
template_of(const struct record *record)
{
	return record->src->family == 4 ? TEMPLATE_IP4 : TEMPLATE_IP6;
}

static void
netflow9_put_templates(struct stream *stream)
{
	put_templates(stream, 0, false);
}

static void
netflow9_put_record(struct stream *stream, const struct record *record)
{
	open_set(stream, template_of(record));
	stream->end = put_fields(stream->end, record);
	stream->end = put32(stream->end, stream_uptime(stream, record->start_ms));
	stream->end = put32(stream->end, stream_uptime(stream, record->end_ms));
}

static void
netflow9_finish(struct stream *stream, int64_t now_ms)
{
	uint8_t    *p = stream->bytes;

	close_set(stream);
	p = put16(p, 9);
	p = put16(p, stream->nrecords + stream->ntemplates);
	p = put32(p, stream_uptime(stream, now_ms));
	p = put32(p, (uint32_t) (now_ms / 1000));
	p = put32(p, stream->sequence++);
	put32(p, stream->domain);
}

static void
ipfix_put_templates(struct stream *stream)
{
	put_templates(stream, 2, true);
}

static void
ipfix_put_record(struct stream *stream, const struct record *record)
{
	open_set(stream, template_of(record));
	stream->end = put_fields(stream->end, record);
	stream->end = put64(stream->end, (uint64_t) record->start_ms);
	stream->end = put64(stream->end, (uint64_t) record->end_ms);
}

static void
ipfix_finish(struct stream *stream, int64_t now_ms)
{
	uint8_t    *p = stream->bytes;

	close_set(stream);
	p = put16(p, 10);
	p = put16(p, (uint32_t) (stream->end - stream->bytes));
	p = put32(p, (uint32_t) (now_ms / 1000));
	p = put32(p, stream->sequence);
	put32(p, stream->domain);
	stream->sequence += stream->nrecords;
}

static uint32_t
at_most32(uint64_t x)
{
	return x > UINT32_MAX ? UINT32_MAX : (uint32_t) x;
}

static void
netflow5_put_record(struct stream *stream, const struct record *record)
{
	uint8_t    *p = stream->end;

	p = put_bytes(p, record->src->bytes, 4);
	p = put_bytes(p, record->dst->bytes, 4);
	p = put32(p, 0);			/* next hop */
	p = put16(p, record->in_if);
	p = put16(p, record->out_if);
	p = put32(p, at_most32(record->packets));
	p = put32(p, at_most32(record->bytes));
	p = put32(p, stream_uptime(stream, record->start_ms));
	p = put32(p, stream_uptime(stream, record->end_ms));
	p = put16(p, record->src_port);
	p = put16(p, record->dst_port);
	*p++ = 0;
	*p++ = record->tcp_flags;
	*p++ = record->proto;
	*p++ = record->tos;
	p = put16(p, record->src_as > UINT16_MAX ? AS_TRANS : record->src_as);
	p = put16(p, record->dst_as > UINT16_MAX ? AS_TRANS : record->dst_as);
	stream->end = put32(p, 0);	/* masks, padding */
}

static void
netflow5_finish(struct stream *stream, int64_t now_ms)
{
	uint8_t    *p = stream->bytes;

	p = put16(p, 5);
	p = put16(p, stream->nrecords);
	p = put32(p, stream_uptime(stream, now_ms));
	p = put32(p, (uint32_t) (now_ms / 1000));
	p = put32(p, 0);
	p = put32(p, stream->sequence);
	p = put16(p, stream->domain & 0xffff);	/* engine */
	put16(p, stream->sampling > 1 ? 0x4000 | stream->sampling : 0);
	stream->sequence += stream->nrecords;
}

const struct format format_netflow5 = {
	.header_bytes = NETFLOW5_HEADER_BYTES,
	.record_bytes = NETFLOW5_RECORD_BYTES,
	.put_record = netflow5_put_record,
	.finish = netflow5_finish
};

const struct format format_netflow9 = {
	.header_bytes = NETFLOW9_HEADER_BYTES,
	.record_bytes = SET_HEADER_BYTES + FIELDS_MAX_BYTES + 2 * PADDING_MAX_BYTES,
	.has_ip6 = true,
	.has_templates = true,
	.put_templates = netflow9_put_templates,
	.put_record = netflow9_put_record,
	.finish = netflow9_finish
};

const struct format format_ipfix = {
	.header_bytes = IPFIX_HEADER_BYTES,
	.record_bytes = SET_HEADER_BYTES + FIELDS_MAX_BYTES + 2 * PADDING_MAX_BYTES,
	.has_ip6 = true,
	.has_templates = true,
	.put_templates = ipfix_put_templates,
	.put_record = ipfix_put_record,
	.finish = ipfix_finish
};

_Static_assert(2 * 16 + 2 * 2 + 3 + 2 * 4 + 2 * 8 + 3 * 4 + 2 * 8 <= FIELDS_MAX_BYTES,
			   "the longest record, IPv6 in IPFIX");
