/*-------------------------------------------------------------------------
 *
 * Records to flows.
 *
 * Uptime wraps after 49.7 days, also between the packets of one flow and the
 * export: a time is that of the export plus the signed 32-bit difference of
 * the uptimes.  IPFIX has the uptime of the export only through the time when
 * uptime was 0, which is in the record or in options.  Without it, the end is
 * taken to be the export, and the start is before it by the difference.
 *
 *-------------------------------------------------------------------------
 */
#include <endian.h>

#include "decode_flow.h"
#include "decode_json.h"
#include "sampling.h"

#define END_SLACK_US	(60 * INT64_C(1000000)) /* of an end after the export */
#define MAX_LENGTH_US	(INT64_C(1000) << 31)
#define MAX_DELTA_US	(UINT64_C(1000) << 31)

struct span
{
	int64_t		start_us;		/* -1: not known */
	int64_t		end_us;
};

static void
take_absolute(const struct record *record, enum field_slot slot, int64_t *to)
{
	uint64_t	n = record_slot(record, slot);

	if (*to < 0 && n > 0 && n != FIELD_TIME_NONE)
		*to = (int64_t) n;
}

static void
take_delta(const struct record_context *context, const struct record *record,
		   enum field_slot slot, int64_t *to)
{
	if (*to < 0 && record_has(record, slot) &&
		record->slots[slot] < MAX_DELTA_US)
		*to = context->message->export_us - (int64_t) record->slots[slot];
}

/* The uptime at the export, or false. */
static bool
find_uptime(const struct record_context *context, const struct record *record,
			uint32_t *uptime_ms)
{
	uint64_t	init_us = record_slot(record, SLOT_INIT_US);

	if (context->message->has_uptime)
	{
		*uptime_ms = context->message->uptime_ms;
		return true;
	}
	if (init_us == 0 || init_us == FIELD_TIME_NONE)
		init_us = (uint64_t) context->domain->init_us;
	if (init_us == 0 && context->parent != NULL)
		init_us = (uint64_t) context->parent->init_us;
	*uptime_ms = (uint32_t) ((context->message->export_us -
							  (int64_t) init_us) / 1000);
	return init_us != 0;
}

static void
take_uptimes(const struct record_context *context, const struct record *record,
			 struct span *span)
{
	uint32_t	start_ms = (uint32_t) record_slot(record, SLOT_START_UPTIME);
	uint32_t	end_ms = (uint32_t) record_slot(record, SLOT_END_UPTIME);
	bool		has_start = record_has(record, SLOT_START_UPTIME);
	bool		has_end = record_has(record, SLOT_END_UPTIME);
	int64_t		export_us = context->message->export_us;
	uint32_t	now_ms;

	if (!has_start && !has_end)
		return;
	if (!find_uptime(context, record, &now_ms))
	{
		context->decoder->counters->uptimes_without_base++;
		now_ms = has_end ? end_ms : start_ms;
	}
	if (span->start_us < 0 && has_start)
		span->start_us = export_us +
			(int64_t) (int32_t) (start_ms - now_ms) * 1000;
	if (span->end_us < 0 && has_end)
		span->end_us = export_us + (int64_t) (int32_t) (end_ms - now_ms) * 1000;
}

/* The length of the flow, where the record has it; else 0. */
static int64_t
duration_us(const struct record *record)
{
	uint64_t	ms = record_slot(record, SLOT_DURATION_MS);
	uint64_t	us = record_slot(record, SLOT_DURATION_US);

	if (us > 0 && us < MAX_DELTA_US)
		return (int64_t) us;
	return ms < MAX_DELTA_US / 1000 ? (int64_t) ms * 1000 : 0;
}

