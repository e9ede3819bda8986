/*-------------------------------------------------------------------------
 *
 * Which aggregates are computed here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "group/accumulator.h"
#include "group/called.h"

typedef struct Known
{
	Oid			function;
	FsAggKind	kind;
	Oid			type;
} Known;

#define OF_BITS(NAME, KIND) \
	{F_##NAME##_INT2, KIND, INT2OID}, {F_##NAME##_INT4, KIND, INT4OID}, \
	{F_##NAME##_INT8, KIND, INT8OID}

#define OF_NUMBERS(NAME, KIND) \
	{F_##NAME##_INT2, KIND, INT2OID}, {F_##NAME##_INT4, KIND, INT4OID}, \
	{F_##NAME##_INT8, KIND, INT8OID}, {F_##NAME##_FLOAT4, KIND, FLOAT4OID}, \
	{F_##NAME##_FLOAT8, KIND, FLOAT8OID}

static const Known known[] = {
	OF_NUMBERS(SUM, FS_AGG_SUM),
	OF_NUMBERS(AVG, FS_AGG_AVG),
	OF_NUMBERS(MIN, FS_AGG_MIN),
	OF_NUMBERS(MAX, FS_AGG_MAX),
	OF_NUMBERS(VARIANCE, FS_AGG_VARIANCE),
	OF_NUMBERS(VAR_SAMP, FS_AGG_VARIANCE),
	OF_NUMBERS(VAR_POP, FS_AGG_VARIANCE),
	OF_NUMBERS(STDDEV, FS_AGG_VARIANCE),
	OF_NUMBERS(STDDEV_SAMP, FS_AGG_VARIANCE),
	OF_NUMBERS(STDDEV_POP, FS_AGG_VARIANCE),
	OF_BITS(BIT_AND, FS_AGG_BIT_AND),
	OF_BITS(BIT_OR, FS_AGG_BIT_OR),
	{F_BOOL_AND, FS_AGG_MIN, BOOLOID},
	{F_EVERY, FS_AGG_MIN, BOOLOID},
	{F_BOOL_OR, FS_AGG_MAX, BOOLOID},
	{F_MIN_TIME, FS_AGG_MIN, TIMEOID},
	{F_MAX_TIME, FS_AGG_MAX, TIMEOID},
	{F_MIN_TIMESTAMPTZ, FS_AGG_MIN, TIMESTAMPTZOID},
	{F_MAX_TIMESTAMPTZ, FS_AGG_MAX, TIMESTAMPTZOID},
	{F_MIN_TIMESTAMP, FS_AGG_MIN, TIMESTAMPOID},
	{F_MAX_TIMESTAMP, FS_AGG_MAX, TIMESTAMPOID},
	{F_MIN_DATE, FS_AGG_MIN, DATEOID},
	{F_MAX_DATE, FS_AGG_MAX, DATEOID},
};

/* Those of PostgreSQL's that are computed by their own functions. */
static const Oid called[] = {
	F_SUM_NUMERIC, F_AVG_NUMERIC, F_MIN_NUMERIC, F_MAX_NUMERIC,
	F_VARIANCE_NUMERIC, F_VAR_SAMP_NUMERIC, F_VAR_POP_NUMERIC,
	F_STDDEV_NUMERIC, F_STDDEV_SAMP_NUMERIC, F_STDDEV_POP_NUMERIC,
	F_MIN_TEXT, F_MAX_TEXT, F_MIN_INET, F_MAX_INET
};

/* An aggregate's name if it is one of schema flow, else NULL. */
static char *
own_name(const Aggref *agg)
{
	char	   *schema;

	if (agg->aggfnoid < FirstNormalObjectId)
		return NULL;
	schema = get_namespace_name(get_func_namespace(agg->aggfnoid));
	if (schema == NULL || strcmp(schema, "flow") != 0)
		return NULL;
	return get_func_name(agg->aggfnoid);
}

static Expr *
argument(const Aggref *agg, int i)
{
	return list_nth_node(TargetEntry, agg->args, i)->expr;
}

/*
 * The first argument is a column of which equal values are told by what is
 * stored, and there are no weights, or those in argument i, a bigint column.
 */
