/*-------------------------------------------------------------------------
 *
 * Rewriting the directory, for VACUUM FULL.
 *
 * Core's rewrite module keeps xmin, xmax and update chains, so snapshots
 * older than the VACUUM FULL still see what they saw.  It makes no index
 * entries; the index is built here, because the two TOAST tables are then
 * swapped by content, indexes included.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/rewriteheap.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "directory/directory.h"

/*
 * The tuple that names the moved item; NULL if it is not to be moved.  An item
 * whose layout is broken is kept as it is, for flow.check() to find.
 */
static HeapTuple
move_tuple(Relation toast, HeapTuple tuple, bool is_live, FsMoveItem move,
		   void *arg)
{
	TupleDesc	desc = RelationGetDescr(toast);
	Datum		values[3];
	bool		isnull[3];
	bytea	   *data;
	FsItem		item;
	const FsItemHead *moved;
	uint32		len;

	heap_deform_tuple(tuple, desc, values, isnull);
	data = (bytea *) DatumGetPointer(values[2]);
	item.partition = DatumGetObjectId(values[0]);
	item.number = (uint32) DatumGetInt32(values[1]);
	item.xmin = is_live ? HeapTupleHeaderGetXmin(tuple->t_data)
		: InvalidTransactionId;
	item.cmin = FirstCommandId;
	item.len = VARSIZE_ANY_EXHDR(data);
	item.head = palloc(item.len);
	memcpy((char *) item.head, VARDATA_ANY(data), item.len);
	if (item.len < sizeof(FsItemHead) ||
		item.head->crc != fs_item_crc(item.partition, item.number, item.head,
									  item.len) ||
		fs_item_fault(item.head, item.len) != NULL)
		return heap_copytuple(tuple);

	moved = move(&item, &len, arg);
	if (moved == NULL)
		return NULL;
	data = palloc(VARHDRSZ + len);
	SET_VARSIZE(data, VARHDRSZ + len);
	memcpy(VARDATA(data), moved, len);
	fs_directory_seal(item.partition, item.number, VARDATA(data), len);
	values[2] = PointerGetDatum(data);
	return heap_form_tuple(desc, values, isnull);
}

static void
copy_tuples(Relation from, Relation to, RewriteState state,
			TransactionId oldest_xmin, FsMoveItem move, void *arg,
			double *counts)
{
	TableScanDesc scan = heap_beginscan(from, SnapshotAny, 0, NULL, NULL,
										SO_TYPE_SEQSCAN | SO_ALLOW_STRAT);
	HeapTuple	tuple;
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore rewrite",
											  ALLOCSET_DEFAULT_SIZES);

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		MemoryContext old;
		Buffer		buf = ((HeapScanDesc) scan)->rs_cbuf;
		HTSV_Result result;
		HeapTuple	moved = NULL;

		CHECK_FOR_INTERRUPTS();
		LockBuffer(buf, BUFFER_LOCK_SHARE);
		result = HeapTupleSatisfiesVacuum(tuple, oldest_xmin, buf);
		LockBuffer(buf, BUFFER_LOCK_UNLOCK);
		old = MemoryContextSwitchTo(cxt);
		if (result != HEAPTUPLE_DEAD)
			moved = move_tuple(from, tuple, result == HEAPTUPLE_LIVE, move,
							   arg);
		if (moved != NULL)
		{
			counts[result == HEAPTUPLE_RECENTLY_DEAD ? 2 : 0] += 1;
			rewrite_heap_tuple(state, tuple, moved);
		}
		else
		{
			counts[1] += 1;
			(void) rewrite_heap_dead_tuple(state, tuple);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	MemoryContextDelete(cxt);
	heap_endscan(scan);
}

void
fs_directory_rewrite(Relation from, Relation to, TransactionId oldest_xmin,
					 TransactionId freeze_xid, MultiXactId cutoff_multi,
					 FsMoveItem move, void *arg,
					 double *live, double *dead, double *recently_dead)
{
	Relation	old_toast = fs_directory_open(from, AccessExclusiveLock);
	Relation	new_toast;
	RewriteState state;
	double		counts[3] = {0, 0, 0};
	Oid			new_toastid;

	if (old_toast == NULL)
		return;
	new_toast = fs_directory_open(to, AccessExclusiveLock);
	if (new_toast == NULL)
		elog(ERROR, "unexpected lack of a TOAST table");
	state = begin_heap_rewrite(old_toast, new_toast, oldest_xmin, freeze_xid,
							   cutoff_multi);
	copy_tuples(old_toast, new_toast, state, oldest_xmin, move, arg, counts);
	end_heap_rewrite(state);
	new_toastid = RelationGetRelid(new_toast);
	table_close(new_toast, NoLock);
	table_close(old_toast, NoLock);

	CommandCounterIncrement();
	fs_reindex_relation(new_toastid);
	CommandCounterIncrement();
	*live = counts[0];
	*dead = counts[1];
	*recently_dead = counts[2];
}
