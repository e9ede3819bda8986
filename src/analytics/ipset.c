/*-------------------------------------------------------------------------
 *
 * Functions and operators of flow.ipset.
 *
 * A value that lies in a TOAST table is fetched once for all rows: what was
 * fetched last is kept with its pointer, of which no other value has the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/numeric.h"

#include "analytics/ipset.h"
#include "prune/predicate.h"

PG_FUNCTION_INFO_V1(fs_ipset_holds);
PG_FUNCTION_INFO_V1(fs_ipset_held);
PG_FUNCTION_INFO_V1(fs_ipset_contains);
PG_FUNCTION_INFO_V1(fs_ipset_contained);
PG_FUNCTION_INFO_V1(fs_ipset_overlaps);
PG_FUNCTION_INFO_V1(fs_ipset_equal);
PG_FUNCTION_INFO_V1(fs_ipset_not_equal);
PG_FUNCTION_INFO_V1(fs_ipset_hash);
PG_FUNCTION_INFO_V1(fs_ipset_union);
PG_FUNCTION_INFO_V1(fs_ipset_intersection);
PG_FUNCTION_INFO_V1(fs_ipset_difference);
PG_FUNCTION_INFO_V1(fs_ipset_of_inet);
PG_FUNCTION_INFO_V1(fs_ipset_is_empty);
PG_FUNCTION_INFO_V1(fs_ipset_cardinality);
PG_FUNCTION_INFO_V1(fs_ipset_members);
PG_FUNCTION_INFO_V1(fs_ipset_prefixes);

/* The value that was fetched last from a TOAST table. */
typedef struct Kept
{
	struct varatt_external pointer;
	Datum		value;
} Kept;

static void
open_plain(struct varlena *value, FsIpset *set)
{
	if (!fs_ipset_open((const uint8 *) VARDATA(value), VARSIZE(value) - VARHDRSZ, set))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("damaged value of type %s", "flow.ipset")));
}

void
fs_ipset_of_datum(Datum value, FsIpset *set)
{
	open_plain(PG_DETOAST_DATUM(value), set);
}

/*
 * Argument n, detoasted once for a value that stays.  One slot for the call:
 * functions have one set that stays, or ask seldom.
 */
static void
set_argument(FunctionCallInfo fcinfo, int n, FsIpset *set)
{
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(n);
	Kept	   *kept = fcinfo->flinfo->fn_extra;
	struct varatt_external pointer;

	if (!VARATT_IS_EXTERNAL_ONDISK(value))
	{
		fs_ipset_of_datum(PointerGetDatum(value), set);
		return;
	}
	VARATT_EXTERNAL_GET_POINTER(pointer, value);
	if (kept == NULL || memcmp(&kept->pointer, &pointer, sizeof(pointer)) != 0)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (kept == NULL)
			kept = palloc0(sizeof(Kept));
		else
			pfree(DatumGetPointer(kept->value));
		fcinfo->flinfo->fn_extra = NULL;
		kept->value = PointerGetDatum(PG_DETOAST_DATUM(PointerGetDatum(value)));
		kept->pointer = pointer;
		fcinfo->flinfo->fn_extra = kept;
		MemoryContextSwitchTo(old);
	}
	open_plain((struct varlena *) DatumGetPointer(kept->value), set);
}

static bool
holds(FunctionCallInfo fcinfo, int set_arg, int addr_arg)
{
	FsIpset		set;
	FsIpRange	range;
	uint8		family = fs_ip_range_of_inet(PG_GETARG_INET_PP(addr_arg), &range);

	set_argument(fcinfo, set_arg, &set);
	return fs_ipset_covers(&set, family, &range);
}

Datum
fs_ipset_holds(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(holds(fcinfo, 0, 1));
}

void
fs_ipset_init(void)
{
	fs_predicate_set_membership(fs_ipset_held);
}

Datum
fs_ipset_held(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(holds(fcinfo, 1, 0));
}

/* Whether all of the second set is in the first. */
static bool
covers_all(const FsIpset *large, const FsIpset *small)
{
	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(small, family);
		FsIpRange	range;

		while (fs_ipset_next(&cursor, &range))
		{
			CHECK_FOR_INTERRUPTS();
			if (!fs_ipset_covers(large, family, &range))
				return false;
		}
	}
	return true;
}

