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

/* flow.entropy, flow.entropy_norm: of values, or with a weight of type bigint. */
static bool
is_entropy(const Aggref *agg, FsAggKind *kind)
{
	char	   *name;
	char	   *schema;

	if (agg->aggfnoid < FirstNormalObjectId || list_length(agg->args) < 1 ||
		list_length(agg->args) > 2 || agg->aggdistinct != NIL)
		return false;
	name = get_func_name(agg->aggfnoid);
	schema = get_namespace_name(get_func_namespace(agg->aggfnoid));
	if (name == NULL || schema == NULL || strcmp(schema, "flow") != 0 ||
		(strcmp(name, "entropy") != 0 && strcmp(name, "entropy_norm") != 0))
		return false;
	*kind = strcmp(name, "entropy") == 0 ? FS_AGG_ENTROPY
		: FS_AGG_ENTROPY_NORM;
	return list_length(agg->args) == 1 ||
		exprType((Node *) lsecond_node(TargetEntry, agg->args)->expr) == INT8OID;
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
	if (is_entropy(agg, kind))
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
		(kind == FS_AGG_COUNT_DISTINCT || kind == FS_AGG_ENTROPY ||
		 kind == FS_AGG_ENTROPY_NORM);
}
