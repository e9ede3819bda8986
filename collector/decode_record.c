/*-------------------------------------------------------------------------
 *
 * Data records: one pass over the fields of a template.
 *
 *	  variable length, RFC 7011, 7
 *	   0  1  length, if less than 255
 *	   0  1  255, then
 *	   1  2  length
 *
 * Some templates have two fields for one thing, such as addresses of both
 * families of which one is zero.  The first value that is not zero counts.
 *
 * An NTP time (RFC 5905, 6) has seconds since 1900, modulo 2^32, and a
 * fraction of 32 bits.  Seconds before 1970 are taken for those after 2036.
 *
 *-------------------------------------------------------------------------
 */
#include <endian.h>
#include <string.h>

#include "decode_record.h"
#include "text.h"

#define NTP_TO_UNIX		UINT32_C(2208988800)
#define MAX_TIME_US		INT64_C(253402300799999999) /* end of year 9999 */
#define LENGTH_IS_LONG	255

uint64_t
record_number(const uint8_t *bytes, uint32_t len)
{
	uint64_t	n = 0;

	switch (len)
	{
		case 1:
			return bytes[0];
		case 2:
			return (uint64_t) bytes[0] << 8 | bytes[1];
		case 4:
			return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 |
				(uint32_t) bytes[2] << 8 | bytes[3];
		case 8:
			memcpy(&n, bytes, sizeof(n));
			return be64toh(n);
		default:
			for (uint32_t i = 0; i < len; i++)
				n = n << 8 | bytes[i];
			return n;
	}
}

