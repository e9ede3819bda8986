/*-------------------------------------------------------------------------
 *
 * Passes over a table that find its first rows in an order.
 *
 * The places of the rows so far are kept in a heap.  Once it is full, its last
 * place decides what is still read: items by their bounds, chunks and vectors
 * by their zones, and of a vector only the rows that are before it go through
 * the filter.  So in a clustered partition, whose chunks all span its whole
 * time, hardly more than one column is decoded.
 *
 * Warnings of damage come once: an item that was left out in one pass is left
 * out of the next, and what else is known to be damaged is read silently.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/rel.h"

#include "exec/batch.h"
#include "exec/itemqueue.h"
#include "exec/orderpass.h"
#include "vector/compare.h"

struct FsOrderPass
{
	CustomScanState *child;
	FsOrdering	ordering;
	FsItemQueue *queue;
	FsFirstRows rows;
	FsBatchGuide guide;
	FsPruner	pruner;			/* ours, in front of the child's */
	const FsPruner *inner;		/* or NULL */
	FsScan	   *scan;			/* the child's; NULL: the queue is not set up */
	bool		has_given;
	FsOrderPlace given;
	bool		has_item;
	uint32		index;			/* of the item at hand, in the queue */
	bool		was_entered;	/* it has vectors to look at */
	uint64		nitems;			/* of this pass */
	bool		has_fetched;	/* for seeks: this one */
	uint32		fetched_index;
	FsItem		fetched;
	FsOrderCounters counters;
};

static FsQueuedItem *
item_at_hand(FsOrderPass *pass)
{
	return fs_itemqueue_item(pass->queue, pass->index);
}

/* --- which items, chunks and vectors ------------------------------------ */

/* An item that showed no vector has none that the clauses leave, or is damaged. */
static void
leave_item(FsOrderPass *pass)
{
	if (pass->has_item && !pass->was_entered)
		item_at_hand(pass)->is_finished = true;
	pass->has_item = pass->was_entered = false;
}

static bool
next_item(void *arg, FsItem *item)
{
	FsOrderPass *pass = arg;

	leave_item(pass);
	pass->has_item = fs_itemqueue_next(pass->queue,
									   fs_firstrows_last(&pass->rows),
									   &pass->index);
	if (!pass->has_item)
		return false;
	fs_itemqueue_fetch(pass->queue, pass->index, item);
	fs_scan_set_known(pass->scan, item_at_hand(pass)->is_known);
	pass->nitems++;
	return true;
}

static bool
keep_item(void *arg, const FsItem *item)
{
	const FsPruner *inner = ((FsOrderPass *) arg)->inner;

	return inner->keep_item(inner->arg, item);
}

static bool
keep_listed(void *arg, FsPindex *index, FsVectorSet *vectors, FsArena *arena,
			FsFault *fault)
{
	const FsPruner *inner = ((FsOrderPass *) arg)->inner;

	return inner->keep_listed(inner->arg, index, vectors, arena, fault);
}

/* True if rows within these bounds, of the item at hand, may be wanted. */
static bool
is_wanted(FsOrderPass *pass, FsOrderPlace first, FsOrderPlace last)
{
	const FsOrderPlace *limit = fs_firstrows_last(&pass->rows);

	first.item = last.item = pass->index;
	first.row = 0;
	last.row = PG_UINT16_MAX;
	return (limit == NULL || fs_orderplace_before(&first, limit)) &&
		(!pass->has_given || fs_orderplace_before(&pass->given, &last));
}

static bool
is_zone_wanted(FsOrderPass *pass, bool is_known, const FsZone *zone)
{
	FsOrderPlace first;
	FsOrderPlace last;

	fs_orderplace_bounds(&pass->ordering, is_known ? zone : NULL, &first, &last);
	return is_wanted(pass, first, last);
}

static bool
keep_chunk(void *arg, FsScan *scan)
{
	FsOrderPass *pass = arg;
	const FsPruner *inner = pass->inner;
	FsZone		zone;
	bool		is_known;

	if (inner != NULL && inner->keep_chunk != NULL &&
		!inner->keep_chunk(inner->arg, scan))
		return false;
	pass->was_entered = true;
	is_known = fs_scan_chunk_zone(scan, pass->ordering.att, &zone);
	return is_zone_wanted(pass, is_known, &zone);
}

