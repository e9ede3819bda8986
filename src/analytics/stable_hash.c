/*-------------------------------------------------------------------------
 *
 * Hashes of values that may be kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "compat.h"
#include "analytics/stable_hash.h"
#include "vector/hash64.h"

static uint64
hash_image(const FsValueType *type, Datum datum)
{
	struct varlena *value;

	if (type->typlen != -1)
		return fs_hash64_bytes(DatumGetPointer(datum), type->typlen);
	value = PG_DETOAST_DATUM_PACKED(datum);
	return fs_hash64_bytes(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

static uint64
hash_general(const FsValueType *type, Datum datum)
{
	FmgrInfo   *function = &type->cache->hash_extended_proc_finfo;

	if (!OidIsValid(function->fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an extended hash function for type %s",
						format_type_be(type->typid))));
	return fs_hash64_word(DatumGetUInt64(FunctionCall2Coll(function,
														   type->collation,
														   datum,
														   UInt64GetDatum(0))));
}

uint64
fs_stable_hash(const FsValueType *type, Datum datum)
{
	FsValue		value;

	switch (type->kind)
	{
		case FS_VALUE_WORD:
		case FS_VALUE_FLOAT4:
		case FS_VALUE_FLOAT8:
			fs_value_prepare(type, datum, &value);
			return fs_hash64_word(value.key);
		case FS_VALUE_BYTES:
			return hash_image(type, datum);
		case FS_VALUE_GENERAL:
			break;
	}
	return hash_general(type, datum);
}
