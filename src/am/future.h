/*-------------------------------------------------------------------------
 *
 * Rows from the future: the options max_future and future_rows.
 *
 * A row is beyond the limit if its time is later than the clock, read when
 * the row is added, plus max_future; times without time zone count as UTC.
 * Such a row is an error, or it is set aside: kept in FS_PARTITION_NULL,
 * outside of all time partitions, and seen by queries like any other.  Both
 * are counted in the table's file (store/meta), whether or not the
 * transaction commits.  A rewrite refuses and counts nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_FUTURE_H
#define FS_AM_FUTURE_H

#include "postgres.h"

#include "utils/rel.h"

typedef struct FsFuture
{
	int64		limit_us;		/* not beyond it: allowed */
	int64		max_us;			/* FS_UNLIMITED: all rows are allowed */
	bool		is_error;
	bool		is_counted;
	uint32		nset_aside;		/* not yet counted in the file */
} FsFuture;

/* Read the options of rel. */
extern void fs_future_init(FsFuture *future, Relation rel);

/* The slow part of fs_future_is_beyond(). */
extern bool fs_future_check(FsFuture *future, Relation rel, int64 ts_us);

/*
 * True if a row of that time, microseconds since 2000, is to be set aside;
 * raises CHECK_VIOLATION if it is to be refused.
 */
static inline bool
fs_future_is_beyond(FsFuture *future, Relation rel, int64 ts_us)
{
	return ts_us > future->limit_us && fs_future_check(future, rel, ts_us);
}

/* Count the rows that were set aside. */
extern void fs_future_count(FsFuture *future, Relation rel);

#endif							/* FS_AM_FUTURE_H */
