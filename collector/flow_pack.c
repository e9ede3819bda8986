/*-------------------------------------------------------------------------
 *
 * Packed flows.
 *
 *	  flow		version (1), which is 1, fields to the end of the bytes
 *	  field		number * 4 + form as varint, value
 *	  form 0	varint: 7 bits a byte, low ones first, bit 7: more follow
 *	  form 1	8 bytes, little endian
 *	  form 2	length as varint, bytes
 *
 *	  proto 6, dst_port 443  ->  01 28 bb 03 2c 06
 *
 * Times are varints of 2 * t, or -2 * t - 1 if t < 0; addresses 4 or 16
 * bytes; the sensor has its terminating zero, so that it can be used in place.
 * Numbers of struct flow's members that are zero are left out.
 *
 * Invalid: another version; a varint beyond 64 bits; a field of the wrong form
 * or length; a number too large for its member; an end beyond int64_t.  Unknown
 * numbers are passed over; of a field that comes twice the last one counts.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "flow_numbers.h"
#include "flow_pack.h"
#include "wire.h"

#define VERSION			1
#define CORE_BOUND		256		/* all members of struct flow but the sensor */
#define FIELD_BOUND		20		/* an extra value without its bytes */

enum form
{
	FORM_VARINT,
	FORM_EIGHT,
	FORM_BYTES
};

enum core_number
{
	NUMBER_START = 1,
	NUMBER_DURATION,
	NUMBER_EXPORTER,
	NUMBER_SENSOR,
	NUMBER_IN_IF,
	NUMBER_OUT_IF,
	NUMBER_SRC_ADDR,
	NUMBER_DST_ADDR,
	NUMBER_SRC_PORT,
	NUMBER_DST_PORT,
	NUMBER_PROTO,
	NUMBER_TCP_FLAGS,
	NUMBER_TOS,
	NUMBER_PACKETS,
	NUMBER_BYTES,
	NUMBER_SRC_AS,
	NUMBER_DST_AS,
	NUMBER_SAMPLING
};

enum kind
{
	KIND_INT,
	KIND_REAL,
	KIND_TIME,
	KIND_ADDR,
	KIND_MAC,
	KIND_TEXT,
	KIND_JSON,
	KIND_INTS
};

#define KIND_OF(id, name, kind, type) [FLOW_##id] = KIND_##kind,
static const uint8_t kinds[FLOW_EXTRA_COUNT] = {FLOW_EXTRA_LIST(KIND_OF)};

#define NUMBER_OF(id, number) [FLOW_##id] = number,
static const uint8_t numbers[FLOW_EXTRA_COUNT] = {FLOW_NUMBER_LIST(NUMBER_OF)};

/* One more than the column of a number, or 0. */
#define COLUMN_OF(id, number) [number] = FLOW_##id + 1,
static const uint8_t columns[FLOW_NUMBER_MAX + 1] = {FLOW_NUMBER_LIST(COLUMN_OF)};

_Static_assert(FLOW_EXTRA_COUNT < 255, "columns fit a byte");

static uint8_t *
put_varint(uint8_t *p, uint64_t n)
{
	while (n >= 0x80)
	{
		*p++ = (uint8_t) (n | 0x80);
		n >>= 7;
	}
	*p++ = (uint8_t) n;
	return p;
}

static uint8_t *
put_tag(uint8_t *p, unsigned number, enum form form)
{
	return put_varint(p, number << 2 | form);
}

static uint8_t *
put_number(uint8_t *p, unsigned number, uint64_t n)
{
	return put_varint(put_tag(p, number, FORM_VARINT), n);
}

/* Members whose absence is zero. */
static uint8_t *
put_nonzero(uint8_t *p, unsigned number, uint64_t n)
{
	return n == 0 ? p : put_number(p, number, n);
}

static uint8_t *
put_time(uint8_t *p, unsigned number, int64_t us)
{
	return put_number(p, number, (uint64_t) us << 1 ^ (us < 0 ? UINT64_MAX : 0));
}

