/*-------------------------------------------------------------------------
 *
 * An order by one column, and the place of a row in it.
 *
 * Of rows with the same value, the one whose item was listed first is before
 * the others (see itemqueue.h), and in an item the one that stands first: no
 * two rows of a scan have the same place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_ORDERING_H
#define FS_EXEC_ORDERING_H

#include "postgres.h"

#include "format/value.h"

/* By a column that is stored as an integer in the order of its type. */
typedef struct FsOrdering
{
	int			att;			/* 0-based */
	bool		is_descending;
	bool		has_nulls_first;
} FsOrdering;

/* Null or not, in the order. */
typedef enum FsOrderRank
{
	FS_RANK_NULL_FIRST,
	FS_RANK_VALUE,
	FS_RANK_NULL_LAST
} FsOrderRank;

typedef struct FsOrderPlace
{
	int64		value;			/* the smaller the earlier; 0 for null */
	uint32		item;			/* in the queue */
	uint16		row;			/* in the item */
	uint8		rank;			/* FsOrderRank */
} FsOrderPlace;

static inline bool
fs_orderplace_before(const FsOrderPlace *a, const FsOrderPlace *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	if (a->value != b->value)
		return a->value < b->value;
	if (a->item != b->item)
		return a->item < b->item;
	return a->row < b->row;
}

/* Put a row's value into its place; value is of no matter if it is null. */
static inline void
fs_orderplace_set(FsOrderPlace *place, const FsOrdering *ordering, int64 value,
				  bool is_null)
{
	place->rank = !is_null ? FS_RANK_VALUE
		: ordering->has_nulls_first ? FS_RANK_NULL_FIRST : FS_RANK_NULL_LAST;
	place->value = is_null ? 0 : ordering->is_descending ? ~value : value;
}

/*
 * Where the rows of a zone are: none is before *first or after *last, as far
 * as value and rank go.  zone NULL: nothing is known.
 */
extern void fs_orderplace_bounds(const FsOrdering *ordering, const FsZone *zone,
								 FsOrderPlace *first, FsOrderPlace *last);

#endif							/* FS_EXEC_ORDERING_H */