static bool
keep_vector(void *arg, FsScan *scan)
{
	FsOrderPass *pass = arg;
	const FsPruner *inner = pass->inner;
	FsZone		zone;
	bool		is_known;

	/* while all rows are wanted, do not read a column for its zones */
	if (fs_firstrows_last(&pass->rows) != NULL || pass->has_given)
	{
		is_known = fs_scan_vector_zone(scan, pass->ordering.att, &zone);
		if (!is_zone_wanted(pass, is_known, &zone))
			return false;
	}
	return inner == NULL || inner->keep_vector == NULL ||
		inner->keep_vector(inner->arg, scan);
}

/* --- which rows --------------------------------------------------------- */

/* The values of the current vector; false if the column is damaged. */
static bool
read_values(FsOrderPass *pass, FsScan *scan, const int64 **values,
			const bool **isnull)
{
	const FsVector *vector;
	const Datum *datums;

	switch (fs_scan_vector(scan, pass->ordering.att, &vector))
	{
		case FS_READ_STORED:
			*values = vector->ints;
			*isnull = vector->is_null;
			return true;
		case FS_READ_DATUMS:
			if (!fs_scan_column(scan, pass->ordering.att, &datums, isnull))
				return false;
			/* a type of 8 bytes, by value */
			*values = (const int64 *) datums;
			return true;
		case FS_READ_DAMAGED:
			break;
	}
	return false;
}

/*
 * Rows whose value, or null, is not before the place given nor after the last
 * place; those that are equal to one of these are left to take_rows().
 */
static void
find_wanted(const FsOrderPass *pass, const FsOrderPlace *limit,
			const int64 *values, const bool *isnull, uint32 nrows, FsBits *out)
{
	FsOrderPlace low = {PG_INT64_MIN, 0, 0, FS_RANK_NULL_FIRST};
	FsOrderPlace high = {PG_INT64_MAX, 0, 0, FS_RANK_NULL_LAST};
	FsOrderPlace null;
	FsBits		nulls;
	bool		is_descending = pass->ordering.is_descending;

	if (pass->has_given)
		low = pass->given;
	if (limit != NULL)
		high = *limit;
	fs_orderplace_set(&null, &pass->ordering, 0, true);
	if (low.rank < FS_RANK_VALUE)
		low.value = PG_INT64_MIN;
	if (high.rank > FS_RANK_VALUE)
		high.value = PG_INT64_MAX;
	if (low.rank > FS_RANK_VALUE || high.rank < FS_RANK_VALUE)
		fs_bits_none(out);
	else
		fs_compare_range(values, nrows, is_descending ? ~high.value : low.value,
						 is_descending ? ~low.value : high.value, out);
	fs_bits_from_bools(isnull, nrows, &nulls);
	if (null.rank < low.rank || null.rank > high.rank)
		fs_bits_and_not(out, &nulls);
	else
		fs_bits_or(out, &nulls);
}

/* The guide's: take from the rows of a vector those that come too late. */
static bool
narrow(void *arg, FsScan *scan, FsBits *rows)
{
	FsOrderPass *pass = arg;
	const FsOrderPlace *limit = fs_firstrows_last(&pass->rows);
	const int64 *values;
	const bool *isnull;
	FsBits		wanted;

	pass->was_entered = true;
	if (limit == NULL &&
		(!pass->has_given ||
		 fs_orderplace_before(&pass->given, &item_at_hand(pass)->first)))
		return true;
	if (!read_values(pass, scan, &values, &isnull))
		return false;
	find_wanted(pass, limit, values, isnull, fs_scan_nrows(scan), &wanted);
	fs_bits_and(rows, &wanted);
	return true;
}

static void
skip(void *arg, FsScan *scan)
{
	item_at_hand(arg)->is_known = true;
}

static void
take_rows(FsOrderPass *pass, const FsBatch *batch)
{
	const int64 *values;
	const bool *isnull;
	FsOrderPlace place;

	if (!read_values(pass, batch->scan, &values, &isnull))
	{
		skip(pass, batch->scan);
		return;
	}
	place.item = pass->index;
	for (uint32 i = 0; i < batch->n; i++)
	{
		uint32		row = batch->rows[i];

		fs_orderplace_set(&place, &pass->ordering, values[row], isnull[row]);
		place.row = (uint16) (fs_scan_first_row(batch->scan) + row);
		if (!pass->has_given || fs_orderplace_before(&pass->given, &place))
			fs_firstrows_add(&pass->rows, &place);
	}
}

