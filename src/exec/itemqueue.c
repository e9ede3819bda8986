/*-------------------------------------------------------------------------
 *
 * A table's items, in the order in which a column's first rows are looked for.
 *
 * Partitions that are of a time ascend with it in the TOAST table's index, so
 * they are listed from its end or beginning on, each when the queue needs it.
 * The first item of the partition after those that are listed is kept apart:
 * where that partition begins bounds all rows that are not listed.  No row of
 * such a partition is null.  Partitions that are not of a time are listed
 * first.
 *
 * Bounds of a chunk are in its item.  Rows of a ROWS item are looked at while
 * it is at hand: they are few.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/partition.h"
#include "exec/itemqueue.h"
#include "store/meta.h"

struct FsItemQueue
{
	Relation	rel;
	Snapshot	snapshot;
	FsOrdering	ordering;
	MemoryContext cxt;
	MemoryContext item_cxt;		/* of the item that was fetched last */
	bool		is_timed;		/* partitions were made by the column */
	int64		longest_us;		/* partition, if so */
	bool		has_no_nulls;	/* the column is NOT NULL */

	/* listing */
	FsDirectoryScan *scan;		/* of what is not yet listed, or NULL */
	ScanDirection direction;
	bool		has_ahead;
	FsQueuedItem ahead;			/* of the next partition */
	FsOrderPlace unlisted;		/* no row that is not listed is before */
	FsQueuedItem *items;		/* [n], in the order of listing */
	uint32		n;
	uint32		cap;

	/* the pass */
	bool		has_given;
	FsOrderPlace given;
	uint32	   *pending;		/* [npending] in order of their turns, [cap] */
	uint32		npending;
	uint32		at;				/* of pending: the next */
};

/* --- bounds of items ---------------------------------------------------- */

/* Bounds of the rows of a ROWS item. */
static void
bound_rows(FsItemQueue *queue, const FsItem *item, FsQueuedItem *queued)
{
	TupleDesc	desc = RelationGetDescr(queue->rel);
	MinimalTuple row = fs_item_first_row(item->rows);

	for (uint32 i = 0; i < item->head->nrows; i++)
	{
		HeapTupleData tuple;
		FsOrderPlace place = {0};
		Datum		value;
		bool		isnull;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		value = heap_getattr(&tuple, queue->ordering.att + 1, desc, &isnull);
		fs_orderplace_set(&place, &queue->ordering, DatumGetInt64(value), isnull);
		if (i == 0 || fs_orderplace_before(&place, &queued->first))
			queued->first = place;
		if (i == 0 || fs_orderplace_before(&queued->last, &place))
			queued->last = place;
		row = fs_item_next_row(row);
	}
}

static void
bound_chunk(FsItemQueue *queue, const FsItem *item, FsQueuedItem *queued)
{
	const FsChunkItem *chunk = item->chunk;
	bool		is_of_time = queue->is_timed &&
		item->partition >= FS_PARTITION_FIRST;
	FsZone		zone = {0};

	/* whether there are both, not how many */
	zone.nrows = 2;
	zone.nulls = is_of_time || queue->has_no_nulls ? 0 : 1;
	zone.has_bounds = chunk->time_att == queue->ordering.att + 1;
	zone.imin = chunk->min_us;
	zone.imax = chunk->max_us;
	fs_orderplace_bounds(&queue->ordering,
						 zone.has_bounds || zone.nulls == 0 ? &zone : NULL,
						 &queued->first, &queued->last);
}

static void
describe(FsItemQueue *queue, const FsItem *item, FsQueuedItem *queued)
{
	memset(queued, 0, sizeof(FsQueuedItem));
	queued->partition = item->partition;
	queued->number = item->number;
	if (item->head->kind == FS_ITEM_ROWS)
		bound_rows(queue, item, queued);
	else
	{
		queued->is_clustered = item->chunk->level == FS_LEVEL_CLUSTERED;
		if (queued->is_clustered)
			queued->set = item->chunk->index_number;
		bound_chunk(queue, item, queued);
	}
}

/* --- listing ------------------------------------------------------------ */

static void
add_item(FsItemQueue *queue, const FsQueuedItem *queued)
{
	if (queue->n == queue->cap)
	{
		queue->cap = Max(2 * queue->cap, 64);
		queue->items = repalloc_huge(queue->items,
									 sizeof(FsQueuedItem) * queue->cap);
		queue->pending = repalloc_huge(queue->pending,
									   sizeof(uint32) * queue->cap);
	}
	queue->items[queue->n++] = *queued;
}

/* By set, if they are of one; items that are not clustered are apart. */
static int
by_set(const void *a, const void *b)
{
	const FsQueuedItem *x = a;
	const FsQueuedItem *y = b;

	if (x->is_clustered != y->is_clustered)
		return x->is_clustered ? -1 : 1;
	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number ? 1 : 0;
}

