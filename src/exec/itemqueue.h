/*-------------------------------------------------------------------------
 *
 * A table's items, in the order in which a column's first rows are looked for.
 *
 * Items are listed partition by partition, as far as they are needed: where
 * the partitions of the table were made by the column, those that are beyond
 * the rows that are wanted are not listed.  Chunks that were clustered
 * together are neighbours in the queue, so that their partition index is read
 * once.  A pass goes through the queue once; there may be several.
 *
 * Memory: 72 bytes for each item listed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_ITEMQUEUE_H
#define FS_EXEC_ITEMQUEUE_H

#include "postgres.h"

#include "directory/directory.h"
#include "exec/ordering.h"

typedef struct FsItemQueue FsItemQueue;

/* An item; what is not const here belongs to the queue's user. */
typedef struct FsQueuedItem
{
	FsPartition partition;
	uint32		number;
	uint32		set;			/* clustered: number of its INDEX item, else 0 */
	bool		is_clustered;
	bool		is_known;		/* damage of it was reported */
	bool		is_finished;	/* there is nothing in it: left out from now on */
	FsOrderPlace turn;			/* the first place of any item of its set */
	FsOrderPlace first;			/* its rows are between these, inclusive */
	FsOrderPlace last;
} FsQueuedItem;

/* Allocates in a child of the current memory context. */
extern FsItemQueue *fs_itemqueue_create(Relation rel, Snapshot snapshot,
										const FsOrdering *ordering);
extern void fs_itemqueue_destroy(FsItemQueue *queue);

/*
 * Forget what is listed, and begin with all partitions or, if limited, with
 * partitions first .. last and those that are not of a time.
 */
extern void fs_itemqueue_reset(FsItemQueue *queue, bool is_limited,
							   FsPartition first, FsPartition last);

/* Begin a pass; given, or NULL: rows up to this place are not wanted. */
extern void fs_itemqueue_begin(FsItemQueue *queue, const FsOrderPlace *given);

/*
 * The next item that may have a row before a place, or any row if that is NULL.
 * False if there is none in the rest of the pass.  Places that are given in
 * one pass must not become later.
 */
extern bool fs_itemqueue_next(FsItemQueue *queue, const FsOrderPlace *before,
							  uint32 *index);

/* A listed item; the pointer lives until the next call of another function. */
extern FsQueuedItem *fs_itemqueue_item(FsItemQueue *queue, uint32 index);

/* Fetch a listed item; its bytes live until the next is fetched. */
extern void fs_itemqueue_fetch(FsItemQueue *queue, uint32 index, FsItem *item);

/* How many items hold rows, listed or not. */
extern uint64 fs_itemqueue_count(Relation rel, Snapshot snapshot);

#endif							/* FS_EXEC_ITEMQUEUE_H */