/* --- passes ------------------------------------------------------------- */

FsOrderPass *
fs_orderpass_create(CustomScanState *child, const FsOrdering *ordering)
{
	FsOrderPass *pass = palloc0(sizeof(FsOrderPass));

	pass->child = child;
	pass->ordering = *ordering;
	pass->queue = fs_itemqueue_create(child->ss.ss_currentRelation,
									  child->ss.ps.state->es_snapshot,
									  ordering);
	fs_firstrows_init(&pass->rows);
	pass->guide.narrow = narrow;
	pass->guide.skip = skip;
	pass->guide.arg = pass;
	fs_batch_guide(child, &pass->guide);
	return pass;
}

void
fs_orderpass_destroy(FsOrderPass *pass)
{
	fs_itemqueue_destroy(pass->queue);
}

void
fs_orderpass_reset(FsOrderPass *pass)
{
	pass->scan = NULL;
	pass->has_fetched = false;
}

/* Set up scan and queue: constants are known now. */
static void
begin_scan(FsOrderPass *pass)
{
	FsBatchLimits limits;

	pass->scan = fs_batch_begin(pass->child, &limits);
	pass->inner = limits.pruner;
	pass->pruner.keep_item = pass->inner != NULL ? keep_item : NULL;
	pass->pruner.keep_listed = pass->inner != NULL ? keep_listed : NULL;
	pass->pruner.keep_chunk = keep_chunk;
	pass->pruner.keep_vector = keep_vector;
	pass->pruner.arg = pass;
	fs_scan_set_source(pass->scan, next_item, pass);
	fs_itemqueue_reset(pass->queue, limits.is_limited, limits.first,
					   limits.last);
}

const FsFirstRows *
fs_orderpass_run(FsOrderPass *pass, const FsOrderPlace *given, uint32 max)
{
	FsBatch		batch;

	if (pass->scan == NULL)
		begin_scan(pass);
	fs_scan_rescan(pass->scan);
	fs_scan_set_pruner(pass->scan, &pass->pruner);
	pass->has_fetched = pass->has_item = false;
	pass->has_given = given != NULL;
	if (given != NULL)
		pass->given = *given;	/* which may be one of the rows */
	pass->nitems = 0;
	fs_firstrows_reset(&pass->rows, max);
	fs_itemqueue_begin(pass->queue, pass->has_given ? &pass->given : NULL);
	while (fs_batch_next(pass->child, &batch))
		take_rows(pass, &batch);
	leave_item(pass);
	fs_firstrows_sort(&pass->rows);
	pass->counters.passes++;
	pass->counters.rows = Max(pass->counters.rows, pass->rows.n);
	pass->counters.items = Max(pass->counters.items, pass->nitems);
	return &pass->rows;
}

FsScan *
fs_orderpass_seek(FsOrderPass *pass, const FsOrderPlace *place)
{
	const FsQueuedItem *queued = fs_itemqueue_item(pass->queue, place->item);

	if (!pass->has_fetched || pass->fetched_index != place->item)
	{
		/* the rows are known to pass the clauses */
		fs_scan_set_pruner(pass->scan, NULL);
		fs_itemqueue_fetch(pass->queue, place->item, &pass->fetched);
		fs_scan_set_known(pass->scan, queued->is_known);
		pass->has_fetched = true;
		pass->fetched_index = place->item;
	}
	if (fs_scan_seek(pass->scan, &pass->fetched, place->row / FS_VECTOR_ROWS))
		return pass->scan;
	fs_orderpass_note_damage(pass, place);
	return NULL;
}

void
fs_orderpass_note_damage(FsOrderPass *pass, const FsOrderPlace *place)
{
	fs_itemqueue_item(pass->queue, place->item)->is_known = true;
	/* it may be opened once more for its next vector */
	fs_scan_set_known(pass->scan, true);
}

const FsOrderCounters *
fs_orderpass_counters(const FsOrderPass *pass)
{
	return &pass->counters;
}
