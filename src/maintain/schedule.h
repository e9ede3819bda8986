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
 * So alerts and note are there, or neither, after a crash, too.  Who has
 * seen in the log of changes that rows came late locks the row as well
 * before he marks buckets (flow.mark_late): a run that may have missed the rows
 * has ended by then and its bucket counts as done; one that begins later
 * sees them.
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
 * The worker: run what is due, each bucket in a transaction of its own, for
 * half a minute at most and as long as go_on() says so.  Returns when
 * something will be due next.
 */
extern TimestampTz fs_schedule_round(bool (*go_on) (void));

#endif							/* FS_MAINTAIN_SCHEDULE_H */