static uint8_t *
put_bytes(uint8_t *p, unsigned number, const void *bytes, size_t len)
{
	p = put_varint(put_tag(p, number, FORM_BYTES), len);
	if (len > 0)
		memcpy(p, bytes, len);
	return p + len;
}

static uint8_t *
put_addr(uint8_t *p, unsigned number, const struct flow_addr *addr)
{
	if (addr->family == FLOW_FAMILY_NONE)
		return p;
	return put_bytes(p, number, addr->bytes,
					 addr->family == FLOW_FAMILY_IP4 ? 4 : 16);
}

static uint8_t *
put_real(uint8_t *p, unsigned number, double real)
{
	uint64_t	bits;

	memcpy(&bits, &real, sizeof(bits));
	p = put_tag(p, number, FORM_EIGHT);
	for (int shift = 0; shift < 64; shift += 8)
		*p++ = (uint8_t) (bits >> shift);
	return p;
}

static uint8_t *
put_extra(uint8_t *p, enum flow_extra_id id, const union flow_value *value)
{
	unsigned	number = numbers[id];

	switch (kinds[id])
	{
		case KIND_INT:
			return put_number(p, number, value->number);
		case KIND_TIME:
			return put_time(p, number, value->time_us);
		case KIND_REAL:
			return put_real(p, number, value->real);
		case KIND_ADDR:
			return put_addr(p, number, &value->addr);
		case KIND_MAC:
			return put_bytes(p, number, value->mac, sizeof(value->mac));
		default:
			return put_bytes(p, number, value->text.bytes, value->text.len);
	}
}

static bool
has_bytes(enum flow_extra_id id)
{
	return kinds[id] >= KIND_TEXT;
}

/* The first column from id on that is present, or FLOW_EXTRA_COUNT. */
static unsigned
next_present(const struct flow_extra *extra, unsigned id)
{
	while (id < FLOW_EXTRA_COUNT)
	{
		uint64_t	bits = extra->present[id / 64] >> (id % 64);

		if (bits != 0)
			return id + (unsigned) __builtin_ctzll(bits);
		id = (id / 64 + 1) * 64;
	}
	return FLOW_EXTRA_COUNT;
}

size_t
flow_pack_bound(const struct flow *flow)
{
	const struct flow_extra *extra = flow->extra;
	size_t		bound = CORE_BOUND;

	if (flow->sensor != NULL)
		bound += strlen(flow->sensor);
	if (extra == NULL)
		return bound;
	for (unsigned id = next_present(extra, 0); id < FLOW_EXTRA_COUNT;
		 id = next_present(extra, id + 1))
		bound += FIELD_BOUND + (has_bytes(id) ? extra->values[id].text.len : 0);
	return bound;
}

static uint8_t *
put_labels(uint8_t *p, const struct flow *flow)
{
	if ((flow->present & FLOW_HAS_IN_IF) != 0)
		p = put_number(p, NUMBER_IN_IF, flow->in_if);
	if ((flow->present & FLOW_HAS_OUT_IF) != 0)
		p = put_number(p, NUMBER_OUT_IF, flow->out_if);
	if ((flow->present & FLOW_HAS_SRC_AS) != 0)
		p = put_number(p, NUMBER_SRC_AS, flow->src_as);
	if ((flow->present & FLOW_HAS_DST_AS) != 0)
		p = put_number(p, NUMBER_DST_AS, flow->dst_as);
	if ((flow->present & FLOW_HAS_SAMPLING) != 0)
		p = put_number(p, NUMBER_SAMPLING, flow->sampling);
	return p;
}

