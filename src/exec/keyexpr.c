/*-------------------------------------------------------------------------
 *
 * Which expressions FlowAggregate groups and aggregates by.
 *
 * An expression never falls while a time rises if it is made of date_trunc,
 * date_bin, flow.time_bucket, extract(epoch), floor, and multiplication or
 * division by positive constants; save where date_trunc goes by a clock that
 * is set back, which group/key looks after for one clock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "exec/keyexpr.h"
#include "group/accumulator.h"

/* Things that cannot be evaluated apart from a plan of core's. */
static bool
is_bound_to_plan(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_SubPlan:
		case T_AlternativeSubPlan:
		case T_SubLink:
		case T_CurrentOfExpr:
		case T_WindowFunc:
		case T_GroupingFunc:
		case T_PlaceHolderVar:
			return true;
		case T_Param:
			return ((Param *) node)->paramkind != PARAM_EXTERN;
		default:
			return expression_tree_walker(node, is_bound_to_plan, context);
	}
}

/* True if the expression needs only columns of relation varno. */
static bool
is_of_relation(Node *expr, Index varno)
{
	List	   *vars;
	ListCell   *lc;

	if (is_bound_to_plan(expr, NULL))
		return false;
	vars = pull_var_clause(expr, 0);
	foreach(lc, vars)
	{
		Var		   *var = lfirst_node(Var, lc);

		if (var->varno != varno || var->varlevelsup > 0 || var->varattno <= 0)
			return false;
	}
	return !contain_volatile_functions(expr);
}

/* The only column of an expression, 0-based; -1 if there are none or more. */
static int
only_column(Node *expr, Index varno)
{
	Bitmapset  *numbers = NULL;

	pull_varattnos(expr, varno, &numbers);
	return bms_membership(numbers) != BMS_SINGLETON ? -1
		: bms_singleton_member(numbers) + FirstLowInvalidHeapAttributeNumber - 1;
}

static Node *
without_relabels(Node *expr)
{
	while (IsA(expr, RelabelType))
		expr = (Node *) ((RelabelType *) expr)->arg;
	return expr;
}

static bool
is_constant(Node *node)
{
	return IsA(node, Const) && !((Const *) node)->constisnull;
}

/*
 * A step is evaluated for times that no row has, also while planning: that
 * must not fail.  So constants are looked at.
 */
static bool
is_factor(Node *node)
{
	Const	   *value = (Const *) node;
	double		v;

	if (!is_constant(node))
		return false;
	if (value->consttype == FLOAT8OID)
		v = DatumGetFloat8(value->constvalue);
	else if (value->consttype == NUMERICOID)
		v = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											   value->constvalue));
	else
		return false;
	return v >= 1e-9 && v <= 1e9;
}

/* A length of time below a millennium: in months, or not in months. */
static bool
is_length(Node *node, bool in_months)
{
	Interval   *interval;

	if (!is_constant(node) || exprType(node) != INTERVALOID)
		return false;
	interval = DatumGetIntervalP(((Const *) node)->constvalue);
	if (in_months)
		return interval->month > 0 && interval->month < 12000 &&
			interval->day == 0 && interval->time == 0;
	return interval->month == 0 && interval->day >= 0 &&
		interval->day < 365000 && interval->time >= 0 &&
		interval->time < 365000 * USECS_PER_DAY &&
		(interval->day > 0 || interval->time > 0);
}

static bool
is_moment(Node *node)
{
	return is_constant(node) && (exprType(node) == TIMESTAMPOID ||
								 exprType(node) == TIMESTAMPTZOID) &&
		!TIMESTAMP_NOT_FINITE(DatumGetTimestamp(((Const *) node)->constvalue));
}

/* What date_trunc() knows. */
static bool
is_unit(Node *node)
{
	static const char *const units[] = {
		"microseconds", "milliseconds", "second", "minute", "hour", "day",
		"week", "month", "quarter", "year", "decade", "century", "millennium"
	};
	char	   *name;

	if (!is_constant(node) || exprType(node) != TEXTOID)
		return false;
	name = TextDatumGetCString(((Const *) node)->constvalue);
	for (int i = 0; i < lengthof(units); i++)
		if (pg_strcasecmp(name, units[i]) == 0)
			return true;
	return false;
}

static bool
is_time_bucket(Oid function)
{
	char	   *name = get_func_name(function);
	char	   *schema = get_namespace_name(get_func_namespace(function));

	return name != NULL && schema != NULL &&
		strcmp(name, "time_bucket") == 0 && strcmp(schema, "flow") == 0;
}

/* A length that buckets are moved by, which may be negative. */
static bool
is_shift(Node *node)
{
	Interval   *interval;

	if (!is_constant(node) || exprType(node) != INTERVALOID)
		return false;
	interval = DatumGetIntervalP(((Const *) node)->constvalue);
	return interval->month < 12000 && interval->month > -12000 &&
		interval->day < 365000 && interval->day > -365000 &&
		interval->time < 365000 * USECS_PER_DAY &&
		interval->time > -365000 * USECS_PER_DAY;
}

static bool
is_zone(Node *node)
{
	char		name[TZ_STRLEN_MAX + 1];

	if (!is_constant(node) || exprType(node) != TEXTOID)
		return false;
	text_to_cstring_buffer(DatumGetTextPP(((Const *) node)->constvalue),
						   name, sizeof(name));
	return pg_tzset(name) != NULL;
}

