/*-------------------------------------------------------------------------
 *
 * Predicates against zone maps.
 *
 * A comparison is recognised by its operator family, not by its name: the
 * operator must be a member of the default B-tree family of the column's
 * type, and the other side of a type whose values bound.c can place among the
 * stored ones.  Text is the exception to watch: equality needs a
 * deterministic collation, order needs C.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "prune/members.h"
#include "prune/node.h"
#include "prune/predicate.h"
#include "prune/twin.h"

/* longest IN list that is looked at value by value */
#define MAX_LIST	10000

/* shortest one that is sorted */
#define MIN_SORTED	8

/* What recognise() needs to know of the scan. */
typedef struct Target
{
	Index		varno;
	TupleDesc	desc;			/* NULL: types from the Vars */
} Target;

static FsPredNode *recognise(Node *clause, const Target *target);

static FsPredNode *
make_node(FsPredKind kind)
{
	FsPredNode   *node = palloc0(sizeof(FsPredNode));

	node->kind = kind;
	return node;
}

/* The column that an expression is, seen through binary-compatible casts. */
static Var *
column_of(Node *expr, const Target *target)
{
	Var		   *var;

	while (expr != NULL && IsA(expr, RelabelType))
		expr = (Node *) ((RelabelType *) expr)->arg;
	if (expr == NULL || !IsA(expr, Var))
		return NULL;
	var = (Var *) expr;
	return var->varno == target->varno && var->varlevelsup == 0 &&
		var->varattno > 0 ? var : NULL;
}

static void
set_column(FsPredNode *node, const Var *var, const Target *target)
{
	FormData_pg_attribute att = {0};

	node->att = var->varattno - 1;
	if (target->desc != NULL)
		att = *TupleDescAttr(target->desc, node->att);
	else
	{
		att.attnum = var->varattno;
		att.atttypid = var->vartype;
		att.attcollation = var->varcollid;
		get_typlenbyval(var->vartype, &att.attlen, &att.attbyval);
	}
	fs_typemap_init(&node->map, &att);
	if (node->map.spec.order == FS_ORDER_CALLBACK)
		node->map.spec.cmp_arg = &node->map;
}

/* Constant during one scan: no column, no volatile function, no subplan. */
static bool
is_scan_constant(Node *expr)
{
	return !contain_var_clause(expr) && !contain_volatile_functions(expr) &&
		!contain_subplans(expr);
}

static bool
test_of_strategy(int strategy, bool is_negated, FsTest *test)
{
	switch (strategy)
	{
		case BTLessStrategyNumber:
			*test = FS_TEST_LT;
			return true;
		case BTLessEqualStrategyNumber:
			*test = FS_TEST_LE;
			return true;
		case BTEqualStrategyNumber:
			*test = is_negated ? FS_TEST_NE : FS_TEST_EQ;
			return true;
		case BTGreaterEqualStrategyNumber:
			*test = FS_TEST_GE;
			return true;
		case BTGreaterStrategyNumber:
			*test = FS_TEST_GT;
			return true;
		default:
			return false;
	}
}

/* What an operator tests, the column being on its left. */
static bool
test_of_operator(Oid opno, Oid column_type, FsTest *test)
{
	TypeCacheEntry *entry;
	int			strategy;
	bool		is_negated = false;

	switch (opno)
	{
		case OID_INET_SUB_OP:
		case OID_INET_SUBEQ_OP:
			*test = FS_TEST_WITHIN;
			return true;
		case OID_INET_OVERLAP_OP:
			*test = FS_TEST_OVERLAP;
			return true;
		default:
			break;
	}
	if (fs_members_is_test(opno))
	{
		*test = FS_TEST_MEMBER;
		return true;
	}
	/* varchar, cidr and domains use the operators of another type */
	column_type = getBaseType(column_type);
	if (column_type == VARCHAROID)
		column_type = TEXTOID;
	else if (column_type == CIDROID)
		column_type = INETOID;
	entry = lookup_type_cache(column_type, TYPECACHE_BTREE_OPFAMILY);
	if (!OidIsValid(entry->btree_opf))
		return false;
	strategy = get_op_opfamily_strategy(opno, entry->btree_opf);
	if (strategy == 0)
	{
		Oid			negator = get_negator(opno);

		if (!OidIsValid(negator))
			return false;
		strategy = get_op_opfamily_strategy(negator, entry->btree_opf);
		is_negated = true;
		if (strategy != BTEqualStrategyNumber)
			return false;
	}
	return test_of_strategy(strategy, is_negated, test);
}

