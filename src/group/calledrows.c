/*-------------------------------------------------------------------------
 *
 * Aggregates by their own functions: from rows to states.
 *
 * Functions are called row by row, or for a vector at once where there is one
 * for that.  An aggregate that is not changed by a value it has had is given
 * most repetitions never (group/seen).  Of sum(numeric) whole numbers are
 * added as integers, apart from the state.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"

#include "am/typemap.h"
#include "group/calledstate.h"
#include "group/whole.h"
#include "vector/group.h"

/* The Datums of the codes of the rows at hand. */
static bool
fetch_codes(FsCalled *called, const FsVector *vec)
{
	uint32		codes[FS_VECTOR_ROWS];
	uint32		n = 0;

	for (uint32 i = 0; i < called->m; i++)
	{
		codes[n] = vec->codes[called->rows[i]];
		n += !vec->has_nulls || !vec->is_null[called->rows[i]];
	}
	return n == 0 || fs_scan_codes(called->scan, called->args[0].att, codes,
								   n, &called->dict);
}

/* Of a set: its column as stored, if values are codes or integers. */
static bool
prepare_set(FsCalled *called)
{
	int			att = called->args[0].att;
	const FsVector *vec;

	switch (fs_scan_vector(called->scan, att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			if (vec->dict_n > 0 && !fetch_codes(called, vec))
				return false;
			if (vec->dict_n > 0 ||
				fs_scan_typemap(called->scan, att)->spec.kind == FS_KIND_INT)
				called->vector = vec;
			return true;
		case FS_READ_DATUMS:
			break;
	}
	return true;
}

bool
fs_called_prepare(FsCalled *called, FsScan *scan, const uint16 *found,
				  uint32 m)
{
	int			att = -1;

	called->scan = scan;
	called->m = m;
	called->vector = NULL;
	memcpy(called->rows, found, m * sizeof(uint16));
	if (called->seen != NULL && !prepare_set(called))
		return false;
	while (called->vector == NULL &&
		   (att = bms_next_member(called->atts, att)) >= 0)
		if (!fs_scan_pick(scan, att, found, m, &called->values[att],
						  &called->isnull[att]))
			return false;
	return true;
}

static void
set_slot(FsCalled *called, uint32 row)
{
	TupleTableSlot *slot = called->in.slot;
	ExprContext *econtext = called->in.parent->ps_ExprContext;
	int			att = -1;

	ExecClearTuple(slot);
	while ((att = bms_next_member(called->atts, att)) >= 0)
	{
		slot->tts_values[att] = called->isnull[att][row] ? (Datum) 0
			: called->values[att][row];
		slot->tts_isnull[att] = called->isnull[att][row];
	}
	ExecStoreVirtualTuple(slot);
	ResetExprContext(econtext);
	econtext->ecxt_scantuple = slot;
}

static Datum
cast_to_float(Oid cast, Datum value)
{
	return Float8GetDatum(cast == F_FLOAT8_INT8 ? (float8) DatumGetInt64(value)
						  : cast == F_FLOAT8_INT4 ? DatumGetInt32(value)
						  : DatumGetInt16(value));
}

static void
set_values(FsCalled *called, uint32 row)
{
	if (called->has_expressions)
		set_slot(called, row);
	for (int i = 0; i < called->nargs; i++)
	{
		const Argument *arg = &called->args[i];
		NullableDatum *value = &called->call->args[i + 1];

		if (arg->state != NULL)
			value->value =
				ExecEvalExprSwitchContext(arg->state,
										  called->in.parent->ps_ExprContext,
										  &value->isnull);
		else if (arg->att >= 0)
		{
			value->isnull = called->isnull[arg->att][row];
			value->value = value->isnull ? (Datum) 0
				: called->values[arg->att][row];
			if (arg->cast != InvalidOid && !value->isnull)
				value->value = cast_to_float(arg->cast, value->value);
		}
	}
}

/* Add what is whole apart, and leave the rest of values[m]; returns how many. */
static uint32
add_whole(FsCalled *called, Datum *values, uint32 *g, uint32 m)
{
	int64		whole[FS_VECTOR_ROWS];
	uint32		groups[FS_VECTOR_ROWS];
	uint32		n = 0;
	uint32		left = 0;

	for (uint32 i = 0; i < m; i++)
	{
		if (fs_whole_of_numeric(values[i], &whole[n]))
			groups[n++] = g[i];
		else
		{
			values[left] = values[i];
			g[left++] = g[i];
		}
	}
	fs_group_sum(groups, whole, n, called->sums);
	fs_group_mark(groups, n, called->summed);
	return left;
}

/* Add values[m], none of them NULL, as the only argument that varies. */
static void
add_values(FsCalled *called, const Datum *values, const uint32 *g, uint32 m)
{
	if (called->batch != NULL)
	{
		called->batch(called->call, called->states, g, values, m);
		MemoryContextReset(called->row_cxt);
		return;
	}
	called->call->args[1].isnull = false;
	for (uint32 i = 0; i < m; i++)
	{
		called->call->args[1].value = values[i];
		fs_called_change_state(called, &called->states[g[i]], called->call);
		MemoryContextReset(called->row_cxt);
	}
}

/* Values that groups were perhaps not given yet. */
static void
add_set(FsCalled *called, const uint32 *g)
{
	const FsVector *vec = called->vector;
	int			att = called->args[0].att;
	const FsTypeMap *map = fs_scan_typemap(called->scan, att);
	Datum		values[FS_VECTOR_ROWS];
	uint32		groups[FS_VECTOR_ROWS];
	uint16		places[FS_VECTOR_ROWS];
	uint32		n = fs_seen_fresh(called->seen, called->scan, att, vec,
								  called->rows, g, called->m, places);

	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = called->rows[places[i]];

		groups[i] = g[places[i]];
		values[i] = vec->dict_n > 0 ? called->dict[vec->codes[row]]
			: fs_typemap_from_int(map, vec->ints[row]);
	}
	add_values(called, values, groups, n);
}

/* Values of a column. */
static void
add_column(FsCalled *called, const uint32 *g)
{
	const Argument *arg = &called->args[0];
	Datum		values[FS_VECTOR_ROWS];
	uint32		groups[FS_VECTOR_ROWS];
	uint32		n = 0;

	for (uint32 i = 0; i < called->m; i++)
	{
		uint32		row = called->rows[i];

		if (called->isnull[arg->att][row])
			continue;
		groups[n] = g[i];
		values[n++] = called->values[arg->att][row];
	}
	for (uint32 i = 0; arg->cast != InvalidOid && i < n; i++)
		values[i] = cast_to_float(arg->cast, values[i]);
	if (called->has_sums)
		n = add_whole(called, values, groups, n);
	add_values(called, values, groups, n);
}

void
fs_called_add(FsCalled *called, const uint32 *g, uint32 ngroups)
{
	MemoryContext old;

	fs_called_make_room(called, ngroups);
	old = MemoryContextSwitchTo(called->row_cxt);
	if (called->vector != NULL)
		add_set(called, g);
	else if (called->batch != NULL || called->has_sums)
		add_column(called, g);
	else
		for (uint32 i = 0; i < called->m; i++)
		{
			set_values(called, called->rows[i]);
			fs_called_change_state(called, &called->states[g[i]], called->call);
			MemoryContextReset(called->row_cxt);
		}
	MemoryContextSwitchTo(old);
}
