/*-------------------------------------------------------------------------
 *
 * Join clauses as conditions on one of the relations.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "exec/keyclause.h"
#include "prune/node.h"

/*
 * True if the expression is of columns of other relations, repeatable, and
 * null where they are.
 */
static bool
is_key(Node *expr, Index varno)
{
	Oid			type = exprType(expr);
	List	   *vars = pull_var_clause(expr, PVC_RECURSE_AGGREGATES |
									   PVC_RECURSE_WINDOWFUNCS |
									   PVC_INCLUDE_PLACEHOLDERS);
	ListCell   *lc;

	foreach(lc, vars)
	{
		Var		   *var = lfirst(lc);

		if (!IsA(var, Var) || var->varno == varno || var->varattno <= 0 ||
			var->varlevelsup > 0)
			return false;
	}
	return vars != NIL && !contain_volatile_functions(expr) &&
		!contain_nonstrict_functions(expr) && !contain_subplans(expr) &&
		OidIsValid(get_array_type(type)) &&
		OidIsValid(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr);
}

/* "column op ANY (array)" */
static ScalarArrayOpExpr *
make_any(Expr *column, Oid opno, Oid collation, Expr *array)
{
	ScalarArrayOpExpr *any = makeNode(ScalarArrayOpExpr);

	any->opno = opno;
	any->opfuncid = get_opcode(opno);
	any->useOr = true;
	any->inputcollid = collation;
	any->args = list_make2(column, array);
	any->location = -1;
	return any;
}

/* An array of values of expr that are not known yet. */
static Expr *
make_unknown(Expr *expr)
{
	Param	   *param = makeNode(Param);

	param->paramkind = PARAM_EXEC;
	param->paramtype = get_array_type(exprType((Node *) expr));
	param->paramtypmod = -1;
	param->paramcollid = exprCollation((Node *) expr);
	param->location = -1;
	return (Expr *) param;
}

/*
 * Split "column op key", or the same the other way round; false if the
 * comparison is not one that zones and lists can be asked for.
 */
static bool
split(OpExpr *op, Index varno, Expr **column, Expr **key, Oid *opno)
{
	Expr	   *left;
	Expr	   *right;

	if (list_length(op->args) != 2)
		return false;
	left = linitial(op->args);
	right = lsecond(op->args);
	*opno = op->opno;
	for (int i = 0; i < 2; i++)
	{
		FsPredNode *node;

		if (OidIsValid(*opno) && is_key((Node *) right, varno))
		{
			node = fs_predicate_recognise((Node *)
										  make_any(left, *opno, op->inputcollid,
												   make_unknown(right)),
										  varno, NULL);
			*column = left;
			*key = right;
			return node->kind == FS_PRED_COMPARE &&
				(node->test == FS_TEST_EQ || node->test == FS_TEST_WITHIN);
		}
		right = left;
		left = lsecond(op->args);
		*opno = get_commutator(op->opno);
	}
	return false;
}

bool
fs_keyclause_is_useful(Node *clause, Index varno)
{
	Expr	   *column;
	Expr	   *key;
	Oid			opno;
	bool		is_and;
	ListCell   *lc;

	check_stack_depth();
	if (IsA(clause, OpExpr))
		return split((OpExpr *) clause, varno, &column, &key, &opno);
	if (!IsA(clause, BoolExpr) || ((BoolExpr *) clause)->boolop == NOT_EXPR)
		return false;
	is_and = ((BoolExpr *) clause)->boolop == AND_EXPR;
	foreach(lc, ((BoolExpr *) clause)->args)
		if (fs_keyclause_is_useful(lfirst(lc), varno) == is_and)
			return is_and;
	return !is_and;
}

Expr *
fs_keyclause_convert(Node *clause, Index varno, FsKeyListMaker make,
					 void *arg)
{
	List	   *parts = NIL;
	Expr	   *column;
	Expr	   *key;
	Oid			opno;
	ListCell   *lc;

	if (!fs_keyclause_is_useful(clause, varno))
		return NULL;
	if (IsA(clause, OpExpr))
	{
		OpExpr	   *op = (OpExpr *) clause;

		if (!split(op, varno, &column, &key, &opno))
			return NULL;
		return (Expr *) make_any(copyObject(column), opno, op->inputcollid,
								 make(arg, key));
	}
	foreach(lc, ((BoolExpr *) clause)->args)
	{
		Expr	   *part = fs_keyclause_convert(lfirst(lc), varno, make, arg);

		if (part != NULL)
			parts = lappend(parts, part);
	}
	if (list_length(parts) == 1)
		return linitial(parts);
	return makeBoolExpr(((BoolExpr *) clause)->boolop, parts, -1);
}
