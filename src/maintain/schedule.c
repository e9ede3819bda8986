/*-------------------------------------------------------------------------
 *
 * Schedules.
 *
 * The books are kept by functions in SQL (schema/schedule_run.sql), with the
 * privileges of the caller: the worker's are those of a superuser, other
 * callers see by row level security what is theirs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "am/changes.h"
#include "compat.h"
#include "maintain/detect.h"
#include "maintain/rollup.h"
#include "maintain/schedule.h"
#include "maintain/status.h"

#define ROUND_MS		30000
#define ERROR_PAUSE_MS	60000
#define RETRY_MS		1000

/* A statement about the books.  The result is in SPI_tuptable. */
typedef struct Statement
{
	const char *sql;
	int			n;
	Oid			types[5];
	Datum		values[5];
	char		nulls[5];		/* 'n': null */
} Statement;

static void
execute(Statement *statement)
{
	int			guc_level = NewGUCNestLevel();
	int			status;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	status = SPI_execute_with_args(statement->sql, statement->n,
								   statement->types, statement->values,
								   statement->nulls, false, 0);
	if (status != SPI_OK_SELECT)
		elog(ERROR, "unexpected result %d of \"%s\"", status, statement->sql);
	AtEOXact_GUC(false, guc_level);
}

/* A column of the only row; *isnull may be NULL if it cannot be null. */
static Datum
result(int column, bool *isnull)
{
	bool		ignored;

	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column,
						 isnull == NULL ? &ignored : isnull);
}

static char *
result_text(int column)
{
	return TextDatumGetCString(result(column, NULL));
}

/* Take a bucket: what to run, and its timeout; false: none is due. */
static bool
take(const char *name, FsDetection *detection, int64 *timeout_ms)
{
	Statement	statement = {
		"SELECT name, owner, query, since, until, timeout_ms, severity,"
		" search_path, time_zone, default_table FROM flow.take_run($1)",
		1, {TEXTOID}, {0}, {'n'}
	};
	bool		isnull;

	if (name != NULL)
	{
		statement.values[0] = CStringGetTextDatum(name);
		statement.nulls[0] = ' ';
	}
	execute(&statement);
	(void) result(1, &isnull);
	if (isnull)
		return false;
	detection->name = result_text(1);
	detection->owner = DatumGetObjectId(result(2, NULL));
	detection->query = result_text(3);
	detection->since = DatumGetTimestampTz(result(4, NULL));
	detection->until = DatumGetTimestampTz(result(5, NULL));
	*timeout_ms = DatumGetInt64(result(6, NULL));
	detection->severity = result_text(7);
	detection->search_path = result_text(8);
	detection->time_zone = result_text(9);
	detection->default_table = result_text(10);
	return true;
}

static void
note(const FsScheduleRun *run, TimestampTz start)
{
	Statement	statement = {
		"SELECT flow.end_run($1, $2, make_interval(secs => $3), $4, $5)",
		5, {TEXTOID, TIMESTAMPTZOID, FLOAT8OID, INT8OID, TEXTOID},
		{
			CStringGetTextDatum(run->name), TimestampTzGetDatum(run->until),
				Float8GetDatum((GetCurrentTimestamp() - start) / 1e6),
				Int64GetDatum(run->alerts)
		},
		{' ', ' ', ' ', ' ', run->error == NULL ? 'n' : ' '}
	};

	if (run->error != NULL)
		statement.values[4] = CStringGetTextDatum(run->error);
	execute(&statement);
}

static void
end_timeout(void)
{
	disable_timeout(STATEMENT_TIMEOUT, false);
	/* its signal may have come just before */
	QueryCancelPending = false;
}

/* Run it in a subtransaction; an error is what is returned. */
static char *
attempt(const FsDetection *detection, int64 timeout_ms, uint64 *alerts)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool		is_worker = timeout_ms > 0;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PG_TRY();
	{
		if (is_worker)
			enable_timeout_after(STATEMENT_TIMEOUT, (int) timeout_ms);
		*alerts = fs_detect_run(detection);
		if (is_worker)
			end_timeout();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		if (is_worker)
			end_timeout();
		RollbackAndReleaseCurrentSubTransaction();
		*alerts = 0;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	if (error == NULL)
		return NULL;
	if (!is_worker && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	return error->message;
}

bool
fs_schedule_run(const char *name, bool is_worker, FsScheduleRun *run)
{
	MemoryContext cxt = CurrentMemoryContext;
	FsDetection detection = {0};
	TimestampTz start = GetCurrentTimestamp();
	int64		timeout_ms;
	char	   *error;
	bool		is_due;

	SPI_connect();
	is_due = take(name, &detection, &timeout_ms);
	if (is_due)
	{
		/* row level security may not have been in force */
		if (!has_privs_of_role(GetUserId(), detection.owner))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to run schedule \"%s\"",
							detection.name)));
		error = attempt(&detection, is_worker ? timeout_ms : 0, &run->alerts);
		run->name = MemoryContextStrdup(cxt, detection.name);
		run->since = detection.since;
		run->until = detection.until;
		run->error = error == NULL ? NULL : MemoryContextStrdup(cxt, error);
		note(run, start);
	}
	SPI_finish();
	return is_due;
}