static struct span
find_span(const struct record_context *context, const struct record *record)
{
	int64_t		export_us = context->message->export_us;
	int64_t		length_us = duration_us(record);
	struct span span = {-1, -1};

	take_absolute(record, SLOT_START_US, &span.start_us);
	take_absolute(record, SLOT_END_US, &span.end_us);
	take_delta(context, record, SLOT_START_DELTA, &span.start_us);
	take_delta(context, record, SLOT_END_DELTA, &span.end_us);
	if (span.start_us < 0 || span.end_us < 0)
		take_uptimes(context, record, &span);
	take_absolute(record, SLOT_EVENT_US, &span.end_us);
	if (span.end_us < 0 && span.start_us < 0)
		span.end_us = export_us;
	if (span.end_us < 0)
		span.end_us = span.start_us + length_us;
	if (span.start_us < 0)
		span.start_us = span.end_us - length_us;
	return span;
}

static void
put_times(const struct record_context *context, const struct record *record,
		  struct flow *flow)
{
	int64_t		export_us = context->message->export_us;
	struct span span = find_span(context, record);
	int64_t		late_us = span.end_us - export_us;
	bool		is_odd = late_us > END_SLACK_US;

	if (late_us > context->decoder->max_skew_us ||
		late_us < -context->decoder->max_skew_us)
	{
		is_odd = true;
		if (span.start_us == span.end_us)
			span.start_us = export_us;
		span.end_us = export_us;
	}
	if (span.start_us > span.end_us ||
		span.start_us < span.end_us - MAX_LENGTH_US)
	{
		is_odd = true;
		span.start_us = span.end_us;
	}
	if (is_odd)
		context->decoder->counters->implausible_times++;
	flow->start_us = span.start_us < 0 ? 0 : span.start_us;
	flow->end_us = span.end_us < 0 ? 0 : span.end_us;
}

static uint64_t
pick(const struct record *record, const enum field_slot slots[3],
	 enum flow_extra_id last)
{
	for (int i = 0; i < 3; i++)
	{
		if (record_has(record, slots[i]))
			return record->slots[slots[i]];
	}
	return flow_extra_has(&record->extra, last) ?
		record->extra.values[last].number : 0;
}

static void
put_counts(const struct record *record, struct flow *flow)
{
	static const enum field_slot bytes[3] = {
		SLOT_BYTES, SLOT_BYTES_TOTAL, SLOT_BYTES_INITIATOR
	};
	static const enum field_slot packets[3] = {
		SLOT_PACKETS, SLOT_PACKETS_TOTAL, SLOT_PACKETS_INITIATOR
	};

	flow->bytes = pick(record, bytes, FLOW_POST_BYTES);
	flow->packets = pick(record, packets, FLOW_POST_PACKETS);
}

static void
put_key(const struct record *record, struct flow_key *key)
{
	uint16_t	icmp = (uint16_t) record_slot(record, SLOT_ICMP);

	if (record->src.family != FLOW_FAMILY_NONE)
		key->src = record->src;
	if (record->dst.family != FLOW_FAMILY_NONE)
		key->dst = record->dst;
	key->proto = (uint8_t) record_slot(record, SLOT_PROTO);
	key->src_port = (uint16_t) record_slot(record, SLOT_SRC_PORT);
	key->dst_port = (uint16_t) record_slot(record, SLOT_DST_PORT);
	if (key->proto != FLOW_PROTO_ICMP && key->proto != FLOW_PROTO_ICMP6)
		return;
	if (icmp == 0)
		icmp = (uint16_t) (record_slot(record, SLOT_ICMP_TYPE) << 8 |
						   (record_slot(record, SLOT_ICMP_CODE) & 0xff));
	if (icmp != 0)
		key->dst_port = icmp;
	if (record_has(record, SLOT_ICMP) || record_has(record, SLOT_ICMP_TYPE))
		key->src_port = 0;
}

/* A label; what has more than 32 bits is none. */
static void
put_label(const struct record *record, enum field_slot slot, uint8_t bit,
		  struct flow *flow, uint32_t *to)
{
	if (!record_has(record, slot) || record->slots[slot] > UINT32_MAX)
		return;
	*to = (uint32_t) record->slots[slot];
	flow->present |= bit;
}

static void
put_name(const struct record_context *context, struct record *record,
		 enum flow_extra_id column, enum field_slot slot)
{
	struct export_memory *memory = context->decoder->memory;
	uint64_t	id = htobe64(record_slot(record, slot));
	const struct fact *fact;

