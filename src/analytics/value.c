/*-------------------------------------------------------------------------
 *
 * Values of any SQL type as keys of a hash table.
 *
 * Whether equal means the same bytes is asked from the operator class: B-tree
 * support function 4 promises it for deduplication.  bpchar makes the promise
 * for one column only; values of different declared lengths may meet here
 * ('a'::char(1) and 'a '::char(2) are equal), so it counts as general.
 *
 * A key of kind BYTES is odd for a short image and even for a pointer:
 *
 *		bits 0..7		(len << 1) | 1, len in 0..7
 *		bits 8..63		the image, first byte lowest, zero filled
 *
 *	10.0.0.1 is family, bits, address = 02 20 0a 00 00 01 -> 0x000100000a20020d
 *
 * so an IPv4 address takes no memory beside its slot.  A pointer leads to a
 * StoredValue, as do all keys of kind GENERAL.
 *
 * Hashes of images and of kind GENERAL are seeded anew in each backend, and so
 * are never written anywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/nbtree.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "analytics/value.h"

#define INLINE_MAX_BYTES	7

/*
 * data is the image as a datum points to it: varlena types have a four-byte
 * header before it, types by value are kept as a whole Datum.
 */
typedef struct StoredValue
{
	uint32		hash;
	uint32		len;			/* of the image */
	char		data[FLEXIBLE_ARRAY_MEMBER];
} StoredValue;

/* What strangers who choose the values must not know; zero until first used. */
static struct
{
	uint64		seed;
	uint64		factor;			/* odd, so that no bit of a key is lost */
}			secret;

StaticAssertDecl(offsetof(StoredValue, data) == 8,
				 "stored data must be as aligned as the allocation");

static bool
equal_means_same_bytes(const TypeCacheEntry *cache, Oid collation)
{
	Oid			proc;

	if (cache->btree_opintype == BPCHAROID || cache->typlen == -2)
		return false;
	proc = get_opfamily_proc(cache->btree_opf, cache->btree_opintype,
							 cache->btree_opintype, BTEQUALIMAGE_PROC);
	return OidIsValid(proc) &&
		DatumGetBool(OidFunctionCall1Coll(proc, collation,
										  ObjectIdGetDatum(cache->btree_opintype)));
}

static FsValueKind
choose_kind(const TypeCacheEntry *cache, Oid collation)
{
	if (cache->btree_opintype == FLOAT4OID)
		return FS_VALUE_FLOAT4;
	if (cache->btree_opintype == FLOAT8OID)
		return FS_VALUE_FLOAT8;
	if (OidIsValid(cache->btree_opf) && equal_means_same_bytes(cache, collation))
		return cache->typbyval ? FS_VALUE_WORD : FS_VALUE_BYTES;
	return FS_VALUE_GENERAL;
}

static void
set_secret(FsValueType *type)
{
	if (secret.factor == 0)
	{
		uint64		random[2];

		if (!pg_strong_random(random, sizeof(random)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
		secret.seed = random[0];
		secret.factor = random[1] | 1;
	}
	type->seed = secret.seed;
	type->factor = secret.factor;
}

static FsValueType *
create_type(Oid typid, Oid collation, MemoryContext context)
{
	FsValueType *type = MemoryContextAllocZero(context, sizeof(FsValueType));
	TypeCacheEntry *cache;

	cache = lookup_type_cache(typid, TYPECACHE_BTREE_OPFAMILY |
							  TYPECACHE_EQ_OPR_FINFO |
							  TYPECACHE_HASH_PROC_FINFO |
							  TYPECACHE_HASH_EXTENDED_PROC_FINFO |
							  TYPECACHE_CMP_PROC_FINFO);
	if (!OidIsValid(cache->eq_opr_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s",
						format_type_be(typid))));

	type->typid = typid;
	type->collation = collation;
	type->kind = choose_kind(cache, collation);
	type->typlen = cache->typlen;
	type->typbyval = cache->typbyval;
	type->typalign = cache->typalign;
	type->cache = cache;
	set_secret(type);

	if (type->kind == FS_VALUE_GENERAL &&
		!OidIsValid(cache->hash_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a hash function for type %s",
						format_type_be(typid))));
	return type;
}

const FsValueType *
fs_value_type_of(FmgrInfo *flinfo, Oid typid, Oid collation)
{
	FsValueType *type = flinfo->fn_extra;

	if (type == NULL || type->typid != typid || type->collation != collation)
	{
		type = create_type(typid, collation, flinfo->fn_mcxt);
		flinfo->fn_extra = type;
	}
	return type;
}

