/*-------------------------------------------------------------------------
 *
 * The scheduler.
 *
 * A process of its own, so that a query that takes long holds up neither
 * merging nor rollups, and clustering no schedule.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "maintain/process.h"
#include "maintain/schedule.h"
#include "maintain/worker.h"

/* look again after so long, whatever happens */
#define ROUTINE_MS			(10 * 60 * 1000)

static TimestampTz
run_round(void)
{
	TimestampTz next = fs_schedule_round(fs_process_may_go_on);

	if (next == DT_NOEND)
		return next;
	return Min(next, TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												 ROUTINE_MS));
}

void
fs_scheduler_main(Datum arg)
{
	fs_process_run(DatumGetObjectId(arg), FS_PROCESS_SCHEDULER, run_round);
}
