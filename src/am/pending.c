/*-------------------------------------------------------------------------
 *
 * Pending rows.
 *
 * heap_insert stamps an item with the xid of the current subtransaction, so
 * rows are best written while their own subtransaction is current.  If a
 * nested one must read them first (a trigger with an exception block, say),
 * they are written under its xid and kept: should it abort, its items vanish
 * and the rows are pending again; once it has committed into their owner they
 * are let go.  A scan that was begun under the nested one ends with it, and a
 * query that is to outlive it has had the rows written when it started.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/relation.h"
#include "access/xact.h"
#include "datatype/timestamp.h"
#include "lib/ilist.h"
#include "storage/predicate.h"
#include "utils/memutils.h"

#include "am/buffer.h"
#include "am/bufferset.h"
#include "am/changes.h"
#include "am/commit.h"
#include "am/deleted.h"
#include "am/future.h"
#include "am/options.h"
#include "am/partition.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "am/slot.h"
#include "am/tableoptions.h"
#include "compat.h"
#include "store/meta.h"

typedef struct PendingTable
{
	dlist_node	node;
	Oid			relid;
	FsFileNumber file;
	SubTransactionId subid;		/* whose rows these are */
	SubTransactionId written_in;	/* nested one that wrote them, or invalid */
	CommandId	cid;
	MemoryContext cxt;
	FsBufferLayout *layout;
	int			nvarlena;
	int		   *varlena;		/* [nvarlena] attributes that may be toasted */
	int64		partition_us;
	FsWatch		watch;
	FsFuture	future;
	BufferAccessStrategy ring;	/* of bulk writes, made when needed */
	FsBufferSet set;
} PendingTable;

static dlist_head tables = DLIST_STATIC_INIT(tables);
static Size total_bytes = 0;	/* memory of all buffers */

/* Our turn before commit is over: what another callback inserts is written. */
static bool is_ending = false;

static void
drop_table(PendingTable *table)
{
	for (uint32 i = 0; i < table->set.n; i++)
		total_bytes -= fs_buffer_memory(table->set.buffers[i]);
	dlist_delete(&table->node);
	MemoryContextDelete(table->cxt);
}

static void
note_buffer(const PendingTable *table, const FsBuffer *buffer)
{
	int64		min_us;
	int64		max_us;

	if (table->watch == FS_WATCH_WHOLE)
		fs_changes_note_whole(table->relid);
	else if (table->watch == FS_WATCH_TIMES &&
			 fs_buffer_times(buffer, &min_us, &max_us))
		fs_changes_note(table->relid, min_us, max_us);
}

static void
put_buffer(PendingTable *table, FsBuffer *buffer, Relation rel)
{
	MemoryContext old = MemoryContextSwitchTo(table->cxt);

	note_buffer(table, buffer);

	/* rows that a nested subtransaction writes may become pending again */
	if (table->subid == GetCurrentSubTransactionId())
		fs_buffer_release_numbers(buffer, rel);
	fs_buffer_write(buffer, rel, table->cid, &table->ring);
	MemoryContextSwitchTo(old);
}

/* Write a table's rows as the current subtransaction. */
static void
write_table(PendingTable *table, Relation rel)
{
	if (table->written_in != InvalidSubTransactionId)
		return;
	for (uint32 i = 0; i < table->set.n; i++)
		put_buffer(table, table->set.buffers[i], rel);
	if (table->subid == GetCurrentSubTransactionId())
		drop_table(table);
	else
		table->written_in = GetCurrentSubTransactionId();
}