double
record_float(const uint8_t *bytes, uint32_t len)
{
	uint64_t	bits = record_number(bytes, len);
	uint32_t	short_bits = (uint32_t) bits;
	float		f;
	double		d;

	if (len == 4)
	{
		memcpy(&f, &short_bits, sizeof(f));
		return f;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* Seconds or milliseconds since 1970, as microseconds. */
static uint64_t
scaled_time(uint64_t n, uint64_t factor)
{
	return n > MAX_TIME_US / factor ? FIELD_TIME_NONE : n * factor;
}

static uint64_t
ntp_time(uint64_t n)
{
	uint32_t	seconds = (uint32_t) (n >> 32) - NTP_TO_UNIX;

	return (uint64_t) seconds * 1000000 + ((n & UINT32_MAX) * 1000000 >> 32);
}

static void
put_slot(struct record *record, unsigned slot, uint64_t n)
{
	uint64_t	bit = UINT64_C(1) << slot;

	if ((record->seen & bit) != 0 && record->slots[slot] != 0)
		return;
	record->seen |= bit;
	record->slots[slot] = n;
}

static void
put_column(struct record *record, enum flow_extra_id id, uint64_t n)
{
	if (flow_extra_has(&record->extra, id) &&
		record->extra.values[id].number != 0)
		return;
	flow_extra_put_number(&record->extra, id, n);
}

static void
put_addr(struct flow_addr *addr, const uint8_t *bytes, uint32_t len)
{
	static const uint8_t zero[16];

	if (addr->family != FLOW_FAMILY_NONE && memcmp(bytes, zero, len) == 0)
		return;
	memset(addr, 0, sizeof(*addr));
	addr->family = len == 4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6;
	memcpy(addr->bytes, bytes, len);
}

static void
put_column_addr(struct record *record, enum flow_extra_id id,
				const uint8_t *bytes, uint32_t len)
{
	if (!flow_extra_has(&record->extra, id))
		flow_extra_put(&record->extra, id)->addr.family = FLOW_FAMILY_NONE;
	put_addr(&record->extra.values[id].addr, bytes, len);
}

/* Texts of fixed length end in zero bytes; an empty one is no text. */
static void
put_text(struct record *record, enum flow_extra_id id, const uint8_t *bytes,
		 uint32_t len)
{
	char	   *to = record->text + record->text_used;
	size_t		room = RECORD_TEXT_ROOM - record->text_used;

	while (len > 0 && bytes[len - 1] == 0)
		len--;
	if (len == 0 || flow_extra_has(&record->extra, id))
		return;
	if (room > RECORD_MAX_TEXT)
		room = RECORD_MAX_TEXT;
	room = text_clean(bytes, len, to, room);
	record->text_used += room;
	flow_extra_put_text(&record->extra, id, to, (uint32_t) room);
}

/* 20 bits of label, 3 of class, 1 bottom of the stack. */
static void
put_mpls(struct record *record, unsigned depth, const uint8_t *bytes,
		 uint32_t len)
{
	uint64_t	n = record_number(bytes, len);

	if (!record->has_mpls)
	{
		for (int i = 0; i < RECORD_MPLS_LABELS; i++)
			record->mpls[i] = -1;
	}
	record->has_mpls = true;
	if (n != 0)
		record->mpls[depth] = (int32_t) (n >> 4 & 0xfffff);
}

static void
put_other(struct record *record, const struct template_field *field,
		  const uint8_t *bytes, uint32_t len)
{
	if (!record->wants_others || record->nothers == RECORD_OTHERS)
		return;
	record->others[record->nothers++] = (struct record_other) {
		field, bytes, len
	};
}

static void
put_field(struct record *record, const struct template_field *field,
		  const uint8_t *bytes, uint32_t len)
{
	enum flow_extra_id column = (enum flow_extra_id) field->arg;

	switch ((enum field_use) field->use)
	{
		case FIELD_SKIP:
			break;
		case FIELD_SLOT:
			put_slot(record, field->arg, record_number(bytes, len));
			break;
		case FIELD_TIME_S:
			put_slot(record, field->arg,
					 scaled_time(record_number(bytes, len), 1000000));
			break;
		case FIELD_TIME_MS:
			put_slot(record, field->arg,
					 scaled_time(record_number(bytes, len), 1000));
			break;
		case FIELD_TIME_NTP:
			put_slot(record, field->arg, ntp_time(record_number(bytes, len)));
			break;
		case FIELD_COLUMN:
			put_column(record, column, record_number(bytes, len));
			break;
		case FIELD_COLUMN_ADDR:
			put_column_addr(record, column, bytes, len);
			break;
		case FIELD_COLUMN_MAC:
			memcpy(flow_extra_put(&record->extra, column)->mac, bytes, 6);
			break;
		case FIELD_COLUMN_TEXT:
			put_text(record, column, bytes, len);
			break;
		case FIELD_SRC_ADDR:
			put_addr(&record->src, bytes, len);
			break;
		case FIELD_DST_ADDR:
			put_addr(&record->dst, bytes, len);
			break;
		case FIELD_MPLS_LABEL:
			put_mpls(record, field->arg, bytes, len);
			break;
		case FIELD_APP_ID:
			record->app_id = bytes;
			record->app_id_len = len;
			break;
		case FIELD_PROBABILITY:
			record->probability = record_float(bytes, len);
			break;
		case FIELD_OTHER:
			put_other(record, field, bytes, len);
			break;
	}
}

static void
clear(struct record *record)
{
	record->seen = 0;
	record->probability = 0;
	record->src.family = FLOW_FAMILY_NONE;
	record->dst.family = FLOW_FAMILY_NONE;
	record->app_id = NULL;
	record->nothers = 0;
	record->has_mpls = false;
	record->text_used = 0;
	flow_extra_clear(&record->extra);
}

static bool
read_variable(struct record *record, const struct template *t, struct wire *w)
{
	for (unsigned i = 0; i < t->nfields; i++)
	{
		struct template_field field = t->fields[i];
		uint32_t	len = field.len;
		const uint8_t *bytes;

		if (len == FIELD_VARIABLE)
		{
			len = wire_u8(w);
			if (len == LENGTH_IS_LONG)
				len = wire_u16(w);
			if (!field_length_fits((enum field_use) field.use, len))
				field.use = FIELD_OTHER;
		}
		bytes = wire_take(w, len);
		if (bytes == NULL)
			return false;
		if (field.use == FIELD_OTHER)
			put_other(record, &t->fields[i], bytes, len);
		else
			put_field(record, &field, bytes, len);
	}
	return true;
}

bool
record_read(struct record *record, const struct template *t, struct wire *w)
{
	const uint8_t *bytes;

	clear(record);
	if (!t->is_fixed)
		return read_variable(record, t, w);
	bytes = wire_take(w, t->min_len);
	if (bytes == NULL)
		return false;
	for (unsigned i = 0; i < t->nfields; i++)
	{
		const struct template_field *field = &t->fields[i];

		put_field(record, field, bytes, field->len);
		bytes += field->len;
	}
	return true;
}
