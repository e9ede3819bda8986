/*-------------------------------------------------------------------------
 *
 * The log of changes: which times of a table have other rows than before.
 *
 * A table is watched if it has a trigger of flow.rollup_watch(), whose argument
 * names the column that the times are of.  Whoever changes rows of a watched
 * table notes ranges of times here, too wide rather than too narrow, and before
 * the transaction commits or is prepared they become rows of the heap table
 * flow.rollup_change.  They commit with the change, so one snapshot sees both
 * or neither:
 *
 *		relation	regclass	the table
 *		since		timestamptz	the range, half-open; -infinity and infinity
 *		until		timestamptz	where it has no end
 *		expired		bool		rows before until are not complete any more, for
 *								the table's options no longer keep them
 *
 * Rows that change their place (merged, clustered, rewritten) are no change.
 * Ranges of aborted subtransactions stay: there is nothing new to be found in
 * them, but no harm either.
 *
 * Memory: at most FS_CHANGES_RANGES ranges a table and transaction; more are
 * joined where the gap is smallest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_CHANGES_H
#define FS_AM_CHANGES_H

#include "postgres.h"

#include "utils/rel.h"

#include "directory/item.h"

#define FS_CHANGES_RANGES	64

/* The trigger's function, in schema flow. */
#define FS_CHANGES_TRIGGER	"rollup_watch"

/* How much a watched table says of its changes. */
typedef enum FsWatch
{
	FS_WATCH_NONE,
	FS_WATCH_TIMES,				/* their times */
	FS_WATCH_WHOLE				/* only that there are some: the column that is
								 * watched is not the table's time column */
} FsWatch;

/*
 * Whether a table of any access method is watched, and the column that the
 * trigger names, in the relation cache entry, or NULL.  Cannot fail.
 */
extern bool fs_changes_is_watched(Relation rel, const char **column);

/* The same for a flowstore table of which the time column is known, or 0. */
extern FsWatch fs_changes_watch(Relation rel, AttrNumber time_att);

/* Rows with times first_us .. last_us (inclusive) were added or deleted. */
extern void fs_changes_note(Oid relid, int64 first_us, int64 last_us);

/* Rows with any times, or none, were. */
extern void fs_changes_note_whole(Oid relid);

/* Rows of a flowstore table that stand in this item are being deleted. */
extern void fs_changes_note_item(Relation rel, FsPartition partition,
								 uint32 number);

/* Rows up to and with this time were removed because of their age or number. */
extern void fs_changes_note_expired(Relation rel, int64 latest_us);

/*
 * Write what is noted, so that this transaction can read it: its own
 * snapshots, even those that are older than the change.  Also called before
 * commit, after all that notes.
 */
extern void fs_changes_write(void);

/* Register the transaction callbacks; once, from _PG_init. */
extern void fs_changes_init(void);

#endif							/* FS_AM_CHANGES_H */
