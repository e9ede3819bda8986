/*-------------------------------------------------------------------------
 *
 * NetFlow version 5, and 1 and 7, which are like it; all integers big-endian.
 *
 *	  header, 24 bytes              record, 48 bytes
 *	   0  2  version, 5              0  4  source address
 *	   2  2  count of records        4  4  destination address
 *	   4  4  uptime, ms              8  4  next hop
 *	   8  4  unix seconds           12  2  input interface
 *	  12  4  and nanoseconds        14  2  output interface
 *	  16  4  sequence, records      16  4  packets
 *	  20  1  engine type            20  4  bytes
 *	  21  1  engine id              24  4  first packet, uptime ms
 *	  22  2  sampling: mode in the  28  4  last packet, uptime ms
 *	         upper 2 bits, then     32  2  source port
 *	         the interval           34  2  destination port
 *	                                36  1  padding
 *	                                37  1  TCP flags
 *	                                38  1  protocol
 *	                                39  1  TOS
 *	                                40  2  source AS
 *	                                42  2  destination AS
 *	                                44  1  mask of the source
 *	                                45  1  mask of the destination
 *	                                46  2  padding
 *
 * Version 7 has 4 bytes more at the end of a record and neither engine nor
 * sampling.  Version 1 has no header behind the nanoseconds, and behind the
 * ports 2 bytes of padding, protocol, TOS, TCP flags, and padding up to 52 bytes,
 * or 48 as some exporters send it.
 *
 * Uptime wraps after 49.7 days, also between the packets of one flow and the
 * export.  So a time is the header's time plus the signed 32-bit difference of
 * the uptimes, which is right for flows exported within 24.8 days.
 *
 * Some exporters pad datagrams; bytes behind the last record are counted and
 * ignored.  A datagram shorter than its count is not used at all: it was cut,
 * or it is not NetFlow.
 *
 * Source: Cisco, "NetFlow Export Datagram Format", table B-3 and B-4.
 *
 *-------------------------------------------------------------------------
 */
#include "decode_netflow5.h"
#include "flow_extra.h"
#include "wire.h"

#define HEADER_LEN		24
#define RECORD_LEN		48
#define LONG_RECORD_LEN	52		/* of versions 1 and 7 */
#define INTERVAL_MASK	0x3fff
#define END_SLACK_US	(60 * INT64_C(1000000)) /* of an end after the export */

struct header
{
	uint16_t	version;
	uint16_t	count;
	uint32_t	uptime_ms;
	int64_t		export_us;		/* since 1970, the moment of uptime_ms */
	uint32_t	sequence;
	uint16_t	engine;			/* type * 256 + id */
	uint16_t	interval;		/* >= 1 */
	size_t		record_len;
};

static bool
read_header(struct export_decoder *decoder, int64_t received_us,
			struct wire *w, struct header *h)
{
	uint32_t	seconds;
	uint32_t	nanoseconds;
	int64_t		skew_us;

	h->version = wire_u16(w);
	h->count = wire_u16(w);
	h->uptime_ms = wire_u32(w);
	seconds = wire_u32(w);
	nanoseconds = wire_u32(w);
	h->sequence = h->version == 1 ? 0 : wire_u32(w);
	h->engine = h->version == 1 ? 0 : wire_u16(w);
	h->interval = h->version == 1 ? 0 : wire_u16(w) & INTERVAL_MASK;
	if (h->interval == 0)
		h->interval = 1;
	h->record_len = h->version == 5 ||
		(h->version == 1 && wire_left(w) == (size_t) h->count * RECORD_LEN) ?
		RECORD_LEN : LONG_RECORD_LEN;
	if (w->has_failed)
		return false;
	if (nanoseconds >= 1000000000)
	{
		decoder->counters->implausible_times++;
		nanoseconds = 0;
	}
	h->export_us = (int64_t) seconds * 1000000 + nanoseconds / 1000;
	skew_us = h->export_us - received_us;
	if (skew_us > decoder->max_skew_us || skew_us < -decoder->max_skew_us)
	{
		decoder->counters->implausible_times++;
		h->export_us = received_us;
	}
	return true;
}

static int64_t
absolute_us(const struct header *h, uint32_t uptime_ms)
{
	return h->export_us + (int64_t) (int32_t) (uptime_ms - h->uptime_ms) * 1000;
}

static void
read_addr4(struct wire *w, struct flow_addr *addr)
{
	addr->family = FLOW_FAMILY_IP4;
	wire_copy(w, addr->bytes, 4);
}

