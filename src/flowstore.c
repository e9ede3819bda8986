/*-------------------------------------------------------------------------
 *
 * The module: magic, and one call into each room that needs a start.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "am/changes.h"
#include "am/deleted.h"
#include "am/fetch.h"
#include "am/follow.h"
#include "am/options.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "am/relabel.h"
#include "am/slot.h"
#include "am/utility.h"
#include "analytics/settings.h"
#include "directory/epoch.h"
#include "directory/numbers.h"
#include "exec/aggpath.h"
#include "exec/flowagg.h"
#include "exec/floworder.h"
#include "exec/flowscan.h"
#include "exec/keypath.h"
#include "exec/orderpath.h"
#include "exec/parampath.h"
#include "exec/path.h"
#include "exec/start.h"
#include "maintain/expire.h"
#include "maintain/settings.h"
#include "maintain/status.h"
#include "maintain/worker.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	fs_options_init();
	fs_numbers_init();
	fs_slot_init();
	fs_changes_init();
	fs_pending_init();
	fs_deleted_init();
	fs_fetch_init();
	fs_refuse_init();
	fs_relabel_init();
	fs_follow_init();
	fs_utility_init();
	fs_expire_init();
	fs_settings_init();
	fs_analytics_init();
	if (process_shared_preload_libraries_in_progress)
	{
		fs_epoch_init();
		fs_status_init();
		fs_aside_init();
		fs_launcher_init();
	}
	fs_flowscan_init();
	fs_flowagg_init();
	fs_floworder_init();
	fs_path_init();
	fs_orderpath_init();
	fs_keypath_init();
	fs_parampath_init();
	fs_aggpath_init();
	fs_start_init();

	MarkGUCPrefixReserved("flowstore");
}
