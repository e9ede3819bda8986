/*-------------------------------------------------------------------------
 *
 * Accumulators: from rows to groups.
 *
 * A vector is prepared first, which may find damage, and added then: so a
 * vector counts for all aggregates or for none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "group/accstate.h"
#include "vector/compact.h"
#include "vector/group.h"
#include "vector/reduce.h"

/*
 * Are the column's values numbers of the argument's type?  An oid that is
 * called an integer is stored without its sign.
 */
static bool
is_stored_so(const FsAccumulator *acc, const Expr *column)
{
	return acc->kind == FS_AGG_COUNT || acc->kind == FS_AGG_COUNT_DISTINCT ||
		acc->kind >= FS_AGG_ENTROPY ||
		getBaseType(exprType((const Node *) column)) == acc->type;
}

static void
set_argument(FsAccumulator *acc, Expr *expr, Index varno)
{
	Bitmapset  *numbers = NULL;
	int			number = -1;
	Expr	   *bare = expr;

	while (IsA(bare, RelabelType))
		bare = ((RelabelType *) bare)->arg;
	acc->att = -1;
	if (IsA(bare, Var) && ((Var *) bare)->varno == varno &&
		((Var *) bare)->varattno > 0 && is_stored_so(acc, bare))
	{
		acc->att = ((Var *) bare)->varattno - 1;
		return;
	}
	acc->state = ExecInitExpr(expr, acc->in.parent);
	pull_varattnos((Node *) expr, varno, &numbers);
	while ((number = bms_next_member(numbers, number)) >= 0)
		acc->atts = bms_add_member(acc->atts, number +
								   FirstLowInvalidHeapAttributeNumber - 1);
}

static void
set_entropy(FsAccumulator *acc)
{
	acc->values = fs_columnkey_create(acc->att, acc->in.allocator);
	acc->entropy = fs_entropy_create(acc->in.allocator);
	acc->weight_att = -1;
	if (acc->kind == FS_AGG_TOPK)
		acc->topk = fs_topk_create(acc->agg);
	if (list_length(acc->agg->args) > (acc->kind == FS_AGG_TOPK ? 2 : 1))
	{
		Expr	   *weight = llast_node(TargetEntry, acc->agg->args)->expr;

		acc->weight_att = castNode(Var, weight)->varattno - 1;
	}
}

FsAccumulator *
fs_accumulator_create(const Aggref *agg, Index varno, const FsKeyInput *input)
{
	FsAccumulator *acc = palloc0(sizeof(FsAccumulator));

	acc->agg = agg;
	acc->in = *input;
	acc->att = -1;
	if (!fs_agg_recognise(agg, &acc->kind, &acc->type))
		elog(ERROR, "unexpected aggregate %u", agg->aggfnoid);
	acc->is_float = acc->kind != FS_AGG_CALLED &&
		(acc->type == FLOAT4OID || acc->type == FLOAT8OID);
	if (agg->aggfilter != NULL)
		acc->filter = fs_filter_compile(make_ands_implicit(agg->aggfilter),
										varno, input->slot, input->parent);
	if (acc->kind == FS_AGG_CALLED)
		acc->called = fs_called_create(agg, varno, input);
	else if (acc->kind != FS_AGG_COUNT_ROWS)
		set_argument(acc, linitial_node(TargetEntry, agg->args)->expr, varno);
	if (acc->kind == FS_AGG_COUNT_DISTINCT)
	{
		acc->values = fs_columnkey_create(acc->att, input->allocator);
		acc->pairs = fs_pair_set_create(input->allocator,
										pg_prng_uint64(&pg_global_prng_state));
	}
	else if (acc->kind >= FS_AGG_ENTROPY)
		set_entropy(acc);
	return acc;
}

const Aggref *
fs_accumulator_agg(const FsAccumulator *acc)
{
	return acc->agg;
}

void
fs_accumulator_watch(FsAccumulator *acc)
{
	acc->is_watched = acc->kind == FS_AGG_SUM && !acc->is_float;
}

void
fs_accumulator_bind(FsAccumulator *acc)
{
	if (acc->filter != NULL)
		fs_filter_bind(acc->filter);
}

/* --- the rows of a vector ----------------------------------------------- */

/* The numbers 0 .. n - 1. */
static void
list_first(uint32 n, uint16 *numbers)
{
	FsBits		all;

	fs_bits_all(&all, n);
	fs_bits_list(&all, numbers);
}

