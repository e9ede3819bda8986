/*-------------------------------------------------------------------------
 *
 * The log of changes.
 *
 * What a subtransaction has written is kept until it commits into the top: if
 * it aborts, its rows of the log are gone and are due again.
 *
 * Rows of the log get the first command id, so that every snapshot of this
 * transaction sees them: a reader may then find a range that is only going to
 * change, which costs time and no more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "am/changes.h"
#include "am/tableoptions.h"
#include "directory/directory.h"

/* ranges with a smaller gap between them are one */
#define GAP_US		USECS_PER_MINUTE

#define LOG_COLUMNS	4

typedef struct Range
{
	int64		since_us;
	int64		until_us;		/* exclusive */
} Range;

typedef struct Changes
{
	Oid			relid;
	int			n;
	Range		ranges[FS_CHANGES_RANGES + 1];	/* [n], rising, apart */
	int64		expired_us;		/* rows before it are incomplete */
	bool		is_written;
	SubTransactionId written_in;	/* nested or top one that wrote them */
	FsPartition partition;		/* of the item that was noted last */
	uint32		number;
	bool		has_item;
} Changes;

/* of Changes, in TopTransactionContext */
static List *noted = NIL;

bool
fs_changes_is_watched(Relation rel, const char **column)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];
		char	   *name = get_func_name(trigger->tgfoid);

		if (name == NULL || strcmp(name, FS_CHANGES_TRIGGER) != 0 ||
			get_func_namespace(trigger->tgfoid) != get_namespace_oid("flow", true))
			continue;
		*column = trigger->tgnargs > 0 ? trigger->tgargs[0] : NULL;
		return true;
	}
	return false;
}

FsWatch
fs_changes_watch(Relation rel, AttrNumber time_att)
{
	const char *column;

	if (!fs_changes_is_watched(rel, &column))
		return FS_WATCH_NONE;
	if (column != NULL && time_att != 0 &&
		strcmp(column, NameStr(TupleDescAttr(RelationGetDescr(rel),
											 time_att - 1)->attname)) == 0)
		return FS_WATCH_TIMES;
	return FS_WATCH_WHOLE;
}

static Changes *
changes_of(Oid relid)
{
	MemoryContext old;
	Changes    *changes;
	ListCell   *lc;

	foreach(lc, noted)
	{
		changes = lfirst(lc);
		if (changes->relid == relid)
			return changes;
	}
	old = MemoryContextSwitchTo(TopTransactionContext);
	changes = palloc0(sizeof(Changes));
	changes->relid = relid;
	changes->expired_us = PG_INT64_MIN;
	changes->is_written = true;
	changes->written_in = TopSubTransactionId;
	noted = lappend(noted, changes);
	MemoryContextSwitchTo(old);
	/* rows of the log get the xid: in parallel mode it could not be assigned */
	(void) GetCurrentTransactionId();
	return changes;
}

/* --- ranges ------------------------------------------------------------- */

/* True if there is no gap between two ranges worth keeping; a is the earlier. */
static bool
touches(const Range *a, const Range *b)
{
	return a->until_us >= b->since_us ||
		(uint64) b->since_us - (uint64) a->until_us < GAP_US;
}

static void
remove_range(Changes *changes, int i)
{
	changes->n--;
	memmove(&changes->ranges[i], &changes->ranges[i + 1],
			sizeof(Range) * (changes->n - i));
}

/* Join the two neighbours with the smallest gap. */
static void
join_nearest(Changes *changes)
{
	int			nearest = 0;
	uint64		smallest = PG_UINT64_MAX;

	for (int i = 0; i < changes->n - 1; i++)
	{
		uint64		gap = (uint64) changes->ranges[i + 1].since_us -
			(uint64) changes->ranges[i].until_us;

		if (gap < smallest)
		{
			smallest = gap;
			nearest = i;
		}
	}
	changes->ranges[nearest].until_us = changes->ranges[nearest + 1].until_us;
	remove_range(changes, nearest + 1);
}

static void
add_range(Changes *changes, Range range)
{
	int			i = 0;

	while (i < changes->n && changes->ranges[i].since_us <= range.since_us)
		i++;
	if (i > 0 && changes->ranges[i - 1].until_us >= range.until_us)
		return;
	if (i > 0 && touches(&changes->ranges[i - 1], &range))
	{
		range.since_us = changes->ranges[i - 1].since_us;
		remove_range(changes, --i);
	}
	while (i < changes->n && touches(&range, &changes->ranges[i]))
	{
		range.until_us = Max(range.until_us, changes->ranges[i].until_us);
		remove_range(changes, i);
	}
	memmove(&changes->ranges[i + 1], &changes->ranges[i],
			sizeof(Range) * (changes->n - i));
	changes->ranges[i] = range;
	changes->n++;
	changes->is_written = false;
	if (changes->n > FS_CHANGES_RANGES)
		join_nearest(changes);
}

/* The microsecond after a time, infinity if there is none. */
static int64
time_after(int64 us)
{
	if (us < MIN_TIMESTAMP)
		return MIN_TIMESTAMP;
	return us >= END_TIMESTAMP - 1 ? DT_NOEND : us + 1;
}

/* Add a range of which the last time is given; infinity alone is no range. */
static void
add_times(Changes *changes, int64 first_us, int64 last_us)
{
	Range		range = {first_us, time_after(last_us)};

	if (first_us < range.until_us)
		add_range(changes, range);
}

