/*-------------------------------------------------------------------------
 *
 * Schedules in SQL: flow.check_query, flow.run_schedules, flow.wake_worker.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "maintain/detect.h"
#include "maintain/schedule.h"
#include "maintain/worker.h"

PG_FUNCTION_INFO_V1(fs_check_query);
PG_FUNCTION_INFO_V1(fs_run_schedules);
PG_FUNCTION_INFO_V1(fs_wake_worker);

/* flow.check_query(text) */
Datum
fs_check_query(PG_FUNCTION_ARGS)
{
	SPI_connect();
	(void) fs_detect_prepare(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	SPI_finish();
	PG_RETURN_VOID();
}

static void
put_run(ReturnSetInfo *rsinfo, const FsScheduleRun *run)
{
	Datum		values[5] = {
		CStringGetTextDatum(run->name), TimestampTzGetDatum(run->since),
		TimestampTzGetDatum(run->until), Int64GetDatum(run->alerts)
	};
	bool		nulls[5] = {false, false, false, false, run->error == NULL};

	if (run->error != NULL)
		values[4] = CStringGetTextDatum(run->error);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* flow.run_schedules(name): one row a bucket */
Datum
fs_run_schedules(PG_FUNCTION_ARGS)
{
	char	   *name = PG_ARGISNULL(0) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(0));
	FsScheduleRun run;

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("flow.run_schedules cannot be called at isolation level REPEATABLE READ or SERIALIZABLE"),
				 errhint("Call it in a transaction at READ COMMITTED.")));
	InitMaterializedSRF(fcinfo, 0);
	(void) fs_schedule_gather(name, false);
	while (fs_schedule_run(name, false, &run))
	{
		CHECK_FOR_INTERRUPTS();
		put_run((ReturnSetInfo *) fcinfo->resultinfo, &run);
	}
	return (Datum) 0;
}

/* flow.wake_worker() */
Datum
fs_wake_worker(PG_FUNCTION_ARGS)
{
	fs_aside_wake();
	PG_RETURN_VOID();
}
