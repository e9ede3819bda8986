/*-------------------------------------------------------------------------
 *
 * From a WHERE clause to a filter.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "filter/node.h"

static FsFilterNode *compile(Node *clause, FsFilter *filter,
							 PlanState *parent);

static FsFilterNode *
make_node(FsFilterKind kind)
{
	FsFilterNode *node = palloc0(sizeof(FsFilterNode));

	node->kind = kind;
	return node;
}

/* The attributes of an expression, 0-based; all if it needs the whole row. */
static Bitmapset *
attributes_of(Node *expr, FsFilter *filter)
{
	TupleDesc	desc = filter->slot->tts_tupleDescriptor;
	Bitmapset  *numbers = NULL;
	Bitmapset  *atts = NULL;
	bool		is_whole;

	pull_varattnos(expr, filter->varno, &numbers);
	is_whole = bms_is_member(-FirstLowInvalidHeapAttributeNumber, numbers);
	for (int att = 0; att < desc->natts; att++)
		if (!TupleDescAttr(desc, att)->attisdropped &&
			(is_whole || bms_is_member(att + 1 -
									   FirstLowInvalidHeapAttributeNumber,
									   numbers)))
			atts = bms_add_member(atts, att);
	bms_free(numbers);
	return atts;
}

/* True if the expression asks for the row itself, or a system column. */
static bool
asks_for_row(Node *expr, FsFilter *filter)
{
	Bitmapset  *numbers = NULL;
	int			first;

	pull_varattnos(expr, filter->varno, &numbers);
	first = bms_next_member(numbers, -1);
	return first >= 0 && first <= -FirstLowInvalidHeapAttributeNumber;
}

/*
 * An expression that is evaluated for rows.  With one column, and the same
 * answer for the same value all along, it is asked once for each value.
 */
static void
set_expression(FsFilterNode *node, Node *clause, FsFilter *filter,
			   PlanState *parent)
{
	node->expr = (Expr *) clause;
	node->state = ExecInitExpr(node->expr, parent);
	node->atts = attributes_of(clause, filter);
	node->has_memo = bms_num_members(node->atts) == 1 &&
		!asks_for_row(clause, filter) &&
		!contain_volatile_functions(clause) && !contain_subplans(clause);
}

static FsFilterNode *
compile_expression(Node *clause, FsFilter *filter, PlanState *parent)
{
	FsFilterNode *node = make_node(FS_FILTER_ROW);

	set_expression(node, clause, filter, parent);
	if (node->has_memo)
	{
		node->kind = FS_FILTER_COLUMN;
		node->att = bms_singleton_member(node->atts);
	}
	return node;
}

/* The kind of a comparison that can be made on stored values. */
static bool
kind_of_compare(const FsPredNode *compare, FsFilterKind *kind)
{
	if (compare->is_array && compare->test == FS_TEST_NE)
		return false;
	switch ((FsOrder) compare->map.spec.order)
	{
		case FS_ORDER_INT:
			*kind = FS_FILTER_INTS;
			return true;
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			*kind = FS_FILTER_FLOATS;
			return !compare->is_array;
		case FS_ORDER_ADDR:
			*kind = FS_FILTER_ADDRS;
			return true;
		default:
			return false;
	}
}

/* A comparison of a column with constants, or NULL. */
static FsFilterNode *
compile_compare(Node *clause, FsFilter *filter, PlanState *parent)
{
	TupleDesc	desc = filter->slot->tts_tupleDescriptor;
	FsPredNode *compare = fs_predicate_recognise(clause, filter->varno, desc);
	FsFilterNode *node;
	FsFilterKind kind;

	if (compare->kind == FS_PRED_IS_NULL || compare->kind == FS_PRED_IS_NOT_NULL)
	{
		node = make_node(FS_FILTER_NULL);
		node->att = compare->att;
		if (compare->kind == FS_PRED_IS_NULL)
			return node;
		node = make_node(FS_FILTER_NOT);
		node->args = list_make1(make_node(FS_FILTER_NULL));
		((FsFilterNode *) linitial(node->args))->att = compare->att;
		return node;
	}
	if (compare->kind != FS_PRED_COMPARE || !kind_of_compare(compare, &kind))
		return NULL;
	node = make_node(kind);
	node->att = compare->att;
	node->compare = compare;
	fs_predicate_init_node(compare, parent);
	set_expression(node, clause, filter, parent);
	return node;
}