bool
fs_schedule_gather(const char *name, bool is_worker)
{
	static const Oid types[] = {TEXTOID, OIDOID};
	Datum		values[] = {
		CStringGetTextDatum(name == NULL ? "" : name),
		ObjectIdGetDatum(is_worker ? InvalidOid : GetUserId())
	};
	Datum		is_complete;

	/* what this transaction itself has changed */
	fs_changes_write();
	SPI_connect();
	(void) fs_rollup_keep_books("SELECT flow.schedule_gather($1, $2)", 2,
								types, values, &is_complete);
	SPI_finish();
	return DatumGetBool(is_complete);
}

/* --- the scheduler ------------------------------------------------------ */

static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

static void
end(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
}

static bool
has_books(void)
{
	Oid			namespace = OidIsValid(get_extension_oid("flowstore", true)) ?
		get_namespace_oid("flow", true) : InvalidOid;

	return OidIsValid(namespace) &&
		OidIsValid(get_relname_relid("schedule_late", namespace));
}

/* Whether anything is scheduled. */
static bool
has_schedules(void)
{
	Statement	statement = {"SELECT EXISTS (SELECT FROM flow.scheduled)", 0};
	bool		result_is_true;

	if (!has_books())
		return false;
	SPI_connect();
	execute(&statement);
	result_is_true = DatumGetBool(result(1, NULL));
	SPI_finish();
	return result_is_true;
}

void
fs_schedule_announce(void)
{
	begin();
	if (has_schedules())
		fs_status_note_schedules();
	end();
}

/* When the next bucket is due; DT_NOEND if nothing is scheduled. */
static TimestampTz
next_time(void)
{
	Statement	statement = {
		"SELECT extract(epoch FROM least(greatest(min(at), flow.now()),"
		" flow.now() + '1 day') - flow.now())::float8"
		" FROM flow.schedule_times() HAVING count(*) > 0", 0
	};
	TimestampTz next = DT_NOEND;

	begin();
	if (has_books())
	{
		SPI_connect();
		execute(&statement);
		if (SPI_processed > 0)
			next = GetCurrentTimestamp() +
				(int64) (DatumGetFloat8(result(1, NULL)) * USECS_PER_SEC);
		SPI_finish();
	}
	end();
	return next;
}

/*
 * Mark buckets of which rows came late; false if some could not be marked,
 * because somebody runs buckets of the schedule.
 */
static bool
gather_late(void)
{
	Statement	statement = {"SELECT flow.watch_tidy()", 0};
	bool		is_complete = true;

	begin();
	if (has_books())
	{
		SPI_connect();
		execute(&statement);
		SPI_finish();
		is_complete = fs_schedule_gather(NULL, true);
	}
	end();
	return is_complete;
}

/* One bucket; false if none is due. */
static bool
run_one(void)
{
	FsScheduleRun run;
	bool		is_due;

	begin();
	is_due = fs_schedule_run(NULL, true, &run);
	if (is_due && run.error != NULL)
		fs_status_set_error(psprintf("schedule %s: %s", run.name, run.error));
	end();
	if (is_due)
		fs_status_count_task();
	return is_due;
}

/* Note an error of the books, or of commit, and end its transaction. */
static void
handle_error(MemoryContext cxt)
{
	ErrorData  *error;

	HOLD_INTERRUPTS();
	MemoryContextSwitchTo(cxt);
	error = CopyErrorData();
	EmitErrorReport();
	AbortCurrentTransaction();
	FlushErrorState();
	RESUME_INTERRUPTS();
	fs_status_set_error(psprintf("schedules: %s", error->message));
}

TimestampTz
fs_schedule_round(bool (*go_on) (void))
{
	MemoryContext old = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(TopMemoryContext,
											  "flowstore schedules",
											  ALLOCSET_DEFAULT_SIZES);
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   ROUND_MS);
	volatile TimestampTz next = DT_NOEND;

	PG_TRY();
	{
		bool		is_complete;

		pgstat_report_activity(STATE_RUNNING, "running schedules");
		is_complete = gather_late();
		next = next_time();
		while (next <= GetCurrentTimestamp() && go_on() && run_one() &&
			   GetCurrentTimestamp() < deadline)
			;
		next = next_time();
		if (!is_complete)
			next = Min(next, TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
														 RETRY_MS));
	}
	PG_CATCH();
	{
		handle_error(cxt);
		next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
										   ERROR_PAUSE_MS);
	}
	PG_END_TRY();
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return next;
}
