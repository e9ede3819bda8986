/*-------------------------------------------------------------------------
 *
 * The background processes: a worker merges and clusters the tables of a
 * database and rolls up, a scheduler runs its schedules.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_WORKER_H
#define FS_MAINTAIN_WORKER_H

#include "postgres.h"

/*
 * Entry points, found by name.  The launcher looks which databases were
 * written to and has a worker started in each, and a scheduler where there are
 * schedules.  They end when there is nothing left to do.  Their argument is the
 * database's OID.
 */
extern PGDLLEXPORT void fs_launcher_main(Datum arg);
extern PGDLLEXPORT void fs_worker_main(Datum arg);
extern PGDLLEXPORT void fs_scheduler_main(Datum arg);

/* Ask for the launcher; once, from _PG_init while libraries are preloaded. */
extern void fs_launcher_init(void);

/*
 * Have this and all sessions note commits that wrote, and send them out of
 * databases that are to be dropped or copied; once, as above.
 */
extern void fs_aside_init(void);

/* This transaction wants both to look at the database when it commits. */
extern void fs_aside_wake(void);

#endif							/* FS_MAINTAIN_WORKER_H */