static int
by_turn(const void *a, const void *b)
{
	const FsQueuedItem *x = a;
	const FsQueuedItem *y = b;

	if (fs_orderplace_before(&x->turn, &y->turn))
		return -1;
	if (fs_orderplace_before(&y->turn, &x->turn))
		return 1;
	return by_set(a, b);
}

static bool
is_same_set(const FsQueuedItem *x, const FsQueuedItem *y)
{
	return x->is_clustered && y->is_clustered && x->set == y->set &&
		x->partition == y->partition;
}

/* Give items from .. n - 1 their turns, and put them in that order. */
static void
set_turns(FsItemQueue *queue, uint32 from)
{
	uint32		count = queue->n - from;
	uint32		end;

	qsort(queue->items + from, count, sizeof(FsQueuedItem), by_set);
	for (uint32 i = from; i < queue->n; i = end)
	{
		FsOrderPlace turn = queue->items[i].first;

		for (end = i + 1; end < queue->n &&
			 is_same_set(&queue->items[i], &queue->items[end]); end++)
			if (fs_orderplace_before(&queue->items[end].first, &turn))
				turn = queue->items[end].first;
		for (uint32 k = i; k < end; k++)
			queue->items[k].turn = turn;
	}
	qsort(queue->items + from, count, sizeof(FsQueuedItem), by_turn);
	for (uint32 i = from; i < queue->n; i++)
	{
		queue->items[i].first.item = queue->items[i].last.item = i;
		queue->items[i].first.row = 0;
		queue->items[i].last.row = PG_UINT16_MAX;
	}
}

/* The next item that holds rows; false at the end of the listing. */
static bool
read_item(FsItemQueue *queue, FsQueuedItem *queued)
{
	FsItem		item;

	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!fs_directory_next(queue->scan, queue->direction, &item))
		{
			fs_directory_end(queue->scan);
			queue->scan = NULL;
			return false;
		}
	} while (!fs_item_has_rows(&item));
	describe(queue, &item, queued);
	return true;
}

/* Where rows of this partition, and of those behind it, can be at the first. */
static void
bound_unlisted(FsItemQueue *queue)
{
	FsPartition partition = queue->ahead.partition;
	FsOrderPlace    *place = &queue->unlisted;
	int64		us = PG_INT64_MAX;

	memset(place, 0, sizeof(FsOrderPlace));
	if (!queue->ordering.is_descending)
		us = fs_partition_start(partition);
	else if (partition < FS_PARTITION_LAST)
		us = fs_partition_start(Max(partition, FS_PARTITION_FIRST + 1)) +
			queue->longest_us;
	fs_orderplace_set(place, &queue->ordering, us, false);
	place->item = queue->n;
}

/* Let the pass know of items from .. n - 1. */
static void
add_pending(FsItemQueue *queue, uint32 from)
{
	for (uint32 i = from; i < queue->n; i++)
		if (!queue->items[i].is_finished &&
			(!queue->has_given ||
			 fs_orderplace_before(&queue->given, &queue->items[i].last)))
			queue->pending[queue->npending++] = i;
}

static int
by_item_turn(const void *a, const void *b, void *arg)
{
	const FsItemQueue *queue = arg;
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	if (fs_orderplace_before(&queue->items[x].turn, &queue->items[y].turn))
		return -1;
	if (fs_orderplace_before(&queue->items[y].turn, &queue->items[x].turn))
		return 1;
	return x < y ? -1 : x > y ? 1 : 0;
}

static void
sort_pending(FsItemQueue *queue)
{
	qsort_arg(queue->pending, queue->npending, sizeof(uint32), by_item_turn,
			  queue);
}

/* List the partition ahead, or if none is known, all that is not listed. */
static void
list_items(FsItemQueue *queue)
{
	MemoryContext old = MemoryContextSwitchTo(queue->cxt);
	uint32		from = queue->n;
	bool		is_one = queue->has_ahead;
	FsQueuedItem queued;

	if (queue->has_ahead)
		add_item(queue, &queue->ahead);
	queue->has_ahead = false;
	while (!queue->has_ahead && queue->scan != NULL &&
		   read_item(queue, &queued))
	{
		queue->has_ahead = is_one &&
			queued.partition != queue->ahead.partition;
		if (queue->has_ahead)
			queue->ahead = queued;
		else
			add_item(queue, &queued);
	}
	set_turns(queue, from);
	if (queue->has_ahead)
		bound_unlisted(queue);
	MemoryContextSwitchTo(old);

	/* what the pass has left behind makes room */
	memmove(queue->pending, queue->pending + queue->at,
			sizeof(uint32) * (queue->npending - queue->at));
	queue->npending -= queue->at;
	queue->at = 0;
	add_pending(queue, from);
	sort_pending(queue);
}

/* Prepare to list a range of partitions. */
static void
begin_listing(FsItemQueue *queue, FsPartition first, FsPartition last)
{
	FsKeyRange	range = {first, last, 0, 0};
	MemoryContext old = MemoryContextSwitchTo(queue->cxt);

	queue->scan = fs_directory_begin_range(queue->rel, queue->snapshot,
										   &range);
	MemoryContextSwitchTo(old);
}