void
fs_changes_note(Oid relid, int64 first_us, int64 last_us)
{
	add_times(changes_of(relid), first_us, last_us);
}

void
fs_changes_note_whole(Oid relid)
{
	fs_changes_note(relid, DT_NOBEGIN, DT_NOEND);
}

/* Add the times of the rows in a ROWS item. */
static void
add_rows(Changes *changes, Relation rel, const FsItem *item, AttrNumber time_att)
{
	MinimalTuple row = fs_item_first_row(item->rows);

	for (int i = 0; i < item->head->nrows; i++)
	{
		HeapTupleData tuple;
		bool		isnull;
		int64		ts_us;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		ts_us = DatumGetInt64(heap_getattr(&tuple, time_att,
										   RelationGetDescr(rel), &isnull));
		if (!isnull)
			add_times(changes, ts_us, ts_us);
		row = fs_item_next_row(row);
	}
}

void
fs_changes_note_item(Relation rel, FsPartition partition, uint32 number)
{
	const FsTableOptions options = *fs_tableoptions_get(rel);
	Changes    *changes = changes_of(RelationGetRelid(rel));
	FsItem		item;

	if (changes->has_item && changes->partition == partition &&
		changes->number == number)
		return;
	changes->has_item = true;
	changes->partition = partition;
	changes->number = number;
	if (options.watch != FS_WATCH_TIMES ||
		!fs_directory_fetch(rel, partition, number, SnapshotAny, &item))
		fs_changes_note_whole(changes->relid);
	else if (item.head->kind == FS_ITEM_ROWS)
		add_rows(changes, rel, &item, options.time_att);
	else if (item.chunk->time_att == options.time_att)
		add_times(changes, item.chunk->min_us, item.chunk->max_us);
	else
		fs_changes_note_whole(changes->relid);
}

void
fs_changes_note_expired(Relation rel, int64 latest_us)
{
	Changes    *changes;

	if (fs_tableoptions_get(rel)->watch == FS_WATCH_NONE)
		return;
	changes = changes_of(RelationGetRelid(rel));
	latest_us = time_after(latest_us);
	if (changes->expired_us >= latest_us)
		return;
	changes->expired_us = latest_us;
	changes->is_written = false;
}

/* --- the log ------------------------------------------------------------ */

static void
insert_row(Relation log, TupleTableSlot *slot, Oid relid, Range range,
		   bool expired)
{
	ExecClearTuple(slot);
	slot->tts_values[0] = ObjectIdGetDatum(relid);
	slot->tts_values[1] = TimestampTzGetDatum(range.since_us);
	slot->tts_values[2] = TimestampTzGetDatum(range.until_us);
	slot->tts_values[3] = BoolGetDatum(expired);
	memset(slot->tts_isnull, 0, sizeof(bool) * LOG_COLUMNS);
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(log, slot, FirstCommandId, 0, NULL);
}

static void
write_changes(Relation log, TupleTableSlot *slot, Changes *changes)
{
	for (int i = 0; i < changes->n; i++)
		insert_row(log, slot, changes->relid, changes->ranges[i], false);
	if (changes->expired_us != PG_INT64_MIN)
	{
		Range		before = {DT_NOBEGIN, changes->expired_us};

		insert_row(log, slot, changes->relid, before, true);
	}
	changes->is_written = true;
	changes->written_in = GetCurrentSubTransactionId();
	/* the worker shall look at it */
	fs_directory_has_inserted = true;
}

static bool
is_due(void)
{
	ListCell   *lc;

	foreach(lc, noted)
		if (!((Changes *) lfirst(lc))->is_written)
			return true;
	return false;
}

/* The log, or NULL: the extension was dropped. */
static Relation
open_log(void)
{
	Oid			schema = get_namespace_oid("flow", true);
	Oid			relid = OidIsValid(schema) ?
		get_relname_relid("rollup_change", schema) : InvalidOid;

	return OidIsValid(relid) ? table_open(relid, RowExclusiveLock) : NULL;
}

void
fs_changes_write(void)
{
	Relation	log;
	TupleTableSlot *slot;
	ListCell   *lc;

	if (!is_due())
		return;
	log = open_log();
	if (log == NULL)
		return;
	if (RelationGetDescr(log)->natts != LOG_COLUMNS)
		elog(ERROR, "unexpected columns in flow.rollup_change");
	slot = table_slot_create(log, NULL);
	foreach(lc, noted)
		if (!((Changes *) lfirst(lc))->is_written)
			write_changes(log, slot, lfirst(lc));
	ExecDropSingleTupleTableSlot(slot);
	table_close(log, NoLock);
}

/* --- transactions ------------------------------------------------------- */

static void
at_xact(XactEvent event, void *arg)
{
	/* the memory goes with TopTransactionContext */
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE ||
		event == XACT_EVENT_ABORT)
		noted = NIL;
}

static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	ListCell   *lc;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	foreach(lc, noted)
	{
		Changes    *changes = lfirst(lc);

		if (!changes->is_written || changes->written_in != subid)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			changes->written_in = parent;
		else
			changes->is_written = false;
	}
}

void
fs_changes_init(void)
{
	RegisterXactCallback(at_xact, NULL);
	RegisterSubXactCallback(at_subxact, NULL);
}
