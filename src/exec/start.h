/*-------------------------------------------------------------------------
 *
 * What happens before a plan starts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_START_H
#define FS_EXEC_START_H

#include "postgres.h"

/*
 * Have pending rows of the tables that a plan names written before it starts:
 * while the subtransaction that the plan belongs to is the current one, and
 * before parallel workers, which cannot see this backend's memory, look for
 * them.  Once, from _PG_init.
 */
extern void fs_start_init(void);

#endif							/* FS_EXEC_START_H */
