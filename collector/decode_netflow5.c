/*-------------------------------------------------------------------------
 *
 * NetFlow version 5; all integers big-endian.
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
 *	                                44  4  masks, padding
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
#include "wire.h"

#define HEADER_LEN		24
#define RECORD_LEN		48
#define INTERVAL_MASK	0x3fff
#define END_SLACK_US	(60 * INT64_C(1000000)) /* of an end after the export */

struct header
{
	uint16_t	count;
	uint32_t	uptime_ms;
	int64_t		export_us;		/* since 1970, the moment of uptime_ms */
	uint32_t	sequence;
	uint16_t	engine;			/* type * 256 + id */
	uint16_t	interval;		/* >= 1 */
};

static bool
read_header(struct export_decoder *decoder, int64_t received_us,
			struct wire *w, struct header *h)
{
	uint32_t	seconds;
	uint32_t	nanoseconds;
	int64_t		skew_us;

	wire_skip(w, 2);			/* version */
	h->count = wire_u16(w);
	h->uptime_ms = wire_u32(w);
	seconds = wire_u32(w);
	nanoseconds = wire_u32(w);
	h->sequence = wire_u32(w);
	h->engine = wire_u16(w);
	h->interval = wire_u16(w) & INTERVAL_MASK;
	if (h->interval == 0)
		h->interval = 1;
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

static void
read_record(struct export_decoder *decoder, struct wire *w,
			const struct header *h, struct flow *flow)
{
	read_addr4(w, &flow->key.src);
	read_addr4(w, &flow->key.dst);
	wire_skip(w, 4);			/* next hop */
	flow->in_if = wire_u16(w);
	flow->out_if = wire_u16(w);
	flow->packets = wire_u32(w);
	flow->bytes = wire_u32(w);
	flow->start_us = absolute_us(h, wire_u32(w));
	flow->end_us = absolute_us(h, wire_u32(w));
	flow->key.src_port = wire_u16(w);
	flow->key.dst_port = wire_u16(w);
	wire_skip(w, 1);
	flow->tcp_flags = wire_u8(w);
	flow->key.proto = wire_u8(w);
	flow->tos = wire_u8(w);
	flow->src_as = wire_u16(w);
	flow->dst_as = wire_u16(w);
	wire_skip(w, 4);			/* masks and padding */
	if (flow->end_us < flow->start_us ||
		flow->end_us > h->export_us + END_SLACK_US)
		decoder->counters->implausible_times++;
	if (flow->end_us < flow->start_us)
		flow->end_us = flow->start_us;
}

bool
decode_netflow5(struct export_decoder *decoder, const struct datagram *datagram,
				const char **reason)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	struct exporter_key key = {.addr = datagram->exporter,.version = 5};
	struct header h;

	if (!read_header(decoder, datagram->received_us, &w, &h))
	{
		*reason = "shorter than a NetFlow v5 header";
		return false;
	}
	if (h.count == 0)
	{
		*reason = "a count of 0 records";
		return false;
	}
	if (wire_left(&w) < (size_t) h.count * RECORD_LEN)
	{
		*reason = "more records counted than sent";
		return false;
	}
	if (wire_left(&w) > (size_t) h.count * RECORD_LEN)
		decoder->counters->netflow5_trailing_bytes++;
	key.domain = h.engine;
	exporter_check_sequence(exporter_get(decoder->exporters, &key,
										 datagram->received_us),
							h.sequence, h.count, h.uptime_ms,
							decoder->counters,
							&decoder->counters->sequence_missed_records);
	for (uint16_t i = 0; i < h.count; i++)
	{
		struct flow flow = {
			.exporter = datagram->exporter,
			.sensor = decoder->sensor,
			.sampling = h.interval,
			.present = FLOW_HAS_IN_IF | FLOW_HAS_OUT_IF | FLOW_HAS_SRC_AS |
				FLOW_HAS_DST_AS | FLOW_HAS_SAMPLING
		};

		read_record(decoder, &w, &h, &flow);
		decoder->counters->records++;
		decoder->out.put(decoder->out.arg, &flow);
	}
	return true;
}

_Static_assert(HEADER_LEN == 2 + 2 + 4 * 4 + 2 + 2, "header as drawn");
_Static_assert(RECORD_LEN == 3 * 4 + 2 * 2 + 4 * 4 + 2 * 2 + 4 + 2 * 2 + 4,
			   "record as drawn");