size_t
flow_pack(const struct flow *flow, uint8_t *dst)
{
	const struct flow_extra *extra = flow->extra;
	uint8_t    *p = dst;

	*p++ = VERSION;
	p = put_time(p, NUMBER_START, flow->start_us);
	if (flow->end_us > flow->start_us)
		p = put_number(p, NUMBER_DURATION,
					   (uint64_t) flow->end_us - (uint64_t) flow->start_us);
	p = put_addr(p, NUMBER_EXPORTER, &flow->exporter);
	if (flow->sensor != NULL)
		p = put_bytes(p, NUMBER_SENSOR, flow->sensor, strlen(flow->sensor) + 1);
	p = put_addr(p, NUMBER_SRC_ADDR, &flow->key.src);
	p = put_addr(p, NUMBER_DST_ADDR, &flow->key.dst);
	p = put_nonzero(p, NUMBER_SRC_PORT, flow->key.src_port);
	p = put_nonzero(p, NUMBER_DST_PORT, flow->key.dst_port);
	p = put_nonzero(p, NUMBER_PROTO, flow->key.proto);
	p = put_nonzero(p, NUMBER_TCP_FLAGS, flow->tcp_flags);
	p = put_nonzero(p, NUMBER_TOS, flow->tos);
	p = put_nonzero(p, NUMBER_PACKETS, flow->packets);
	p = put_nonzero(p, NUMBER_BYTES, flow->bytes);
	p = put_labels(p, flow);
	if (extra == NULL)
		return (size_t) (p - dst);
	for (unsigned id = next_present(extra, 0); id < FLOW_EXTRA_COUNT;
		 id = next_present(extra, id + 1))
		p = put_extra(p, id, &extra->values[id]);
	return (size_t) (p - dst);
}

static uint64_t
take_varint(struct wire *w)
{
	uint64_t	n = 0;

	for (int shift = 0; shift < 64; shift += 7)
	{
		uint8_t		byte = wire_u8(w);

		n |= (uint64_t) (byte & 0x7f) << shift;
		if (byte < 0x80 && (shift < 63 || byte <= 1))
			return n;
		if (byte < 0x80)
			break;
	}
	w->has_failed = true;
	return 0;
}

/* One field; bytes point into the packed flow. */
struct field
{
	uint64_t	number;
	enum form	form;
	uint64_t	n;				/* FORM_VARINT, FORM_EIGHT */
	const uint8_t *bytes;		/* [n], FORM_BYTES */
};

static bool
take_field(struct wire *w, struct field *field)
{
	uint64_t	tag = take_varint(w);

	field->number = tag >> 2;
	field->form = (enum form) (tag & 3);
	switch (field->form)
	{
		case FORM_VARINT:
			field->n = take_varint(w);
			break;
		case FORM_EIGHT:
			field->n = 0;
			for (int shift = 0; shift < 64; shift += 8)
				field->n |= (uint64_t) wire_u8(w) << shift;
			break;
		case FORM_BYTES:
			field->n = take_varint(w);
			field->bytes = wire_take(w, field->n);
			break;
		default:
			return false;
	}
	return !w->has_failed;
}

static bool
get_addr(const struct field *field, struct flow_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (field->form != FORM_BYTES || (field->n != 4 && field->n != 16))
		return false;
	addr->family = field->n == 4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6;
	memcpy(addr->bytes, field->bytes, field->n);
	return true;
}

static bool
get_sensor(const struct field *field, struct flow *flow)
{
	flow->sensor = (const char *) field->bytes;
	return field->form == FORM_BYTES && field->n > 0 &&
		memchr(field->bytes, 0, field->n) == field->bytes + field->n - 1;
}

static int64_t
unfold(uint64_t n)
{
	return (int64_t) (n >> 1 ^ (0 - (n & 1)));
}

static bool
get_u8(const struct field *field, uint8_t *to)
{
	*to = (uint8_t) field->n;
	return field->form == FORM_VARINT && field->n <= UINT8_MAX;
}

static bool
get_u16(const struct field *field, uint16_t *to)
{
	*to = (uint16_t) field->n;
	return field->form == FORM_VARINT && field->n <= UINT16_MAX;
}

static bool
get_label(const struct field *field, struct flow *flow, uint8_t bit, uint32_t *to)
{
	*to = (uint32_t) field->n;
	flow->present |= bit;
	return field->form == FORM_VARINT && field->n <= UINT32_MAX;
}

static bool
get_u64(const struct field *field, uint64_t *to)
{
	*to = field->n;
	return field->form == FORM_VARINT;
}