/* Leave of the rows in found[] those whose argument is not null. */
static void
drop_nulls(FsAccumulator *acc, uint16 *found, const bool *is_null)
{
	uint32		m = 0;

	if (acc->is_all && acc->m > 0 && found[acc->m - 1] == acc->m - 1)
	{
		FsBits		nulls;
		FsBits		left;

		/* the first m rows */
		fs_bits_from_bools(is_null, acc->m, &nulls);
		fs_bits_all(&left, acc->m);
		fs_bits_and_not(&left, &nulls);
		m = fs_bits_list(&left, found);
		memcpy(acc->places, found, m * sizeof(uint16));
		acc->is_all = m == acc->m;
		acc->m = m;
		return;
	}
	for (uint32 i = 0; i < acc->m; i++)
	{
		acc->places[m] = acc->places[i];
		found[m] = found[i];
		m += !is_null[found[i]];
	}
	acc->is_all &= m == acc->m;
	acc->m = m;
}

static void
take_datum(FsAccumulator *acc, uint32 i, Datum value)
{
	switch (acc->type)
	{
		case INT2OID:
			acc->ints[i] = DatumGetInt16(value);
			break;
		case INT4OID:
		case DATEOID:
			acc->ints[i] = DatumGetInt32(value);
			break;
		case BOOLOID:
			acc->ints[i] = DatumGetBool(value);
			break;
		case FLOAT4OID:
			acc->floats[i] = DatumGetFloat4(value);
			break;
		case FLOAT8OID:
			acc->floats[i] = DatumGetFloat8(value);
			break;
		default:
			acc->ints[i] = DatumGetInt64(value);
			break;
	}
}

/* Values of a vector: of rows found[m], or of its first m. */
static void
take_stored(FsAccumulator *acc, const FsVector *vec, const uint16 *found)
{
	acc->v = found == NULL ? vec->ints : acc->ints;
	if (found != NULL)
		fs_compact_int64(vec->ints, found, acc->m, acc->ints);
	acc->is_mapped = acc->is_float;
}

/* The argument is a stored column without nulls, and there is no filter. */
static bool
prepare_plain(FsAccumulator *acc, const FsGroupRows *rows)
{
	const FsVector *vec;
	FsZone		zone;

	if (acc->filter != NULL || acc->att < 0 ||
		acc->values != NULL ||
		!fs_scan_vector_zone(rows->scan, acc->att, &zone) || zone.nulls > 0)
		return false;
	if (acc->kind == FS_AGG_COUNT)
		return true;
	if (fs_scan_vector(rows->scan, acc->att, &vec) != FS_READ_STORED ||
		vec->has_nulls)
		return false;
	take_stored(acc, vec, rows->rows);
	return true;
}

