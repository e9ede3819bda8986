/*-------------------------------------------------------------------------
 *
 * The columns of a flow table.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>

#include "sink_column.h"

const struct column column_list[COLUMN_COUNT] = {
	[COLUMN_TS] = {"ts", "timestamptz", COLUMN_IS_TIME, 0},
	[COLUMN_DURATION_MS] = {"duration_ms", "int", COLUMN_IS_INT, 4},
	[COLUMN_EXPORTER] = {"exporter", "inet", COLUMN_IS_ADDR, 0},
	[COLUMN_SENSOR] = {"sensor", "text", COLUMN_IS_TEXT, 0},
	[COLUMN_IN_IF] = {"in_if", "int", COLUMN_IS_INT, 4},
	[COLUMN_OUT_IF] = {"out_if", "int", COLUMN_IS_INT, 4},
	[COLUMN_SRC_ADDR] = {"src_addr", "inet", COLUMN_IS_ADDR, 0},
	[COLUMN_DST_ADDR] = {"dst_addr", "inet", COLUMN_IS_ADDR, 0},
	[COLUMN_SRC_PORT] = {"src_port", "int", COLUMN_IS_INT, 4},
	[COLUMN_DST_PORT] = {"dst_port", "int", COLUMN_IS_INT, 4},
	[COLUMN_PROTO] = {"proto", "smallint", COLUMN_IS_INT, 2},
	[COLUMN_TCP_FLAGS] = {"tcp_flags", "smallint", COLUMN_IS_INT, 2},
	[COLUMN_TOS] = {"tos", "smallint", COLUMN_IS_INT, 2},
	[COLUMN_PACKETS] = {"packets", "bigint", COLUMN_IS_INT, 8},
	[COLUMN_BYTES] = {"bytes", "bigint", COLUMN_IS_INT, 8},
	[COLUMN_SRC_AS] = {"src_as", "bigint", COLUMN_IS_INT, 8},
	[COLUMN_DST_AS] = {"dst_as", "bigint", COLUMN_IS_INT, 8},
	[COLUMN_SAMPLING] = {"sampling", "int", COLUMN_IS_INT, 4},
};

static struct column_value
number(int64_t n)
{
	return (struct column_value) {.number = n};
}

static struct column_value
count(uint64_t n, int64_t max)
{
	return number(n > (uint64_t) max ? max : (int64_t) n);
}

static struct column_value
label(const struct flow *flow, uint8_t bit, uint32_t n, int64_t max)
{
	if ((flow->present & bit) == 0 || n > max)
		return (struct column_value) {.is_null = true};
	return number(n);
}

static struct column_value
addr(const struct flow_addr *a)
{
	return (struct column_value) {
		.is_null = a->family == FLOW_FAMILY_NONE,.addr = a
	};
}

static struct column_value
text(const char *t)
{
	return (struct column_value) {.is_null = t == NULL,.text = t};
}

struct column_value
column_get(enum column_id id, const struct flow *flow)
{
	switch (id)
	{
		case COLUMN_TS:
			return number(flow->start_us);
		case COLUMN_DURATION_MS:
			return count((uint64_t) (flow->end_us - flow->start_us) / 1000,
						 INT32_MAX);
		case COLUMN_EXPORTER:
			return addr(&flow->exporter);
		case COLUMN_SENSOR:
			return text(flow->sensor);
		case COLUMN_IN_IF:
			return label(flow, FLOW_HAS_IN_IF, flow->in_if, INT32_MAX);
		case COLUMN_OUT_IF:
			return label(flow, FLOW_HAS_OUT_IF, flow->out_if, INT32_MAX);
		case COLUMN_SRC_ADDR:
			return addr(&flow->key.src);
		case COLUMN_DST_ADDR:
			return addr(&flow->key.dst);
		case COLUMN_SRC_PORT:
			return number(flow->key.src_port);
		case COLUMN_DST_PORT:
			return number(flow->key.dst_port);
		case COLUMN_PROTO:
			return number(flow->key.proto);
		case COLUMN_TCP_FLAGS:
			return number(flow->tcp_flags);
		case COLUMN_TOS:
			return number(flow->tos);
		case COLUMN_PACKETS:
			return count(flow->packets, INT64_MAX);
		case COLUMN_BYTES:
			return count(flow->bytes, INT64_MAX);
		case COLUMN_SRC_AS:
			return label(flow, FLOW_HAS_SRC_AS, flow->src_as, UINT32_MAX);
		case COLUMN_DST_AS:
			return label(flow, FLOW_HAS_DST_AS, flow->dst_as, UINT32_MAX);
		case COLUMN_SAMPLING:
			return label(flow, FLOW_HAS_SAMPLING, flow->sampling, INT32_MAX);
		case COLUMN_COUNT:
			break;
	}
	return (struct column_value) {.is_null = true};
}