void
fs_value_type_require_order(const FsValueType *type)
{
	if (!OidIsValid(type->cache->cmp_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison function for type %s",
						format_type_be(type->typid))));
}

int
fs_value_compare(const FsValueType *type, uint64 a, uint64 b)
{
	FsValueBuffer abuf;
	FsValueBuffer bbuf;

	return DatumGetInt32(FunctionCall2Coll(&type->cache->cmp_proc_finfo,
										   type->collation,
										   fs_value_datum(type, a, &abuf),
										   fs_value_datum(type, b, &bbuf)));
}

static Datum
canonical_float4(Datum datum)
{
	float4		f = DatumGetFloat4(datum);

	if (isnan(f))
		f = get_float4_nan();
	return Float4GetDatum(f == 0 ? 0 : f);
}

static Datum
canonical_float8(Datum datum)
{
	float8		f = DatumGetFloat8(datum);

	if (isnan(f))
		return Float8GetDatum(get_float8_nan());
	return f == 0 ? Float8GetDatum(0) : datum;
}

static uint64
inline_key(const char *image, uint32 len)
{
	uint64		key = len << 1 | 1;
	uint32		i;

	for (i = 0; i < len; i++)
		key |= (uint64) (unsigned char) image[i] << (8 * (i + 1));
	return key;
}

static void
set_image(const FsValueType *type, FsValue *value)
{
	if (type->typlen == -1)
	{
		value->image = VARDATA_ANY(DatumGetPointer(value->datum));
		value->len = VARSIZE_ANY_EXHDR(DatumGetPointer(value->datum));
	}
	else if (type->typlen == -2)
	{
		value->image = DatumGetCString(value->datum);
		value->len = strlen(value->image) + 1;
	}
	else if (type->typbyval)
	{
		value->image = (const char *) &value->datum;
		value->len = sizeof(Datum);
	}
	else
	{
		value->image = DatumGetPointer(value->datum);
		value->len = type->typlen;
	}
}

/* A type may lack the seeded hash function, which is optional. */
static uint32
hash_general(const FsValueType *type, Datum datum)
{
	TypeCacheEntry *cache = type->cache;

	if (OidIsValid(cache->hash_extended_proc_finfo.fn_oid))
		return (uint32)
			DatumGetUInt64(FunctionCall2Coll(&cache->hash_extended_proc_finfo,
											 type->collation, datum,
											 UInt64GetDatum(type->seed)));
	return DatumGetUInt32(FunctionCall1Coll(&cache->hash_proc_finfo,
											type->collation, datum));
}

/* value->image and len are set, datum for kind GENERAL; find the key or hash. */
static void
finish_prepare(const FsValueType *type, FsValue *value)
{
	if (type->kind == FS_VALUE_GENERAL)
		value->hash = hash_general(type, value->datum);
	else if (value->len <= INLINE_MAX_BYTES)
	{
		value->is_word = true;
		value->key = inline_key(value->image, value->len);
	}
	else
		value->hash = (uint32)
			hash_bytes_extended((const unsigned char *) value->image,
								value->len, type->seed);
}

static void
prepare_image(const FsValueType *type, Datum datum, FsValue *value)
{
	value->is_word = false;
	value->datum = type->typlen == -1 ?
		PointerGetDatum(PG_DETOAST_DATUM_PACKED(datum)) :
		type->typbyval ? fs_value_extend(type, datum) : datum;
	set_image(type, value);
	finish_prepare(type, value);
}

void
fs_value_prepare_other(const FsValueType *type, Datum datum, FsValue *value)
{
	value->is_word = true;
	switch (type->kind)
	{
		case FS_VALUE_WORD:
			value->key = fs_value_extend(type, datum);
			break;
		case FS_VALUE_FLOAT4:
			value->key = canonical_float4(datum);
			break;
		case FS_VALUE_FLOAT8:
			value->key = canonical_float8(datum);
			break;
		case FS_VALUE_BYTES:
		case FS_VALUE_GENERAL:
			prepare_image(type, datum, value);
			break;
	}
}

static bool
is_image_len_valid(const FsValueType *type, uint32 len)
{
	if (type->typbyval)
		return len == sizeof(Datum);
	if (type->typlen > 0)
		return len == type->typlen;
	return type->typlen == -1 ? len <= MaxAllocSize - VARHDRSZ : len > 0;
}

