/*-------------------------------------------------------------------------
 *
 * When the planner may use FlowOrder, and what it costs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_ORDERPATH_H
#define FS_EXEC_ORDERPATH_H

#include "postgres.h"

/*
 * Define the setting and install the planner hook; once, from _PG_init, after
 * that of path.h.
 */
extern void fs_orderpath_init(void);

#endif							/* FS_EXEC_ORDERPATH_H */