/* Whether bytewise bounds say anything under the operator's collation. */
static bool
collation_suits(const FsPredNode *node, Oid collation)
{
	if (node->map.type != TEXTOID && node->map.type != VARCHAROID)
		return true;
	if (!OidIsValid(collation))
		return false;
	if (node->test == FS_TEST_EQ || node->test == FS_TEST_NE)
		return get_collation_isdeterministic(collation);
	return fs_collation_is_c(collation);
}

static FsPredNode *
make_compare(const Var *var, Oid opno, Oid collation, Node *value,
			 Oid value_type, const Target *target)
{
	FsPredNode   *node = make_node(FS_PRED_COMPARE);

	if (!test_of_operator(opno, var->vartype, &node->test) ||
		!is_scan_constant(value))
		return make_node(FS_PRED_ANY);
	set_column(node, var, target);
	if (!fs_bound_accepts(&node->map, value_type, node->test) ||
		!collation_suits(node, collation))
		return make_node(FS_PRED_ANY);
	node->opno = opno;
	node->value = (Expr *) value;
	node->value_type = value_type;
	return node;
}

static FsPredNode *
recognise_op(OpExpr *op, const Target *target)
{
	Node	   *left;
	Node	   *right;
	Oid			opno = op->opno;
	Var		   *var;

	if (list_length(op->args) != 2)
		return make_node(FS_PRED_ANY);
	left = linitial(op->args);
	right = lsecond(op->args);
	var = column_of(left, target);
	if (var == NULL)
	{
		var = column_of(right, target);
		opno = get_commutator(opno);
		if (var == NULL || !OidIsValid(opno))
			return make_node(FS_PRED_ANY);
		right = left;
	}
	return make_compare(var, opno, op->inputcollid, right, exprType(right),
						target);
}

static FsPredNode *
recognise_array(ScalarArrayOpExpr *op, const Target *target)
{
	Var		   *var = column_of(linitial(op->args), target);
	Node	   *array = lsecond(op->args);
	Oid			elemtype = get_base_element_type(exprType(array));
	FsPredNode   *node;

	if (var == NULL || !op->useOr || !OidIsValid(elemtype))
		return make_node(FS_PRED_ANY);
	node = make_compare(var, op->opno, op->inputcollid, array, elemtype,
						target);
	if (node->kind == FS_PRED_COMPARE && node->test == FS_TEST_MEMBER)
		return make_node(FS_PRED_ANY);
	node->is_array = true;
	return node;
}

static FsPredNode *
recognise_bool(BoolExpr *expr, const Target *target)
{
	FsPredNode   *node;
	ListCell   *lc;

	if (expr->boolop == NOT_EXPR)
	{
		/* "NOT flag" is flag = false; NOT of anything else says nothing */
		Var		   *var = column_of(linitial(expr->args), target);

		if (var == NULL || var->vartype != BOOLOID)
			return make_node(FS_PRED_ANY);
		return make_compare(var, BooleanEqualOperator, InvalidOid,
							makeBoolConst(false, false), BOOLOID, target);
	}
	node = make_node(expr->boolop == AND_EXPR ? FS_PRED_AND : FS_PRED_OR);
	foreach(lc, expr->args)
		node->args = lappend(node->args, recognise(lfirst(lc), target));
	return node;
}

static FsPredNode *
recognise(Node *clause, const Target *target)
{
	Var		   *var;

	check_stack_depth();
	if (IsA(clause, OpExpr))
		return recognise_op((OpExpr *) clause, target);
	if (IsA(clause, ScalarArrayOpExpr))
		return recognise_array((ScalarArrayOpExpr *) clause, target);
	if (IsA(clause, BoolExpr))
		return recognise_bool((BoolExpr *) clause, target);
	if (IsA(clause, NullTest))
	{
		NullTest   *test = (NullTest *) clause;

		var = column_of((Node *) test->arg, target);
		if (var != NULL && !test->argisrow)
		{
			FsPredNode   *node = make_node(test->nulltesttype == IS_NULL ?
										 FS_PRED_IS_NULL : FS_PRED_IS_NOT_NULL);

			set_column(node, var, target);
			return node;
		}
		return make_node(FS_PRED_ANY);
	}
	var = column_of(clause, target);
	if (var != NULL && var->vartype == BOOLOID)
		return make_compare(var, BooleanEqualOperator, InvalidOid,
							makeBoolConst(true, false), BOOLOID, target);
	return make_node(FS_PRED_ANY);
}

