/*-------------------------------------------------------------------------
 *
 * flow.gapfill: the starts of all time buckets that a time meets, to be
 * joined with what there is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"

#include "analytics/grid.h"

PG_FUNCTION_INFO_V1(fs_gapfill);
PG_FUNCTION_INFO_V1(fs_gapfill_support);

typedef struct Progress
{
	FsGrid		grid;
	Timestamp	next;
	Timestamp	until;
} Progress;

/* The grid of arguments (width, since, until, zone, origin, shift). */
static void
begin(FunctionCallInfo fcinfo, Progress *progress)
{
	Timestamp	since;
	Timestamp	origin = PG_ARGISNULL(4) ? 0 : PG_GETARG_TIMESTAMP(4);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("width, since and until must not be NULL")));
	since = PG_GETARG_TIMESTAMP(1);
	progress->until = PG_GETARG_TIMESTAMP(2);
	if (TIMESTAMP_NOT_FINITE(since) || TIMESTAMP_NOT_FINITE(progress->until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("since and until must be finite")));
	fs_grid_init(&progress->grid, PG_GETARG_INTERVAL_P(0),
				 PG_ARGISNULL(4) ? NULL : &origin, fs_grid_zone(fcinfo, 3));
	if (!PG_ARGISNULL(5))
		fs_grid_shift(&progress->grid, PG_GETARG_INTERVAL_P(5));
	fs_grid_check_count(&progress->grid, since, progress->until);
	progress->next = since >= progress->until ? progress->until
		: fs_grid_floor(&progress->grid, since);
}

Datum
fs_gapfill(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Progress   *progress;
	Timestamp	start;

	if (SRF_IS_FIRSTCALL())
	{
		Progress	first;

		/* fn_extra is the zone's until here */
		begin(fcinfo, &first);
		fcinfo->flinfo->fn_extra = NULL;
		call = SRF_FIRSTCALL_INIT();
		call->user_fctx = MemoryContextAlloc(call->multi_call_memory_ctx,
											 sizeof(Progress));
		memcpy(call->user_fctx, &first, sizeof(first));
	}
	call = SRF_PERCALL_SETUP();
	progress = call->user_fctx;
	start = progress->next;
	if (start >= progress->until)
		SRF_RETURN_DONE(call);
	progress->next = fs_grid_next(&progress->grid, start);
	SRF_RETURN_NEXT(call, TimestampTzGetDatum(start));
}

/* The constant that an argument is now; NULL if it is none. */
static Const *
constant(PlannerInfo *root, Node *arg)
{
	Node	   *node = estimate_expression_value(root, arg);

	return IsA(node, Const) && !((Const *) node)->constisnull ? (Const *) node : NULL;
}

static bool
estimate_rows(SupportRequestRows *request)
{
	List	   *args = is_funcclause(request->node) ?
		((FuncExpr *) request->node)->args : NIL;
	Const	   *width;
	Const	   *since;
	Const	   *until;
	Interval   *w;
	FsGrid		grid = {0};

	if (list_length(args) < 3)
		return false;
	width = constant(request->root, linitial(args));
	since = constant(request->root, lsecond(args));
	until = constant(request->root, lthird(args));
	if (width == NULL || since == NULL || until == NULL)
		return false;
	w = DatumGetIntervalP(width->constvalue);
	grid.months = Max(w->month, 0);
	grid.width_us = w->day * USECS_PER_DAY + w->time;
	if (grid.months == 0 && grid.width_us <= 0)
		return false;
	request->rows = Min(fs_grid_count(&grid, DatumGetTimestampTz(since->constvalue),
									  DatumGetTimestampTz(until->constvalue)),
						(double) FS_GRID_MAX_BUCKETS);
	return true;
}

Datum
fs_gapfill_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestRows) &&
		estimate_rows((SupportRequestRows *) request))
		PG_RETURN_POINTER(request);
	PG_RETURN_POINTER(NULL);
}
