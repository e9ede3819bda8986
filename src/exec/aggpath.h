/*-------------------------------------------------------------------------
 *
 * When the planner may use FlowAggregate, and what it costs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGPATH_H
#define FS_EXEC_AGGPATH_H

#include "postgres.h"

/* Define the setting and install the planner hook; once, from _PG_init. */
extern void fs_aggpath_init(void);

#endif							/* FS_EXEC_AGGPATH_H */