/* True if the node can be false for some zone. */
static bool
is_useful(const FsPredNode *node)
{
	ListCell   *lc;

	switch (node->kind)
	{
		case FS_PRED_AND:
			foreach(lc, node->args)
				if (is_useful(lfirst(lc)))
					return true;
			return false;
		case FS_PRED_OR:
			foreach(lc, node->args)
				if (!is_useful(lfirst(lc)))
					return false;
			return true;
		case FS_PRED_ANY:
			return false;
		default:
			return true;
	}
}

bool
fs_predicate_is_useful(Expr *clause, Index varno)
{
	Target		target = {varno, NULL};

	return is_useful(recognise((Node *) clause, &target));
}

void
fs_predicate_init_node(FsPredNode *node, PlanState *parent)
{
	ListCell   *lc;

	foreach(lc, node->args)
		fs_predicate_init_node(lfirst(lc), parent);
	if (node->kind == FS_PRED_COMPARE)
		node->state = ExecInitExpr(node->value, parent);
}

FsPredNode *
fs_predicate_recognise(Node *clause, Index varno, TupleDesc desc)
{
	Target		target = {varno, desc};

	return recognise(clause, &target);
}

FsPredicate *
fs_predicate_compile(List *clauses, Index varno, TupleDesc desc,
					 PlanState *parent)
{
	FsPredicate *predicate = palloc0(sizeof(FsPredicate));
	Target		target = {varno, desc};
	ListCell   *lc;

	predicate->parent_cxt = CurrentMemoryContext;
	predicate->root = make_node(FS_PRED_AND);
	foreach(lc, clauses)
		predicate->root->args = lappend(predicate->root->args,
										recognise(lfirst(lc), &target));
	fs_predicate_init_node(predicate->root, parent);
	return predicate;
}

static int
compare_bounds(const void *a, const void *b, void *arg)
{
	return fs_bound_compare(a, b, arg);
}

/* A long list is sorted, so that a zone need not be compared with all of it. */
static void
sort_bounds(FsPredNode *node)
{
	node->is_sorted = node->test == FS_TEST_EQ && node->nbounds >= MIN_SORTED;
	for (int i = 0; node->is_sorted && i < node->nbounds; i++)
		node->is_sorted = node->bounds[i].is_known && !node->bounds[i].is_null;
	if (node->is_sorted)
		qsort_arg(node->bounds, node->nbounds, sizeof(FsBound),
				  compare_bounds, &node->map);
}

static void
bind_array(FsPredNode *node, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Datum	   *values;
	bool	   *isnull;
	int			n;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign,
					  &values, &isnull, &n);
	if (n > MAX_LIST)
	{
		node->nbounds = -1;
		return;
	}
	node->nbounds = n;
	node->bounds = palloc(sizeof(FsBound) * Max(n, 1));
	for (int i = 0; i < n; i++)
		fs_bound_set(&node->bounds[i], &node->map, node->value_type,
					 values[i], isnull[i], node->test);
	sort_bounds(node);
}

void
fs_predicate_bind_node(FsPredNode *node, ExprContext *econtext)
{
	ListCell   *lc;
	Datum		value;
	bool		isnull;

	foreach(lc, node->args)
		fs_predicate_bind_node(lfirst(lc), econtext);
	fs_twin_find(node->args);
	if (node->kind != FS_PRED_COMPARE)
		return;
	value = ExecEvalExpr(node->state, econtext, &isnull);
	if (node->is_array && !isnull)
	{
		bind_array(node, value);
		return;
	}
	node->is_sorted = false;
	node->nbounds = 1;
	node->bounds = palloc0(sizeof(FsBound));
	if (node->test == FS_TEST_MEMBER)
	{
		fs_members_bind(node, value, isnull);
		return;
	}
	fs_bound_set(&node->bounds[0], &node->map, node->value_type, value,
				 isnull, node->test);
}

void
fs_predicate_bind(FsPredicate *predicate, ExprContext *econtext)
{
	MemoryContext old;

	if (predicate->cxt == NULL)
		predicate->cxt = AllocSetContextCreate(predicate->parent_cxt,
											   "flowstore predicate",
											   ALLOCSET_SMALL_SIZES);
	MemoryContextReset(predicate->cxt);
	old = MemoryContextSwitchTo(predicate->cxt);
	fs_predicate_bind_node(predicate->root, econtext);
	MemoryContextSwitchTo(old);
}