/* NOT IN: x <> ALL (list) is NOT (x = ANY (list)), nulls included. */
static Node *
as_any(ScalarArrayOpExpr *op)
{
	ScalarArrayOpExpr *any;
	Oid			negator = get_negator(op->opno);

	if (op->useOr || !OidIsValid(negator))
		return NULL;
	any = copyObject(op);
	any->opno = negator;
	any->opfuncid = get_opcode(negator);
	any->useOr = true;
	any->hashfuncid = any->negfuncid = InvalidOid;
	return (Node *) any;
}

static FsFilterNode *
compile_not(FsFilterNode *arg)
{
	FsFilterNode *node;

	if (arg == NULL)
		return NULL;
	node = make_node(FS_FILTER_NOT);
	node->args = list_make1(arg);
	return node;
}

static FsFilterNode *
compile_bool(BoolExpr *expr, FsFilter *filter, PlanState *parent)
{
	FsFilterNode *node;
	ListCell   *lc;

	if (expr->boolop == NOT_EXPR)
		return compile_not(compile(linitial(expr->args), filter, parent));
	node = make_node(expr->boolop == AND_EXPR ? FS_FILTER_AND : FS_FILTER_OR);
	foreach(lc, expr->args)
		node->args = lappend(node->args, compile(lfirst(lc), filter, parent));
	return node;
}

static FsFilterNode *
compile(Node *clause, FsFilter *filter, PlanState *parent)
{
	FsFilterNode *node = NULL;

	check_stack_depth();
	if (IsA(clause, BoolExpr))
		return compile_bool((BoolExpr *) clause, filter, parent);
	node = compile_compare(clause, filter, parent);
	if (node == NULL && IsA(clause, ScalarArrayOpExpr))
	{
		Node	   *any = as_any((ScalarArrayOpExpr *) clause);

		if (any != NULL)
			node = compile_not(compile_compare(any, filter, parent));
	}
	return node != NULL ? node : compile_expression(clause, filter, parent);
}

/* True if evaluation cannot fail, and tells nothing but the answer. */
static bool
is_harmless(const FsFilterNode *node)
{
	ListCell   *lc;

	foreach(lc, node->args)
		if (!is_harmless(lfirst(lc)))
			return false;
	return node->kind != FS_FILTER_COLUMN && node->kind != FS_FILTER_ROW;
}

FsFilter *
fs_filter_compile(List *quals, Index varno, TupleTableSlot *slot,
				  PlanState *parent)
{
	FsFilter   *filter = palloc0(sizeof(FsFilter));
	List	   *rest = NIL;
	int			qual = 0;
	ListCell   *lc;

	filter->varno = varno;
	filter->slot = slot;
	filter->econtext = parent->ps_ExprContext;
	filter->bind_cxt = AllocSetContextCreate(CurrentMemoryContext,
											 "flowstore filter",
											 ALLOCSET_SMALL_SIZES);
	filter->chunk_cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore verdicts",
											  ALLOCSET_DEFAULT_SIZES);
	filter->root = make_node(FS_FILTER_AND);
	foreach(lc, quals)
	{
		FsFilterNode *node = compile(lfirst(lc), filter, parent);

		node->qual = qual++;
		if (is_harmless(node))
			filter->root->args = lappend(filter->root->args, node);
		else
			rest = lappend(rest, node);
	}
	filter->root->args = list_concat(filter->root->args, rest);
	return filter;
}

static void
bind(FsFilterNode *node, ExprContext *econtext)
{
	ListCell   *lc;

	foreach(lc, node->args)
		bind(lfirst(lc), econtext);
	node->visit = 0;
	if (node->compare == NULL)
		return;
	fs_predicate_bind_node(node->compare, econtext);
	fs_filter_prepare(node);
}

void
fs_filter_bind(FsFilter *filter)
{
	MemoryContext old;

	MemoryContextReset(filter->bind_cxt);
	filter->visit = 0;
	old = MemoryContextSwitchTo(filter->bind_cxt);
	bind(filter->root, filter->econtext);
	MemoryContextSwitchTo(old);
}
