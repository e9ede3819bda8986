/*-------------------------------------------------------------------------
 *
 * Rolling up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "maintain/rollup.h"
#include "maintain/status.h"

/* The slice that is set; level is invalid if none is. */
static struct
{
	Oid			level;
	SubTransactionId subid;
	Datum		slice;
}			current = {InvalidOid};

static bool has_callbacks = false;

/* --- the slice ---------------------------------------------------------- */

static void
at_xact(XactEvent event, void *arg)
{
	current.level = InvalidOid;
}

static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && current.subid >= subid)
		current.level = InvalidOid;
}

static void
set_slice(Oid rows, Datum slice)
{
	if (!has_callbacks)
	{
		RegisterXactCallback(at_xact, NULL);
		RegisterSubXactCallback(at_subxact, NULL);
		has_callbacks = true;
	}
	current.level = rows;
	current.subid = GetCurrentSubTransactionId();
	current.slice = slice;
}

bool
fs_rollup_slice_of(Oid rows, Datum *slice)
{
	if (!OidIsValid(current.level) || current.level != rows)
		return false;
	*slice = current.slice;
	return true;
}

/* --- statements --------------------------------------------------------- */

/* A statement and in whose name it runs. */
typedef struct Statement
{
	Oid			userid;
	int			sec_context;	/* flags to be added */
	const char *sql;
	int			n;
	const Oid  *types;			/* [n] */
	const Datum *values;		/* [n] */
} Statement;

/* The result is in SPI_tuptable. */
static void
run(const Statement *statement)
{
	Oid			userid;
	int			sec_context;
	int			guc_level = NewGUCNestLevel();
	int			status;

	GetUserIdAndSecContext(&userid, &sec_context);
	SetUserIdAndSecContext(statement->userid,
						   sec_context | statement->sec_context);
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	status = SPI_execute_with_args(statement->sql, statement->n,
								   unconstify(Oid *, statement->types),
								   unconstify(Datum *, statement->values),
								   NULL, false, 0);
	if (status < 0)
		elog(ERROR, "unexpected result %d of \"%s\"", status, statement->sql);
	AtEOXact_GUC(false, guc_level);
	SetUserIdAndSecContext(userid, sec_context);
}

/* A column of the result's first row; false if it is null or there is no row. */
static bool
get_result(int column, Datum *result)
{
	bool		isnull;

	*result = (Datum) 0;
	if (SPI_processed == 0)
		return false;
	*result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
							column, &isnull);
	return !isnull;
}

bool
fs_rollup_keep_books(const char *sql, int n, const Oid *types,
					 const Datum *values, Datum *result)
{
	Statement	statement = {BOOTSTRAP_SUPERUSERID, SECURITY_LOCAL_USERID_CHANGE, sql, n, types, values};

	run(&statement);
	return get_result(1, result);
}

static void
run_as_owner(Oid owner, const char *sql, int n, const Datum *times)
{
	static const Oid types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Statement	statement = {owner, SECURITY_RESTRICTED_OPERATION, sql, n, types, times};

	run(&statement);
}

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* --- a slice ------------------------------------------------------------ */

/* What a level executes. */
typedef struct Level
{
	Oid			rows;
	Oid			owner;
	char	   *newest;			/* statements, see flow.rollup_statements() */
	char	   *refresh;
} Level;

static Level
read_level(Oid rows)
{
	static const Oid types[] = {REGCLASSOID};
	Datum		value = ObjectIdGetDatum(rows);
	Level		level = {rows, owner_of(rows)};
	Datum		sql;

	if (!fs_rollup_keep_books("SELECT (flow.rollup_statements($1)).*", 1,
							  types, &value, &sql))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("table \"%s\" is not the level of a rollup",
						get_rel_name(rows))));
	level.newest = TextDatumGetCString(sql);
	(void) get_result(2, &sql);
	level.refresh = TextDatumGetCString(sql);
	return level;
}

static void
gather(Oid rows)
{
	static const Oid types[] = {REGCLASSOID};
	Datum		value = ObjectIdGetDatum(rows);
	Datum		ignored;

	(void) fs_rollup_keep_books("SELECT flow.rollup_gather(r.relation, true) FROM flow.rollup_level l JOIN flow.rollup r ON r.id = l.rollup WHERE l.rows = $1",
								1, types, &value, &ignored);
}

