/*-------------------------------------------------------------------------
 *
 * How a SQL type is stored.
 *
 * An order decides which zone maps may be used, so it must be that of the
 * type's default operator class or of equality under it.  FS_ORDER_BYTES for
 * text holds for equality under deterministic collations and for ranges under
 * C; pruning asks for the collation, the writer does not.
 *
 * Types whose comparison only a function knows (numeric, interval, arrays)
 * get FS_ORDER_CALLBACK, if that function is built in: a chunk may be written
 * after its column was dropped, and a user's type with it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "am/typemap.h"
#include "compat.h"

static FsOrder
int_order(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case MONEYOID:
			return FS_ORDER_INT;
		case CHAROID:			/* compares as unsigned */
		case OIDOID:
		case XID8OID:
		case PG_LSNOID:
			return FS_ORDER_UINT;
		case FLOAT4OID:
			return FS_ORDER_FLOAT4;
		case FLOAT8OID:
			return FS_ORDER_FLOAT8;
		default:
			return FS_ORDER_NONE;
	}
}

/* Compare two stored byte strings as values of the column's type. */
static int
compare_by_function(const uint8 *a, uint32 alen, const uint8 *b, uint32 blen,
					void *arg)
{
	FsTypeMap  *map = arg;
	Datum		abuf[16];
	Datum		bbuf[16];
	char	   *ap = (char *) abuf;
	char	   *bp = (char *) bbuf;
	int			result;

	if (fs_typemap_datum_size(map, alen) > sizeof(abuf))
		ap = palloc(fs_typemap_datum_size(map, alen));
	if (fs_typemap_datum_size(map, blen) > sizeof(bbuf))
		bp = palloc(fs_typemap_datum_size(map, blen));
	result = DatumGetInt32(FunctionCall2Coll(&map->cmp, map->collation,
											 fs_typemap_from_bytes(map, a, alen, ap),
											 fs_typemap_from_bytes(map, b, blen, bp)));
	if (ap != (char *) abuf)
		pfree(ap);
	if (bp != (char *) bbuf)
		pfree(bp);
	return result;
}

static void
init_bytes_order(FsTypeMap *map)
{
	TypeCacheEntry *entry;

	switch (map->type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BYTEAOID:
		case UUIDOID:
		case MACADDROID:
		case MACADDR8OID:
			map->spec.order = FS_ORDER_BYTES;
			return;
		default:
			break;
	}

	/* no collation: locales change under our feet, and strcoll is slow */
	if (map->type >= FirstUnpinnedObjectId || OidIsValid(map->collation))
		return;
	entry = lookup_type_cache(map->type, TYPECACHE_CMP_PROC);
	if (!OidIsValid(entry->cmp_proc) ||
		entry->cmp_proc >= FirstUnpinnedObjectId)
		return;
	map->spec.order = FS_ORDER_CALLBACK;
	map->spec.cmp = compare_by_function;
	map->spec.cmp_arg = map;
	fmgr_info(entry->cmp_proc, &map->cmp);
}

void
fs_typemap_init(FsTypeMap *map, Form_pg_attribute att)
{
	Assert(!att->attisdropped);
	memset(map, 0, sizeof(FsTypeMap));
	/* the types that the bootstrap made are no domains: no look-up for them */
	map->type = att->atttypid < FirstGenbkiObjectId ? att->atttypid
		: getBaseType(att->atttypid);
	map->attlen = att->attlen;
	map->attbyval = att->attbyval;
	map->collation = att->attcollation;
	map->spec.id = att->attnum;
	map->spec.order = FS_ORDER_NONE;
	if (att->attbyval)
	{
		map->spec.kind = FS_KIND_INT;
		map->spec.width = att->attlen;
		map->spec.order = int_order(map->type);
	}
	else if (map->type == INETOID || map->type == CIDROID)
	{
		map->spec.kind = FS_KIND_ADDR;
		map->spec.order = FS_ORDER_ADDR;
	}
	else
	{
		map->spec.kind = FS_KIND_BYTES;
		init_bytes_order(map);
	}
}

