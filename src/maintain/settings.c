/*-------------------------------------------------------------------------
 *
 * Settings of the background worker.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"

#include "maintain/settings.h"

bool		fs_worker_enabled = true;
int			fs_worker_naptime_ms = 1000;
int			fs_worker_max = 2;
int			fs_worker_max_wal_rate_kb = 0;

void
fs_settings_init(void)
{
	DefineCustomBoolVariable("flowstore.worker",
							 "Whether tables are maintained in the background.",
							 "Needs flowstore in shared_preload_libraries.",
							 &fs_worker_enabled, true,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("flowstore.worker_naptime",
							"Pause between two looks of the worker at what was written.",
							NULL,
							&fs_worker_naptime_ms, 1000, 100, 3600 * 1000,
							PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("flowstore.worker_max",
							"Databases that are maintained at the same time.",
							"Each takes one of max_worker_processes while there is something to do.",
							&fs_worker_max, 2, 1, 64,
							PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("flowstore.worker_max_wal_rate",
							"Write-ahead log that a worker may write in a second.",
							"Zero means no limit.",
							&fs_worker_max_wal_rate_kb, 0, 0, INT_MAX,
							PGC_SIGHUP, GUC_UNIT_KB, NULL, NULL, NULL);
}
