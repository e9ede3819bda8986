/*-------------------------------------------------------------------------
 *
 * The first groups by an aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "exec/agglimit.h"

/* so many rows at most, and before the first of them */
#define MAX_ROWS	1000000

/* what is multiplied by, or divided by */
#define MIN_FACTOR	1e-30
#define MAX_FACTOR	1e30

/* decimals of round() at most, either way */
#define MAX_DECIMALS 30

/* A LIMIT's number of rows if it is constant, else -1. */
static int64
constant_count(Node *node)
{
	Const	   *value = (Const *) node;

	if (node == NULL)
		return 0;
	if (!IsA(node, Const) || value->constisnull)
		return -1;
	return DatumGetInt64(value->constvalue);
}

/* --- functions that never fall ------------------------------------------ */

/* A number that a constant is; 0 if it is none. */
static double
number_of(const Expr *expr)
{
	const Const *value = (const Const *) expr;

	if (!IsA(expr, Const) || value->constisnull)
		return 0;
	switch (value->consttype)
	{
		case INT4OID:
			return DatumGetInt32(value->constvalue);
		case INT8OID:
			return (double) DatumGetInt64(value->constvalue);
		case FLOAT8OID:
			return DatumGetFloat8(value->constvalue);
		case NUMERICOID:
			return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
													  value->constvalue));
		default:
			return 0;
	}
}

/* The same of a factor that leaves no result infinite, NaN or denormal; else 0. */
static double
factor_of(const Expr *expr)
{
	double		value = number_of(expr);

	return value >= MIN_FACTOR && value <= MAX_FACTOR ? value : 0;
}

