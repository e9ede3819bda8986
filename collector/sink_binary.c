/*-------------------------------------------------------------------------
 *
 * Rows in PostgreSQL's binary COPY format; all integers big-endian.
 *
 *	  file      "PGCOPY\n\377\r\n\0", flags (4), extension length (4), rows,
 *				-1 (2)
 *	  row       number of columns (2), values
 *	  value     length (4) or -1 for NULL, bytes:
 *	  integer   2, 4 or 8 bytes
 *	  time      8 bytes, microseconds since 2000-01-01 UTC
 *	  inet      family (1; 2 is IPv4, 3 is IPv6), bits (1), is_cidr (1),
 *				address length (1), address
 *	  text      the bytes
 *
 *	  192.0.2.1  ->  00000008 02 20 00 04 c0000201
 *
 * Source: PostgreSQL documentation, COPY; receive functions of the types.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "sink_binary.h"

/* Object ids of built-in types, fixed for ever in pg_type.dat. */
#define OID_INT8		20
#define OID_INT2		21
#define OID_INT4		23
#define OID_TEXT		25
#define OID_JSON		114
#define OID_FLOAT4		700
#define OID_FLOAT8		701
#define OID_MACADDR		829
#define OID_INET		869
#define OID_INT4_ARRAY	1007
#define OID_VARCHAR		1043
#define OID_TIMESTAMPTZ	1184
#define OID_JSONB		3802

#define EPOCH_2000_US	(INT64_C(946684800) * 1000000)
#define VALUE_BOUND		(4 + 20)	/* but text, JSON and arrays */
#define ARRAY_HEADER	20
#define ELEMENT_BYTES	8			/* of an array: length and value */

static int
int_bytes_of(uint32_t type_oid)
{
	switch (type_oid)
	{
		case OID_INT2:
			return 2;
		case OID_INT4:
			return 4;
		case OID_INT8:
			return 8;
		default:
			return 0;
	}
}

static bool
type_fits(const struct column *column, uint32_t type_oid)
{
	switch (column->kind)
	{
		case COLUMN_IS_TIME:
			return type_oid == OID_TIMESTAMPTZ;
		case COLUMN_IS_ADDR:
			return type_oid == OID_INET;
		case COLUMN_IS_TEXT:
			return type_oid == OID_TEXT || type_oid == OID_VARCHAR;
		case COLUMN_IS_INT:
			return int_bytes_of(type_oid) >= column->int_bytes;
		case COLUMN_IS_REAL:
			return type_oid == OID_FLOAT4 || type_oid == OID_FLOAT8;
		case COLUMN_IS_MAC:
			return type_oid == OID_MACADDR;
		case COLUMN_IS_JSON:
			return type_oid == OID_JSON || type_oid == OID_JSONB;
		case COLUMN_IS_INTS:
			return type_oid == OID_INT4_ARRAY;
	}
	return false;
}

bool
binary_layout_add(struct binary_layout *layout, const char *name,
				  uint32_t type_oid)
{
	enum column_id id = column_find(name);

	if (id == COLUMN_COUNT)
		return true;
	if (!type_fits(&column_list[id], type_oid))
		return false;
	layout->columns[layout->ncolumns].id = id;
	layout->columns[layout->ncolumns].bytes = type_oid == OID_FLOAT4 ? 4 :
		type_oid == OID_FLOAT8 ? 8 : type_oid == OID_JSONB ? 1 : int_bytes_of(type_oid);
	layout->ncolumns++;
	return true;
}

size_t
binary_row_bound(const struct binary_layout *layout, const struct flow *flow)
{
	size_t		bound = 2 + (size_t) layout->ncolumns * VALUE_BOUND;

	for (int i = 0; i < layout->ncolumns; i++)
	{
		enum column_id id = layout->columns[i].id;
		enum column_kind kind = column_list[id].kind;

		if (kind == COLUMN_IS_TEXT || kind == COLUMN_IS_JSON)
			bound += column_get(id, flow).bytes.len;
		else if (kind == COLUMN_IS_INTS)
			bound += column_get(id, flow).bytes.len / sizeof(int32_t) * ELEMENT_BYTES;
	}
	return bound;
}

static uint8_t *
put_int(uint8_t *p, uint64_t n, int bytes)
{
	for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
		*p++ = (uint8_t) (n >> shift);
	return p;
}

