/*-------------------------------------------------------------------------
 *
 * A flow that is put together from texts.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "draft.h"
#include "sensor_name.h"
#include "zeek_conn.h"

#define MAX_LABEL		0xfffff

void
draft_begin(struct draft *draft)
{
	memset(draft, 0, offsetof(struct draft, extra));
	memset(&draft->end_us, 0, offsetof(struct draft, labels) - offsetof(struct draft, end_us));
	flow_extra_clear(&draft->extra);
	draft->flow.extra = &draft->extra;
}

static bool
set_number(uint64_t *dst, uint64_t max, const char *text, size_t len)
{
	return scan_uint(text, len, max, dst);
}

/* A number that the flow may lack. */
static bool
set_label(struct flow *flow, uint8_t bit, uint32_t *dst, const char *text, size_t len)
{
	uint64_t	n;

	if (!scan_uint(text, len, bit == FLOW_HAS_SRC_AS || bit == FLOW_HAS_DST_AS ?
				   UINT32_MAX : INT32_MAX, &n))
		return false;
	if (bit == FLOW_HAS_SAMPLING && n == 0)
		return true;			/* what writers say who do not know */
	*dst = (uint32_t) n;
	flow->present |= bit;
	return true;
}

static bool
set_u8(uint8_t *dst, const char *text, size_t len)
{
	uint64_t	n;

	if (!scan_uint_or_hex(text, len, 255, &n))
		return false;
	*dst = (uint8_t) n;
	return true;
}

static bool
set_u16(uint16_t *dst, const char *text, size_t len)
{
	uint64_t	n;

	if (!scan_uint(text, len, 65535, &n))
		return false;
	*dst = (uint16_t) n;
	return true;
}

static bool
set_sensor(struct flow *flow, const char *text, size_t len)
{
	const char *name = scan_is_text(text, len) ? sensor_name(text, len) : NULL;

	if (name == NULL)
		return false;
	flow->sensor = name;
	return true;
}

static bool
set_extra_int(struct flow_extra *extra, enum flow_extra_id id, int int_bytes,
			  const char *text, size_t len)
{
	uint64_t	max = int_bytes == 8 ? INT64_MAX : (UINT64_C(1) << (int_bytes * 8 - 1)) - 1;
	uint64_t	n;

	if (id == FLOW_REV_TCP_FLAGS)
	{
		uint8_t		flags;

		if (!scan_tcp_flags(text, len, &flags))
			return false;
		n = flags;
	}
	else if (!scan_uint_or_hex(text, len, max, &n))
		return false;
	flow_extra_put_number(extra, id, n);
	return true;
}

static bool
set_extra(struct flow_extra *extra, enum column_id column, enum scan_unit unit,
		  const char *text, size_t len)
{
	enum flow_extra_id id = (enum flow_extra_id) (column - COLUMN_CORE_COUNT);
	union flow_value value;

	switch (column_list[column].kind)
	{
		case COLUMN_IS_INT:
			return set_extra_int(extra, id, column_list[column].int_bytes, text, len);
		case COLUMN_IS_TIME:
			if (!scan_time(text, len, unit, &value.time_us))
				return false;
			break;
		case COLUMN_IS_ADDR:
			if (!scan_addr(text, len, &value.addr))
				return false;
			break;
		case COLUMN_IS_REAL:
			if (!scan_real(text, len, &value.real))
				return false;
			break;
		case COLUMN_IS_MAC:
			if (!scan_mac(text, len, value.mac))
				return false;
			break;
		case COLUMN_IS_TEXT:
		case COLUMN_IS_JSON:
			if (!scan_is_text(text, len))
				return false;
			flow_extra_put_text(extra, id, text, (uint32_t) len);
			return true;
		case COLUMN_IS_INTS:
			return false;
	}
	*flow_extra_put(extra, id) = value;
	return true;
}