static bool
is_null_constant(Node *node)
{
	return IsA(node, Const) && ((Const *) node)->constisnull;
}

/* What follows width and time: origin, or shift, or zone, origin and shift. */
static bool
is_place_of_buckets(const List *args)
{
	Node	   *third = list_length(args) < 3 ? NULL : lthird(args);

	if (list_length(args) <= 3)
		return third == NULL || is_moment(third) || is_shift(third);
	return is_zone(third) &&
		(is_null_constant(lfourth(args)) || is_moment(lfourth(args))) &&
		(is_null_constant(llast(args)) || is_shift(llast(args)));
}

static bool is_step(Node *expr);

static bool
is_step_function(const FuncExpr *func)
{
	Node	   *first = func->args == NIL ? NULL : linitial(func->args);
	Node	   *second = list_length(func->args) < 2 ? NULL : lsecond(func->args);

	switch (func->funcid)
	{
		case F_DATE_TRUNC_TEXT_TIMESTAMP:
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
			return is_unit(first) && is_step(second) &&
				fs_key_zone((Expr *) second) == NULL;
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
			return is_unit(first) && is_step(second) &&
				fs_key_zone((Expr *) second) == NULL &&
				fs_key_zone((Expr *) func) != NULL;
		case F_DATE_BIN_INTERVAL_TIMESTAMP_TIMESTAMP:
		case F_DATE_BIN_INTERVAL_TIMESTAMPTZ_TIMESTAMPTZ:
			return is_length(first, false) && is_moment(lthird(func->args)) &&
				is_step(second);
		case F_EXTRACT_TEXT_TIMESTAMP:
		case F_EXTRACT_TEXT_TIMESTAMPTZ:
		case F_DATE_PART_TEXT_TIMESTAMP:
		case F_DATE_PART_TEXT_TIMESTAMPTZ:
			return is_constant(first) && is_step(second) &&
				strcmp(TextDatumGetCString(((Const *) first)->constvalue),
					   "epoch") == 0;
		case F_FLOOR_NUMERIC:
		case F_FLOOR_FLOAT8:
			return is_step(first);
		default:
			break;
	}
	return is_time_bucket(func->funcid) && is_step(second) &&
		(is_length(first, false) || is_length(first, true)) &&
		is_place_of_buckets(func->args);
}

/* A time column, or something of it that never falls while it rises. */
static bool
is_step(Node *expr)
{
	expr = without_relabels(expr);
	if (IsA(expr, Var))
		return ((Var *) expr)->vartype == TIMESTAMPOID ||
			((Var *) expr)->vartype == TIMESTAMPTZOID;
	if (IsA(expr, FuncExpr))
		return is_step_function((FuncExpr *) expr);
	if (IsA(expr, OpExpr) && list_length(((OpExpr *) expr)->args) == 2)
	{
		OpExpr	   *op = (OpExpr *) expr;
		Oid			function = get_opcode(op->opno);

		return (function == F_NUMERIC_DIV || function == F_NUMERIC_MUL ||
				function == F_FLOAT8DIV || function == F_FLOAT8MUL) &&
			is_factor(lsecond(op->args)) && is_step(linitial(op->args));
	}
	return false;
}

void
fs_keyexpr_kind(Node *expr, Index varno, FsKeyKind *kind, int *att)
{
	*att = only_column(expr, varno);
	*kind = IsA(without_relabels(expr), Var) ? FS_KEY_COLUMN
		: is_step(expr) ? FS_KEY_STEP : FS_KEY_VALUE;
}

bool
fs_keyexpr_recognise(Node *expr, Oid eqop, Index varno, FsKeyKind *kind,
					 int *att)
{
	Oid			type = exprType(expr);
	TypeCacheEntry *entry;

	if (!is_of_relation(expr, varno))
		return false;
	fs_keyexpr_kind(expr, varno, kind, att);
	entry = lookup_type_cache(type, TYPECACHE_EQ_OPR | TYPECACHE_HASH_PROC);
	if (*att < 0 || eqop != entry->eq_opr)
		return false;
	if (*kind == FS_KEY_COLUMN)
		return fs_key_type_is_plain(exprType(without_relabels(expr)),
									exprCollation(expr)) &&
			fs_key_type_is_plain(type, exprCollation(expr));
	return OidIsValid(entry->hash_proc);
}

bool
fs_keyexpr_agg_is_known(const Aggref *agg, Index varno)
{
	FsAggKind	kind;
	Oid			type;
	Node	   *arg;
	SortGroupClause *distinct;

	if (!fs_agg_recognise(agg, &kind, &type) ||
		!is_of_relation((Node *) agg->args, varno) ||
		!is_of_relation((Node *) agg->aggfilter, varno))
		return false;
	if (!fs_agg_has_pairs(agg))
		return true;
	if (kind != FS_AGG_COUNT_DISTINCT)
		return true;
	arg = without_relabels((Node *) linitial_node(TargetEntry, agg->args)->expr);
	distinct = linitial_node(SortGroupClause, agg->aggdistinct);
	return IsA(arg, Var) &&
		fs_key_type_is_plain(exprType(arg), exprCollation(arg)) &&
		distinct->eqop == lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
}