static uint8_t *
put_addr(uint8_t *p, const struct flow_addr *addr)
{
	bool		is_ip4 = addr->family == FLOW_FAMILY_IP4;
	uint8_t		len = is_ip4 ? 4 : 16;

	p = put_int(p, len + 4u, 4);
	*p++ = is_ip4 ? 2 : 3;
	*p++ = (uint8_t) (len * 8);
	*p++ = 0;
	*p++ = len;
	memcpy(p, addr->bytes, len);
	return p + len;
}

static uint8_t *
put_bytes(uint8_t *p, const struct flow_bytes *bytes)
{
	p = put_int(p, bytes->len, 4);
	memcpy(p, bytes->bytes, bytes->len);
	return p + bytes->len;
}

/* jsonb is sent as a version, 1, and the text. */
static uint8_t *
put_jsonb(uint8_t *p, const struct flow_bytes *json)
{
	p = put_int(p, json->len + 1, 4);
	*p++ = 1;
	memcpy(p, json->bytes, json->len);
	return p + json->len;
}

static uint8_t *
put_real(uint8_t *p, double real, int bytes)
{
	float		narrow = (float) real;
	uint64_t	bits = 0;
	uint32_t	narrow_bits;

	memcpy(&bits, &real, sizeof(bits));
	memcpy(&narrow_bits, &narrow, sizeof(narrow_bits));
	p = put_int(p, (uint64_t) bytes, 4);
	return put_int(p, bytes == 4 ? narrow_bits : bits, bytes);
}

/* One dimension from 1, no nulls; without elements there is no dimension. */
static uint8_t *
put_ints(uint8_t *p, const struct flow_bytes *ints)
{
	uint32_t	n = ints->len / sizeof(int32_t);

	p = put_int(p, n == 0 ? 12 : ARRAY_HEADER + n * ELEMENT_BYTES, 4);
	p = put_int(p, n > 0, 4);
	p = put_int(p, 0, 4);
	p = put_int(p, OID_INT4, 4);
	if (n == 0)
		return p;
	p = put_int(p, n, 4);
	p = put_int(p, 1, 4);
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	element;

		memcpy(&element, (const char *) ints->bytes + i * sizeof(element), sizeof(element));
		p = put_int(p, sizeof(element), 4);
		p = put_int(p, element, 4);
	}
	return p;
}

static uint8_t *
put_value(uint8_t *p, enum column_kind kind, const struct column_value *value,
		  int bytes)
{
	if (value->is_null)
		return put_int(p, UINT32_MAX, 4);
	switch (kind)
	{
		case COLUMN_IS_TIME:
			p = put_int(p, 8, 4);
			return put_int(p, (uint64_t) value->number - (uint64_t) EPOCH_2000_US, 8);
		case COLUMN_IS_ADDR:
			return put_addr(p, value->addr);
		case COLUMN_IS_JSON:
			return bytes == 1 ? put_jsonb(p, &value->bytes) : put_bytes(p, &value->bytes);
		case COLUMN_IS_TEXT:
		case COLUMN_IS_MAC:
			return put_bytes(p, &value->bytes);
		case COLUMN_IS_INT:
			p = put_int(p, (uint64_t) bytes, 4);
			return put_int(p, (uint64_t) value->number, bytes);
		case COLUMN_IS_REAL:
			return put_real(p, value->real, bytes);
		case COLUMN_IS_INTS:
			return put_ints(p, &value->bytes);
	}
	return p;
}

size_t
binary_encode_row(const struct binary_layout *layout, const struct flow *flow,
				  uint8_t *dst)
{
	uint8_t    *p = put_int(dst, (uint64_t) layout->ncolumns, 2);

	for (int i = 0; i < layout->ncolumns; i++)
	{
		enum column_id id = layout->columns[i].id;
		struct column_value value = column_get(id, flow);

		p = put_value(p, column_list[id].kind, &value, layout->columns[i].bytes);
	}
	return (size_t) (p - dst);
}

size_t
binary_encode_header(uint8_t *dst)
{
	memcpy(dst, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", BINARY_HEADER_LEN);
	return BINARY_HEADER_LEN;
}

size_t
binary_encode_trailer(uint8_t *dst)
{
	memcpy(dst, "\377\377", BINARY_TRAILER_LEN);
	return BINARY_TRAILER_LEN;
}