/* Take a slice of the latest pending part; false if there is none. */
static bool
claim(const Level *level, TimestampTz since, TimestampTz until, Datum *slice)
{
	static const Oid next_types[] = {REGCLASSOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	static const Oid types[] = {REGCLASSOID, TSTZRANGEOID, TIMESTAMPTZOID};
	Datum		values[3] = {ObjectIdGetDatum(level->rows), TimestampTzGetDatum(since), TimestampTzGetDatum(until)};
	Datum		bounds[2] = {0};
	Datum		part = (Datum) 0;
	Datum		newest;

	if (!fs_rollup_keep_books("SELECT lower(p), upper(p), p FROM flow.rollup_next($1, $2, $3) p WHERE p IS NOT NULL",
							  3, next_types, values, &bounds[0]))
		return false;
	(void) get_result(2, &bounds[1]);
	(void) get_result(3, &part);
	run_as_owner(level->owner, level->newest, 2, bounds);
	if (!get_result(1, &newest))
		newest = TimestampTzGetDatum(DT_NOBEGIN);
	values[1] = part;
	values[2] = newest;
	return fs_rollup_keep_books("SELECT flow.rollup_claim($1, $2, $3)", 3,
								types, values, slice);
}

bool
fs_rollup_step(Oid rows, TimestampTz since, TimestampTz until)
{
	static const Oid types[] = {REGCLASSOID, INT8OID, TIMESTAMPTZOID};
	Level		level = read_level(rows);
	Datum		values[3];
	Datum		slice;
	Datum		ignored;
	const char *sql = "SELECT flow.rollup_finish($1, $2, $3)";

	gather(rows);
	if (!claim(&level, since, until, &slice))
		return false;
	set_slice(rows, slice);
	run_as_owner(level.owner, level.refresh, 0, NULL);
	current.level = InvalidOid;
	values[0] = ObjectIdGetDatum(rows);
	(void) get_result(1, &values[1]);
	if (!get_result(2, &values[2]))
		sql = "SELECT flow.rollup_finish($1, $2, NULL)";
	(void) fs_rollup_keep_books(sql, 3, types, values, &ignored);
	return true;
}

/* --- the worker --------------------------------------------------------- */

static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
}

static void
end(void)
{
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * The level that is due next and when; invalid if none is.  With is_first, what
 * was changed is gathered before.
 */
static Oid
next_level(bool is_first, TimestampTz *at)
{
	Oid			rows = InvalidOid;
	Datum		value;

	*at = DT_NOEND;
	begin();
	if (OidIsValid(get_namespace_oid("flow", true)) &&
		OidIsValid(get_relname_relid("rollup_level",
									 get_namespace_oid("flow", false))))
	{
		if (is_first)
			(void) fs_rollup_keep_books("SELECT flow.rollup_tidy()", 0, NULL, NULL, &value);
		if (fs_rollup_keep_books("SELECT d.rows, d.at FROM flow.rollup_due() d LIMIT 1",
								 0, NULL, NULL, &value))
		{
			rows = DatumGetObjectId(value);
			(void) get_result(2, &value);
			*at = DatumGetTimestampTz(value);
		}
	}
	end();
	return rows;
}

/* Note an error that rolling up a level has met, and end its transaction. */
static void
handle_error(Oid rows, MemoryContext cxt)
{
	static const Oid types[] = {REGCLASSOID, TEXTOID};
	ErrorData  *error;
	Datum		values[2];
	Datum		ignored;

	HOLD_INTERRUPTS();
	MemoryContextSwitchTo(cxt);
	error = CopyErrorData();
	AbortCurrentTransaction();
	FlushErrorState();
	RESUME_INTERRUPTS();
	fs_status_set_error(psprintf("rollup level with OID %u: %s", rows,
								 error->message));
	begin();
	values[0] = ObjectIdGetDatum(rows);
	values[1] = CStringGetTextDatum(error->message);
	(void) fs_rollup_keep_books("SELECT flow.rollup_failed($1, $2)", 2, types,
								values, &ignored);
	end();
}

/* One slice of a level. */
static void
roll_up(Oid rows, MemoryContext cxt)
{
	PG_TRY();
	{
		char	   *activity;

		begin();
		activity = psprintf("rolling up %s", get_rel_name(rows) == NULL ? "" :
						quote_identifier(get_rel_name(rows)));
		pgstat_report_activity(STATE_RUNNING, activity);
		fs_status_set_activity(activity, 0);
		(void) fs_rollup_step(rows, DT_NOBEGIN, DT_NOEND);
		end();
		fs_status_count_task();
	}
	PG_CATCH();
	{
		handle_error(rows, cxt);
	}
	PG_END_TRY();
	fs_status_set_activity(NULL, 0);
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(cxt);
	MemoryContextReset(cxt);
}

TimestampTz
fs_rollup_round(bool (*go_on) (void))
{
	MemoryContext old = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(TopMemoryContext,
											  "flowstore rollups",
											  ALLOCSET_DEFAULT_SIZES);
	TimestampTz at;
	Oid			rows = next_level(true, &at);

	while (OidIsValid(rows) && at <= GetCurrentTimestamp() && go_on())
	{
		MemoryContextSwitchTo(cxt);
		roll_up(rows, cxt);
		rows = next_level(false, &at);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return at;
}
