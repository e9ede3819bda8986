/*-------------------------------------------------------------------------
 *
 * The worker.
 *
 * A round visits all tables of the database.  Each task is a transaction of
 * its own, and between tasks the table is not locked.  During a task the
 * worker looks whether anybody waits for the table's lock (DDL, VACUUM) and
 * then gives up; what it has written by then is free space.
 *
 * An error costs the table a pause that doubles with each failure; the other
 * tables go on.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "commands/vacuum.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "am/partition.h"
#include "compat.h"
#include "maintain/expire.h"
#include "maintain/optimize.h"
#include "maintain/process.h"
#include "maintain/relocate.h"
#include "maintain/rollup.h"
#include "maintain/schedule.h"
#include "maintain/settings.h"
#include "maintain/status.h"
#include "maintain/visit.h"
#include "maintain/worker.h"

/* look again after so long, whatever happens */
#define ROUTINE_MS			(10 * 60 * 1000)

/* ended items are worth a VACUUM: so many, or so long after they ended */
#define VACUUM_ITEMS		256
#define ENDED_BYTES			(64 * 1024)	/* count as much as an item */
#define VACUUM_AFTER_MS		(30 * 1000)

/* copied in one transaction */
#define RELOCATE_BYTES		((uint64) 64 * 1024 * 1024)

#define FIRST_PAUSE_MS		(5 * 1000)
#define LONGEST_PAUSE_MS	(10 * 60 * 1000)

/* What one round is about. */
typedef struct Round
{
	TimestampTz next_run;
	bool		has_work;		/* a task was done; there may be more now */
	MemoryContext cxt;			/* of a table's agenda */
} Round;

/* A task under way, for step(). */
typedef struct TaskRun
{
	Relation	rel;
	uint64		wal_start;
	uint64		wal_seen;
	TimestampTz start;
} TaskRun;

static void
run_no_later_than(Round *round, TimestampTz when)
{
	round->next_run = Min(round->next_run, when);
}

static TimestampTz
in_ms(int64 ms)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
}

/* Sleep until the log written since the start keeps to the rate. */
static void
keep_rate(const TaskRun *run, uint64 wal_bytes)
{
	int64		due_ms;
	int64		passed_ms;

	if (fs_worker_max_wal_rate_kb == 0)
		return;
	due_ms = (int64) (wal_bytes / 1.024 / fs_worker_max_wal_rate_kb);
	passed_ms = (GetCurrentTimestamp() - run->start) / 1000;
	if (due_ms <= passed_ms)
		return;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 Min(due_ms - passed_ms, 1000), PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

static bool
step(void *arg, uint64 rows, uint64 bytes)
{
	TaskRun    *run = arg;
	uint64		wal_bytes = pgWalUsage.wal_bytes - run->wal_start;

	fs_status_add_progress(rows, wal_bytes - run->wal_seen);
	run->wal_seen = wal_bytes;
	fs_process_reload_settings();
	if (bytes > 0)
		keep_rate(run, wal_bytes);
	return fs_worker_enabled &&
		!LockHasWaitersRelation(run->rel, FS_VISIT_LOCK);
}

static void
report(const char *what, Oid relid, FsPartition partition, uint64 rows)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));
	char	   *name = get_rel_name(relid);
	char	   *text;

	if (schema == NULL || name == NULL)
		return;
	text = psprintf("%s %s.%s", what, quote_identifier(schema),
					quote_identifier(name));
	if (partition > FS_PARTITION_FIRST)
		text = psprintf("%s, partition %s", text,
						timestamptz_to_str(fs_partition_start(partition)));
	pgstat_report_activity(STATE_RUNNING, text);
	fs_status_set_activity(text, rows);
}

/* Begin a transaction and a visit to a table; false: not now. */
static bool
begin_visit(FsVisit *visit, Oid relid)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	return fs_visit_begin(visit, relid, false);
}

/* End what the table's options do not retain, in a transaction of its own. */
static void
expire_rows(Oid relid, FsTableStatus *table)
{
	FsVisit		visit;

	if (begin_visit(&visit, relid))
	{
		FsExpired	expired = fs_expire_table(visit.rel,
											  GetCurrentTimestamp());

		if (expired.rows > 0)
			table->ended++;
		fs_visit_end(&visit);
	}
	CommitTransactionCommand();
}