bool
fs_value_from_image(const FsValueType *type, const char *image, uint32 len,
					FsValue *value)
{
	char	   *copy;

	if (!is_image_len_valid(type, len) ||
		(type->typlen == -2 && image[len - 1] != '\0'))
		return false;
	if (type->kind == FS_VALUE_BYTES)
	{
		value->is_word = false;
		value->image = image;
		value->len = len;
		finish_prepare(type, value);
		return true;
	}
	if (type->typbyval)
	{
		Datum		datum;

		memcpy(&datum, image, sizeof(Datum));
		fs_value_prepare(type, datum, value);
		return true;
	}

	copy = palloc(len + VARHDRSZ);
	if (type->typlen == -1)
	{
		SET_VARSIZE(copy, len + VARHDRSZ);
		memcpy(VARDATA(copy), image, len);
	}
	else
		memcpy(copy, image, len);
	fs_value_prepare(type, PointerGetDatum(copy), value);
	return true;
}

static char *
stored_image(const FsValueType *type, StoredValue *stored)
{
	return type->typlen == -1 ? VARDATA(stored->data) : stored->data;
}

static void
set_stored_image(const FsValueType *type, StoredValue *stored,
				 const FsValue *value)
{
	stored->len = value->len;
	if (type->typlen == -1)
		SET_VARSIZE(stored->data, value->len + VARHDRSZ);
	memcpy(stored_image(type, stored), value->image, value->len);
}

uint64
fs_value_store(const FsValueType *type, const FsValue *value,
			   MemoryContext context)
{
	StoredValue *stored;

	if (value->is_word)
		return value->key;
	stored = MemoryContextAlloc(context, offsetof(StoredValue, data) +
								VARHDRSZ + value->len);
	stored->hash = value->hash;
	set_stored_image(type, stored, value);
	return (uint64) (uintptr_t) stored;
}

static inline StoredValue *
stored_at(const FsValueType *type, uint64 key)
{
	if (type->kind < FS_VALUE_BYTES ||
		(type->kind == FS_VALUE_BYTES && (key & 1) != 0))
		return NULL;
	return (StoredValue *) (uintptr_t) key;
}

void
fs_value_free(const FsValueType *type, uint64 key)
{
	StoredValue *stored = stored_at(type, key);

	if (stored != NULL)
		pfree(stored);
}

static Datum
stored_datum(const FsValueType *type, StoredValue *stored)
{
	Datum		datum;

	if (!type->typbyval)
		return PointerGetDatum(stored->data);
	memcpy(&datum, stored->data, sizeof(Datum));
	return datum;
}

static bool
match_general(const FsValueType *type, StoredValue *stored,
			  const FsValue *value)
{
	char	   *image = stored_image(type, stored);

	if (stored->len == value->len &&
		memcmp(image, value->image, value->len) == 0)
		return true;
	if (!DatumGetBool(FunctionCall2Coll(&type->cache->eq_opr_finfo,
										type->collation,
										stored_datum(type, stored),
										value->datum)))
		return false;
	if (value->len < stored->len ||
		(value->len == stored->len &&
		 memcmp(value->image, image, value->len) < 0))
		set_stored_image(type, stored, value);
	return true;
}

bool
fs_value_match_stored(const FsValueType *type, uint64 key,
					  const FsValue *value)
{
	StoredValue *stored = stored_at(type, key);

	if (stored == NULL || stored->hash != value->hash)
		return false;
	if (type->kind == FS_VALUE_GENERAL)
		return match_general(type, stored, value);
	return stored->len == value->len &&
		memcmp(stored_image(type, stored), value->image, value->len) == 0;
}

uint64
fs_value_hash(const FsValueType *type, uint64 key)
{
	StoredValue *stored = stored_at(type, key);

	return stored == NULL ? key : stored->hash;
}

void
fs_value_load(const FsValueType *type, uint64 key, FsValueBuffer *buf,
			  FsValue *value)
{
	StoredValue *stored = stored_at(type, key);

	value->datum = fs_value_datum(type, key, buf);
	value->is_word = stored == NULL;
	value->key = key;
	if (type->kind >= FS_VALUE_BYTES)
		set_image(type, value);
	if (stored != NULL)
		value->hash = stored->hash;
}

Datum
fs_value_datum(const FsValueType *type, uint64 key, FsValueBuffer *buf)
{
	StoredValue *stored = stored_at(type, key);
	uint32		len;
	char	   *image;
	uint32		i;

	if (stored != NULL)
		return stored_datum(type, stored);
	if (type->kind != FS_VALUE_BYTES)
		return (Datum) key;

	len = (key & 0xff) >> 1;
	image = buf->data;
	if (type->typlen == -1)
	{
		SET_VARSIZE(buf->data, len + VARHDRSZ);
		image = VARDATA(buf->data);
	}
	for (i = 0; i < len; i++)
		image[i] = (char) (key >> (8 * (i + 1)));
	return PointerGetDatum(buf->data);
}
