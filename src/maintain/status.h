/*-------------------------------------------------------------------------
 *
 * What workers do and know, in shared memory.
 *
 * Exists only if the library is in shared_preload_libraries.  A database gets
 * a line with its first commit that wrote to a flowstore table, or when the
 * launcher sees it; FS_STATUS_DATABASES of them at most, more are not
 * maintained.  Of FS_STATUS_TABLES tables it is known since when they are
 * quiet and what failed; of more that is learnt anew on each visit.
 *
 * Functions take the area's lock for moments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_STATUS_H
#define FS_MAINTAIN_STATUS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define FS_STATUS_DATABASES		64
#define FS_STATUS_TABLES		4096
#define FS_STATUS_TEXT_LEN		256

/* A database; not used if dbid is invalid. */
typedef struct FsDatabaseStatus
{
	Oid			dbid;
	int			pid;			/* of its worker, or 0 */
	bool		is_starting;	/* asked for and not yet there */
	bool		is_stopped;		/* until stopped_until nobody may start */
	TimestampTz stopped_until;
	uint64		written;		/* commits that wrote */
	uint64		seen;			/* of these, by a worker that looked after */
	TimestampTz last_run;		/* end of the last look, or 0 */
	TimestampTz next_run;		/* the next without being asked */
	TimestampTz activity_since;
	char		activity[FS_STATUS_TEXT_LEN];	/* empty: none */
	uint64		task_rows;		/* of the task at hand, and done of these */
	uint64		task_done;
	uint64		tasks;			/* in all, since the server started */
	uint64		rows;
	uint64		wal_bytes;
	uint64		errors;
	TimestampTz error_at;
	char		error[FS_STATUS_TEXT_LEN];
} FsDatabaseStatus;

/* A table as the worker remembers it. */
typedef struct FsTableStatus
{
	Oid			dbid;			/* these two are the key */
	Oid			relid;
	uint64		newest_row;
	TimestampTz quiet_since;	/* newest_row has been the newest since */
	uint64		ended;			/* items that ended since the last VACUUM */
	TimestampTz ended_since;
	uint32		failures;		/* in a row */
	TimestampTz retry_at;
} FsTableStatus;

extern bool fs_status_exists(void);

/*
 * This database was written to, and the transaction has committed.  A worker
 * does not count.
 */
extern void fs_status_note_write(void);

/* Copies of all lines; returns their number, at most FS_STATUS_DATABASES. */
extern int	fs_status_read(FsDatabaseStatus *dst);

/* The launcher: a database that exists; one that does not any more. */
extern void fs_status_add(Oid dbid);
extern void fs_status_remove(Oid dbid);

/* The launcher: a worker was asked for, or its process has ended. */
extern void fs_status_set_starting(Oid dbid, bool is_starting);

/* No worker is being started: the launcher has begun anew. */
extern void fs_status_forget_starting(void);

/*
 * The worker: begin and end of its work on this database.  False: nobody may
 * work on it now, or somebody does.  It gives the count of writes that it
 * will have seen.
 */
extern bool fs_status_enter(uint64 *written);
extern void fs_status_leave(void);

/* The worker: look again; true if there were writes since *written. */
extern bool fs_status_has_news(uint64 *written);
extern void fs_status_set_next(TimestampTz next_run, uint64 seen);

/* The worker: what it is doing; NULL: nothing. */
extern void fs_status_set_activity(const char *activity, uint64 task_rows);
extern void fs_status_add_progress(uint64 rows, uint64 wal_bytes);
extern void fs_status_count_task(void);
extern void fs_status_set_error(const char *error);

/*
 * Keep workers away from a database for a minute.  Returns the pid of the
 * one at work, or 0.
 */
extern int	fs_status_stop(Oid dbid);

/* What is known of a table of this database: read, and write back. */
extern FsTableStatus fs_status_get_table(Oid relid);
extern void fs_status_put_table(const FsTableStatus *table);

/* Ask for the memory; once, from _PG_init while libraries are preloaded. */
extern void fs_status_init(void);

#endif							/* FS_MAINTAIN_STATUS_H */