/* Plan what to do in a table; the result lives in round->cxt, or is NULL. */
static FsAgenda *
plan_table(Round *round, Oid relid, FsTableStatus *table)
{
	FsVisit		visit;
	FsPolicy	policy;
	FsAgenda   *agenda = NULL;

	if (begin_visit(&visit, relid))
	{
		MemoryContext old = MemoryContextSwitchTo(round->cxt);

		policy = fs_optimize_policy(visit.rel);
		policy.is_idle = table->quiet_since != 0 &&
			table->quiet_since + policy.lateness_us <= policy.now_us;
		agenda = fs_optimize_plan(visit.rel, &policy, PG_INT64_MIN,
								  PG_INT64_MAX);
		if (agenda->newest_row != table->newest_row ||
			table->quiet_since == 0)
		{
			table->newest_row = agenda->newest_row;
			table->quiet_since = policy.now_us;
		}
		if (!policy.is_idle && agenda->nitems > 0)
			run_no_later_than(round, table->quiet_since +
							  policy.lateness_us + USECS_PER_SEC);
		table->ended += fs_optimize_tidy(visit.rel,
										 agenda->has_stale_deletes);
		MemoryContextSwitchTo(old);
		fs_visit_end(&visit);
	}
	CommitTransactionCommand();
	return agenda;
}

/* Do a task, or a part of it; false if somebody was in the way. */
static bool
run_task(Oid relid, FsTask *task, FsTableStatus *table)
{
	FsVisit		visit;
	FsTaskResult result;
	TaskRun		run = {0};
	FsPace		pace = {step, &run};
	bool		is_done = false;

	if (begin_visit(&visit, relid))
	{
		report(task->kind == FS_TASK_CLUSTER ? "clustering" : "merging",
			   relid, task->partition, task->nrows);
		run.rel = visit.rel;
		run.wal_start = pgWalUsage.wal_bytes;
		run.start = GetCurrentTimestamp();
		is_done = fs_optimize_run(visit.rel, task, &pace, &result);
		(void) step(&run, 0, 0);
		fs_visit_end(&visit);
	}
	CommitTransactionCommand();
	if (is_done)
	{
		table->ended += Max(result.items, result.read / ENDED_BYTES);
		fs_status_count_task();
	}
	return is_done;
}

/*
 * VACUUM the table if enough has ended.  The directory's dead items go, and
 * their space is free.
 */
static void
vacuum_table(Round *round, Oid relid, FsTableStatus *table)
{
	VacuumStmt *stmt;
	MemoryContext old_portal = PortalContext;
	TimestampTz now = GetCurrentTimestamp();

	if (table->ended == 0)
		return;
	if (table->ended_since == 0)
		table->ended_since = now;
	if (table->ended < VACUUM_ITEMS &&
		table->ended_since + VACUUM_AFTER_MS * INT64CONST(1000) > now)
	{
		run_no_later_than(round, table->ended_since +
						  VACUUM_AFTER_MS * INT64CONST(1000));
		return;
	}
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	report("vacuuming", relid, FS_PARTITION_NONE, 0);
	MemoryContextSwitchTo(round->cxt);
	PortalContext = round->cxt;
	stmt = makeNode(VacuumStmt);
	stmt->is_vacuumcmd = true;
	stmt->rels = list_make1(makeVacuumRelation(NULL, relid, NIL));
	stmt->options = list_make2(makeDefElem("skip_locked", NULL, -1),
							   makeDefElem("parallel",
										   (Node *) makeInteger(0), -1));
	ExecVacuum(make_parsestate(NULL), stmt, true);
	PortalContext = old_portal;
	CommitTransactionCommand();
	table->ended = 0;
	table->ended_since = 0;
}

/* Bring what lies at the end of the file to its front, if that is worth it. */
static void
relocate_table(Round *round, Oid relid, FsTableStatus *table)
{
	FsVisit		visit;
	TaskRun		run = {0};
	FsPace		pace = {step, &run};
	uint64		written = 0;

	/* what VACUUM has not freed yet cannot be used */
	if (table->ended > 0)
		return;
	if (begin_visit(&visit, relid))
	{
		run.rel = visit.rel;
		run.wal_start = pgWalUsage.wal_bytes;
		run.start = GetCurrentTimestamp();
		written = fs_relocate_tail(visit.rel, RELOCATE_BYTES, &pace);
		fs_visit_end(&visit);
	}
	CommitTransactionCommand();
	if (written == 0)
		return;
	table->ended += VACUUM_ITEMS;
	round->has_work = true;
}