static PendingTable *
create_table(Relation rel, CommandId cid)
{
	MemoryContext cxt = AllocSetContextCreate(TopTransactionContext,
											  "flowstore pending rows",
											  ALLOCSET_SMALL_SIZES);
	PendingTable *table = MemoryContextAllocZero(cxt, sizeof(PendingTable));

	/* rows get the xid now: in parallel mode it could not be assigned */
	(void) GetCurrentTransactionId();
	table->cxt = cxt;
	table->relid = RelationGetRelid(rel);
	table->file = fs_file_number(rel);
	table->subid = GetCurrentSubTransactionId();
	table->cid = cid;
	table->layout = fs_buffer_layout(RelationGetDescr(rel),
									 fs_tableoptions_get(rel)->time_att, cxt);
	table->partition_us = fs_tableoptions_get(rel)->partition_us;
	table->watch = fs_tableoptions_get(rel)->watch;
	fs_meta_begin_load(rel, table->layout->time_col < 0 ? 0 :
					   table->layout->specs[table->layout->time_col].id,
					   table->partition_us / USECS_PER_MINUTE,
					   fs_tableoptions_get(rel)->max_rows != FS_UNLIMITED);
	fs_future_init(&table->future, rel);
	table->varlena = MemoryContextAlloc(cxt, sizeof(int) *
										Max(table->layout->ncols, 1));
	for (int i = 0; i < table->layout->ncols; i++)
		if (table->layout->maps[i].attlen == -1)
			table->varlena[table->nvarlena++] = table->layout->specs[i].id - 1;
	fs_bufferset_init(&table->set, cxt);
	dlist_push_head(&tables, &table->node);
	return table;
}

/*
 * The current subtransaction's pending table for this command; rows of an
 * earlier command are written first, for an item has one command id.
 */
static PendingTable *
find_table(Relation rel, CommandId cid)
{
	dlist_mutable_iter iter;
	SubTransactionId subid = GetCurrentSubTransactionId();

	dlist_foreach_modify(iter, &tables)
	{
		PendingTable *table = dlist_container(PendingTable, node, iter.cur);

		if (table->relid != RelationGetRelid(rel) ||
			table->file != fs_file_number(rel) || table->subid != subid)
			continue;
		if (table->cid == cid && table->written_in == InvalidSubTransactionId)
			return table;
		write_table(table, rel);
	}
	return create_table(rel, cid);
}

/* Write one buffer and let go of it. */
static void
write_buffer(PendingTable *table, FsBuffer *buffer, Relation rel)
{
	put_buffer(table, buffer, rel);
	total_bytes -= fs_buffer_memory(buffer);
	fs_bufferset_remove(&table->set, buffer);
	fs_buffer_destroy(buffer);
}

static Size
largest_buffer(PendingTable *table)
{
	Size		largest = 0;

	for (uint32 i = 0; i < table->set.n; i++)
		largest = Max(largest, fs_buffer_memory(table->set.buffers[i]));
	return largest;
}

/* Write the table's buffers from a quarter of the largest on, until enough. */
static void
shrink_table(PendingTable *table, Size largest, Size enough)
{
	Relation	rel = try_relation_open(table->relid, RowExclusiveLock);
	if (rel == NULL || fs_file_number(rel) != table->file)
		drop_table(table);
	else
	{
		for (uint32 i = table->set.n; i-- > 0;)
			if (total_bytes > enough &&
				fs_buffer_memory(table->set.buffers[i]) >= largest / 4)
				write_buffer(table, table->set.buffers[i], rel);
	}
	if (rel != NULL)
		relation_close(rel, NoLock);
}

/*
 * If the backend's budget is used up, write the largest buffers of this
 * subtransaction, whatever table they belong to, until half of it is free.
 */
static void
keep_budget(void)
{
	Size		budget = (Size) fs_load_memory_kb * 1024;

	if (total_bytes <= budget)
		return;
	while (total_bytes > budget / 2)
	{
		dlist_iter	iter;
		PendingTable *where = NULL;
		Size		largest = 0;

		dlist_foreach(iter, &tables)
		{
			PendingTable *table = dlist_container(PendingTable, node, iter.cur);
			Size		size;

			if (table->subid != GetCurrentSubTransactionId())
				continue;
			size = largest_buffer(table);
			if (size > largest)
			{
				largest = size;
				where = table;
			}
		}
		if (where == NULL)
			break;
		shrink_table(where, largest, budget / 2);
	}
}

