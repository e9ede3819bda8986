/*-------------------------------------------------------------------------
 *
 * Rewriting the directory, for VACUUM FULL.
 *
 * Core's rewrite module keeps xmin, xmax and update chains, so snapshots
 * older than the VACUUM FULL still see what they saw.  It makes no index
 * entries; they are made here, because the two TOAST tables are then swapped
 * by content, indexes included.
 *
 * Building the index would leave out items that have ended but are still seen:
 * the new table is one of this transaction, where nobody else's snapshots are
 * thought to count.  So an entry is made for each tuple, in the order of keys.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/multixact.h"
#include "access/rewriteheap.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_internals.h"
#include "access/transam.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "directory/directory.h"

/* A tuple of the new TOAST table, for its index. */
typedef struct Entry
{
	FsPartition partition;
	int32		number;			/* as the index orders it */
	ItemPointerData tid;
} Entry;

typedef struct Entries
{
	Entry	   *list;			/* [n] */
	uint64		n;
	uint64		cap;
} Entries;

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

/* Note where a tuple with the key of the old one was written. */
static void
add_entry(Entries *entries, Relation toast, HeapTuple old, HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(toast);
	Entry	   *entry;
	bool		isnull;

	/* core puts tuples off that were updated, which no item ever is */
	if (!ItemPointerIsValid(&tuple->t_self))
		elog(ERROR, "unexpected update of a directory item");
	if (entries->n == entries->cap)
	{
		entries->cap *= 2;
		entries->list = repalloc_huge(entries->list,
									  sizeof(Entry) * entries->cap);
	}
	entry = &entries->list[entries->n++];
	entry->partition = DatumGetObjectId(fastgetattr(old, 1, desc, &isnull));
	entry->number = DatumGetInt32(fastgetattr(old, 2, desc, &isnull));
	entry->tid = tuple->t_self;
}

static int
by_key(const void *a, const void *b)
{
	const Entry *x = a;
	const Entry *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number ? 1 : 0;
}

static void
set_size(Relation rel, uint64 ntuples)
{
	fs_update_relstats(rel, RelationGetNumberOfBlocks(rel), ntuples,
					   InvalidTransactionId, InvalidMultiXactId);
}

/*
 * Insert all entries into an empty index.  Two tuples may have one key, an item
 * that was relocated and what it was before; nothing has to be checked.
 */
static void
fill_index(Relation toast, Relation index, const Entries *entries)
{
	bool		isnull[2] = {false, false};

	for (uint64 i = 0; i < entries->n; i++)
	{
		Entry	   *entry = &entries->list[i];
		Datum		values[2];

		CHECK_FOR_INTERRUPTS();
		values[0] = ObjectIdGetDatum(entry->partition);
		values[1] = Int32GetDatum(entry->number);
		index_insert(index, values, isnull, &entry->tid, toast,
					 UNIQUE_CHECK_NO, false, NULL);
	}
	set_size(index, entries->n);
}

static void
fill_indexes(Relation toast, Entries *entries)
{
	Relation   *indexes;
	int			nindexes;

	qsort(entries->list, entries->n, sizeof(Entry), by_key);
	(void) toast_open_indexes(toast, RowExclusiveLock, &indexes, &nindexes);
	for (int i = 0; i < nindexes; i++)
		fill_index(toast, indexes[i], entries);
	toast_close_indexes(indexes, nindexes, NoLock);
	set_size(toast, entries->n);
}

static void
copy_tuples(Relation from, RewriteState state, TransactionId oldest_xmin,
			FsMoveItem move, void *arg, double *counts, Entries *entries)
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
			ItemPointerSetInvalid(&moved->t_self);
			rewrite_heap_tuple(state, tuple, moved);
			add_entry(entries, from, tuple, moved);
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
	Entries		entries = {NULL, 0, 256};

	if (old_toast == NULL)
		return;
	new_toast = fs_directory_open(to, AccessExclusiveLock);
	if (new_toast == NULL)
		elog(ERROR, "unexpected lack of a TOAST table");
	entries.list = palloc(sizeof(Entry) * entries.cap);
	state = begin_heap_rewrite(old_toast, new_toast, oldest_xmin, freeze_xid,
							   cutoff_multi);
	copy_tuples(old_toast, state, oldest_xmin, move, arg, counts, &entries);
	end_heap_rewrite(state);
	fill_indexes(new_toast, &entries);
	pfree(entries.list);
	table_close(new_toast, NoLock);
	table_close(old_toast, NoLock);
	CommandCounterIncrement();
	*live = counts[0];
	*dead = counts[1];
	*recently_dead = counts[2];
}
