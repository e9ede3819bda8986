/*-------------------------------------------------------------------------
 *
 * Values of any SQL type as keys of a hash table.
 *
 * Two values are the same if the type's default operator class says so under
 * the collation of the call.  A key is one word: the value itself, or up to
 * seven bytes of it, or a pointer to a copy.
 *
 *		FS_VALUE_WORD		by value, equal means the same bits
 *		FS_VALUE_FLOAT4		real, and
 *		FS_VALUE_FLOAT8		double precision: one zero, one NaN, then a word
 *		FS_VALUE_BYTES		by reference, equal means the same bytes
 *		FS_VALUE_GENERAL	the type's own hash and equality are asked
 *
 * The image of a value is what it is without a varlena header.  Of several
 * equal values with different images (numeric 1.0 and 1.00) the one with the
 * shortest, then bytewise smallest image stands for all, so that the answer
 * does not depend on the order of the rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_VALUE_H
#define FS_ANALYTICS_VALUE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/typcache.h"

typedef enum FsValueKind
{
	FS_VALUE_WORD = 1,
	FS_VALUE_FLOAT4 = 2,
	FS_VALUE_FLOAT8 = 3,
	FS_VALUE_BYTES = 4,
	FS_VALUE_GENERAL = 5
} FsValueKind;

typedef struct FsValueType
{
	Oid			typid;
	Oid			collation;
	FsValueKind kind;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	uint64		seed;			/* secrets of this backend, to mix hashes with */
	uint64		factor;			/* odd */
	TypeCacheEntry *cache;		/* never freed by the type cache */
} FsValueType;

/* A value on its way into a table; points into the datum it was made of. */
typedef struct FsValue
{
	bool		is_word;		/* key says it all, the rest is not set */
	uint64		key;
	uint32		hash;
	uint32		len;			/* of the image, in bytes */
	const char *image;
	Datum		datum;			/* detoasted */
} FsValue;

/* Room for a datum that fs_value_datum() puts together, aligned. */
typedef union FsValueBuffer
{
	char		data[16];
	int64		align;
} FsValueBuffer;

/*
 * How values of a type are compared.  Owned by flinfo, which remembers the
 * last type in fn_extra, so the usual call is cheap.  Reports
 * UNDEFINED_FUNCTION if the type has no equality or no hash function,
 * INDETERMINATE_COLLATION if it needs a collation and has none.
 */
extern const FsValueType *fs_value_type_of(FmgrInfo *flinfo, Oid typid,
										   Oid collation);

/* Reports UNDEFINED_FUNCTION if the type has no default order. */
extern void fs_value_type_require_order(const FsValueType *type);

/* By the type's default order: <0, 0, >0; fs_value_type_require_order() first. */
extern int	fs_value_compare(const FsValueType *type, uint64 a, uint64 b);

/* Detoasts into the current memory context where needed. */
extern void fs_value_prepare_other(const FsValueType *type, Datum datum,
								   FsValue *value);

/* Equal values have one form: the server extends a narrow one either way. */
static inline Datum
fs_value_extend(const FsValueType *type, Datum datum)
{
	return type->typlen == 4 ? Int32GetDatum((int32) datum) :
		type->typlen == 2 ? Int16GetDatum((int16) datum) :
		type->typlen == 1 ? Int32GetDatum((int8) datum) : datum;
}

static inline void
fs_value_prepare(const FsValueType *type, Datum datum, FsValue *value)
{
	if (type->kind == FS_VALUE_WORD)
	{
		value->is_word = true;
		value->key = fs_value_extend(type, datum);
	}
	else
		fs_value_prepare_other(type, datum, value);
}

/* The same from an image; false if no value of the type has this length. */
extern bool fs_value_from_image(const FsValueType *type, const char *image,
								uint32 len, FsValue *value);

/* The key of a value that was not seen before, copied into context. */
extern uint64 fs_value_store(const FsValueType *type, const FsValue *value,
							 MemoryContext context);

/* Free what fs_value_store() took; the key must not be used again. */
extern void fs_value_free(const FsValueType *type, uint64 key);

/* Is it the value of this key?  If so, may change its image (see above). */
extern bool fs_value_match_stored(const FsValueType *type, uint64 key,
								  const FsValue *value);

static inline bool
fs_value_match(const FsValueType *type, uint64 key, const FsValue *value)
{
	return value->is_word ? key == value->key :
		fs_value_match_stored(type, key, value);
}

/* What tells most values apart, the same for stored and prepared; not mixed. */
extern uint64 fs_value_hash(const FsValueType *type, uint64 key);

static inline uint64
fs_value_hash_prepared(const FsValue *value)
{
	return value->is_word ? value->key : value->hash;
}

/* A stored value again, as prepared; cannot fail.  buf must outlive it. */
extern void fs_value_load(const FsValueType *type, uint64 key,
						  FsValueBuffer *buf, FsValue *value);

/* A stored value as a datum; lives as long as buf and the table. */
extern Datum fs_value_datum(const FsValueType *type, uint64 key,
							FsValueBuffer *buf);

#endif							/* FS_ANALYTICS_VALUE_H */
