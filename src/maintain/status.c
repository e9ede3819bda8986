/*-------------------------------------------------------------------------
 *
 * Shared memory of workers and schedulers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "maintain/status.h"

#define STOP_SECONDS	60

typedef struct Area
{
	LWLock	   *lock;
	FsDatabaseStatus databases[FS_STATUS_DATABASES];
} Area;

/* The part of FsTableStatus that is the key of the hash table. */
#define TABLE_KEY_LEN	(2 * sizeof(Oid))

static Area *area = NULL;
static HTAB *tables = NULL;

/* this process, if it has entered */
static bool has_entered = false;
static FsProcess self;
static uint64 wishes_seen;

static shmem_request_hook_type previous_request = NULL;
static shmem_startup_hook_type previous_startup = NULL;

static void
request_memory(void)
{
	if (previous_request != NULL)
		previous_request();
	RequestAddinShmemSpace(add_size(MAXALIGN(sizeof(Area)),
									hash_estimate_size(FS_STATUS_TABLES,
													   sizeof(FsTableStatus))));
	RequestNamedLWLockTranche("flowstore", 1);
}

static void
startup_memory(void)
{
	HASHCTL		ctl = {0};
	bool		found;

	if (previous_startup != NULL)
		previous_startup();
	ctl.keysize = TABLE_KEY_LEN;
	ctl.entrysize = sizeof(FsTableStatus);
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	area = ShmemInitStruct("flowstore workers", sizeof(Area), &found);
	if (!found)
	{
		memset(area, 0, sizeof(Area));
		area->lock = &GetNamedLWLockTranche("flowstore")->lock;
	}
	tables = ShmemInitHash("flowstore tables", FS_STATUS_TABLES,
						   FS_STATUS_TABLES, &ctl, HASH_ELEM | HASH_BLOBS);
	LWLockRelease(AddinShmemInitLock);
}

void
fs_status_init(void)
{
	previous_request = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = startup_memory;
}

bool
fs_status_exists(void)
{
	return area != NULL;
}

/* The line of a database, or NULL.  The caller holds the lock. */
static FsDatabaseStatus *
find(Oid dbid)
{
	for (int i = 0; i < FS_STATUS_DATABASES; i++)
		if (area->databases[i].dbid == dbid)
			return &area->databases[i];
	return NULL;
}

/* The same, made if need be; NULL if there is no room. */
static FsDatabaseStatus *
find_or_add(Oid dbid)
{
	FsDatabaseStatus *line = find(dbid);

	if (line != NULL)
		return line;
	line = find(InvalidOid);
	if (line != NULL)
	{
		memset(line, 0, sizeof(FsDatabaseStatus));
		line->dbid = dbid;
	}
	return line;
}

void
fs_status_note_write(void)
{
	FsDatabaseStatus *line;

	if (has_entered)
		return;
	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find_or_add(MyDatabaseId);
	if (line != NULL)
		line->written++;
	LWLockRelease(area->lock);
}

void
fs_status_note_wish(void)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find_or_add(MyDatabaseId);
	if (line != NULL)
	{
		line->written++;
		line->wishes++;
		line->has_schedules = true;
	}
	LWLockRelease(area->lock);
}

void
fs_status_note_schedules(void)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
		line->has_schedules = true;
	LWLockRelease(area->lock);
}

int
fs_status_read(FsDatabaseStatus *dst)
{
	int			n = 0;

	LWLockAcquire(area->lock, LW_SHARED);
	for (int i = 0; i < FS_STATUS_DATABASES; i++)
		if (OidIsValid(area->databases[i].dbid))
			dst[n++] = area->databases[i];
	LWLockRelease(area->lock);
	return n;
}

void
fs_status_add(Oid dbid)
{
	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	(void) find_or_add(dbid);
	LWLockRelease(area->lock);
}

void
fs_status_remove(Oid dbid)
{
	FsDatabaseStatus *line;
	HASH_SEQ_STATUS seq;
	FsTableStatus *table;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(dbid);
	if (line != NULL)
		memset(line, 0, sizeof(FsDatabaseStatus));
	hash_seq_init(&seq, tables);
	while ((table = hash_seq_search(&seq)) != NULL)
		if (table->dbid == dbid)
			(void) hash_search(tables, table, HASH_REMOVE, NULL);
	LWLockRelease(area->lock);
}

void
fs_status_set_starting(Oid dbid, FsProcess process, bool is_starting)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(dbid);
	if (line != NULL)
		line->processes[process].is_starting = is_starting;
	LWLockRelease(area->lock);
}

void
fs_status_forget_starting(void)
{
	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	for (int i = 0; i < FS_STATUS_DATABASES; i++)
		for (int p = 0; p < FS_PROCESSES; p++)
			area->databases[i].processes[p].is_starting = false;
	LWLockRelease(area->lock);
}