/* The core columns that stand for themselves. */
static bool
set_core(struct flow *flow, enum column_id id, const char *text, size_t len)
{
	switch (id)
	{
		case COLUMN_EXPORTER:
			return scan_addr(text, len, &flow->exporter);
		case COLUMN_SENSOR:
			return set_sensor(flow, text, len);
		case COLUMN_IN_IF:
			return set_label(flow, FLOW_HAS_IN_IF, &flow->in_if, text, len);
		case COLUMN_OUT_IF:
			return set_label(flow, FLOW_HAS_OUT_IF, &flow->out_if, text, len);
		case COLUMN_SRC_ADDR:
			return scan_addr(text, len, &flow->key.src);
		case COLUMN_DST_ADDR:
			return scan_addr(text, len, &flow->key.dst);
		case COLUMN_SRC_PORT:
			return set_u16(&flow->key.src_port, text, len);
		case COLUMN_DST_PORT:
			return set_u16(&flow->key.dst_port, text, len);
		case COLUMN_PROTO:
			return scan_proto(text, len, &flow->key.proto);
		case COLUMN_TCP_FLAGS:
			return scan_tcp_flags(text, len, &flow->tcp_flags);
		case COLUMN_TOS:
			return set_u8(&flow->tos, text, len);
		case COLUMN_PACKETS:
			return set_number(&flow->packets, INT64_MAX, text, len);
		case COLUMN_BYTES:
			return set_number(&flow->bytes, INT64_MAX, text, len);
		case COLUMN_SRC_AS:
			return set_label(flow, FLOW_HAS_SRC_AS, &flow->src_as, text, len);
		case COLUMN_DST_AS:
			return set_label(flow, FLOW_HAS_DST_AS, &flow->dst_as, text, len);
		case COLUMN_SAMPLING:
			return set_label(flow, FLOW_HAS_SAMPLING, &flow->sampling, text, len);
		default:
			return false;
	}
}

/* {1,2,3} or [1,2,3], also empty */
static bool
set_ints(struct draft *draft, enum column_id column, const char *text, size_t len)
{
	const char *end = text + len - 1;
	int			first = draft->nints;
	bool		is_empty;

	if (len < 2 || !((*text == '{' && *end == '}') || (*text == '[' && *end == ']')))
		return false;
	is_empty = ++text == end;
	while (!is_empty)
	{
		const char *comma = memchr(text, ',', (size_t) (end - text));
		const char *stop = comma == NULL ? end : comma;

		while (text < stop && *text == ' ')
			text++;
		if (draft->nints == DRAFT_INTS ||
			!scan_int32(text, (size_t) (stop - text), &draft->ints[draft->nints]))
			return false;
		draft->nints++;
		if (comma == NULL)
			break;
		text = comma + 1;
	}
	flow_extra_put_text(&draft->extra, (enum flow_extra_id) (column - COLUMN_CORE_COUNT),
						draft->ints + first,
						(uint32_t) ((size_t) (draft->nints - first) * sizeof(int32_t)));
	return true;
}

/* A port, or type.code of ICMP. */
static bool
set_dst_port(struct draft *draft, const char *text, size_t len)
{
	const char *dot = memchr(text, '.', len);

	if (dot != NULL && set_u8(&draft->icmp_type, text, (size_t) (dot - text)) &&
		set_u8(&draft->icmp_code, dot + 1, len - 1 - (size_t) (dot - text)))
	{
		draft->has_icmp_port = true;
		draft->flow.key.dst_port = draft->icmp_type;
		return true;
	}
	return set_u16(&draft->flow.key.dst_port, text, len);
}

/* Unused levels of the label stack are written as 0. */
static bool
add_label(struct draft *draft, const char *text, size_t len)
{
	const char *dash = memchr(text, '-', len);
	uint64_t	label;

	if (!scan_uint(text, dash == NULL ? len : (size_t) (dash - text), MAX_LABEL, &label))
		return false;
	if (label == 0)
		return true;
	if (draft->nlabels == DRAFT_LABELS)
		return false;
	draft->labels[draft->nlabels++] = (int32_t) label;
	return true;
}

static bool
set_word(struct flow_bytes *dst, const char *text, size_t len)
{
	dst->bytes = text;
	dst->len = (uint32_t) len;
	return true;
}

