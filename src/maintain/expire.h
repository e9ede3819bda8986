/*-------------------------------------------------------------------------
 *
 * Expiry: the oldest rows go.
 *
 * By rows, exactly: at every commit the table holds the newest max_rows rows
 * and never more than max_rows + slack.  Whoever inserts adds his rows to a
 * count in the metapage that is never too low, and while that stays within
 * the bound he commits at once, under a shared lock of the table.  Else he
 * takes the lock exclusively, to the end of his transaction, counts the rows,
 * and expires what is too much.  So commits are serial near the bound, once
 * in slack rows.  Rows without a time are the oldest.
 *
 * By age and by bytes, roughly: whole items go, once all of their rows may.
 * Now is the newest row that is not from the future, so that neither a wrong
 * clock of an exporter nor a pause in the traffic expires anything.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_EXPIRE_H
#define FS_MAINTAIN_EXPIRE_H

#include "postgres.h"

#include "utils/rel.h"

typedef struct FsExpired
{
	uint64		rows;
	uint64		bytes;			/* of extents and items */
} FsExpired;

/*
 * Expire what the table's options retain and max_bytes let go, as the current
 * transaction, which should commit at once.  now_us is the
 * clock, in microseconds since 2000.
 */
extern FsExpired fs_expire_table(Relation rel, int64 now_us);

/* Bound tables by rows from now on; once, from _PG_init. */
extern void fs_expire_init(void);

#endif							/* FS_MAINTAIN_EXPIRE_H */
