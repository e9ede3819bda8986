/*-------------------------------------------------------------------------
 *
 * The different values of an expression, sorted.
 *
 * Values are sorted, and repeated ones thrown away, whenever twice as many
 * as are allowed have come.  Strings are put in the order of their bytes, as
 * they are in a partition index.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/sortsupport.h"
#include "utils/typcache.h"

#include "exec/keylist.h"

struct FsKeyList
{
	MemoryContext cxt;
	Oid			type;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	SortSupportData sort;
	uint32		max;
	Size		max_bytes;
	Size		bytes;			/* of values that are not by-value */
	uint32		n;
	uint32		cap;
	uint32		nsorted;		/* that many are sorted and different */
	Datum	   *values;
};

FsKeyList *
fs_keylist_create(Oid type, uint32 max, Size bytes)
{
	FsKeyList  *list = palloc0(sizeof(FsKeyList));
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_LT_OPR);

	list->cxt = CurrentMemoryContext;
	list->type = type;
	get_typlenbyvalalign(type, &list->typlen, &list->typbyval,
						 &list->typalign);
	list->sort.ssup_cxt = CurrentMemoryContext;
	list->sort.ssup_collation =
		OidIsValid(get_typcollation(type)) ? C_COLLATION_OID : InvalidOid;
	PrepareSortSupportFromOrderingOp(entry->lt_opr, &list->sort);
	list->max = max;
	list->max_bytes = bytes;
	list->cap = 64;
	list->values = palloc(sizeof(Datum) * list->cap);
	return list;
}

static int
compare(const void *a, const void *b, void *arg)
{
	return ApplySortComparator(*(const Datum *) a, false,
							   *(const Datum *) b, false, arg);
}

static Size
size_of(const FsKeyList *list, Datum value)
{
	return list->typbyval ? 0
		: datumGetSize(value, false, list->typlen);
}

static void
sort(FsKeyList *list)
{
	uint32		kept = 0;

	if (list->nsorted == list->n)
		return;
	qsort_arg(list->values, list->n, sizeof(Datum), compare, &list->sort);
	for (uint32 i = 0; i < list->n; i++)
	{
		Datum		value = list->values[i];

		if (kept == 0 || compare(&list->values[kept - 1], &value, &list->sort) != 0)
			list->values[kept++] = value;
		else if (!list->typbyval)
		{
			list->bytes -= size_of(list, value);
			pfree(DatumGetPointer(value));
		}
	}
	list->n = list->nsorted = kept;
}

bool
fs_keylist_add(FsKeyList *list, Datum value)
{
	MemoryContext old;

	if (list->n >= 2 * list->max || list->bytes > list->max_bytes)
	{
		sort(list);
		if (list->n > list->max || list->bytes > list->max_bytes / 2)
			return false;
	}
	old = MemoryContextSwitchTo(list->cxt);
	if (list->n == list->cap)
	{
		list->cap *= 2;
		list->values = repalloc(list->values, sizeof(Datum) * list->cap);
	}
	if (list->typlen == -1)
		value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	else
		value = datumCopy(value, list->typbyval, list->typlen);
	MemoryContextSwitchTo(old);
	list->bytes += size_of(list, value);
	list->values[list->n++] = value;
	return true;
}

uint32
fs_keylist_count(FsKeyList *list)
{
	sort(list);
	return list->n;
}

Const *
fs_keylist_array(FsKeyList *list)
{
	ArrayType  *array;

	sort(list);
	array = construct_array(list->values, list->n, list->type, list->typlen,
							list->typbyval, list->typalign);
	return makeConst(get_array_type(list->type), -1, InvalidOid, -1,
					 PointerGetDatum(array), false, false);
}