bool
draft_set(struct draft *draft, int target, enum scan_unit unit, const char *text, size_t len)
{
	switch (target)
	{
		case COLUMN_TS:
			draft->has_start = true;
			return scan_time(text, len, unit, &draft->flow.start_us);
		case COLUMN_DURATION_MS:
			draft->has_duration = true;
			return scan_interval(text, len, unit == SCAN_AUTO ? SCAN_MS : unit,
								 &draft->duration_us);
		case DRAFT_END:
			draft->has_end = true;
			return scan_time(text, len, unit, &draft->end_us);
		case COLUMN_DST_PORT:
			return set_dst_port(draft, text, len);
		case DRAFT_ICMP_TYPE:
			draft->has_icmp_type = true;
			return set_u8(&draft->icmp_type, text, len);
		case DRAFT_ICMP_CODE:
			return set_u8(&draft->icmp_code, text, len);
		case DRAFT_MPLS:
			return add_label(draft, text, len);
		case DRAFT_ZEEK_STATE:
			return set_word(&draft->zeek_state, text, len);
		case DRAFT_ZEEK_HISTORY:
			return set_word(&draft->zeek_history, text, len);
		case DRAFT_NOTHING:
			return true;
		case DRAFT_FIELD:
			return false;
		default:
			break;
	}
	if (target < COLUMN_CORE_COUNT)
		return set_core(&draft->flow, (enum column_id) target, text, len);
	if (column_list[target].kind == COLUMN_IS_INTS)
		return set_ints(draft, (enum column_id) target, text, len);
	return set_extra(&draft->extra, (enum column_id) target, unit, text, len);
}

static const char *
finish_times(struct draft *draft, bool *is_incomplete)
{
	struct flow *flow = &draft->flow;

	if (!draft->has_start && draft->has_end)
		flow->start_us = draft->end_us - (draft->has_duration ? draft->duration_us : 0);
	else if (!draft->has_start)
	{
		*is_incomplete = true;
		return "has no time";
	}
	if (draft->has_end)
		flow->end_us = draft->end_us;
	else
		flow->end_us = flow->start_us + (draft->has_duration ? draft->duration_us : 0);
	if (flow->start_us < 0)
		return "begins before 1970";
	if (flow->end_us < flow->start_us)
		return "ends before it begins";
	return NULL;
}

static const char *
finish_icmp(struct draft *draft)
{
	struct flow_key *key = &draft->flow.key;

	if (key->proto == FLOW_PROTO_ICMP || key->proto == FLOW_PROTO_ICMP6)
	{
		if (draft->has_icmp_type || draft->has_icmp_port)
		{
			key->src_port = 0;
			key->dst_port = (uint16_t) (draft->icmp_type * 256 + draft->icmp_code);
		}
	}
	else if (draft->has_icmp_port && draft->icmp_code != 0)
		return "has a port with a fraction";
	return NULL;
}

const char *
draft_finish(struct draft *draft, bool *is_incomplete)
{
	struct flow *flow = &draft->flow;
	const char *reason = finish_times(draft, is_incomplete);

	if (reason != NULL)
		return reason;
	if (flow->key.src.family == FLOW_FAMILY_NONE && flow->key.dst.family == FLOW_FAMILY_NONE)
	{
		*is_incomplete = true;
		return "has no address";
	}
	if (draft->nlabels > 0)
		flow_extra_put_text(&draft->extra, FLOW_MPLS_LABELS, draft->labels,
							(uint32_t) ((size_t) draft->nlabels * sizeof(int32_t)));
	if (draft->is_zeek)
		zeek_conn_finish(draft);
	return finish_icmp(draft);
}

bool
flow_set_text_value(struct flow *flow, struct flow_extra *extra,
					enum column_id id, const char *text, size_t len)
{
	int64_t		us;

	if (id >= COLUMN_COUNT || len > UINT32_MAX)
		return false;
	if (id == COLUMN_TS)
	{
		if (!scan_time(text, len, SCAN_AUTO, &us))
			return false;
		flow->end_us = us + (flow->end_us - flow->start_us);
		flow->start_us = us;
		return true;
	}
	if (id == COLUMN_DURATION_MS)
	{
		if (!scan_interval(text, len, SCAN_MS, &us))
			return false;
		flow->end_us = flow->start_us + us;
		return true;
	}
	if (id < COLUMN_CORE_COUNT)
		return set_core(flow, id, text, len);
	if (!set_extra(extra, id, SCAN_AUTO, text, len))
		return false;
	flow->extra = extra;
	return true;
}
