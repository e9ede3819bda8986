/*-------------------------------------------------------------------------
 *
 * Paths that read only what can be joined.
 *
 * Where a flowstore table is joined with a small relation, FlowScan can read
 * the relation's keys first (keyfilter.h).  Rows that match none of them would
 * be dropped by the join above, so such a path may take the place of the
 * table's scan anywhere in the plan.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYPATH_H
#define FS_EXEC_KEYPATH_H

#include "postgres.h"

/* flowstore.enable_join_filter */
extern bool fs_enable_join_filter;

/* Define the setting and install the planner hook; once, from _PG_init. */
extern void fs_keypath_init(void);

#endif							/* FS_EXEC_KEYPATH_H */