static uint64
pieces(const FsIpset *set)
{
	return (uint64) set->nblocks + set->nwords + set->nranges;
}

static bool
contains(FunctionCallInfo fcinfo, int large_arg, int small_arg)
{
	FsIpset		large;
	FsIpset		small;

	fs_ipset_of_datum(PG_GETARG_DATUM(large_arg), &large);
	fs_ipset_of_datum(PG_GETARG_DATUM(small_arg), &small);
	return covers_all(&large, &small);
}

Datum
fs_ipset_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(contains(fcinfo, 0, 1));
}

Datum
fs_ipset_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(contains(fcinfo, 1, 0));
}

Datum
fs_ipset_overlaps(PG_FUNCTION_ARGS)
{
	FsIpset		sets[2];
	int			small;

	fs_ipset_of_datum(PG_GETARG_DATUM(0), &sets[0]);
	fs_ipset_of_datum(PG_GETARG_DATUM(1), &sets[1]);
	small = pieces(&sets[0]) <= pieces(&sets[1]) ? 0 : 1;
	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(&sets[small], family);
		FsIpRange	range;

		while (fs_ipset_next(&cursor, &range))
		{
			CHECK_FOR_INTERRUPTS();
			if (fs_ipset_meets(&sets[1 - small], family, &range))
				PG_RETURN_BOOL(true);
		}
	}
	PG_RETURN_BOOL(false);
}

/* Equal sets have equal bytes. */
static bool
is_equal(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

Datum
fs_ipset_equal(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_equal(fcinfo));
}

Datum
fs_ipset_not_equal(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!is_equal(fcinfo));
}

Datum
fs_ipset_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

static Datum
combine(FunctionCallInfo fcinfo, FsIpOperation operation)
{
	FsIpset		a;
	FsIpset		b;
	FsIpLists	lists;

	fs_ipset_of_datum(PG_GETARG_DATUM(0), &a);
	fs_ipset_of_datum(PG_GETARG_DATUM(1), &b);
	fs_iplists_init(&lists);
	fs_iplists_combine(&lists, &a, &b, operation);
	return fs_iplists_datum(&lists);
}

Datum
fs_ipset_union(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(combine(fcinfo, FS_IP_OR));
}

Datum
fs_ipset_intersection(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(combine(fcinfo, FS_IP_AND));
}

Datum
fs_ipset_difference(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(combine(fcinfo, FS_IP_MINUS));
}

Datum
fs_ipset_of_inet(PG_FUNCTION_ARGS)
{
	FsIpLists	lists;
	FsIpRange	range;
	uint8		family = fs_ip_range_of_inet(PG_GETARG_INET_PP(0), &range);

	fs_iplists_init(&lists);
	fs_iplist_add(family == 4 ? &lists.v4 : &lists.v6, &range);
	PG_RETURN_DATUM(fs_iplists_datum(&lists));
}

Datum
fs_ipset_is_empty(PG_FUNCTION_ARGS)
{
	FsIpset		set;

	set_argument(fcinfo, 0, &set);
	PG_RETURN_BOOL(set.nblocks == 0 && set.nranges == 0);
}

/* Addresses of the set beyond one of each piece, and the pieces. */
static FsIp
count_more(const FsIpset *set, uint8 family, uint64 *npieces)
{
	FsIpCursor	cursor = fs_ipset_start(set, family);
	FsIpRange	range;
	FsIp		sum = {0, 0};

	*npieces = 0;
	for (; fs_ipset_next(&cursor, &range); (*npieces)++)
	{
		FsIp		old = sum;

		sum.lo += range.last.lo - range.first.lo;
		sum.hi += range.last.hi - range.first.hi - (range.last.lo < range.first.lo) +
			(sum.lo < old.lo);
	}
	return sum;
}

