/*-------------------------------------------------------------------------
 *
 * Settings of the functions of schema flow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/guc.h"

#include "analytics/batches.h"
#include "analytics/internal.h"
#include "analytics/ipset.h"
#include "analytics/settings.h"

/* read by name, in SQL */
static char *table_name;
static char *present;

void
fs_analytics_init(void)
{
	DefineCustomStringVariable("flowstore.default_table",
							   "Table that functions of schema flow work on if none is named.",
							   NULL,
							   &table_name,
							   "flows",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);
	DefineCustomStringVariable("flowstore.now",
							   "Present time for functions of schema flow; empty for the real one.",
							   "For data of the past.",
							   &present,
							   "",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);
	fs_internal_init();
	fs_ipset_init();
	fs_hll_init_batch();
	fs_dd_init_batches();
}