/* True while a database is left to somebody who wants it to himself. */
static bool
is_stopped(const FsDatabaseStatus *line, TimestampTz now)
{
	return line->is_stopped && line->stopped_until >= now;
}

bool
fs_status_is_due(const FsDatabaseStatus *line, FsProcess process,
				 TimestampTz now)
{
	const FsProcessStatus *status = &line->processes[process];
	bool		has_news = line->written != status->seen &&
		(process == FS_PROCESS_WORKER || line->has_schedules);

	return (has_news || status->next_run <= now) && status->pid == 0 &&
		!status->is_starting && !is_stopped(line, now);
}

bool
fs_status_enter(FsProcess process, uint64 *written)
{
	FsDatabaseStatus *line;
	bool		may_enter;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find_or_add(MyDatabaseId);
	may_enter = line != NULL && line->processes[process].pid == 0 &&
		!is_stopped(line, GetCurrentTimestamp());
	if (may_enter)
	{
		line->processes[process].pid = MyProcPid;
		self = process;
		has_entered = true;
		line->is_stopped = false;
		*written = line->written;
		wishes_seen = line->wishes;
	}
	LWLockRelease(area->lock);
	return may_enter;
}

void
fs_status_leave(void)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL && line->processes[self].pid == MyProcPid)
	{
		line->processes[self].pid = 0;
		if (self == FS_PROCESS_WORKER)
		{
			line->activity[0] = '\0';
			line->activity_since = 0;
			line->task_rows = line->task_done = 0;
			line->last_run = GetCurrentTimestamp();
		}
	}
	LWLockRelease(area->lock);
}

bool
fs_status_has_news(uint64 *written)
{
	FsDatabaseStatus *line;
	bool		has_news = false;

	LWLockAcquire(area->lock, LW_SHARED);
	line = find(MyDatabaseId);
	if (line != NULL && !line->is_stopped &&
		(self == FS_PROCESS_WORKER || line->has_schedules))
	{
		has_news = line->written != *written;
		*written = line->written;
		wishes_seen = line->wishes;
	}
	LWLockRelease(area->lock);
	return has_news;
}

void
fs_status_set_next(TimestampTz next_run, uint64 seen)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
	{
		line->processes[self].next_run = next_run;
		line->processes[self].seen = seen;
		/* a wish that came meanwhile may be for a new schedule */
		if (self == FS_PROCESS_SCHEDULER && line->wishes == wishes_seen)
			line->has_schedules = next_run != DT_NOEND;
	}
	LWLockRelease(area->lock);
}

void
fs_status_set_activity(const char *activity, uint64 task_rows)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
	{
		strlcpy(line->activity, activity == NULL ? "" : activity,
				FS_STATUS_TEXT_LEN);
		line->activity_since = activity == NULL ? 0 : GetCurrentTimestamp();
		line->task_rows = task_rows;
		line->task_done = 0;
	}
	LWLockRelease(area->lock);
}

void
fs_status_add_progress(uint64 rows, uint64 wal_bytes)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
	{
		line->task_done += rows;
		line->rows += rows;
		line->wal_bytes += wal_bytes;
	}
	LWLockRelease(area->lock);
}

void
fs_status_count_task(void)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
		line->tasks++;
	LWLockRelease(area->lock);
}

void
fs_status_set_error(const char *error)
{
	FsDatabaseStatus *line;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(MyDatabaseId);
	if (line != NULL)
	{
		line->errors++;
		line->error_at = GetCurrentTimestamp();
		strlcpy(line->error, error, FS_STATUS_TEXT_LEN);
	}
	LWLockRelease(area->lock);
}

void
fs_status_stop(Oid dbid, int pids[FS_PROCESSES])
{
	FsDatabaseStatus *line;

	memset(pids, 0, sizeof(int) * FS_PROCESSES);
	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	line = find(dbid);
	if (line != NULL)
	{
		for (int p = 0; p < FS_PROCESSES; p++)
			pids[p] = line->processes[p].pid;
		line->is_stopped = true;
		line->stopped_until =
			TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
										STOP_SECONDS * 1000);
	}
	LWLockRelease(area->lock);
}

FsTableStatus
fs_status_get_table(Oid relid)
{
	FsTableStatus table = {0};
	FsTableStatus *known;

	table.dbid = MyDatabaseId;
	table.relid = relid;
	LWLockAcquire(area->lock, LW_SHARED);
	known = hash_search(tables, &table, HASH_FIND, NULL);
	if (known != NULL)
		table = *known;
	LWLockRelease(area->lock);
	return table;
}

void
fs_status_put_table(const FsTableStatus *table)
{
	FsTableStatus *known;

	LWLockAcquire(area->lock, LW_EXCLUSIVE);
	known = hash_search(tables, table, HASH_ENTER_NULL, NULL);
	if (known != NULL)
		*known = *table;
	LWLockRelease(area->lock);
}
