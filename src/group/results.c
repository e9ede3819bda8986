/*-------------------------------------------------------------------------
 *
 * Distinct results of an expression: a hash table with open addressing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "format/hash.h"
#include "group/results.h"

struct FsResults
{
	MemoryContext cxt;
	FmgrInfo	hash;
	FmgrInfo	equal;
	Oid			collation;
	int16		typlen;
	bool		typbyval;
	uint32		n;
	uint32		cap;			/* of values */
	Datum	   *values;			/* [n] */
	uint32	   *hashes;			/* [n] */
	uint32		last;			/* id of the last result, 0: none */
	uint32		mask;
	uint32	   *slots;			/* [mask + 1] ids, 0: free */
	StringInfoData aligned;		/* a result out of a record */
};

FsResults *
fs_results_create(Oid type, Oid collation)
{
	FsResults  *results = palloc0(sizeof(FsResults));
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_HASH_PROC |
											  TYPECACHE_EQ_OPR);

	results->cxt = AllocSetContextCreate(CurrentMemoryContext,
										 "flowstore key results",
										 ALLOCSET_DEFAULT_SIZES);
	fmgr_info(entry->hash_proc, &results->hash);
	fmgr_info(get_opcode(entry->eq_opr), &results->equal);
	results->collation = collation;
	results->typlen = entry->typlen;
	results->typbyval = entry->typbyval;
	initStringInfo(&results->aligned);
	return results;
}

void
fs_results_reset(FsResults *results)
{
	MemoryContextReset(results->cxt);
	results->n = results->cap = results->mask = results->last = 0;
	results->values = NULL;
	results->hashes = NULL;
	results->slots = NULL;
}

static void
grow(FsResults *results)
{
	uint32		cap = Max(results->cap * 2, 64);
	Datum	   *values = MemoryContextAllocHuge(results->cxt, sizeof(Datum) * cap);
	uint32	   *hashes = MemoryContextAllocHuge(results->cxt, sizeof(uint32) * cap);

	if (results->slots != NULL)
	{
		memcpy(values, results->values, sizeof(Datum) * results->n);
		memcpy(hashes, results->hashes, sizeof(uint32) * results->n);
		pfree(results->values);
		pfree(results->hashes);
		pfree(results->slots);
	}
	results->cap = cap;
	results->values = values;
	results->hashes = hashes;
	results->mask = cap * 2 - 1;
	results->slots = MemoryContextAllocExtended(results->cxt,
												sizeof(uint32) * (Size) cap * 2,
												MCXT_ALLOC_HUGE |
												MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < results->n; i++)
	{
		uint32		at = hashes[i] & results->mask;

		while (results->slots[at] != 0)
			at = (at + 1) & results->mask;
		results->slots[at] = i + 1;
	}
}

static bool
is_equal(FsResults *results, uint32 i, Datum value)
{
	return DatumGetBool(FunctionCall2Coll(&results->equal,
										  results->collation,
										  results->values[i], value));
}

uint32
fs_results_add(FsResults *results, Datum value, bool isnull)
{
	MemoryContext old;
	uint32		hash;
	uint32		at;

	if (isnull)
		return 0;
	/* equal values may differ in their bytes, but not the reverse */
	if (results->last > 0 && results->typbyval &&
		results->values[results->last - 1] == value)
		return results->last;
	if (results->n == results->cap)
		grow(results);
	hash = DatumGetUInt32(FunctionCall1Coll(&results->hash,
											results->collation, value));
	for (at = hash & results->mask; results->slots[at] != 0;
		 at = (at + 1) & results->mask)
	{
		uint32		i = results->slots[at] - 1;

		if (results->hashes[i] == hash && is_equal(results, i, value))
			return results->last = i + 1;
	}
	old = MemoryContextSwitchTo(results->cxt);
	results->values[results->n] = datumCopy(value, results->typbyval,
											results->typlen);
	MemoryContextSwitchTo(old);
	results->hashes[results->n] = hash;
	results->slots[at] = ++results->n;
	return results->last = results->n;
}

uint32
fs_results_n(const FsResults *results)
{
	return results->n + 1;
}

Datum
fs_results_value(const FsResults *results, uint32 id)
{
	return results->values[id - 1];
}

Size
fs_results_bytes(const FsResults *results)
{
	return MemoryContextMemAllocated(results->cxt, true);
}

/* --- records: 0 for NULL; or 1, then a by-value Datum, or length and bytes - */

void
fs_results_put(const FsResults *results, uint32 id, StringInfo out)
{
	uint8		is_value = id != 0;
	Datum		value;
	uint32		len;

	fs_record_put(out, &is_value, 1);
	if (!is_value)
		return;
	value = results->values[id - 1];
	if (results->typbyval)
	{
		fs_record_put(out, &value, sizeof(value));
		return;
	}
	if (results->typlen == -1)
		value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
	len = (uint32) datumGetSize(value, false, results->typlen);
	fs_record_put(out, &len, sizeof(len));
	fs_record_put(out, DatumGetPointer(value), len);
}

/* By the type's hash: equal results may differ in their bytes. */
uint64
fs_results_hash(const FsResults *results, uint32 id, uint64 seed)
{
	return id == 0 ? seed : fs_hash_int(results->hashes[id - 1], seed | 1);
}

uint32
fs_results_take(FsResults *results, FsRecord *record)
{
	Datum		value;
	uint32		len;

	if (*fs_record_take(record, 1) == 0)
		return 0;
	if (results->typbyval)
	{
		memcpy(&value, fs_record_take(record, sizeof(value)), sizeof(value));
		return fs_results_add(results, value, false);
	}
	len = fs_record_take_uint32(record);
	resetStringInfo(&results->aligned);
	fs_record_put(&results->aligned, fs_record_take(record, len), len);
	return fs_results_add(results, PointerGetDatum(results->aligned.data),
						  false);
}
