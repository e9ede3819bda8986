/*-------------------------------------------------------------------------
 *
 * What worker and scheduler have in common: a process that is connected to a
 * database, makes rounds there, and ends when there is nothing to do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_PROCESS_H
#define FS_MAINTAIN_PROCESS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "maintain/status.h"

/* A round; gives the time of the next one, DT_NOEND: not before a write. */
typedef TimestampTz (*FsProcessRound) (void);

/*
 * The life of a background worker: connect, make rounds as long as there are
 * writes or a round is due, return.
 */
extern void fs_process_run(Oid dbid, FsProcess process, FsProcessRound round);

/* Between two tasks: takes interrupts and new settings; false: end the round. */
extern bool fs_process_may_go_on(void);

/* Within a task. */
extern void fs_process_reload_settings(void);

#endif							/* FS_MAINTAIN_PROCESS_H */
