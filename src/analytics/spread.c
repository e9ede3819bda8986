/*-------------------------------------------------------------------------
 *
 * flow.spread: what a flow counted, spread over the time buckets that it was
 * active in, in proportion to the time in each.
 *
 * A bucket's share is value * time in it / duration, rounded down; the units
 * that are left over, fewer than buckets, go to the buckets with the largest
 * remainders, earlier ones first where these are equal (method of Hamilton).
 * So the shares sum to value, and each is less than 1 from its exact share.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"

#include "analytics/grid.h"

PG_FUNCTION_INFO_V1(fs_spread);

typedef struct Share
{
	Timestamp	start;
	int64		value;
	int64		rest;			/* of the division by the duration */
} Share;

typedef struct Shares
{
	int			n;
	Share	   *items;			/* [n], by start */
} Shares;

static int
compare_by_rest(const void *a, const void *b)
{
	const Share *x = *(Share *const *) a;
	const Share *y = *(Share *const *) b;

	if (x->rest != y->rest)
		return x->rest > y->rest ? -1 : 1;
	return x->start < y->start ? -1 : 1;
}

/* Give the units that are left over to the largest remainders. */
static void
give_rest(Shares *shares, int64 left)
{
	Share	  **order;

	if (left == 0)
		return;
	order = palloc(shares->n * sizeof(*order));
	for (int i = 0; i < shares->n; i++)
		order[i] = &shares->items[i];
	qsort(order, shares->n, sizeof(*order), compare_by_rest);
	for (int64 i = 0; i < left; i++)
		order[i]->value++;
	pfree(order);
}

/* Spread value over [ts, ts + duration_us). */
static void
spread(const FsGrid *grid, Timestamp ts, int64 duration_us, int64 value,
	   Shares *shares)
{
	Timestamp	end;
	Timestamp	start = fs_grid_floor(grid, ts);
	int			cap = 4;
	int64		left = value;

	if (pg_add_s64_overflow(ts, duration_us, &end) || !IS_VALID_TIMESTAMP(end))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	fs_grid_check_count(grid, ts, end);
	shares->items = palloc(cap * sizeof(Share));
	shares->n = 0;
	do
	{
		Share	   *share;
		Timestamp	next = duration_us == 0 ? end : fs_grid_next(grid, start);
		int64		time = Min(next, end) - Max(start, ts);

		if (shares->n == cap)
		{
			cap *= 2;
			shares->items = repalloc(shares->items, cap * sizeof(Share));
		}
		share = &shares->items[shares->n++];
		share->start = start;
		share->value = duration_us == 0 ? value
			: (int64) ((int128) value * time / duration_us);
		share->rest = duration_us == 0 ? 0
			: (int64) ((int128) value * time % duration_us);
		left -= share->value;
		start = next;
	} while (start < end);
	give_rest(shares, left);
}

/* The shares of arguments (ts, duration_ms, value, width, zone). */
static Shares *
begin(FunctionCallInfo fcinfo)
{
	Shares	   *shares = palloc0(sizeof(Shares));
	Timestamp	ts = PG_ARGISNULL(0) ? 0 : PG_GETARG_TIMESTAMP(0);
	int64		duration_ms = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	int64		value = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2);
	int64		duration_us;
	FsGrid		grid;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("width of time buckets must not be NULL")));
	fs_grid_init(&grid, PG_GETARG_INTERVAL_P(3), NULL, fs_grid_zone(fcinfo, 4));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		return shares;
	if (TIMESTAMP_NOT_FINITE(ts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time of a flow must be finite")));
	if (value < 0 || duration_ms < 0 ||
		pg_mul_s64_overflow(duration_ms, INT64CONST(1000), &duration_us))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of a flow is out of range", value < 0 ? "value" : "duration"),
				 errdetail("It is %lld.", (long long) (value < 0 ? value : duration_ms))));
	spread(&grid, ts, duration_us, value, shares);
	return shares;
}

Datum
fs_spread(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Shares	   *shares;

	if (SRF_IS_FIRSTCALL())
	{
		void	   *zone;
		MemoryContext old;
		TupleDesc	desc;

		call = SRF_FIRSTCALL_INIT();
		zone = fcinfo->flinfo->fn_extra;
		fcinfo->flinfo->fn_extra = NULL;	/* the zone's meanwhile */
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		call->user_fctx = begin(fcinfo);
		fcinfo->flinfo->fn_extra = zone;
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		call->tuple_desc = BlessTupleDesc(desc);
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	shares = call->user_fctx;
	if (call->call_cntr < shares->n)
	{
		Share	   *share = &shares->items[call->call_cntr];
		Datum		values[2] = {TimestampTzGetDatum(share->start),
		Int64GetDatum(share->value)};
		bool		nulls[2] = {false, false};

		SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc,
																values, nulls)));
	}
	SRF_RETURN_DONE(call);
}
