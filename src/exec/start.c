/*-------------------------------------------------------------------------
 *
 * What happens before a plan starts and when it has run.
 *
 * Rows that were deleted are known to others, and their locks let go, when the
 * query has run; its AFTER triggers come later.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"

#include "am/deleted.h"
#include "am/pending.h"
#include "exec/start.h"

static ExecutorStart_hook_type previous_hook = NULL;
static ExecutorFinish_hook_type previous_finish_hook = NULL;

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

static void
at_executor_finish(QueryDesc *query)
{
	/* a query inside of another one that deletes lets that one go on */
	if (query->operation != CMD_SELECT || query->plannedstmt->hasModifyingCTE)
		fs_deleted_flush(InvalidOid);
	if (previous_finish_hook)
		previous_finish_hook(query);
	else
		standard_ExecutorFinish(query);
}

void
fs_start_init(void)
{
	previous_finish_hook = ExecutorFinish_hook;
	ExecutorFinish_hook = at_executor_finish;
	previous_hook = ExecutorStart_hook;
	ExecutorStart_hook = at_executor_start;
}