FsPredicate *
fs_predicate_part(const FsPredicate *predicate, int first, int n)
{
	FsPredicate *part = palloc0(sizeof(FsPredicate));

	part->root = make_node(FS_PRED_AND);
	for (int i = first; i < first + n; i++)
		part->root->args = lappend(part->root->args,
								   list_nth(predicate->root->args, i));
	return part;
}

/* The first bound that is not below the zone decides. */
static bool
sorted_may_match(const FsPredNode *node, const FsZone *zone)
{
	int			low = 0;
	int			high = node->nbounds;

	while (low < high)
	{
		int			mid = (low + high) / 2;

		if (fs_bound_compare_min(&node->bounds[mid], &node->map, zone) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < node->nbounds &&
		fs_bound_may_match(&node->bounds[low], FS_TEST_EQ, &node->map, zone);
}

static bool
compare_may_match(const FsPredNode *node, const FsZone *zone)
{
	if (node->nbounds < 0)
		return true;
	if (node->test == FS_TEST_MEMBER)
		return fs_members_may_match(node, zone);
	if (node->is_sorted && zone->has_bounds)
		return sorted_may_match(node, zone);
	for (int i = 0; i < node->nbounds; i++)
		if (fs_bound_may_match(&node->bounds[i], node->test, &node->map, zone))
			return true;
	return false;
}

static bool
may_match(const FsPredNode *node, FsZoneSource source, void *arg)
{
	ListCell   *lc;
	FsZone		zone;

	switch (node->kind)
	{
		case FS_PRED_AND:
			foreach(lc, node->args)
				if (!may_match(lfirst(lc), source, arg))
					return false;
			return true;
		case FS_PRED_OR:
			foreach(lc, node->args)
				if (may_match(lfirst(lc), source, arg))
					return true;
			return false;
		case FS_PRED_ANY:
			return true;
		default:
			break;
	}
	if (!source(arg, node->att, &zone))
		return true;
	if (node->kind == FS_PRED_IS_NULL)
		return zone.nulls > 0;
	if (node->kind == FS_PRED_IS_NOT_NULL)
		return zone.nulls < zone.nrows;
	return compare_may_match(node, &zone);
}

bool
fs_predicate_may_match(const FsPredicate *predicate, FsZoneSource source,
					   void *arg)
{
	return may_match(predicate->root, source, arg);
}

typedef struct IntRange
{
	int64		low;
	int64		high;			/* below low: empty */
} IntRange;

static const IntRange everything = {PG_INT64_MIN, PG_INT64_MAX};
static const IntRange nothing = {PG_INT64_MAX, PG_INT64_MIN};

/* The smallest range that has both. */
static IntRange
unite(IntRange a, IntRange b)
{
	IntRange	result = {Min(a.low, b.low), Max(a.high, b.high)};

	return a.low > a.high ? b : b.low > b.high ? a : result;
}

static IntRange
range_of_bound(const FsBound *bound, FsTest test)
{
	IntRange	range = everything;

	if (bound->is_null)
		return nothing;
	if (!bound->is_known || bound->order != FS_ORDER_INT)
		return everything;
	if (test == FS_TEST_EQ || test == FS_TEST_GE || test == FS_TEST_GT)
		range.low = bound->i;
	if (test == FS_TEST_EQ || test == FS_TEST_LE || test == FS_TEST_LT)
		range.high = bound->i;
	return range;
}

static IntRange
range_of(const FsPredNode *node, int att)
{
	IntRange	range = node->kind == FS_PRED_AND ? everything : nothing;
	ListCell   *lc;

	if (node->kind == FS_PRED_COMPARE && node->att == att &&
		node->nbounds >= 0)
	{
		for (int i = 0; i < node->nbounds; i++)
			range = unite(range, range_of_bound(&node->bounds[i], node->test));
		return range;
	}
	if (node->kind != FS_PRED_AND && node->kind != FS_PRED_OR)
		return everything;
	foreach(lc, node->args)
	{
		IntRange	part = range_of(lfirst(lc), att);

		if (node->kind == FS_PRED_OR)
			range = unite(range, part);
		else
		{
			range.low = Max(range.low, part.low);
			range.high = Min(range.high, part.high);
		}
	}
	return range;
}

void
fs_predicate_range(const FsPredicate *predicate, int att, int64 *low,
				   int64 *high)
{
	IntRange	range = range_of(predicate->root, att);

	*low = range.low;
	*high = range.high;
}