/* hi * 2^64 + lo + more; all of it fits a numeric, if not 128 bits. */
static Datum
as_numeric(FsIp sum, uint64 more)
{
	char		half[24];
	Datum		digits[4];
	const uint64 parts[3] = {sum.hi, sum.lo, more};

	for (int i = 0; i < 3; i++)
	{
		snprintf(half, sizeof(half), UINT64_FORMAT, parts[i]);
		digits[i] = DirectFunctionCall3(numeric_in, CStringGetDatum(half),
										ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	}
	digits[3] = DirectFunctionCall3(numeric_in, CStringGetDatum("18446744073709551616"),
									ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	digits[0] = DirectFunctionCall2(numeric_mul, digits[0], digits[3]);
	digits[0] = DirectFunctionCall2(numeric_add, digits[0], digits[1]);
	return DirectFunctionCall2(numeric_add, digits[0], digits[2]);
}

Datum
fs_ipset_cardinality(PG_FUNCTION_ARGS)
{
	FsIpset		set;
	uint64		n4;
	uint64		n6;
	FsIp		more4;
	FsIp		more6;

	set_argument(fcinfo, 0, &set);
	more4 = count_more(&set, 4, &n4);
	more6 = count_more(&set, 6, &n6);
	PG_RETURN_DATUM(as_numeric(more6, more4.lo + n4 + n6));
}

static void
check_bound(FunctionCallInfo fcinfo, const FsIpset *set)
{
	int64		most = PG_GETARG_INT64(1);
	uint64		n4;
	uint64		n6;
	FsIp		more4 = count_more(set, 4, &n4);
	FsIp		more6 = count_more(set, 6, &n6);

	if (most < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of members must not be negative")));
	if (more6.hi == 0 && more6.lo <= PG_INT64_MAX &&
		more6.lo + more4.lo + n4 + n6 <= (uint64) most)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("set has more than " INT64_FORMAT " members", most),
			 errhint("Ask for its prefixes, or give a higher bound as second argument.")));
}

static void
put_inet(ReturnSetInfo *rsinfo, inet *value)
{
	Datum		values[1] = {InetPGetDatum(value)};
	bool		nulls[1] = {false};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	pfree(value);
}

static void
put_members(ReturnSetInfo *rsinfo, uint8 family, const FsIpRange *range)
{
	FsIp		ip = range->first;

	for (;; ip = fs_ip_next(ip))
	{
		CHECK_FOR_INTERRUPTS();
		put_inet(rsinfo, fs_ip_make_inet(family, ip, family == 4 ? 32 : 128));
		if (fs_ip_compare(ip, range->last) == 0)
			return;
	}
}

static void
put_prefixes(ReturnSetInfo *rsinfo, uint8 family, FsIpRange range)
{
	for (;;)
	{
		int			bits = fs_ip_prefix(family, &range);
		FsIp		last = fs_ip_last(family, range.first, bits);

		CHECK_FOR_INTERRUPTS();
		put_inet(rsinfo, fs_ip_make_inet(family, range.first, bits));
		if (fs_ip_compare(last, range.last) == 0)
			return;
		range.first = fs_ip_next(last);
	}
}

Datum
fs_ipset_members(PG_FUNCTION_ARGS)
{
	FsIpset		set;

	fs_ipset_of_datum(PG_GETARG_DATUM(0), &set);
	check_bound(fcinfo, &set);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(&set, family);
		FsIpRange	range;

		while (fs_ipset_next(&cursor, &range))
			put_members((ReturnSetInfo *) fcinfo->resultinfo, family, &range);
	}
	return (Datum) 0;
}

Datum
fs_ipset_prefixes(PG_FUNCTION_ARGS)
{
	FsIpset		set;
	FsIpLists	lists;

	fs_ipset_of_datum(PG_GETARG_DATUM(0), &set);
	fs_iplists_init(&lists);
	fs_iplists_add_set(&lists, &set);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (uint32 i = 0; i < lists.v4.n; i++)
		put_prefixes((ReturnSetInfo *) fcinfo->resultinfo, 4, lists.v4.ranges[i]);
	for (uint32 i = 0; i < lists.v6.n; i++)
		put_prefixes((ReturnSetInfo *) fcinfo->resultinfo, 6, lists.v6.ranges[i]);
	return (Datum) 0;
}
