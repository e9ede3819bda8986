/*-------------------------------------------------------------------------
 *
 * The columns of a flow table.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>
#include <string.h>

#include "sink_column.h"

/* Kind and width of the columns of flow_columns.h, by what is written there. */
#define KIND_INT	COLUMN_IS_INT
#define KIND_REAL	COLUMN_IS_REAL
#define KIND_TIME	COLUMN_IS_TIME
#define KIND_ADDR	COLUMN_IS_ADDR
#define KIND_MAC	COLUMN_IS_MAC
#define KIND_TEXT	COLUMN_IS_TEXT
#define KIND_JSON	COLUMN_IS_JSON
#define KIND_INTS	COLUMN_IS_INTS
#define IS_TYPE(type, name)	(sizeof(#type) == sizeof(name) && #type[0] == (name)[0])
#define INT_BYTES(type) \
	(IS_TYPE(type, "smallint") ? 2 : IS_TYPE(type, "int") ? 4 : IS_TYPE(type, "bigint") ? 8 : 0)

#define EXTRA_COLUMN(id, name, kind, type) \
	[COLUMN_CORE_COUNT + FLOW_##id] = {#name, #type, KIND_##kind, INT_BYTES(type)},

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
	FLOW_EXTRA_LIST(EXTRA_COLUMN)
};

enum column_id
column_find(const char *name)
{
	int			id = 0;

	while (id < COLUMN_COUNT && strcmp(column_list[id].name, name) != 0)
		id++;
	return (enum column_id) id;
}

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
	return (struct column_value) {
		.is_null = t == NULL,.bytes = {t, t == NULL ? 0 : (uint32_t) strlen(t)}
	};
}

/* The greatest value of an integer of so many bytes. */
static int64_t
max_of(int bytes)
{
	return bytes == 8 ? INT64_MAX : (INT64_C(1) << (bytes * 8 - 1)) - 1;
}

static struct column_value
extra(enum column_id column, const struct flow_extra *of)
{
	enum flow_extra_id id = (enum flow_extra_id) (column - COLUMN_CORE_COUNT);
	const union flow_value *value = &of->values[id];

	switch (column_list[column].kind)
	{
		case COLUMN_IS_TIME:
			return number(value->time_us);
		case COLUMN_IS_ADDR:
			return addr(&value->addr);
		case COLUMN_IS_INT:
			return count(value->number, max_of(column_list[column].int_bytes));
		case COLUMN_IS_REAL:
			return (struct column_value) {.real = value->real};
		case COLUMN_IS_MAC:
			return (struct column_value) {.bytes = {value->mac, sizeof(value->mac)}};
		case COLUMN_IS_TEXT:
		case COLUMN_IS_JSON:
		case COLUMN_IS_INTS:
			return (struct column_value) {.bytes = value->text};
	}
	return (struct column_value) {.is_null = true};
}

struct column_value
column_get(enum column_id id, const struct flow *flow)
{
	switch (id)
	{
		case COLUMN_TS:
			return number(flow->start_us);
		case COLUMN_DURATION_MS:
			return count(((uint64_t) flow->end_us - (uint64_t) flow->start_us) / 1000,
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
		default:
			if (flow->extra != NULL && id < COLUMN_COUNT &&
				flow_extra_has(flow->extra, (enum flow_extra_id) (id - COLUMN_CORE_COUNT)))
				return extra(id, flow->extra);
			return (struct column_value) {.is_null = true};
	}
}