static void
maintain_table(Round *round, Oid relid, FsTableStatus *table)
{
	FsAgenda   *agenda;

	expire_rows(relid, table);
	agenda = plan_table(round, relid, table);

	for (uint32 i = 0; agenda != NULL && i < agenda->n; i++)
	{
		FsTask	   *task = &agenda->tasks[i];

		while (fs_worker_enabled && run_task(relid, task, table))
		{
			round->has_work = true;
			if (task->ndone == task->nsources)
				break;
		}
		if (task->ndone < task->nsources)
			run_no_later_than(round, in_ms(fs_worker_naptime_ms));
		if (!fs_worker_enabled)
			return;
		if (table->ended >= VACUUM_ITEMS)
			vacuum_table(round, relid, table);
	}
	vacuum_table(round, relid, table);
	relocate_table(round, relid, table);
}

/* Note an error that maintaining a table has met, and end its transaction. */
static void
handle_error(Round *round, Oid relid, FsTableStatus *table)
{
	ErrorData  *error;
	int64		pause_ms;
	char	   *text;

	HOLD_INTERRUPTS();
	MemoryContextSwitchTo(round->cxt);
	error = CopyErrorData();
	text = psprintf("table with OID %u: %s", relid, error->message);
	if (table->failures == 0)
		EmitErrorReport();
	AbortCurrentTransaction();
	FlushErrorState();
	RESUME_INTERRUPTS();

	table->failures++;
	pause_ms = FIRST_PAUSE_MS * (INT64CONST(1) << Min(table->failures - 1, 10));
	table->retry_at = in_ms(Min(pause_ms, LONGEST_PAUSE_MS));
	fs_status_set_error(text);
}

static void
visit_table(Round *round, Oid relid)
{
	FsTableStatus table = fs_status_get_table(relid);
	MemoryContext cxt = CurrentMemoryContext;

	if (table.retry_at > GetCurrentTimestamp())
	{
		run_no_later_than(round, table.retry_at);
		return;
	}
	PG_TRY();
	{
		/* a copy, for what is known after an error */
		FsTableStatus known = table;

		maintain_table(round, relid, &known);
		table = known;
		table.failures = 0;
		table.retry_at = 0;
	}
	PG_CATCH();
	{
		handle_error(round, relid, &table);
		run_no_later_than(round, table.retry_at);
	}
	PG_END_TRY();
	fs_status_put_table(&table);
	fs_status_set_activity(NULL, 0);
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(cxt);
	MemoryContextReset(round->cxt);
}

/* The flowstore tables of the database, in the current memory context. */
static List *
list_tables(void)
{
	MemoryContext cxt = CurrentMemoryContext;
	List	   *relids = NIL;
	Oid			amid;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	amid = OidIsValid(get_extension_oid("flowstore", true)) ?
		get_table_am_oid("flowstore", true) : InvalidOid;
	if (OidIsValid(amid))
	{
		Relation	rel = table_open(RelationRelationId, AccessShareLock);
		TableScanDesc scan = table_beginscan_catalog(rel, 0, NULL);
		HeapTuple	tuple;

		while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
		{
			Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
			MemoryContext old;

			if (form->relam != amid ||
				(form->relkind != RELKIND_RELATION &&
				 form->relkind != RELKIND_MATVIEW) ||
				form->relpersistence == RELPERSISTENCE_TEMP)
				continue;
			old = MemoryContextSwitchTo(cxt);
			relids = lappend_oid(relids, form->oid);
			MemoryContextSwitchTo(old);
		}
		table_endscan(scan);
		table_close(rel, AccessShareLock);
	}
	CommitTransactionCommand();
	MemoryContextSwitchTo(cxt);
	return relids;
}

/*
 * Roll up and visit all tables; gives the time of the next round, which is now
 * if there was anything to do.
 */
static TimestampTz
run_round(void)
{
	MemoryContext cxt = AllocSetContextCreate(TopMemoryContext,
											  "flowstore worker",
											  ALLOCSET_DEFAULT_SIZES);
	Round		round = {in_ms(ROUTINE_MS)};
	List	   *relids;
	ListCell   *lc;

	MemoryContextSwitchTo(cxt);
	round.cxt = AllocSetContextCreate(cxt, "flowstore agenda",
									  ALLOCSET_DEFAULT_SIZES);
	relids = list_tables();
	if (relids != NIL)
		run_no_later_than(&round, fs_rollup_round(fs_process_may_go_on));
	foreach(lc, relids)
	{
		if (fs_process_may_go_on())
			visit_table(&round, lfirst_oid(lc));
	}
	if (relids == NIL)
		round.next_run = DT_NOEND;
	fs_schedule_announce();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(cxt);
	return round.has_work ? GetCurrentTimestamp() : round.next_run;
}

void
fs_worker_main(Datum arg)
{
	fs_process_run(DatumGetObjectId(arg), FS_PROCESS_WORKER, run_round);
}
