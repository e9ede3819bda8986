/*-------------------------------------------------------------------------
 *
 * Schedules: each bucket of time is run once.
 *
 * The protocol.  Which buckets have run stands in flow.schedule_state
 * (done_until) and flow.schedule_todo.  Who runs one
 *
 *	  - locks the schedule's row in flow.schedule_state, and takes the bucket;
 *	  - runs the query under a snapshot that is younger than the lock, and adds
 *		its alerts;
 *	  - notes that the bucket has run, and commits.
 *
 * So alerts and note are there, or neither, after a crash, too.
 *
 * Late rows.  A table of which the owner has schedules, or said so
 * (flow.watch_changes), is watched: who changes it commits rows of the log of
 * changes with the change (am/changes), and waits for nobody.
 *
 *	  - Who gathers the log, for rollups or for schedules, deletes these rows
 *		and puts their times into flow.schedule_late, once for each schedule of
 *		the table, in one transaction (flow.rollup_gather).  Removals by the
 *		table's options are no changes.
 *	  - Who marks locks the schedule's row in flow.schedule_state as one who
 *		runs a bucket does, or leaves it for later if it is locked; then he
 *		deletes the times and adds those buckets to flow.schedule_todo that
 *		have run and looked at them (flow.schedule_gather).
 *
 * A run that may have missed the rows has ended by then, and its bucket counts
 * as done; one that begins later sees them.  So after any change of rows,
 * committed at any time, each bucket that looks at them runs once more or for
 * the first time, under a snapshot that sees them.
 *
 * A run is a subtransaction.  If it fails, that is what is noted, and the
 * bucket is taken again after a pause.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_SCHEDULE_H
#define FS_MAINTAIN_SCHEDULE_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct FsScheduleRun
{
	char	   *name;
	TimestampTz since;
	TimestampTz until;
	uint64		alerts;			/* added */
	char	   *error;			/* NULL: none */
} FsScheduleRun;

/*
 * Run a bucket that is due, of the schedule of this name, or of any if it is
 * NULL.  Returns false if none is.  The result is in the current memory
 * context.  With is_worker the schedule's timeout holds, and being cancelled is
 * a failure of the run, not of the caller.  Needs an active snapshot and READ
 * COMMITTED.
 */
extern bool fs_schedule_run(const char *name, bool is_worker,
							FsScheduleRun *run);

/*
 * Gather changes of tables and mark buckets that are to run again, of the
 * schedule of this name or of all if it is NULL; unless is_worker only of those
 * of whose owners the user has the privileges.  Returns false if somebody else
 * is running some of them: they stay to be marked.  Needs an active snapshot
 * and READ COMMITTED.
 */
extern bool fs_schedule_gather(const char *name, bool is_worker);

/* The worker: have a scheduler started if anything is scheduled. */
extern void fs_schedule_announce(void);

/*
 * The scheduler: mark what came late, and run what is due, each bucket in a
 * transaction of its own, for half a minute at most and as long as go_on() says
 * so.  Returns when something will be due next, DT_NOEND if nothing is scheduled.
 */
extern TimestampTz fs_schedule_round(bool (*go_on) (void));

#endif							/* FS_MAINTAIN_SCHEDULE_H */
