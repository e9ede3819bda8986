/*-------------------------------------------------------------------------
 *
 * One value against the bounds of a zone.
 *
 * Zones of floats are compared as floats, so that a real column can be tested
 * against double precision; NaN is greater than all else and -0 equals 0, as
 * in PostgreSQL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/inet.h"
#include "utils/lsyscache.h"

#include "prune/bound.h"

static bool
is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_float_type(Oid type)
{
	return type == FLOAT4OID || type == FLOAT8OID;
}

bool
fs_bound_accepts(const FsTypeMap *map, Oid type, FsTest test)
{
	Oid			base = getBaseType(type);

	if (test == FS_TEST_MEMBER)
		return map->spec.order == FS_ORDER_ADDR;
	if (test == FS_TEST_WITHIN || test == FS_TEST_OVERLAP)
		return map->spec.order == FS_ORDER_ADDR &&
			(base == INETOID || base == CIDROID);
	switch ((FsOrder) map->spec.order)
	{
		case FS_ORDER_NONE:
			return false;
		case FS_ORDER_INT:
			if (is_integer_type(map->type))
				return is_integer_type(base);
			return base == map->type;
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			return is_float_type(base);
		case FS_ORDER_ADDR:
			return base == INETOID || base == CIDROID;
		case FS_ORDER_BYTES:
			if (map->type == TEXTOID || map->type == VARCHAROID)
				return base == TEXTOID || base == VARCHAROID;
			return base == map->type;
		default:
			return base == map->type;
	}
}

/* The addresses of a subnet; a host is the subnet of itself. */
static void
set_addr(FsBound *bound, Datum value, FsTest test)
{
	FsAddr		addr;
	int			nbytes;
	uint8	   *key = palloc(17);

	fs_typemap_to_addr(value, &addr);
	nbytes = addr.family == 4 ? 4 : 16;
	bound->bits = addr.bits;
	if (test != FS_TEST_WITHIN && test != FS_TEST_OVERLAP &&
		addr.bits != nbytes * 8)
	{
		/* a network sorts among the hosts by other rules */
		bound->is_known = false;
		return;
	}
	fs_addr_zone_key(&addr, key);
	memcpy(bound->addr, key, 17);
	for (int i = 0; i < nbytes; i++)
	{
		int			kept = Min(8, Max(0, addr.bits - i * 8));
		uint8		mask = (uint8) (0xff00 >> kept);

		key[1 + i] &= mask;
		bound->addr[1 + i] |= (uint8) ~mask;
	}
	bound->bytes = key;
	bound->len = 17;
}

void
fs_bound_set(FsBound *bound, const FsTypeMap *map, Oid type, Datum value,
			 bool isnull, FsTest test)
{
	Oid			base = getBaseType(type);

	memset(bound, 0, sizeof(FsBound));
	bound->is_known = true;
	bound->is_null = isnull;
	bound->order = map->spec.order;
	if (isnull)
		return;
	switch ((FsOrder) map->spec.order)
	{
		case FS_ORDER_INT:
			if (base == INT2OID)
				bound->i = DatumGetInt16(value);
			else if (base == INT4OID)
				bound->i = DatumGetInt32(value);
			else if (base == INT8OID)
				bound->i = DatumGetInt64(value);	/* the column may be narrower */
			else
				bound->i = fs_typemap_to_int(map, value);
			break;
		case FS_ORDER_UINT:
			bound->i = fs_typemap_to_int(map, value);
			break;
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			bound->f = base == FLOAT4OID ? DatumGetFloat4(value)
				: DatumGetFloat8(value);
			break;
		case FS_ORDER_ADDR:
			set_addr(bound, PointerGetDatum(PG_DETOAST_DATUM_PACKED(value)),
					 test);
			break;
		case FS_ORDER_BYTES:
		case FS_ORDER_CALLBACK:
			if (map->attlen == -1)
				value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
			bound->bytes = fs_typemap_to_bytes(map, value, &bound->len);
			break;
		default:
			bound->is_known = false;
			break;
	}
}

