/*-------------------------------------------------------------------------
 *
 * The background worker: merges and clusters the tables of a database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_WORKER_H
#define FS_MAINTAIN_WORKER_H

#include "postgres.h"

/*
 * Entry points, found by name.  The launcher looks which databases were
 * written to and has a worker started in each, which ends when there is
 * nothing left to do.  The worker's argument is the database's OID.
 */
extern PGDLLEXPORT void fs_launcher_main(Datum arg);
extern PGDLLEXPORT void fs_worker_main(Datum arg);

/* Ask for the launcher; once, from _PG_init while libraries are preloaded. */
extern void fs_launcher_init(void);

/*
 * Have this and all sessions note commits that wrote, and send workers out of
 * databases that are to be dropped or copied; once, as above.
 */
extern void fs_aside_init(void);

/* This transaction wants a worker to look at the database when it commits. */
extern void fs_aside_wake(void);

#endif							/* FS_MAINTAIN_WORKER_H */