/* The partition that the row in slot goes to. */
static FsPartition
find_partition(PendingTable *table, Relation rel, TupleTableSlot *slot)
{
	int			time_col = table->layout->time_col;
	int			att;
	int64		ts_us;

	if (time_col < 0)
		return FS_PARTITION_NONE;
	att = table->layout->specs[time_col].id - 1;
	if (slot->tts_isnull[att])
		return FS_PARTITION_NULL;
	ts_us = DatumGetInt64(slot->tts_values[att]);
	if (fs_future_is_beyond(&table->future, rel, ts_us))
		return FS_PARTITION_NULL;
	return fs_partition_of(ts_us, table->partition_us);
}

static FsBuffer *
find_buffer(PendingTable *table, FsPartition partition)
{
	FsBuffer   *buffer = fs_bufferset_find(&table->set, partition);

	if (buffer == NULL)
	{
		buffer = fs_buffer_create(table->layout, partition, table->cxt);
		fs_bufferset_add(&table->set, buffer);
		total_bytes += fs_buffer_memory(buffer);
	}
	return buffer;
}

static inline bool
is_toasted(Datum value)
{
	struct varlena *p = (struct varlena *) DatumGetPointer(value);

	return VARATT_IS_EXTERNAL(p) || VARATT_IS_COMPRESSED(p);
}

/* True if a value of the slot is toasted, compressed or expanded. */
static inline bool
has_toasted(const PendingTable *table, const TupleTableSlot *slot)
{
	for (int i = 0; i < table->nvarlena; i++)
	{
		int			att = table->varlena[i];

		if (!slot->tts_isnull[att] && is_toasted(slot->tts_values[att]))
			return true;
	}
	return false;
}

/* Put plain values, allocated in the current memory context, in their place. */
static void
detoast_slot(const PendingTable *table, TupleTableSlot *slot)
{
	for (int i = 0; i < table->nvarlena; i++)
	{
		int			att = table->varlena[i];

		if (!slot->tts_isnull[att] && is_toasted(slot->tts_values[att]))
			slot->tts_values[att] =
				PointerGetDatum(detoast_attr((struct varlena *)
											 DatumGetPointer(slot->tts_values[att])));
	}
}

static void
add_plain_row(PendingTable *table, Relation rel, TupleTableSlot *slot,
			  uint32 expect)
{
	FsBuffer   *buffer = find_buffer(table, find_partition(table, rel, slot));
	Size		before = fs_buffer_memory(buffer);

	fs_buffer_add(buffer, rel, slot, expect);
	total_bytes += fs_buffer_memory(buffer) - before;
	if (fs_buffer_is_full(buffer))
		write_buffer(table, buffer, rel);
}

/* The caller's slot gets its own values back: plain ones are freed here. */
static void
add_toasted_row(PendingTable *table, Relation rel, TupleTableSlot *slot,
				uint32 expect)
{
	int			natts = slot->tts_tupleDescriptor->natts;
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Datum	   *saved = palloc(sizeof(Datum) * natts);

	memcpy(saved, slot->tts_values, sizeof(Datum) * natts);
	detoast_slot(table, slot);
	MemoryContextSwitchTo(old);
	add_plain_row(table, rel, slot, expect);
	memcpy(slot->tts_values, saved, sizeof(Datum) * natts);
	MemoryContextDelete(cxt);
}

static void
flush_rows(Relation rel)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &tables)
	{
		PendingTable *table = dlist_container(PendingTable, node, iter.cur);

		if (table->relid == RelationGetRelid(rel) &&
			table->file == fs_file_number(rel))
			write_table(table, rel);
	}
}