static bool
is_counted(const Aggref *agg, int i)
{
	Node	   *value = (Node *) argument(agg, 0);

	while (IsA(value, RelabelType))
		value = (Node *) ((RelabelType *) value)->arg;
	return IsA(value, Var) &&
		fs_key_type_is_plain(exprType(value), agg->inputcollid) &&
		(list_length(agg->args) == i ||
		 (list_length(agg->args) == i + 1 && IsA(argument(agg, i), Var) &&
		  exprType((Node *) argument(agg, i)) == INT8OID));
}

/* A number that the aggregate accepts; with others it fails, row by row. */
static bool
is_number_of_values(const Expr *expr)
{
	const Const *n = (const Const *) expr;

	return IsA(expr, Const) && !n->constisnull && n->consttype == INT4OID &&
		DatumGetInt32(n->constvalue) >= 1 &&
		DatumGetInt32(n->constvalue) <= FS_AGG_TOPK_MAX;
}

/* One of ours. */
static bool
is_own(const Aggref *agg, FsAggKind *kind)
{
	char	   *name;

	if (list_length(agg->args) < 1 || agg->aggdistinct != NIL ||
		(name = own_name(agg)) == NULL)
		return false;
	if ((strcmp(name, "topk") == 0 || strcmp(name, "topk_values") == 0) &&
		list_length(agg->args) > 1 && is_number_of_values(argument(agg, 1)) &&
		is_counted(agg, 2))
		*kind = FS_AGG_TOPK;
	else if (strcmp(name, "entropy") == 0 && is_counted(agg, 1))
		*kind = FS_AGG_ENTROPY;
	else if (strcmp(name, "entropy_norm") == 0 && is_counted(agg, 1))
		*kind = FS_AGG_ENTROPY_NORM;
	else
		*kind = FS_AGG_CALLED;
	return *kind != FS_AGG_CALLED || fs_called_is_possible(agg);
}

int32
fs_agg_state_bytes(const Aggref *agg)
{
	FsAggKind	kind;
	Oid			type;

	return fs_agg_recognise(agg, &kind, &type) && kind == FS_AGG_CALLED
		? fs_called_state_bytes(agg) : 0;
}

bool
fs_agg_recognise(const Aggref *agg, FsAggKind *kind, Oid *type)
{
	if (agg->aggsplit != AGGSPLIT_SIMPLE || agg->agglevelsup > 0 ||
		agg->aggkind != AGGKIND_NORMAL || agg->aggvariadic ||
		agg->aggorder != NIL)
		return false;
	*type = InvalidOid;
	if (agg->aggfnoid == F_COUNT_)
	{
		*kind = FS_AGG_COUNT_ROWS;
		return agg->aggdistinct == NIL;
	}
	if (is_own(agg, kind))
	{
		*type = exprType((Node *) linitial_node(TargetEntry, agg->args)->expr);
		return true;
	}
	if (list_length(agg->args) != 1)
		return false;
	if (agg->aggfnoid == F_COUNT_ANY)
	{
		*kind = agg->aggdistinct == NIL ? FS_AGG_COUNT : FS_AGG_COUNT_DISTINCT;
		*type = exprType((Node *) linitial_node(TargetEntry, agg->args)->expr);
		return true;
	}
	if (agg->aggdistinct != NIL)
		return false;
	for (int i = 0; i < lengthof(called); i++)
	{
		if (called[i] != agg->aggfnoid)
			continue;
		*kind = FS_AGG_CALLED;
		*type = exprType((Node *) argument(agg, 0));
		return fs_called_is_possible(agg);
	}
	for (int i = 0; i < lengthof(known); i++)
	{
		if (known[i].function != agg->aggfnoid)
			continue;
		*kind = known[i].kind;
		*type = known[i].type;
		return true;
	}
	return false;
}

bool
fs_agg_has_pairs(const Aggref *agg)
{
	FsAggKind	kind;
	Oid			type;

	return fs_agg_recognise(agg, &kind, &type) &&
		(kind == FS_AGG_COUNT_DISTINCT || kind >= FS_AGG_ENTROPY);
}
