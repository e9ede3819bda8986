/*-------------------------------------------------------------------------
 *
 * Expressions in a filter, evaluated by PostgreSQL.
 *
 * An expression of one column whose values are in a dictionary is evaluated
 * for the values of rows that are still in question, each once a chunk.
 * Values of rows that an earlier clause has ruled out are never looked at: the
 * expression might fail for them, or tell of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"

#include "filter/node.h"

/* Evaluate for what is in the slot. */
static FsVerdict
ask(FsFilterTask *task, FsFilterNode *node)
{
	ExprContext *econtext = task->filter->econtext;
	Datum		value;
	bool		isnull;

	ResetExprContext(econtext);
	econtext->ecxt_scantuple = task->filter->slot;
	value = ExecEvalExprSwitchContext(node->state, econtext, &isnull);
	return isnull ? FS_VERDICT_NULL
		: DatumGetBool(value) ? FS_VERDICT_TRUE : FS_VERDICT_FALSE;
}

/* Make the slot hold a row whose columns are filled in one by one. */
static void
begin_row(TupleTableSlot *slot)
{
	ExecClearTuple(slot);
	ExecStoreVirtualTuple(slot);
}

/* The verdict on one value of the node's only column. */
static FsVerdict
ask_value(FsFilterTask *task, FsFilterNode *node, Datum value, bool isnull)
{
	TupleTableSlot *slot = task->filter->slot;

	begin_row(slot);
	slot->tts_values[node->att] = value;
	slot->tts_isnull[node->att] = isnull;
	return ask(task, node);
}

/* Verdicts of the chunk's dictionary, none of them given yet at first. */
static void
prepare_verdicts(FsFilterTask *task, FsFilterNode *node, uint32 dict_n)
{
	fs_filter_enter_chunk(task);
	if (node->visit == task->filter->visit && node->dict_n == dict_n &&
		node->verdicts != NULL)
		return;
	node->visit = task->filter->visit;
	node->dict_n = dict_n;
	node->verdicts = MemoryContextAllocZero(task->filter->chunk_cxt, dict_n);
}

/* Rows of a column with a dictionary. */
static bool
eval_coded(FsFilterTask *task, FsFilterNode *node, const FsVector *vec,
		   const uint16 *rows, uint32 n, FsVerdict wanted, FsBits *out)
{
	FsVerdict	null_verdict = FS_VERDICT_UNKNOWN;
	uint32		codes[FS_VECTOR_ROWS];
	uint32		ncodes = 0;
	const Datum *dict = NULL;

	prepare_verdicts(task, node, vec->dict_n);
	for (uint32 i = 0; i < n; i++)
		if (!vec->is_null[rows[i]] &&
			node->verdicts[vec->codes[rows[i]]] == FS_VERDICT_UNKNOWN)
			codes[ncodes++] = vec->codes[rows[i]];
	if (ncodes > 0 &&
		!fs_scan_codes(task->scan, node->att, codes, ncodes, &dict))
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows[i];
		FsVerdict	verdict;

		if (vec->is_null[row])
		{
			if (null_verdict == FS_VERDICT_UNKNOWN)
				null_verdict = ask_value(task, node, (Datum) 0, true);
			verdict = null_verdict;
		}
		else
		{
			uint32		code = vec->codes[row];

			if (node->verdicts[code] == FS_VERDICT_UNKNOWN)
				node->verdicts[code] = ask_value(task, node, dict[code], false);
			verdict = node->verdicts[code];
		}
		if (verdict == wanted)
			fs_bits_add(out, row);
	}
	return true;
}

/* Rows of any column: neighbours often have the same value. */
static bool
eval_values(FsFilterTask *task, FsFilterNode *node, const uint16 *rows,
			uint32 n, FsVerdict wanted, FsBits *out)
{
	bool		is_byval = TupleDescAttr(task->filter->slot->tts_tupleDescriptor,
										 node->att)->attbyval;
	FsVerdict	verdict = FS_VERDICT_UNKNOWN;
	Datum		last = 0;
	bool		last_isnull = false;
	const Datum *values;
	const bool *isnull;

	if (!fs_scan_pick(task->scan, node->att, rows, n, &values, &isnull))
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows[i];
		bool		is_same = verdict != FS_VERDICT_UNKNOWN &&
			isnull[row] == last_isnull &&
			(last_isnull || (is_byval && values[row] == last));

		if (!is_same)
		{
			last = isnull[row] ? (Datum) 0 : values[row];
			last_isnull = isnull[row];
			verdict = ask_value(task, node, last, last_isnull);
		}
		if (verdict == wanted)
			fs_bits_add(out, row);
	}
	return true;
}

/* Rows, each with all columns that the expression needs. */
static bool
eval_rows(FsFilterTask *task, FsFilterNode *node, const uint16 *rows,
		  uint32 n, FsVerdict wanted, FsBits *out)
{
	TupleTableSlot *slot = task->filter->slot;
	int			natts = bms_num_members(node->atts);
	const Datum **values = palloc(sizeof(Datum *) * Max(natts, 1));
	const bool **isnull = palloc(sizeof(bool *) * Max(natts, 1));
	bool		is_sound = true;
	int			att = -1;

	for (int k = 0; is_sound && (att = bms_next_member(node->atts, att)) >= 0; k++)
		is_sound = fs_scan_pick(task->scan, att, rows, n, &values[k],
								&isnull[k]);
	for (uint32 i = 0; is_sound && i < n; i++)
	{
		begin_row(slot);
		att = -1;
		for (int k = 0; (att = bms_next_member(node->atts, att)) >= 0; k++)
		{
			slot->tts_values[att] = isnull[k][rows[i]] ? (Datum) 0
				: values[k][rows[i]];
			slot->tts_isnull[att] = isnull[k][rows[i]];
		}
		fs_scan_tid(task->scan, rows[i], &slot->tts_tid);
		slot->tts_tableOid = fs_scan_relid(task->scan);
		if (ask(task, node) == wanted)
			fs_bits_add(out, rows[i]);
	}
	pfree(values);
	pfree(isnull);
	return is_sound;
}

bool
fs_filter_eval_expr(FsFilterTask *task, FsFilterNode *node, bool want,
					const FsBits *in, FsBits *out)
{
	FsVerdict	wanted = want ? FS_VERDICT_TRUE : FS_VERDICT_FALSE;
	uint16		rows[FS_VECTOR_ROWS];
	uint32		n = fs_bits_list(in, rows);
	const FsVector *vec;

	fs_bits_none(out);
	if (n == 0)
		return true;
	if (!node->has_memo)
	{
		task->ways |= 1 << FS_WAY_ROWS;
		return eval_rows(task, node, rows, n, wanted, out);
	}
	switch (fs_scan_vector(task->scan, node->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			if (vec->dict_n == 0)
				break;
			task->ways |= 1 << FS_WAY_DISTINCT;
			return eval_coded(task, node, vec, rows, n, wanted, out);
		case FS_READ_DATUMS:
			break;
	}
	task->ways |= 1 << FS_WAY_ROWS;
	return eval_values(task, node, rows, n, wanted, out);
}
