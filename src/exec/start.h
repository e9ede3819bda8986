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
 * Have pending rows written before a parallel plan starts: its workers cannot
 * see this backend's memory.  Once, from _PG_init.
 */
extern void fs_start_init(void);

#endif							/* FS_EXEC_START_H */
