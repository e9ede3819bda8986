/*-------------------------------------------------------------------------
 *
 * How many groups there will be.
 *
 * The length of a step is found by evaluating the expression: it hardly ever
 * falls, so where it changes next can be searched for by halves.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "exec/cost.h"
#include "exec/groupcount.h"
#include "exec/keyexpr.h"

/* An expression of one time column, to be evaluated while planning. */
typedef struct Step
{
	EState	   *estate;
	ExprState  *expr;
	TupleTableSlot *slot;
	int			att;			/* 0-based */
	FmgrInfo	equal;
	Oid			collation;
} Step;

/* The first and last value of a column's statistics; false: not known. */
static bool
column_range(RangeTblEntry *rte, AttrNumber att, int64 *first, int64 *last)
{
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(rte->relid),
										Int16GetDatum(att),
										BoolGetDatum(rte->inh));
	AttStatsSlot slot;
	bool		found = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (get_attstatsslot(&slot, tuple, STATISTIC_KIND_HISTOGRAM, InvalidOid,
						 ATTSTATSSLOT_VALUES))
	{
		found = slot.nvalues >= 2;
		if (found)
		{
			*first = DatumGetInt64(slot.values[0]);
			*last = DatumGetInt64(slot.values[slot.nvalues - 1]);
		}
		free_attstatsslot(&slot);
	}
	ReleaseSysCache(tuple);
	return found && *first < *last;
}

static Datum
step_value(Step *step, int64 time, bool *isnull)
{
	ExprContext *econtext = GetPerTupleExprContext(step->estate);

	ExecClearTuple(step->slot);
	step->slot->tts_values[step->att] = Int64GetDatum(time);
	step->slot->tts_isnull[step->att] = false;
	ExecStoreVirtualTuple(step->slot);
	econtext->ecxt_scantuple = step->slot;
	return ExecEvalExprSwitchContext(step->expr, econtext, isnull);
}

/* The first time after first at which the expression is another; or last. */
static int64
next_change(Step *step, int64 first, int64 last)
{
	bool		isnull;
	bool		mid_isnull;
	Datum		value = step_value(step, first, &isnull);
	int64		low = first;
	int64		high = last;

	while (high - low > 1)
	{
		int64		mid = low + (high - low) / 2;
		Datum		other = step_value(step, mid, &mid_isnull);

		if (isnull == mid_isnull &&
			(isnull || DatumGetBool(FunctionCall2Coll(&step->equal,
													  step->collation,
													  value, other))))
			low = mid;
		else
			high = mid;
	}
	return high;
}

static bool
begin_step(Step *step, Node *expr, Oid relid, int att)
{
	Oid			equal = lookup_type_cache(exprType(expr),
										  TYPECACHE_EQ_OPR)->eq_opr;
	TupleDesc	desc = CreateTemplateTupleDesc(att + 1);
	Expr	   *planned;

	if (!OidIsValid(equal))
		return false;
	for (int i = 0; i <= att; i++)
	{
		Oid			type = get_atttype(relid, i + 1);

		/* of a dropped column nothing is asked */
		TupleDescInitEntry(desc, i + 1, NULL,
						   OidIsValid(type) ? type : INT8OID, -1, 0);
	}
	step->att = att;
	step->collation = exprCollation(expr);
	fmgr_info(get_opcode(equal), &step->equal);
	step->estate = CreateExecutorState();
	planned = expression_planner((Expr *) copyObject(expr));
	step->slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	memset(step->slot->tts_isnull, true, att + 1);
	step->expr = ExecPrepareExpr(planned, step->estate);
	return true;
}

/* Steps of an expression of a time column; -1: not known. */
static double
count_steps(PlannerInfo *root, RelOptInfo *rel, Node *expr, int att)
{
	RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
	double		share = fs_cost_share(root, rel, att + 1);
	int64		first;
	int64		last;
	int64		start;
	int64		width;
	Step		step;

	if (!column_range(rte, att + 1, &first, &last) ||
		!begin_step(&step, expr, rte->relid, att))
		return -1;
	start = next_change(&step, first, last);
	width = Max(next_change(&step, start, last) - start, start - first);
	ExecDropSingleTupleTableSlot(step.slot);
	FreeExecutorState(step.estate);
	return ((double) last - first) * share / width + 1;
}

double
fs_groupcount(PlannerInfo *root, RelOptInfo *rel, List *keys, double nrows)
{
	List	   *others = NIL;
	double		ngroups = 1;
	ListCell   *lc;

	foreach(lc, keys)
	{
		FsKeyKind	kind;
		int			att;
		double		nsteps = -1;

		fs_keyexpr_kind(lfirst(lc), rel->relid, &kind, &att);
		if (kind == FS_KEY_STEP)
			nsteps = count_steps(root, rel, lfirst(lc), att);
		if (nsteps > 0)
			ngroups *= nsteps;
		else
			others = lappend(others, lfirst(lc));
	}
	if (others != NIL)
		ngroups *= estimate_num_groups(root, others, nrows, NULL, NULL);
	return clamp_row_est(Min(ngroups, nrows));
}