/* The argument is a column. */
static bool
prepare_column(FsAccumulator *acc, FsScan *scan, uint16 *found)
{
	bool		is_counted = acc->kind == FS_AGG_COUNT;
	const FsVector *vec;
	const Datum *values;
	const bool *isnull;
	FsZone		zone;

	if (is_counted && fs_scan_vector_zone(scan, acc->att, &zone) &&
		zone.nulls == 0)
		return true;
	switch (fs_scan_vector(scan, acc->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			if (vec->has_nulls)
				drop_nulls(acc, found, vec->is_null);
			if (!is_counted)
				take_stored(acc, vec, found);
			return true;
		case FS_READ_DATUMS:
			break;
	}
	if (!fs_scan_pick(scan, acc->att, found, acc->m, &values, &isnull))
		return false;
	acc->v = acc->ints;
	drop_nulls(acc, found, isnull);
	for (uint32 i = 0; !is_counted && i < acc->m; i++)
		take_datum(acc, i, values[found[i]]);
	return true;
}

/* The argument is an expression: row by row. */
static bool
prepare_expression(FsAccumulator *acc, FsScan *scan, uint16 *found)
{
	ExprContext *econtext = acc->in.parent->ps_ExprContext;
	TupleTableSlot *slot = acc->in.slot;
	const Datum *values[MaxHeapAttributeNumber];
	const bool *isnull[MaxHeapAttributeNumber];
	uint32		m = 0;
	int			att = -1;

	acc->v = acc->ints;
	while ((att = bms_next_member(acc->atts, att)) >= 0)
		if (!fs_scan_pick(scan, att, found, acc->m, &values[att], &isnull[att]))
			return false;
	for (uint32 i = 0; i < acc->m; i++)
	{
		uint32		row = found[i];
		Datum		value;
		bool		is_null;

		ExecClearTuple(slot);
		att = -1;
		while ((att = bms_next_member(acc->atts, att)) >= 0)
		{
			slot->tts_values[att] = isnull[att][row] ? (Datum) 0
				: values[att][row];
			slot->tts_isnull[att] = isnull[att][row];
		}
		ExecStoreVirtualTuple(slot);
		ResetExprContext(econtext);
		econtext->ecxt_scantuple = slot;
		value = ExecEvalExprSwitchContext(acc->state, econtext, &is_null);
		if (is_null)
			continue;
		acc->places[m] = acc->places[i];
		if (acc->kind != FS_AGG_COUNT)
			take_datum(acc, m, value);
		m++;
	}
	acc->is_all &= m == acc->m;
	acc->m = m;
	return true;
}

/* The weights of values, which are not NULL either. */
static bool
prepare_weights(FsAccumulator *acc, FsScan *scan, const uint16 *found)
{
	const Datum *values;
	const bool *isnull;
	uint32		m = 0;

	if (!fs_scan_pick(scan, acc->weight_att, found, acc->m, &values, &isnull))
		return false;
	for (uint32 i = 0; i < acc->m; i++)
	{
		if (isnull[found[i]])
			continue;
		acc->places[m] = acc->places[i];
		acc->ids[m] = acc->ids[i];
		acc->ints[m++] = DatumGetInt64(values[found[i]]);
	}
	acc->is_all &= m == acc->m;
	acc->m = m;
	return true;
}

/* The ids of distinct values, without NULL. */
static bool
prepare_distinct(FsAccumulator *acc, FsScan *scan, uint16 *found)
{
	FsGroupRows rows = {scan, found, acc->m};
	uint32		m = 0;

	if (!fs_columnkey_ids(acc->values, &rows, acc->ids))
		return false;
	for (uint32 i = 0; i < acc->m; i++)
	{
		acc->places[m] = acc->places[i];
		found[m] = found[i];
		acc->ids[m] = acc->ids[i];
		m += acc->ids[i] != FS_KEY_NULL;
	}
	acc->is_all &= m == acc->m;
	acc->m = m;
	return acc->entropy == NULL || acc->weight_att < 0 ||
		prepare_weights(acc, scan, found);
}

/* The rows that the FILTER leaves. */
static bool
apply_filter(FsAccumulator *acc, const FsGroupRows *rows, const FsBits *bits,
			 uint16 *found)
{
	FsBits		left = *bits;
	uint32		place = 0;

	if (!fs_filter_narrow(acc->filter, rows->scan, &left))
		return false;
	acc->m = fs_bits_list(&left, found);
	acc->is_all = acc->m == rows->n;
	for (uint32 i = 0; i < acc->m; i++)
	{
		while (rows->rows != NULL && rows->rows[place] != found[i])
			place++;
		acc->places[i] = rows->rows == NULL ? found[i] : (uint16) place;
	}
	return true;
}

bool
fs_accumulator_prepare(FsAccumulator *acc, const FsGroupRows *rows,
					   const FsBits *bits)
{
	uint16		found[FS_VECTOR_ROWS];

	acc->is_all = true;
	acc->is_mapped = false;
	acc->m = rows->n;
	if (prepare_plain(acc, rows))
		return true;
	if (acc->filter != NULL)
	{
		if (!apply_filter(acc, rows, bits, found))
			return false;
	}
	else if (acc->kind != FS_AGG_COUNT_ROWS)
	{
		list_first(acc->m, acc->places);
		memcpy(found, rows->rows == NULL ? acc->places : rows->rows, acc->m * sizeof(uint16));
	}
	if (acc->m == 0 || acc->kind == FS_AGG_COUNT_ROWS)
		return true;
	if (acc->values != NULL)
		return prepare_distinct(acc, rows->scan, found);
	if (acc->called != NULL)
		return fs_called_prepare(acc->called, rows->scan, found, acc->m);
	return acc->att >= 0 ? prepare_column(acc, rows->scan, found)
		: prepare_expression(acc, rows->scan, found);
}

/* --- groups ------------------------------------------------------------- */

/* Lengthen an array of groups, if the accumulator has it, with zeroes. */
static void *
lengthen(FsAccumulator *acc, void *old, uint32 cap, Size size)
{
	FsAllocator *allocator = acc->in.allocator;
	char	   *p = allocator->alloc(allocator, size * cap);

	if (old != NULL)
	{
		memcpy(p, old, size * acc->n);
		allocator->release(allocator, old);
	}
	memset(p + size * acc->n, 0, size * (cap - acc->n));
	return p;
}

static void
make_room(FsAccumulator *acc, uint32 ngroups)
{
	bool		is_best = fs_accumulator_is_best(acc);
	uint32		cap = Max(acc->cap, 64);

	if (ngroups <= acc->cap)
	{
		acc->n = Max(acc->n, ngroups);
		return;
	}
	while (cap < ngroups)
		cap *= 2;
	if (fs_accumulator_counts(acc))
		acc->counts = lengthen(acc, acc->counts, cap, sizeof(int64));
	if (acc->has != NULL)
		acc->has = lengthen(acc, acc->has, cap, 1);
	if (acc->is_float && acc->kind != FS_AGG_COUNT)
		acc->fsums = lengthen(acc, acc->fsums, cap, sizeof(double));
	else if (is_best)
	{
		acc->best = lengthen(acc, acc->best, cap, sizeof(int64));
		for (uint32 i = acc->n; i < cap; i++)
			acc->best[i] = fs_accumulator_best_start(acc->kind);
	}
	else if (acc->type != InvalidOid && acc->kind != FS_AGG_COUNT &&
			 acc->values == NULL && acc->called == NULL)
		acc->sums = lengthen(acc, acc->sums, cap, sizeof(FsInt128));
	if (acc->is_float && (acc->kind == FS_AGG_VARIANCE ||
						  acc->kind == FS_AGG_AVG))
		acc->fsquares = lengthen(acc, acc->fsquares, cap, sizeof(double));
	else if (acc->kind == FS_AGG_VARIANCE)
		acc->squares = lengthen(acc, acc->squares, cap, sizeof(FsUint192));
	acc->cap = cap;
	acc->n = ngroups;
}

void
fs_accumulator_reserve(FsAccumulator *acc, uint32 ngroups)
{
	make_room(acc, ngroups);
}

/* Count the pairs of group and value that are new. */
static void
add_distinct(FsAccumulator *acc, const uint32 *g)
{
	uint32		fresh[FS_VECTOR_ROWS];
	uint32		n = fs_pair_set_add(acc->pairs, g, acc->ids, acc->m, fresh);

	for (uint32 i = 0; i < n; i++)
		acc->counts[g[fresh[i]]]++;
}

void
fs_accumulator_begin_has(FsAccumulator *acc, const uint8 *met)
{
	FsAllocator *allocator = acc->in.allocator;

	if (acc->has != NULL || fs_accumulator_counts(acc))
		return;
	if (acc->cap == 0)
		make_room(acc, 1);
	acc->has = allocator->alloc(allocator, acc->cap);
	memset(acc->has, 0, acc->cap);
	/* so far a row counts in each group that has one */
	if (met != NULL)
		memcpy(acc->has, met, acc->n);
	acc->has[0] = acc->has_first;
}

void
fs_accumulator_expect(FsAccumulator *acc, const uint8 *met)
{
	if (!acc->is_all)
		fs_accumulator_begin_has(acc, met);
}

/* Note the groups g[m], in which a row counts. */
static void
note(FsAccumulator *acc, const uint32 *g)
{
	bool		has_first = false;

	if (fs_accumulator_counts(acc))
		fs_group_count(g, acc->m, acc->counts);
	else if (acc->has != NULL)
		fs_group_mark(g, acc->m, acc->has);
	else if (!acc->has_first)
	{
		for (uint32 i = 0; i < acc->m; i++)
			has_first |= g[i] == 0;
		acc->has_first = has_first;
	}
}

static void
add_best(FsAccumulator *acc, const uint32 *g)
{
	switch (acc->kind)
	{
		case FS_AGG_MIN:
			fs_group_min(g, acc->v, acc->m, acc->best);
			break;
		case FS_AGG_MAX:
			fs_group_max(g, acc->v, acc->m, acc->best);
			break;
		case FS_AGG_BIT_AND:
			fs_group_and(g, acc->v, acc->m, acc->best);
			break;
		default:
			fs_group_or(g, acc->v, acc->m, acc->best);
			break;
	}
}

void
fs_accumulator_add(FsAccumulator *acc, const uint32 *groups, uint32 ngroups)
{
	uint32		some[FS_VECTOR_ROWS];
	const uint32 *g = groups;

	make_room(acc, ngroups);
	if (acc->m == 0)
		return;
	if (!acc->is_all)
	{
		fs_compact_uint32(groups, acc->places, acc->m, some);
		g = some;
	}
	if (acc->kind == FS_AGG_COUNT_DISTINCT)
	{
		add_distinct(acc, g);
		return;
	}
	if (acc->called != NULL)
	{
		fs_called_add(acc->called, g, ngroups);
		return;
	}
	if (acc->entropy != NULL)
	{
		fs_entropy_add(acc->entropy, g, acc->ids,
					   acc->weight_att < 0 ? NULL : acc->ints, acc->m);
		return;
	}
	if (acc->is_float && acc->kind != FS_AGG_COUNT)
	{
		fs_accumulator_add_floats(acc, g);
		return;
	}
	note(acc, g);
	if (acc->best != NULL)
		add_best(acc, g);
	if (acc->is_watched && !acc->has_negative)
		acc->has_negative = fs_reduce_min(acc->v, acc->m) < 0;
	if (acc->sums != NULL)
		fs_group_sum(g, acc->v, acc->m, acc->sums);
	if (acc->squares != NULL)
		fs_group_sum_squares(g, acc->v, acc->m, acc->squares);
}

bool
fs_accumulator_is_row_count(const FsAccumulator *acc)
{
	return acc->kind == FS_AGG_COUNT_ROWS && acc->filter == NULL;
}

void
fs_accumulator_add_rows(FsAccumulator *acc, uint32 group, uint64 n)
{
	make_room(acc, group + 1);
	acc->counts[group] += (int64) n;
}

Size
fs_accumulator_bytes(const FsAccumulator *acc)
{
	Size		bytes = 0;

	if (acc->counts != NULL)
		bytes += (Size) acc->cap * 8;
	if (acc->has != NULL)
		bytes += acc->cap;
	if (acc->sums != NULL)
		bytes += (Size) acc->cap * sizeof(FsInt128);
	if (acc->squares != NULL)
		bytes += (Size) acc->cap * sizeof(FsUint192);
	if (acc->best != NULL || acc->fsums != NULL)
		bytes += (Size) acc->cap * 8;
	if (acc->fsquares != NULL)
		bytes += (Size) acc->cap * 8;
	if (acc->values != NULL)
		bytes += fs_columnkey_bytes(acc->values);
	if (acc->pairs != NULL)
		bytes += fs_pair_set_bytes(acc->pairs);
	if (acc->entropy != NULL)
		bytes += fs_entropy_bytes(acc->entropy);
	return bytes + fs_accumulator_state_bytes(acc);
}

Size
fs_accumulator_state_bytes(const FsAccumulator *acc)
{
	return acc->called != NULL ? fs_called_bytes(acc->called) : 0;
}

static void
release(FsAccumulator *acc, void *p)
{
	if (p != NULL)
		acc->in.allocator->release(acc->in.allocator, p);
}

void
fs_accumulator_reset(FsAccumulator *acc)
{
	release(acc, acc->counts);
	release(acc, acc->sums);
	release(acc, acc->squares);
	release(acc, acc->best);
	release(acc, acc->fsums);
	release(acc, acc->fsquares);
	release(acc, acc->has);
	acc->counts = acc->best = NULL;
	acc->sums = NULL;
	acc->squares = NULL;
	acc->fsums = acc->fsquares = NULL;
	acc->has = NULL;
	acc->has_first = acc->has_negative = false;
	acc->cap = acc->n = 0;
	if (acc->values != NULL)
		fs_columnkey_reset(acc->values);
	if (acc->entropy != NULL)
		fs_entropy_reset(acc->entropy);
	if (acc->called != NULL)
		fs_called_reset(acc->called);
	if (acc->pairs != NULL)
	{
		fs_pair_set_destroy(acc->pairs);
		acc->pairs = fs_pair_set_create(acc->in.allocator,
										pg_prng_uint64(&pg_global_prng_state));
	}
}
