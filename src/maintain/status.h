/*-------------------------------------------------------------------------
 *
 * What workers and schedulers do and know, in shared memory.
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

/* The processes of a database. */
typedef enum FsProcess
{
	FS_PROCESS_WORKER,			/* maintains tables and rollups */
	FS_PROCESS_SCHEDULER		/* runs schedules */
} FsProcess;

#define FS_PROCESSES	2

typedef struct FsProcessStatus
{
	int			pid;			/* 0: not there */
	bool		is_starting;	/* asked for and not yet there */
	uint64		seen;			/* commits that wrote, when it began to look */
	TimestampTz next_run;		/* when it looks next without being asked */
} FsProcessStatus;

/* A database; not used if dbid is invalid. */
typedef struct FsDatabaseStatus
{
	Oid			dbid;
	FsProcessStatus processes[FS_PROCESSES];
	bool		has_schedules;	/* or may have */
	bool		is_stopped;		/* until stopped_until nobody may start */
	TimestampTz stopped_until;
	uint64		written;		/* commits that wrote, or wished for a look */
	uint64		wishes;
	TimestampTz last_run;		/* end of the worker's last look, or 0 */
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
 * This database was written to, and the transaction has committed.  What a
 * worker or scheduler writes does not count.
 */
extern void fs_status_note_write(void);

/* A look of both processes is wanted, also by one of them. */
extern void fs_status_note_wish(void);

/* Schedules were found in this database. */
extern void fs_status_note_schedules(void);

/* Copies of all lines; returns their number, at most FS_STATUS_DATABASES. */
extern int	fs_status_read(FsDatabaseStatus *dst);

/* The launcher: a database that exists; one that does not any more. */
extern void fs_status_add(Oid dbid);
extern void fs_status_remove(Oid dbid);

/* The launcher: a process was asked for, or has ended. */
extern void fs_status_set_starting(Oid dbid, FsProcess process,
								   bool is_starting);

/* No process is being started: the launcher has begun anew. */
extern void fs_status_forget_starting(void);

/* The launcher: whether a process has something to do and may be started. */
extern bool fs_status_is_due(const FsDatabaseStatus *line, FsProcess process,
							 TimestampTz now);

/*
 * Begin and end of a process's work on this database.  False: nobody may
 * work on it now, or somebody does.  It gives the count of writes that it
 * will have seen.
 */
extern bool fs_status_enter(FsProcess process, uint64 *written);
extern void fs_status_leave(void);

/*
 * A process that has entered: look again; true if there were writes since
 * *written.  The scheduler gives DT_NOEND if there are no schedules.
 */
extern bool fs_status_has_news(uint64 *written);
extern void fs_status_set_next(TimestampTz next_run, uint64 seen);

/* The worker: what it is doing; NULL: nothing. */
extern void fs_status_set_activity(const char *activity, uint64 task_rows);
extern void fs_status_add_progress(uint64 rows, uint64 wal_bytes);
extern void fs_status_count_task(void);
extern void fs_status_set_error(const char *error);

/*
 * Keep both processes away from a database for a minute.  Gives the pids of
 * those at work, or 0.
 */
extern void fs_status_stop(Oid dbid, int pids[FS_PROCESSES]);

/* What is known of a table of this database: read, and write back. */
extern FsTableStatus fs_status_get_table(Oid relid);
extern void fs_status_put_table(const FsTableStatus *table);

/* Ask for the memory; once, from _PG_init while libraries are preloaded. */
extern void fs_status_init(void);

#endif							/* FS_MAINTAIN_STATUS_H */