static double
zone_float(FsOrder order, int64 key)
{
	union
	{
		uint32		u;
		float4		f;
	}			f4;
	union
	{
		uint64		u;
		float8		f;
	}			f8;

	if (key == PG_INT64_MAX)
		return get_float8_nan();
	if (order == FS_ORDER_FLOAT4)
	{
		f4.u = fs_float4_from_int(key);
		return f4.f;
	}
	f8.u = fs_float8_from_int(key);
	return f8.f;
}

static int
compare_bytes(const uint8 *a, uint32 alen, const uint8 *b, uint32 blen)
{
	int			result = memcmp(a, b, Min(alen, blen));

	return result != 0 ? result : alen < blen ? -1 : alen > blen ? 1 : 0;
}

/* Sign of (value - zone's minimum), or maximum. */
static int
compare(const FsBound *bound, const FsTypeMap *map, const FsZone *zone,
		bool with_max)
{
	int64		key = with_max ? zone->imax : zone->imin;
	const uint8 *bytes = with_max ? zone->bmax : zone->bmin;
	uint32		len = with_max ? zone->bmax_len : zone->bmin_len;

	switch (bound->order)
	{
		case FS_ORDER_INT:
			return bound->i < key ? -1 : bound->i > key ? 1 : 0;
		case FS_ORDER_UINT:
			return (uint64) bound->i < (uint64) key ? -1 :
				(uint64) bound->i > (uint64) key ? 1 : 0;
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			return float8_cmp_internal(bound->f, zone_float(bound->order, key));
		case FS_ORDER_CALLBACK:
			return map->spec.cmp(bound->bytes, bound->len, bytes, len,
								 map->spec.cmp_arg);
		default:
			if (with_max && zone->is_max_cut && bound->len > len &&
				memcmp(bound->bytes, bytes, len) == 0)
				return 0;		/* greater values may begin like this */
			return compare_bytes(bound->bytes, bound->len, bytes, len);
	}
}

int
fs_bound_compare(const FsBound *a, const FsBound *b, const FsTypeMap *map)
{
	switch (a->order)
	{
		case FS_ORDER_INT:
			return a->i < b->i ? -1 : a->i > b->i ? 1 : 0;
		case FS_ORDER_UINT:
			return (uint64) a->i < (uint64) b->i ? -1 :
				(uint64) a->i > (uint64) b->i ? 1 : 0;
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			return float8_cmp_internal(a->f, b->f);
		case FS_ORDER_CALLBACK:
			return map->spec.cmp(a->bytes, a->len, b->bytes, b->len,
								 map->spec.cmp_arg);
		default:
			return compare_bytes(a->bytes, a->len, b->bytes, b->len);
	}
}

int
fs_bound_compare_min(const FsBound *bound, const FsTypeMap *map,
					 const FsZone *zone)
{
	return compare(bound, map, zone, false);
}

bool
fs_bound_may_match(const FsBound *bound, FsTest test, const FsTypeMap *map,
				   const FsZone *zone)
{
	if (bound->is_null || zone->nulls >= zone->nrows)
		return false;
	if (!bound->is_known || !zone->has_bounds)
		return true;
	switch (test)
	{
		case FS_TEST_EQ:
			return compare(bound, map, zone, false) >= 0 &&
				compare(bound, map, zone, true) <= 0;
		case FS_TEST_NE:
			return zone->is_max_cut || zone->bmin_len >= FS_ZONE_MAX_LEN ||
				compare(bound, map, zone, false) != 0 ||
				compare(bound, map, zone, true) != 0;
		case FS_TEST_LT:
			return compare(bound, map, zone, false) > 0;
		case FS_TEST_LE:
			return compare(bound, map, zone, false) >= 0;
		case FS_TEST_GT:
			return zone->is_max_cut || compare(bound, map, zone, true) < 0;
		case FS_TEST_GE:
			return zone->is_max_cut || compare(bound, map, zone, true) <= 0;
		case FS_TEST_WITHIN:
		case FS_TEST_OVERLAP:
			return memcmp(bound->addr, zone->bmin, 17) >= 0 &&
				memcmp(bound->bytes, zone->bmax, 17) <= 0;
		case FS_TEST_MEMBER:
			return true;		/* members.c knows more */
	}
	return true;
}
