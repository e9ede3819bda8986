/*-------------------------------------------------------------------------
 *
 * Groups: keys, and the accumulators of each.
 *
 * Groups are made of rows, or of records that other groups were put into.  A
 * group is a number below n, but not all numbers below n are groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_GROUPS_H
#define FS_GROUP_GROUPS_H

#include "postgres.h"

#include "executor/tuptable.h"

#include "group/accumulator.h"
#include "group/bycode.h"
#include "group/key.h"
#include "vector/ids.h"

#define FS_GROUPS_MAX_KEYS 8

typedef struct FsGroups
{
	FsAllocator *allocator;
	int			nkeys;
	int			naggs;
	FsKey	  **keys;			/* [nkeys] */
	FsPairIds **pairs;			/* [nkeys - 1]: of the ids so far and the next */
	FsAccumulator **accs;		/* [naggs] */
	FsByCode   *by_code;		/* NULL: rows are not added by code */
	uint32		n;
	uint8	   *has;			/* [has_cap] it is a group; NULL without keys */
	uint32		has_cap;
	uint32		selected[FS_GROUPS_MAX_KEYS];	/* ids of a group's keys */
} FsGroups;

/* The caller fills keys and accs, and may set by_code.  In the current memory context. */
extern FsGroups *fs_groups_create(int nkeys, int naggs,
								  FsAllocator *allocator);

/* The rank of this aggregate in parts of the rows is going to be asked for. */
extern void fs_groups_watch(FsGroups *groups, int agg);

/* Evaluate the constants of the aggregates' filters. */
extern void fs_groups_bind(FsGroups *groups);

/* Forget all groups. */
extern void fs_groups_reset(FsGroups *groups);

/*
 * Add rows of a vector; bits has the same rows.  If a column is damaged,
 * which was reported, nothing is added.  Rows become groups by and by, within
 * limit bytes, and at the latest when settled.
 */
extern void fs_groups_add(FsGroups *groups, const FsGroupRows *rows,
						  const FsBits *bits, Size limit);

/* All rows that were added become groups: before any is looked at. */
extern void fs_groups_settle(FsGroups *groups);

/*
 * Add all rows of the scan's chunk, if its head tells enough; else nothing is
 * added, and false returned.  It never does unless fs_groups_can_digest().
 */
extern bool fs_groups_can_digest(const FsGroups *groups);
extern bool fs_groups_add_chunk(FsGroups *groups, FsScan *scan);

static inline bool
fs_groups_exists(const FsGroups *groups, uint32 group)
{
	return groups->nkeys == 0 || groups->has[group];
}

extern uint32 fs_groups_count(const FsGroups *groups);

/* Keys, then results, into a virtual slot. */
extern void fs_groups_fill(FsGroups *groups, uint32 group,
						   TupleTableSlot *slot);

/* Memory in use. */
extern Size fs_groups_bytes(const FsGroups *groups);

/*
 * True if limit bytes are used, or would be after another vector; never with
 * a single group.  Tables that do not grow with groups (16 MB for each key and
 * count(DISTINCT) at most, usually much less) may come on top.
 */
extern bool fs_groups_is_full(const FsGroups *groups, Size limit);

/* Groups, and distinct values, that would be put. */
extern uint64 fs_groups_n_records(const FsGroups *groups);

/* Around the putting of groups; only: of those with only[group], if not NULL. */
extern void fs_groups_begin_put(FsGroups *groups, const uint8 *only);
extern void fs_groups_end_put(FsGroups *groups);

/*
 * Select the group to be put.  Returns a hash of its keys, the same in all
 * processes of a query.
 */
extern uint64 fs_groups_select(FsGroups *groups, uint32 group, uint64 seed);

/*
 * Append part 0, 1, .. of the selected group to a record of its own.  Returns
 * true if there are more.
 */
extern bool fs_groups_put(FsGroups *groups, uint32 group, uint32 part,
						  StringInfo out);

/* Make groups of records[n], or merge them into those that there are. */
extern void fs_groups_take(FsGroups *groups, FsRecord *records, uint32 n);

#endif							/* FS_GROUP_GROUPS_H */
