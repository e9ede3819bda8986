/*-------------------------------------------------------------------------
 *
 * Slots of flowstore tables.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "utils/rel.h"

#include "am/scanvalue.h"
#include "am/slot.h"
#include "compat.h"

typedef struct FlowSlot
{
	VirtualTupleTableSlot base;
	TransactionId xmin;
	CommandId	cmin;
	HeapTuple	tuple;			/* of the values, if asked for, or NULL */
} FlowSlot;

TupleTableSlotOps fs_slot_ops;

static Datum
slot_getsysattr_flow(TupleTableSlot *slot, int attnum, bool *isnull)
{
	FlowSlot   *flow = (FlowSlot *) slot;

	*isnull = false;
	switch (attnum)
	{
		case MinTransactionIdAttributeNumber:
			return TransactionIdGetDatum(flow->xmin);
		case MinCommandIdAttributeNumber:
			return CommandIdGetDatum(flow->cmin);
		case MaxTransactionIdAttributeNumber:
			return TransactionIdGetDatum(InvalidTransactionId);
		case MaxCommandIdAttributeNumber:
			return CommandIdGetDatum(FirstCommandId);
		default:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot retrieve a system column in this context")));
	}
}

/* Did the current transaction write the row?  Foreign keys ask since 17. */
static bool
slot_is_current_flow(TupleTableSlot *slot)
{
	return TransactionIdIsCurrentTransactionId(((FlowSlot *) slot)->xmin);
}

static HeapTuple
slot_copy_heap_tuple_flow(TupleTableSlot *slot)
{
	HeapTuple	tuple = heap_form_tuple(slot->tts_tupleDescriptor,
										slot->tts_values, slot->tts_isnull);

	tuple->t_self = slot->tts_tid;
	tuple->t_tableOid = slot->tts_tableOid;
	return tuple;
}

/*
 * Core expects to be lent the tuple: a BEFORE INSERT trigger's is not freed
 * before the end of the query if a copy is all that can be had.
 */
static HeapTuple
slot_get_heap_tuple_flow(TupleTableSlot *slot)
{
	FlowSlot   *flow = (FlowSlot *) slot;

	if (flow->tuple == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(slot->tts_mcxt);

		flow->tuple = slot_copy_heap_tuple_flow(slot);
		MemoryContextSwitchTo(old);
	}
	flow->tuple->t_self = slot->tts_tid;
	flow->tuple->t_tableOid = slot->tts_tableOid;
	return flow->tuple;
}

static void
slot_clear_flow(TupleTableSlot *slot)
{
	FlowSlot   *flow = (FlowSlot *) slot;

	if (flow->tuple != NULL)
		heap_freetuple(flow->tuple);
	flow->tuple = NULL;
	TTSOpsVirtual.clear(slot);
}

/* A copy is the same row: it keeps the TID, which virtual slots forget. */
static void
slot_copyslot_flow(TupleTableSlot *to, TupleTableSlot *from)
{
	slot_clear_flow(to);
	TTSOpsVirtual.copyslot(to, from);
	to->tts_tid = from->tts_tid;
	to->tts_tableOid = from->tts_tableOid;
	if (from->tts_ops == &fs_slot_ops)
	{
		((FlowSlot *) to)->xmin = ((FlowSlot *) from)->xmin;
		((FlowSlot *) to)->cmin = ((FlowSlot *) from)->cmin;
	}
}

void
fs_slot_init(void)
{
	fs_slot_ops = TTSOpsVirtual;
	*(size_t *) &fs_slot_ops.base_slot_size = sizeof(FlowSlot);
	fs_slot_ops.getsysattr = slot_getsysattr_flow;
	fs_slot_ops_set_is_current(fs_slot_ops, slot_is_current_flow);
	fs_slot_ops.clear = slot_clear_flow;
	fs_slot_ops.get_heap_tuple = slot_get_heap_tuple_flow;
	fs_slot_ops.copyslot = slot_copyslot_flow;
	fs_slot_ops.copy_heap_tuple = slot_copy_heap_tuple_flow;
}

void
fs_slot_set_writer(TupleTableSlot *slot, TransactionId xmin, CommandId cmin)
{
	if (slot->tts_ops != &fs_slot_ops)
		return;
	((FlowSlot *) slot)->xmin = xmin;
	((FlowSlot *) slot)->cmin = cmin;
}

bool
fs_slot_store_row(TupleTableSlot *slot, FsScan *scan, uint32 i)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	ExecClearTuple(slot);
	for (int att = 0; att < natts; att++)
	{
		const Datum *values;
		const bool *isnull;

		if (!fs_scan_column(scan, att, &values, &isnull))
			return false;
		slot->tts_values[att] = values[i];
		slot->tts_isnull[att] = isnull[i];
	}
	fs_slot_set_writer(slot, fs_scan_item(scan)->xmin,
					   fs_scan_item(scan)->cmin);
	fs_scan_tid(scan, i, &slot->tts_tid);
	slot->tts_tableOid = fs_scan_relid(scan);
	ExecStoreVirtualTuple(slot);
	return true;
}
