/*-------------------------------------------------------------------------
 *
 * Processes that make rounds in a database.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "maintain/process.h"
#include "maintain/settings.h"

void
fs_process_reload_settings(void)
{
	if (!ConfigReloadPending)
		return;
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
}

bool
fs_process_may_go_on(void)
{
	CHECK_FOR_INTERRUPTS();
	fs_process_reload_settings();
	return fs_worker_enabled;
}

static void
at_exit(int code, Datum arg)
{
	fs_status_leave();
}

/* What sessions of the database may set, and does not suit a worker. */
static void
override_settings(void)
{
	static const char *const settings[][2] = {
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"statement_timeout", "0"},
		{"lock_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"zero_damaged_pages", "off"},
		{"synchronous_commit", "local"},
	};

	for (int i = 0; i < lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET,
						PGC_S_OVERRIDE);
}

static void
connect_to(Oid dbid, FsProcess process)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(dbid, InvalidOid, 0);
	override_settings();
	pgstat_report_appname(process == FS_PROCESS_WORKER ? "flowstore worker" :
						  "flowstore scheduler");
	before_shmem_exit(at_exit, (Datum) 0);
}

void
fs_process_run(Oid dbid, FsProcess process, FsProcessRound round)
{
	uint64		written;
	TimestampTz next_run;

	connect_to(dbid, process);
	if (!fs_status_enter(process, &written))
		return;
	do
	{
		next_run = round();
		fs_status_set_next(next_run, written);
		/* stay while there is a stream of writes */
		if (next_run > GetCurrentTimestamp())
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT |
							 WL_EXIT_ON_PM_DEATH,
							 fs_worker_naptime_ms, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		fs_process_reload_settings();
	} while (fs_worker_enabled && (fs_status_has_news(&written) ||
								   next_run <= GetCurrentTimestamp()));
}