	if (!record_has(record, slot) || flow_extra_has(&record->extra, column))
		return;
	fact = fact_find(memory, context->domain, context->parent, FACT_IF_NAME,
					 &id, sizeof(id));
	if (fact != NULL)
		flow_extra_put_text(&record->extra, column, fact->text, fact->len);
}

/* One byte of engine, then the selector, of which 24 bits have room. */
static void
put_app(const struct record_context *context, struct record *record)
{
	uint32_t	len = record->app_id_len;
	uint32_t	wide = len > 4 ? len - 4 : 0;	/* bytes that must be 0 */
	bool		fits = true;
	const struct fact *fact;

	if (record->app_id == NULL)
		return;
	for (uint32_t i = 1; i <= wide; i++)
		fits = fits && record->app_id[i] == 0;
	if (fits)
		flow_extra_put_number(&record->extra, FLOW_APP_ID,
							  (uint64_t) record->app_id[0] << 24 |
							  record_number(record->app_id + 1 + wide,
											len - 1 - wide));
	if (flow_extra_has(&record->extra, FLOW_APP))
		return;
	fact = fact_find(context->decoder->memory, context->domain,
					 context->parent, FACT_APP_NAME, record->app_id, len);
	if (fact != NULL)
		flow_extra_put_text(&record->extra, FLOW_APP, fact->text, fact->len);
}

/* The stack ends at the first depth that has no label. */
static void
put_mpls(struct record *record)
{
	uint32_t	n = 0;

	if (!record->has_mpls)
		return;
	while (n < RECORD_MPLS_LABELS && record->mpls[n] >= 0)
		n++;
	if (n > 0)
		flow_extra_put_text(&record->extra, FLOW_MPLS_LABELS, record->mpls,
							n * (uint32_t) sizeof(record->mpls[0]));
}

static void
put_extra(const struct record_context *context, struct record *record)
{
	struct flow_extra *extra = &record->extra;
	size_t		len;

	flow_extra_put(extra, FLOW_RECEIVED)->time_us =
		context->message->received_us;
	if (!flow_extra_has(extra, FLOW_DOMAIN))
		flow_extra_put_number(extra, FLOW_DOMAIN,
							  context->message->source.domain);
	put_name(context, record, FLOW_IN_IF_NAME, SLOT_IN_IF);
	put_name(context, record, FLOW_OUT_IF_NAME, SLOT_OUT_IF);
	put_app(context, record);
	put_mpls(record);
	if (record->nothers == 0)
		return;
	len = json_of_record(record, context->decoder->memory, context->domain,
						 context->parent);
	if (len > 0)
		flow_extra_put_text(extra, FLOW_FIELDS, record->json, (uint32_t) len);
}

void
flow_of_record(const struct record_context *context, struct record *record)
{
	struct export_decoder *decoder = context->decoder;
	struct flow flow = {
		.exporter = context->message->source.addr,
		.sensor = decoder->sensor,
		.extra = &record->extra,
		.tos = (uint8_t) record_slot(record, SLOT_TOS),
		.tcp_flags = (uint8_t) record_slot(record, SLOT_TCP_FLAGS)
	};

	put_key(record, &flow.key);
	put_times(context, record, &flow);
	put_counts(record, &flow);
	put_label(record, SLOT_IN_IF, FLOW_HAS_IN_IF, &flow, &flow.in_if);
	put_label(record, SLOT_OUT_IF, FLOW_HAS_OUT_IF, &flow, &flow.out_if);
	put_label(record, SLOT_SRC_AS, FLOW_HAS_SRC_AS, &flow, &flow.src_as);
	put_label(record, SLOT_DST_AS, FLOW_HAS_DST_AS, &flow, &flow.dst_as);
	flow.sampling = sampling_of_flow(decoder->memory, context->domain,
									 context->parent, record);
	if (flow.sampling > 0)
		flow.present |= FLOW_HAS_SAMPLING;
	put_extra(context, record);
	decoder->counters->records++;
	decoder->out.put(decoder->out.arg, &flow);
}