/* What is behind the ports. */
static void
read_tail(struct wire *w, const struct header *h, struct flow *flow,
		  struct flow_extra *extra)
{
	if (h->version == 1)
	{
		wire_skip(w, 2);
		flow->key.proto = wire_u8(w);
		flow->tos = wire_u8(w);
		flow->tcp_flags = wire_u8(w);
		return;
	}
	wire_skip(w, 1);
	flow->tcp_flags = wire_u8(w);
	flow->key.proto = wire_u8(w);
	flow->tos = wire_u8(w);
	flow->src_as = wire_u16(w);
	flow->dst_as = wire_u16(w);
	flow->present |= FLOW_HAS_SRC_AS | FLOW_HAS_DST_AS;
	flow_extra_put_number(extra, FLOW_SRC_MASK, wire_u8(w));
	flow_extra_put_number(extra, FLOW_DST_MASK, wire_u8(w));
	if (h->version != 5)
		return;
	flow_extra_put_number(extra, FLOW_DOMAIN, h->engine);
	flow->sampling = h->interval;
	flow->present |= FLOW_HAS_SAMPLING;
}

static void
read_record(struct export_decoder *decoder, struct wire *w,
			const struct header *h, struct flow *flow, struct flow_extra *extra)
{
	struct wire record = *w;

	wire_limit(&record, h->record_len);
	wire_skip(w, h->record_len);
	read_addr4(&record, &flow->key.src);
	read_addr4(&record, &flow->key.dst);
	read_addr4(&record, &flow_extra_put(extra, FLOW_NEXT_HOP)->addr);
	flow->in_if = wire_u16(&record);
	flow->out_if = wire_u16(&record);
	flow->packets = wire_u32(&record);
	flow->bytes = wire_u32(&record);
	flow->start_us = absolute_us(h, wire_u32(&record));
	flow->end_us = absolute_us(h, wire_u32(&record));
	flow->key.src_port = wire_u16(&record);
	flow->key.dst_port = wire_u16(&record);
	read_tail(&record, h, flow, extra);
	if (flow->end_us < flow->start_us ||
		flow->end_us > h->export_us + END_SLACK_US)
		decoder->counters->implausible_times++;
	if (flow->end_us < flow->start_us)
		flow->end_us = flow->start_us;
}

static void
check_sequence(struct export_decoder *decoder, const struct datagram *datagram,
			   const struct header *h)
{
	struct exporter_key key = {
		.addr = datagram->exporter,.version = (uint8_t) h->version,
		.domain = h->engine
	};

	if (h->version == 1)
		return;
	exporter_check_sequence(exporter_get(decoder->exporters, &key,
										 datagram->received_us),
							h->sequence, h->count, h->uptime_ms,
							decoder->counters,
							&decoder->counters->sequence_missed_records);
}

bool
decode_netflow5(struct export_decoder *decoder, const struct datagram *datagram,
				const char **reason)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	struct flow_extra extra;
	struct header h;

	if (!read_header(decoder, datagram->received_us, &w, &h))
	{
		*reason = "shorter than a header of NetFlow v5";
		return false;
	}
	if (h.count == 0)
	{
		*reason = "a count of 0 records";
		return false;
	}
	if (wire_left(&w) < h.count * h.record_len)
	{
		*reason = "more records counted than sent";
		return false;
	}
	if (wire_left(&w) > h.count * h.record_len)
		decoder->counters->netflow5_trailing_bytes++;
	check_sequence(decoder, datagram, &h);
	for (uint16_t i = 0; i < h.count; i++)
	{
		struct flow flow = {
			.exporter = datagram->exporter,
			.sensor = decoder->sensor,
			.extra = &extra,
			.present = FLOW_HAS_IN_IF | FLOW_HAS_OUT_IF
		};

		flow_extra_clear(&extra);
		flow_extra_put(&extra, FLOW_RECEIVED)->time_us = datagram->received_us;
		read_record(decoder, &w, &h, &flow, &extra);
		decoder->counters->records++;
		decoder->out.put(decoder->out.arg, &flow);
	}
	return true;
}

_Static_assert(HEADER_LEN == 2 + 2 + 4 * 4 + 2 + 2, "header as drawn");
_Static_assert(RECORD_LEN == 3 * 4 + 2 * 2 + 4 * 4 + 2 * 2 + 4 + 2 * 2 + 4,
			   "record as drawn");