void
fs_pending_add(Relation rel, TupleTableSlot **slots, int n, CommandId cid)
{
	PendingTable *table;
	TransactionId xid;

	CheckForSerializableConflictIn(rel, NULL, InvalidBlockNumber);
	fs_refuse_published(rel);
	table = find_table(rel, cid);
	xid = GetCurrentTransactionId();
	for (int i = 0; i < n; i++)
	{
		TupleTableSlot *slot = slots[i];

		slot_getallattrs(slot);
		if (has_toasted(table, slot))
			add_toasted_row(table, rel, slot, n - i);
		else
			add_plain_row(table, rel, slot, n - i);
		slot->tts_tableOid = RelationGetRelid(rel);
		fs_slot_set_writer(slot, xid, cid);
	}
	fs_future_count(&table->future, rel);
	if (fs_tableoptions_get(rel)->max_rows != FS_UNLIMITED)
		fs_commit_note(rel, n);
	if (is_ending)
	{
		flush_rows(rel);
		fs_commit_run(false);
		fs_changes_write();
	}
	else
		keep_budget();
}

bool
fs_pending_exists(void)
{
	return !dlist_is_empty(&tables) || fs_deleted_exists();
}

void
fs_pending_flush(Relation rel)
{
	if (!fs_pending_exists())
		return;
	flush_rows(rel);
	fs_deleted_flush(RelationGetRelid(rel));
}

void
fs_pending_flush_if_ending(Relation rel)
{
	if (is_ending)
		fs_pending_flush(rel);
}

/* Write a table that may have been dropped or rewritten since. */
static void
flush_by_oid(PendingTable *table)
{
	Relation	rel = try_relation_open(table->relid, RowExclusiveLock);

	if (rel == NULL)
		return;
	if (fs_file_number(rel) == table->file)
		write_table(table, rel);
	relation_close(rel, NoLock);
}

void
fs_pending_flush_tables(List *relids)
{
	dlist_mutable_iter iter;
	ListCell   *lc;

	dlist_foreach_modify(iter, &tables)
	{
		PendingTable *table = dlist_container(PendingTable, node, iter.cur);

		if (list_member_oid(relids, table->relid))
			flush_by_oid(table);
	}
	foreach(lc, relids)
		fs_deleted_flush(lfirst_oid(lc));
}

void
fs_pending_flush_all(void)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &tables)
		flush_by_oid(dlist_container(PendingTable, node, iter.cur));
	fs_deleted_flush(InvalidOid);
}

void
fs_pending_discard(Relation rel)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &tables)
	{
		PendingTable *table = dlist_container(PendingTable, node, iter.cur);

		if (table->relid == RelationGetRelid(rel) &&
			table->file == fs_file_number(rel))
			drop_table(table);
	}
}

static void
at_xact(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			fs_pending_flush_all();
			fs_commit_run(event == XACT_EVENT_PRE_PREPARE);
			fs_changes_write();
			is_ending = true;
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			/* the memory goes with TopTransactionContext */
			dlist_init(&tables);
			fs_commit_forget();
			total_bytes = 0;
			is_ending = false;
			break;
		default:
			break;
	}
}

static void
end_subxact(PendingTable *table, SubTransactionId subid,
			SubTransactionId parent, bool is_commit)
{
	if (table->subid == subid)
		drop_table(table);
	else if (table->written_in == subid)
	{
		table->written_in = is_commit ? parent : InvalidSubTransactionId;
		if (is_commit && table->subid == parent)
			drop_table(table);
	}
}

static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	dlist_mutable_iter iter;

	if (event == SUBXACT_EVENT_START_SUB || !fs_pending_exists())
		return;
	dlist_foreach_modify(iter, &tables)
	{
		PendingTable *table = dlist_container(PendingTable, node, iter.cur);

		if (event == SUBXACT_EVENT_PRE_COMMIT_SUB)
		{
			if (table->subid == subid)
				flush_by_oid(table);
		}
		else
			end_subxact(table, subid, parent,
						event == SUBXACT_EVENT_COMMIT_SUB);
	}
}

void
fs_pending_init(void)
{
	RegisterXactCallback(at_xact, NULL);
	RegisterSubXactCallback(at_subxact, NULL);
}