/* The last of so many decimals; false if they are not constant, or too many. */
static bool
last_decimal(const Expr *expr, bool is_typmod, double *last)
{
	const Const *value = (const Const *) expr;
	int32		n;

	if (!IsA(expr, Const) || value->constisnull || value->consttype != INT4OID)
		return false;
	n = DatumGetInt32(value->constvalue);
	if (is_typmod)
		n = n < (int32) VARHDRSZ ? MAX_DECIMALS + 1
			: (((n - (int32) VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	*last = pow(10, -n);
	return n >= -MAX_DECIMALS && n <= MAX_DECIMALS;
}

/* A function of one argument: what it takes away from a value at most. */
static bool
loss_of_function(const FuncExpr *func, double *loss)
{
	*loss = 0;
	switch (func->funcid)
	{
		case F_NUMERIC_INT4:
		case F_NUMERIC_INT8:
		case F_NUMERIC_FLOAT8:
		case F_FLOAT8_INT4:
		case F_FLOAT8_INT8:
		case F_FLOAT8_NUMERIC:
		case F_INT8_INT4:
			return true;
		case F_INT8_NUMERIC:
		case F_INT8_FLOAT8:
		case F_ROUND_NUMERIC:
		case F_ROUND_FLOAT8:
		case F_TRUNC_NUMERIC:
		case F_TRUNC_FLOAT8:
		case F_CEIL_NUMERIC:
		case F_CEIL_FLOAT8:
		case F_CEILING_NUMERIC:
		case F_CEILING_FLOAT8:
		case F_FLOOR_NUMERIC:
		case F_FLOOR_FLOAT8:
			*loss = 1;
			return true;
		case F_ROUND_NUMERIC_INT4:
		case F_TRUNC_NUMERIC_INT4:
			return last_decimal(lsecond(func->args), false, loss);
		case F_NUMERIC_NUMERIC_INT4:
			return last_decimal(lsecond(func->args), true, loss);
		default:
			return false;
	}
}

/*
 * The argument of a function that never falls while it rises, or NULL.  If two
 * results of it may be equal, or differ by *slack, arguments differ by what
 * *slack becomes, at most.
 */
static Expr *
peel(Expr *expr, double *slack)
{
	FuncExpr   *func = (FuncExpr *) expr;
	OpExpr	   *op = (OpExpr *) expr;
	double		by;

	if (IsA(expr, FuncExpr))
	{
		if (!loss_of_function(func, &by))
			return NULL;
		*slack += by;
		return linitial(func->args);
	}
	if (!IsA(expr, OpExpr) || list_length(op->args) != 2)
		return NULL;
	by = factor_of(lsecond(op->args));
	switch (op->opfuncid)
	{
		case F_NUMERIC_MUL:
		case F_FLOAT8MUL:
		case F_INT8MUL:
		case F_INT84MUL:
		case F_INT48MUL:
			if (by == 0)
			{
				by = factor_of(linitial(op->args));
				*slack /= by;
				return by > 0 ? lsecond(op->args) : NULL;
			}
			*slack /= by;
			return by > 0 ? linitial(op->args) : NULL;
		case F_NUMERIC_DIV:
		case F_FLOAT8DIV:
			*slack *= by;
			return by > 0 ? linitial(op->args) : NULL;
		case F_INT8DIV:
		case F_INT84DIV:
			*slack = (*slack + 1) * by;
			return by > 0 ? linitial(op->args) : NULL;
		default:
			return NULL;
	}
}

/* --- HAVING ------------------------------------------------------------- */

/* Is it: the aggregate is above, or not below, a constant? */
static bool
is_lower_bound(Node *clause, const Expr *agg)
{
	OpExpr	   *op = (OpExpr *) clause;
	TypeCacheEntry *entry;
	int			strategy;

	if (!IsA(clause, OpExpr) || list_length(op->args) != 2 ||
		!equal(linitial(op->args), agg) || !IsA(lsecond(op->args), Const))
		return false;
	entry = lookup_type_cache(exprType((const Node *) agg),
							  TYPECACHE_BTREE_OPFAMILY);
	strategy = get_op_opfamily_strategy(op->opno, entry->btree_opf);
	return strategy == BTGreaterStrategyNumber ||
		strategy == BTGreaterEqualStrategyNumber;
}

static bool
leaves_first(List *having, const Expr *agg, bool is_descending)
{
	ListCell   *lc;

	foreach(lc, having)
		if (!is_descending || !is_lower_bound(lfirst(lc), agg))
			return false;
	return true;
}

/* --- the query ---------------------------------------------------------- */

static bool
has_constant_limit(const Query *parse, int64 *n)
{
	int64		count = constant_count(parse->limitCount);
	int64		offset = constant_count(parse->limitOffset);

	*n = count + offset;
	return parse->limitCount != NULL && count >= 0 && offset >= 0 &&
		count <= MAX_ROWS && offset <= MAX_ROWS && parse->sortClause != NIL &&
		parse->distinctClause == NIL && !parse->hasWindowFuncs &&
		!parse->hasTargetSRFs && parse->setOperations == NULL;
}

void
fs_agglimit_find(PlannerInfo *root, List *aggregates, List *having,
				 FsFlowAggHints *hints)
{
	Query	   *parse = root->parse;
	double		slack = 0;
	TypeCacheEntry *entry;
	SortGroupClause *clause;
	Expr	   *expr;
	int			strategy;
	int			agg = -1;
	int64		n;
	ListCell   *lc;

	hints->limit = -1;
	hints->slack = 0;
	if (!has_constant_limit(parse, &n))
		return;
	clause = linitial_node(SortGroupClause, parse->sortClause);
	expr = get_sortgroupclause_tle(clause, root->processed_tlist)->expr;
	entry = lookup_type_cache(exprType((Node *) expr),
							  TYPECACHE_BTREE_OPFAMILY);
	strategy = get_op_opfamily_strategy(clause->sortop, entry->btree_opf);
	if (strategy != BTLessStrategyNumber && strategy != BTGreaterStrategyNumber)
		return;
	while (expr != NULL && !IsA(expr, Aggref))
		expr = peel(expr, &slack);
	if (expr == NULL)
		return;
	foreach(lc, aggregates)
		if (equal(lfirst(lc), expr))
			agg = foreach_current_index(lc);
	if (agg < 0 || isnan(slack) || isinf(slack) ||
		!leaves_first(having, expr, strategy == BTGreaterStrategyNumber))
		return;
	hints->limit = (int) n;
	hints->agg = agg;
	hints->is_descending = strategy == BTGreaterStrategyNumber;
	hints->slack = slack;
}
