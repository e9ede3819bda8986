/*-------------------------------------------------------------------------
 *
 * The rows of any node, as vectors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "am/rowscan.h"
#include "exec/rowbatch.h"

struct FsRowBatch
{
	PlanState  *node;
	FsScan	   *scan;
	MemoryContext cxt;			/* of the values of a vector */
	FsBits		bits;
	bool		is_done;
};

FsRowBatch *
fs_rowbatch_create(PlanState *node)
{
	FsRowBatch *rows = palloc0(sizeof(FsRowBatch));

	rows->node = node;
	rows->scan = fs_rowscan_create(ExecGetResultType(node));
	rows->cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore rows",
									  ALLOCSET_DEFAULT_SIZES);
	return rows;
}

void
fs_rowbatch_free(FsRowBatch *rows)
{
	fs_rowscan_free(rows->scan);
	MemoryContextDelete(rows->cxt);
	pfree(rows);
}

/* Take over a row; what it points to may be gone with the next one. */
static void
take_row(FsRowBatch *rows, uint32 i, TupleTableSlot *slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	Datum		values[MaxTupleAttributeNumber];
	MemoryContext old;

	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(rows->cxt);
	for (int att = 0; att < desc->natts; att++)
	{
		Form_pg_attribute form = TupleDescAttr(desc, att);

		values[att] = slot->tts_isnull[att] ? (Datum) 0
			: datumCopy(slot->tts_values[att], form->attbyval, form->attlen);
	}
	MemoryContextSwitchTo(old);
	fs_rowscan_set(rows->scan, i, values, slot->tts_isnull);
}

bool
fs_rowbatch_next(FsRowBatch *rows, FsBatch *batch)
{
	uint32		n = 0;

	MemoryContextReset(rows->cxt);
	while (!rows->is_done && n < FS_VECTOR_ROWS)
	{
		TupleTableSlot *slot = ExecProcNode(rows->node);

		if (TupIsNull(slot))
			rows->is_done = true;
		else
			take_row(rows, n++, slot);
	}
	if (n == 0)
		return false;
	fs_rowscan_enter(rows->scan, n);
	fs_bits_all(&rows->bits, n);
	batch->scan = rows->scan;
	batch->rows = NULL;
	batch->n = n;
	batch->is_all = true;
	batch->bits = &rows->bits;
	return true;
}

void
fs_rowbatch_reset(FsRowBatch *rows)
{
	rows->is_done = false;
}
