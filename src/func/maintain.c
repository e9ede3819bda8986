/*-------------------------------------------------------------------------
 *
 * Maintenance in SQL: flow.optimize, flow.worker_status.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "am/partition.h"
#include "am/refuse.h"
#include "maintain/optimize.h"
#include "maintain/relocate.h"
#include "maintain/status.h"
#include "maintain/visit.h"

PG_FUNCTION_INFO_V1(fs_optimize);
PG_FUNCTION_INFO_V1(fs_worker_status);

/* Raise an error unless the caller may maintain this table now. */
static void
check_table(Oid relid)
{
	fs_visit_check(relid);
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("flow.optimize cannot be called at isolation level REPEATABLE READ or SERIALIZABLE"),
				 errhint("Call it in a transaction at READ COMMITTED.")));
	PreventCommandIfReadOnly("flow.optimize()");
	PreventCommandDuringRecovery("flow.optimize()");
}

static Datum
partition_datum(FsPartition partition, bool *isnull)
{
	*isnull = partition < FS_PARTITION_FIRST;
	if (*isnull)
		return (Datum) 0;
	if (partition == FS_PARTITION_FIRST)
		return TimestampTzGetDatum(DT_NOBEGIN);
	return TimestampTzGetDatum(fs_partition_start(partition));
}

static void
put_result(ReturnSetInfo *rsinfo, const FsTask *task, bool is_done,
		   const FsTaskResult *result, instr_time took)
{
	Datum		values[7];
	bool		nulls[7] = {0};
	const char *action = task->kind == FS_TASK_CLUSTER ? "cluster" :
		result->rows == 0 ? "drop" : "merge";

	values[0] = partition_datum(task->partition, &nulls[0]);
	values[1] = CStringGetTextDatum(is_done ? action : "skip");
	values[2] = Int64GetDatum(is_done ? result->items : 0);
	values[3] = Int64GetDatum(is_done ? result->rows : 0);
	values[4] = Int64GetDatum(is_done ? result->read : 0);
	values[5] = Int64GetDatum(is_done ? result->written : 0);
	values[6] = Float8GetDatum(INSTR_TIME_GET_MILLISEC(took));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Do a task, in as many parts as it takes; one row for all of it. */
static void
run_task(ReturnSetInfo *rsinfo, Relation rel, FsTask *task)
{
	FsTaskResult total = {0};
	bool		is_done = true;
	instr_time	start;
	instr_time	took;

	INSTR_TIME_SET_CURRENT(start);
	while (is_done && task->ndone < task->nsources)
	{
		FsTaskResult part;

		CHECK_FOR_INTERRUPTS();
		is_done = fs_optimize_run(rel, task, NULL, &part);
		if (!is_done)
			break;
		total.items += part.items;
		total.rows += part.rows;
		total.read += part.read;
		total.written += part.written;
	}
	INSTR_TIME_SET_CURRENT(took);
	INSTR_TIME_SUBTRACT(took, start);
	put_result(rsinfo, task, is_done || total.items > 0, &total, took);
}

/* Bring the end of a half empty file to its front: one row if anything moved. */
static void
run_relocation(ReturnSetInfo *rsinfo, Relation rel)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {true, false, true, true};
	instr_time	start;
	instr_time	took;
	uint64		written;

	INSTR_TIME_SET_CURRENT(start);
	written = fs_relocate_tail(rel, PG_UINT64_MAX, NULL);
	INSTR_TIME_SET_CURRENT(took);
	INSTR_TIME_SUBTRACT(took, start);
	if (written == 0)
		return;
	values[1] = CStringGetTextDatum("relocate");
	values[4] = Int64GetDatum(written);
	values[5] = Int64GetDatum(written);
	values[6] = Float8GetDatum(INSTR_TIME_GET_MILLISEC(took));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* flow.optimize(regclass, since, until, full): one row a task */
Datum
fs_optimize(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relid = PG_GETARG_OID(0);
	FsVisit		visit;
	FsPolicy	policy;
	FsAgenda   *agenda;

	check_table(relid);
	InitMaterializedSRF(fcinfo, 0);
	if (!fs_visit_begin(&visit, relid, true))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	policy = fs_optimize_policy(visit.rel);
	policy.is_forced = true;
	policy.is_full = PG_GETARG_BOOL(3);
	policy.may_merge = true;
	policy.may_cluster = policy.may_cluster || policy.is_full;
	agenda = fs_optimize_plan(visit.rel, &policy, PG_GETARG_TIMESTAMPTZ(1),
							  PG_GETARG_TIMESTAMPTZ(2));
	for (uint32 i = 0; i < agenda->n; i++)
		run_task(rsinfo, visit.rel, &agenda->tasks[i]);
	(void) fs_optimize_tidy(visit.rel,
							agenda->n > 0 || agenda->has_stale_deletes);
	run_relocation(rsinfo, visit.rel);
	fs_visit_end(&visit);
	return (Datum) 0;
}

static Datum
time_datum(TimestampTz time, bool *isnull)
{
	*isnull = time == 0;
	return TimestampTzGetDatum(time);
}

static Datum
text_datum(const char *text, bool *isnull)
{
	*isnull = text == NULL || text[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(text);
}

/* May the caller see what is done in this database? */
static bool
may_see(Oid dbid)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		(dbid == MyDatabaseId &&
		 has_privs_of_role(GetUserId(), ROLE_PG_DATABASE_OWNER));
}

static void
put_status(ReturnSetInfo *rsinfo, const FsDatabaseStatus *line)
{
	const FsProcessStatus *worker = &line->processes[FS_PROCESS_WORKER];
	int			scheduler_pid = line->processes[FS_PROCESS_SCHEDULER].pid;
	Datum		values[16];
	bool		nulls[16] = {0};
	bool		may = may_see(line->dbid);

	values[0] = text_datum(get_database_name(line->dbid), &nulls[0]);
	values[1] = Int32GetDatum(worker->pid);
	nulls[1] = worker->pid == 0;
	values[2] = text_datum(may ? line->activity : NULL, &nulls[2]);
	values[3] = time_datum(line->activity_since, &nulls[3]);
	values[4] = Int64GetDatum(line->task_rows);
	values[5] = Int64GetDatum(line->task_done);
	nulls[4] = nulls[5] = line->activity[0] == '\0';
	values[6] = Int64GetDatum(line->tasks);
	values[7] = Int64GetDatum(line->rows);
	values[8] = Int64GetDatum(line->wal_bytes);
	values[9] = time_datum(line->last_run, &nulls[9]);
	values[10] = time_datum(worker->next_run, &nulls[10]);
	values[11] = BoolGetDatum(line->written != worker->seen);
	values[12] = Int64GetDatum(line->errors);
	values[13] = time_datum(line->error_at, &nulls[13]);
	values[14] = text_datum(may ? line->error : NULL, &nulls[14]);
	values[15] = Int32GetDatum(scheduler_pid);
	nulls[15] = scheduler_pid == 0;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* flow.worker_status(): one row a database */
Datum
fs_worker_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FsDatabaseStatus *lines;
	int			n;

	if (!fs_status_exists())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no background worker of flowstore"),
				 errhint("Add flowstore to shared_preload_libraries and restart the server.")));
	InitMaterializedSRF(fcinfo, 0);
	lines = palloc(sizeof(FsDatabaseStatus) * FS_STATUS_DATABASES);
	n = fs_status_read(lines);
	for (int i = 0; i < n; i++)
		put_status(rsinfo, &lines[i]);
	return (Datum) 0;
}