int64
fs_typemap_to_int(const FsTypeMap *map, Datum value)
{
	switch (map->spec.order)
	{
		case FS_ORDER_FLOAT4:
			return fs_float4_to_int((uint32) value);
		case FS_ORDER_FLOAT8:
			return fs_float8_to_int((uint64) value);
		case FS_ORDER_UINT:
			return map->attlen == 8 ? (int64) value :
				map->attlen == 4 ? (int64) (uint32) value :
				(int64) (uint8) value;
		default:
			break;
	}
	switch (map->attlen)
	{
		case 1:
			return (int8) value;
		case 2:
			return (int16) value;
		case 4:
			return (int32) value;
		default:
			return (int64) value;
	}
}

/* The Datum is the one that fetch_att() makes of the same bytes. */
Datum
fs_typemap_from_int(const FsTypeMap *map, int64 value)
{
	switch (map->spec.order)
	{
		case FS_ORDER_FLOAT4:
			return Int32GetDatum((int32) fs_float4_from_int(value));
		case FS_ORDER_FLOAT8:
			return (Datum) fs_float8_from_int(value);
		default:
			break;
	}
	switch (map->attlen)
	{
		case 1:
			return CharGetDatum((char) value);
		case 2:
			return Int16GetDatum((int16) value);
		case 4:
			return Int32GetDatum((int32) value);
		default:
			return (Datum) value;
	}
}

void
fs_typemap_from_ints(const FsTypeMap *map, const int64 *src, Datum *dst, int n)
{
	if (map->spec.order == FS_ORDER_INT)
	{
		/* already sign-extended */
		memcpy(dst, src, n * sizeof(Datum));
		return;
	}
	for (int i = 0; i < n; i++)
		dst[i] = fs_typemap_from_int(map, src[i]);
}

void
fs_typemap_to_addr(Datum value, FsAddr *addr)
{
	inet	   *ip = (inet *) DatumGetPointer(value);

	memset(addr, 0, sizeof(FsAddr));
	addr->family = ip_family(ip) == PGSQL_AF_INET ? 4 : 6;
	addr->bits = ip_bits(ip);
	memcpy(addr->addr, ip_addr(ip), addr->family == 4 ? 4 : 16);
}

int
fs_typemap_from_addr(const FsAddr *addr, char *dst)
{
	int			nbytes = addr->family == 4 ? 4 : 16;
	int			len = VARHDRSZ + 2 + nbytes;

	SET_VARSIZE(dst, len);
	dst[VARHDRSZ] = addr->family == 4 ? PGSQL_AF_INET : PGSQL_AF_INET6;
	dst[VARHDRSZ + 1] = addr->bits;
	memcpy(dst + VARHDRSZ + 2, addr->addr, nbytes);
	return len;
}

const uint8 *
fs_typemap_to_bytes(const FsTypeMap *map, Datum value, uint32 *len)
{
	char	   *p = DatumGetPointer(value);

	if (map->attlen == -1)
	{
		*len = VARSIZE_ANY_EXHDR(p);
		return (uint8 *) VARDATA_ANY(p);
	}
	*len = map->attlen == -2 ? strlen(p) : (uint32) map->attlen;
	return (uint8 *) p;
}

Size
fs_typemap_datum_size(const FsTypeMap *map, uint32 len)
{
	if (map->attlen == -1)
		return (Size) VARHDRSZ + len;
	if (map->attlen == -2)
		return (Size) len + 1;
	return Max((Size) map->attlen, len);
}

Datum
fs_typemap_from_bytes(const FsTypeMap *map, const uint8 *bytes, uint32 len,
					  char *dst)
{
	if (map->attlen == -1)
	{
		SET_VARSIZE(dst, VARHDRSZ + len);
		memcpy(VARDATA(dst), bytes, len);
	}
	else
	{
		memcpy(dst, bytes, len);
		if (map->attlen == -2)
			dst[len] = '\0';
		else if (len < map->attlen)
			memset(dst + len, 0, map->attlen - len);
	}
	return PointerGetDatum(dst);
}
