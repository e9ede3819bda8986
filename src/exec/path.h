/*-------------------------------------------------------------------------
 *
 * Paths: when the planner may use FlowScan, and what it costs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_PATH_H
#define FS_EXEC_PATH_H

#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/pathnodes.h"

/* flowstore.enable_scan, flowstore.enable_filter */
extern bool fs_enable_scan;
extern bool fs_enable_filter;

/* Is it the path of a serial FlowScan without such values? */
extern bool fs_path_is_scan(const Path *path);

/*
 * A copy of the serial or the partial FlowScan path of a base relation that
 * takes no values from other relations; NULL if it has none.
 */
extern CustomPath *fs_path_of_scan(RelOptInfo *rel, bool is_partial);

/* Define the setting and install the planner hook; once, from _PG_init. */
extern void fs_path_init(void);

#endif							/* FS_EXEC_PATH_H */