/* --- the queue ---------------------------------------------------------- */

FsItemQueue *
fs_itemqueue_create(Relation rel, Snapshot snapshot,
					const FsOrdering *ordering)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore item queue",
											  ALLOCSET_DEFAULT_SIZES);
	FsItemQueue *queue = MemoryContextAllocZero(cxt, sizeof(FsItemQueue));

	queue->rel = rel;
	queue->snapshot = snapshot;
	queue->ordering = *ordering;
	queue->direction = ordering->is_descending ? BackwardScanDirection
		: ForwardScanDirection;
	queue->cxt = cxt;
	queue->item_cxt = AllocSetContextCreate(cxt, "flowstore item",
											ALLOCSET_SMALL_SIZES);
	queue->cap = 64;
	queue->items = MemoryContextAlloc(cxt, sizeof(FsQueuedItem) * queue->cap);
	queue->pending = MemoryContextAlloc(cxt, sizeof(uint32) * queue->cap);
	queue->has_no_nulls = TupleDescAttr(RelationGetDescr(rel),
										ordering->att)->attnotnull;
	return queue;
}

static void
end_listing(FsItemQueue *queue)
{
	if (queue->scan != NULL)
		fs_directory_end(queue->scan);
	queue->scan = NULL;
}

void
fs_itemqueue_destroy(FsItemQueue *queue)
{
	end_listing(queue);
	MemoryContextDelete(queue->cxt);
}

void
fs_itemqueue_reset(FsItemQueue *queue, bool is_limited, FsPartition first,
				   FsPartition last)
{
	FsPartitioning made = fs_meta_partitioning(queue->rel);

	end_listing(queue);
	queue->n = queue->npending = queue->at = 0;
	queue->has_given = queue->has_ahead = false;
	queue->is_timed = made.is_known && !made.is_mixed &&
		made.time_att == queue->ordering.att + 1;
	queue->longest_us = made.max_minutes * USECS_PER_MINUTE;
	begin_listing(queue, FS_PARTITION_NONE,
				  queue->is_timed ? FS_PARTITION_NULL : FS_PARTITION_LAST);
	list_items(queue);
	if (!queue->is_timed)
		return;
	begin_listing(queue, is_limited ? first : FS_PARTITION_FIRST,
				  is_limited ? last : FS_PARTITION_LAST);
	queue->has_ahead = read_item(queue, &queue->ahead);
	if (queue->has_ahead)
		bound_unlisted(queue);
}

void
fs_itemqueue_begin(FsItemQueue *queue, const FsOrderPlace *given)
{
	queue->has_given = given != NULL;
	if (given != NULL)
		queue->given = *given;
	queue->npending = queue->at = 0;
	add_pending(queue, 0);
	sort_pending(queue);
}

bool
fs_itemqueue_next(FsItemQueue *queue, const FsOrderPlace *before, uint32 *index)
{
	for (;;)
	{
		FsQueuedItem *top = queue->at == queue->npending ? NULL
			: &queue->items[queue->pending[queue->at]];

		CHECK_FOR_INTERRUPTS();
		if (queue->has_ahead &&
			(top == NULL || !fs_orderplace_before(&top->turn, &queue->unlisted)))
		{
			if (before != NULL && !fs_orderplace_before(&queue->unlisted, before))
				return false;
			list_items(queue);
			continue;
		}
		if (top == NULL ||
			(before != NULL && !fs_orderplace_before(&top->turn, before)))
			return false;
		*index = queue->pending[queue->at++];
		if (before == NULL || fs_orderplace_before(&top->first, before))
			return true;
	}
}

FsQueuedItem *
fs_itemqueue_item(FsItemQueue *queue, uint32 index)
{
	Assert(index < queue->n);
	return &queue->items[index];
}

void
fs_itemqueue_fetch(FsItemQueue *queue, uint32 index, FsItem *item)
{
	const FsQueuedItem *queued = fs_itemqueue_item(queue, index);
	MemoryContext old;
	bool		found;

	MemoryContextReset(queue->item_cxt);
	old = MemoryContextSwitchTo(queue->item_cxt);
	found = fs_directory_fetch(queue->rel, queued->partition, queued->number,
							   queue->snapshot, item);
	MemoryContextSwitchTo(old);
	if (!found || !fs_item_has_rows(item))
		elog(ERROR, "unexpected end of item %u of partition %u",
			 queued->number, queued->partition);
}

uint64
fs_itemqueue_count(Relation rel, Snapshot snapshot)
{
	FsKeyRange	range = {FS_PARTITION_NONE, FS_PARTITION_LAST, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, snapshot, &range);
	FsItem		item;
	uint64		n = 0;

	while (fs_directory_next(scan, ForwardScanDirection, &item))
		n += fs_item_has_rows(&item);
	fs_directory_end(scan);
	return n;
}
