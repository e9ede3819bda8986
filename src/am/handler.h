/*-------------------------------------------------------------------------
 *
 * The table of callbacks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_HANDLER_H
#define FS_AM_HANDLER_H

#include "postgres.h"

#include "access/tableam.h"

/* The access method; also tells whether a relation uses it. */
extern const TableAmRoutine *fs_handler_routine(void);

#endif							/* FS_AM_HANDLER_H */
