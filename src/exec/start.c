/*-------------------------------------------------------------------------
 *
 * What happens before a plan starts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"

#include "am/pending.h"
#include "exec/start.h"

static ExecutorStart_hook_type previous_hook = NULL;

static void
at_executor_start(QueryDesc *query, int eflags)
{
	if (fs_pending_exists() && !(eflags & EXEC_FLAG_EXPLAIN_ONLY) &&
		!IsInParallelMode())
	{
		/* functions in a parallel plan may read any table */
		if (query->plannedstmt->parallelModeNeeded)
			fs_pending_flush_all();
		else
			fs_pending_flush_tables(query->plannedstmt->relationOids);
	}
	if (previous_hook)
		previous_hook(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
}

void
fs_start_init(void)
{
	previous_hook = ExecutorStart_hook;
	ExecutorStart_hook = at_executor_start;
}