static bool
get_core(const struct field *field, struct flow *flow, uint64_t *duration)
{
	switch (field->number)
	{
		case NUMBER_START:
			flow->start_us = unfold(field->n);
			return field->form == FORM_VARINT;
		case NUMBER_DURATION:
			return get_u64(field, duration);
		case NUMBER_EXPORTER:
			return get_addr(field, &flow->exporter);
		case NUMBER_SENSOR:
			return get_sensor(field, flow);
		case NUMBER_IN_IF:
			return get_label(field, flow, FLOW_HAS_IN_IF, &flow->in_if);
		case NUMBER_OUT_IF:
			return get_label(field, flow, FLOW_HAS_OUT_IF, &flow->out_if);
		case NUMBER_SRC_ADDR:
			return get_addr(field, &flow->key.src);
		case NUMBER_DST_ADDR:
			return get_addr(field, &flow->key.dst);
		case NUMBER_SRC_PORT:
			return get_u16(field, &flow->key.src_port);
		case NUMBER_DST_PORT:
			return get_u16(field, &flow->key.dst_port);
		case NUMBER_PROTO:
			return get_u8(field, &flow->key.proto);
		case NUMBER_TCP_FLAGS:
			return get_u8(field, &flow->tcp_flags);
		case NUMBER_TOS:
			return get_u8(field, &flow->tos);
		case NUMBER_PACKETS:
			return get_u64(field, &flow->packets);
		case NUMBER_BYTES:
			return get_u64(field, &flow->bytes);
		case NUMBER_SRC_AS:
			return get_label(field, flow, FLOW_HAS_SRC_AS, &flow->src_as);
		case NUMBER_DST_AS:
			return get_label(field, flow, FLOW_HAS_DST_AS, &flow->dst_as);
		case NUMBER_SAMPLING:
			return get_label(field, flow, FLOW_HAS_SAMPLING, &flow->sampling);
		default:
			return true;
	}
}

static bool
get_bytes(const struct field *field, struct flow_bytes *to, size_t unit)
{
	to->bytes = field->bytes;
	to->len = (uint32_t) field->n;
	return field->form == FORM_BYTES && field->n <= UINT32_MAX &&
		field->n % unit == 0;
}

static bool
get_extra(const struct field *field, struct flow_extra *extra)
{
	unsigned	column = field->number > FLOW_NUMBER_MAX ? 0 : columns[field->number];
	union flow_value *value;

	if (column == 0)
		return true;
	value = flow_extra_put(extra, (enum flow_extra_id) (column - 1));
	switch (kinds[column - 1])
	{
		case KIND_INT:
			return get_u64(field, &value->number);
		case KIND_TIME:
			value->time_us = unfold(field->n);
			return field->form == FORM_VARINT;
		case KIND_REAL:
			memcpy(&value->real, &field->n, sizeof(value->real));
			return field->form == FORM_EIGHT;
		case KIND_ADDR:
			return get_addr(field, &value->addr);
		case KIND_MAC:
			if (field->form != FORM_BYTES || field->n != sizeof(value->mac))
				return false;
			memcpy(value->mac, field->bytes, sizeof(value->mac));
			return true;
		case KIND_INTS:
			return get_bytes(field, &value->text, sizeof(int32_t));
		default:
			return get_bytes(field, &value->text, 1);
	}
}

bool
flow_unpack(const uint8_t *bytes, size_t len, struct flow *flow,
			struct flow_extra *extra)
{
	struct wire w = wire_open(bytes, len);
	uint64_t	duration = 0;
	bool		has_extra = false;
	struct field field;

	memset(flow, 0, sizeof(*flow));
	flow_extra_clear(extra);
	if (wire_u8(&w) != VERSION)
		return false;
	while (wire_left(&w) > 0)
	{
		if (!take_field(&w, &field))
			return false;
		if (field.number < FLOW_NUMBER_MIN ? !get_core(&field, flow, &duration) :
			!get_extra(&field, extra))
			return false;
		has_extra |= field.number >= FLOW_NUMBER_MIN;
	}
	if (duration > (uint64_t) INT64_MAX - (uint64_t) flow->start_us)
		return false;
	flow->end_us = (int64_t) ((uint64_t) flow->start_us + duration);
	flow->extra = has_extra ? extra : NULL;
	return true;
}
