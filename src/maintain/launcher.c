/*-------------------------------------------------------------------------
 *
 * The launcher.
 *
 * It is connected to no database, so that it is in nobody's way.  Which ones
 * exist it learns from pg_database at its start and then every minute; which
 * were written to is in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "maintain/settings.h"
#include "maintain/status.h"
#include "maintain/worker.h"

#define LIST_DATABASES_MS	60000
#define RESTART_SECONDS		5

/* A worker or scheduler that was asked for. */
typedef struct Child
{
	Oid			dbid;
	FsProcess	process;
	BackgroundWorkerHandle *handle;
} Child;

static Child children[FS_STATUS_DATABASES * FS_PROCESSES];
static int	nchildren = 0;

/* Let the lines in shared memory be those of the databases that exist. */
static void
list_databases(void)
{
	FsDatabaseStatus lines[FS_STATUS_DATABASES];
	int			n = fs_status_read(lines);
	Relation	rel;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database db = (Form_pg_database) GETSTRUCT(tuple);

		if (!db->datallowconn || db->datistemplate)
			continue;
		fs_status_add(db->oid);
		for (int i = 0; i < n; i++)
			if (lines[i].dbid == db->oid)
				lines[i].dbid = InvalidOid;
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	for (int i = 0; i < n; i++)
		if (OidIsValid(lines[i].dbid))
			fs_status_remove(lines[i].dbid);
}

/* Forget the children that have ended. */
static void
reap(void)
{
	int			k = 0;

	for (int i = 0; i < nchildren; i++)
	{
		pid_t		pid;

		if (GetBackgroundWorkerPid(children[i].handle, &pid) == BGWH_STOPPED)
		{
			fs_status_set_starting(children[i].dbid, children[i].process,
								   false);
			pfree(children[i].handle);
		}
		else
			children[k++] = children[i];
	}
	nchildren = k;
}

/* True unless there is no free slot for it. */
static bool
start(Oid dbid, FsProcess process)
{
	const char *name = process == FS_PROCESS_WORKER ? "flowstore worker" :
		"flowstore scheduler";
	BackgroundWorker worker = {{0}};
	BackgroundWorkerHandle *handle;

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = ObjectIdGetDatum(dbid);
	worker.bgw_notify_pid = MyProcPid;
	strlcpy(worker.bgw_library_name, "flowstore", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, process == FS_PROCESS_WORKER ?
			"fs_worker_main" : "fs_scheduler_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, name, BGW_MAXLEN);
	strlcpy(worker.bgw_type, name, BGW_MAXLEN);
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		return false;
	fs_status_set_starting(dbid, process, true);
	children[nchildren++] = (Child)
	{
		dbid, process, handle
	};
	return true;
}

static int
count_children(FsProcess process)
{
	int			n = 0;

	for (int i = 0; i < nchildren; i++)
		if (children[i].process == process)
			n++;
	return n;
}

static void
start_processes(FsProcess process)
{
	FsDatabaseStatus lines[FS_STATUS_DATABASES];
	int			n = fs_status_read(lines);
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < n; i++)
	{
		if (count_children(process) >= Min(fs_worker_max, FS_STATUS_DATABASES))
			return;
		if (fs_status_is_due(&lines[i], process, now) &&
			!start(lines[i].dbid, process))
			return;
	}
}

void
fs_launcher_main(Datum arg)
{
	TimestampTz listed_at = 0;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	pgstat_report_appname("flowstore launcher");
	MemoryContextSwitchTo(TopMemoryContext);
	/* an earlier launcher may have ended while its workers ran */
	fs_status_forget_starting();
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		reap();
		if (fs_worker_enabled)
		{
			if (TimestampDifferenceExceeds(listed_at, GetCurrentTimestamp(),
										   LIST_DATABASES_MS))
			{
				list_databases();
				listed_at = GetCurrentTimestamp();
			}
			start_processes(FS_PROCESS_WORKER);
			start_processes(FS_PROCESS_SCHEDULER);
		}
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 fs_worker_naptime_ms, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

void
fs_launcher_init(void)
{
	BackgroundWorker worker = {{0}};

	if (IsBinaryUpgrade)
		return;
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = RESTART_SECONDS;
	strlcpy(worker.bgw_library_name, "flowstore", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "fs_launcher_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, "flowstore launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "flowstore launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}
