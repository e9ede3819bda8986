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
#define OID_INET		869
#define OID_VARCHAR		1043
#define OID_TIMESTAMPTZ	1184

#define EPOCH_2000_US	(INT64_C(946684800) * 1000000)
#define VALUE_BOUND		(4 + 20)

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
	}
	return false;
}

bool
binary_layout_add(struct binary_layout *layout, const char *name,
				  uint32_t type_oid)
{
	for (int id = 0; id < COLUMN_COUNT; id++)
	{
		if (strcmp(column_list[id].name, name) != 0)
			continue;
		if (!type_fits(&column_list[id], type_oid))
			return false;
		layout->columns[layout->ncolumns].id = (enum column_id) id;
		layout->columns[layout->ncolumns].bytes = int_bytes_of(type_oid);
		layout->ncolumns++;
	}
	return true;
}

size_t
binary_row_bound(const struct binary_layout *layout, size_t sensor_len)
{
	return 2 + (size_t) layout->ncolumns * VALUE_BOUND + sensor_len;
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
put_text(uint8_t *p, const char *text)
{
	size_t		len = strlen(text);

	p = put_int(p, len, 4);
	memcpy(p, text, len);
	return p + len;
}

size_t
binary_encode_row(const struct binary_layout *layout, const struct flow *flow,
				  uint8_t *dst)
{
	uint8_t    *p = put_int(dst, (uint64_t) layout->ncolumns, 2);

	for (int i = 0; i < layout->ncolumns; i++)
	{
		enum column_id id = layout->columns[i].id;
		int			bytes = layout->columns[i].bytes;
		struct column_value value = column_get(id, flow);

		if (value.is_null)
		{
			p = put_int(p, UINT32_MAX, 4);
			continue;
		}
		switch (column_list[id].kind)
		{
			case COLUMN_IS_TIME:
				p = put_int(p, 8, 4);
				p = put_int(p, (uint64_t) (value.number - EPOCH_2000_US), 8);
				break;
			case COLUMN_IS_ADDR:
				p = put_addr(p, value.addr);
				break;
			case COLUMN_IS_TEXT:
				p = put_text(p, value.text);
				break;
			case COLUMN_IS_INT:
				p = put_int(p, (uint64_t) bytes, 4);
				p = put_int(p, (uint64_t) value.number, bytes);
				break;
		}
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
