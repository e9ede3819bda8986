/*-------------------------------------------------------------------------
 *
 * flow.rollup_watch: the trigger of a table of which changes are logged.
 *
 * A flowstore table logs its own changes (am/changes), and asks the trigger
 * only for TRUNCATE.  Of other tables the trigger is told of every statement
 * and looks at the transition tables.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "am/changes.h"

PG_FUNCTION_INFO_V1(fs_rollup_watch);

/* Note the times of all rows of a transition table. */
static void
note_rows(Relation rel, Tuplestorestate *rows, AttrNumber att)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel),
													&TTSOpsMinimalTuple);

	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		bool		isnull;
		int64		ts_us = DatumGetTimestampTz(slot_getattr(slot, att, &isnull));

		if (!isnull)
			fs_changes_note(RelationGetRelid(rel), ts_us, ts_us);
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* The timestamptz column that the trigger names, or invalid. */
static AttrNumber
find_column(Relation rel, const Trigger *trigger)
{
	AttrNumber	att = trigger->tgnargs == 0 ? InvalidAttrNumber
		: SPI_fnumber(RelationGetDescr(rel), trigger->tgargs[0]);

	if (att <= 0 || SPI_gettypeid(RelationGetDescr(rel), att) != TIMESTAMPTZOID)
		return InvalidAttrNumber;
	return att;
}

/* flow.rollup_watch() */
Datum
fs_rollup_watch(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	AttrNumber	att;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_STATEMENT(data->tg_event) ||
		!TRIGGER_FIRED_AFTER(data->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired by an AFTER trigger for each statement",
						"flow." FS_CHANGES_TRIGGER)));
	att = find_column(data->tg_relation, data->tg_trigger);
	if (att == InvalidAttrNumber ||
		(data->tg_newtable == NULL && data->tg_oldtable == NULL))
	{
		fs_changes_note_whole(RelationGetRelid(data->tg_relation));
		PG_RETURN_POINTER(NULL);
	}
	if (data->tg_newtable != NULL)
		note_rows(data->tg_relation, data->tg_newtable, att);
	if (data->tg_oldtable != NULL)
		note_rows(data->tg_relation, data->tg_oldtable, att);
	PG_RETURN_POINTER(NULL);
}
