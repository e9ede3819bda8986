/*-------------------------------------------------------------------------
 *
 * Detections.
 *
 * The query's rows go into a tuplestore.  After that its settings are gone, and
 * a statement with a fixed search_path, for which the tuplestore is the
 * relation "found", makes alerts of them.  The whole runs as the owner within a
 * security-restricted operation: he cannot change the role, leave settings,
 * cursors, prepared statements or deferred triggers behind, so nothing of his runs
 * as whoever has called us.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "tcop/cmdtag.h"
#include "tcop/dest.h"
#include "executor/tstoreReceiver.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/plancache.h"
#include "utils/queryenvironment.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "maintain/detect.h"

/*
 * The same rows again in the same bucket are not added twice; $1 rule,
 * $2 severity, $3 since, $4 until
 */
static const char add_alerts[] =
"INSERT INTO flow.alert (ts, rule, severity, score, src_addr, dst_addr,"
" dst_port, dedup_key, evidence, since, until)"
" SELECT DISTINCT n.ts, n.rule_out, n.severity_out, n.score, n.src_addr,"
" n.dst_addr, n.dst_port, n.dedup_key, n.evidence,"
" $3::timestamptz, $4::timestamptz"
" FROM found f,"
" flow.alerts_from(to_jsonb(f), $1::text, $2::text::flow.severity,"
" $3::timestamptz) n"
" WHERE NOT EXISTS (SELECT FROM flow.alert a"
" WHERE a.dedup_key = n.dedup_key AND a.ts = n.ts"
" AND a.since = $3 AND a.until = $4"
" AND a.rule = n.rule_out AND a.severity = n.severity_out"
" AND a.score IS NOT DISTINCT FROM n.score"
" AND a.src_addr IS NOT DISTINCT FROM n.src_addr"
" AND a.dst_addr IS NOT DISTINCT FROM n.dst_addr"
" AND a.dst_port IS NOT DISTINCT FROM n.dst_port"
" AND a.evidence = n.evidence)"
" ORDER BY n.ts, n.rule_out, n.dedup_key";

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

SPIPlanPtr
fs_detect_prepare(const char *query)
{
	Oid			types[2] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	SPIPlanPtr	plan = SPI_prepare(query, 2, types);
	List	   *sources;
	CachedPlanSource *source;

	if (plan == NULL)
		elog(ERROR, "could not prepare a query: %s",
			 SPI_result_code_string(SPI_result));
	sources = SPI_plan_get_plan_sources(plan);
	source = list_length(sources) == 1 ? linitial(sources) : NULL;
	if (source == NULL || source->commandTag != CMDTAG_SELECT ||
		source->resultDesc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("query of a schedule must be a single SELECT"),
				 errhint("Its parameters are $1 and $2, the times to be looked at.")));
	return plan;
}

/* The rows of the query, under the settings that it was scheduled with. */
static Tuplestorestate *
find(const FsDetection *detection, TupleDesc *desc)
{
	int			guc_level = NewGUCNestLevel();
	ParamListInfo params = makeParamList(2);
	SPIExecuteOptions options = {0};
	Tuplestorestate *found = tuplestore_begin_heap(false, false, work_mem);
	SPIPlanPtr	plan;
	int			status;

	set("search_path", detection->search_path);
	set("timezone", detection->time_zone);
	set("flowstore.default_table", detection->default_table);
	set("flowstore.now", timestamptz_to_str(detection->until));
	for (int i = 0; i < 2; i++)
		params->params[i] = (ParamExternData)
		{
			TimestampTzGetDatum(i == 0 ? detection->since : detection->until),
			false, PARAM_FLAG_CONST, TIMESTAMPTZOID
		};
	plan = fs_detect_prepare(detection->query);
	*desc = CreateTupleDescCopy(((CachedPlanSource *)
								 linitial(SPI_plan_get_plan_sources(plan)))->resultDesc);
	options.params = params;
	options.tcount = FS_DETECT_MAX_ROWS + 1;
	options.dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(options.dest, found, CurrentMemoryContext,
									false, NULL, NULL);
	status = SPI_execute_plan_extended(plan, &options);
	if (status != SPI_OK_SELECT)
		elog(ERROR, "unexpected result %d of a scheduled query", status);
	options.dest->rDestroy(options.dest);
	AtEOXact_GUC(false, guc_level);
	if (tuplestore_tuple_count(found) > FS_DETECT_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("query of schedule \"%s\" gives more than %d rows",
						detection->name, FS_DETECT_MAX_ROWS),
				 errhint("Group them, or add a LIMIT.")));
	return found;
}

static uint64
add(const FsDetection *detection, Tuplestorestate *found, TupleDesc desc)
{
	Oid			types[4] = {TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[4] = {
		CStringGetTextDatum(detection->name),
		CStringGetTextDatum(detection->severity),
		TimestampTzGetDatum(detection->since),
		TimestampTzGetDatum(detection->until)
	};
	EphemeralNamedRelation relation = palloc0(sizeof(*relation));
	int			guc_level = NewGUCNestLevel();
	int			status;

	set("search_path", "pg_catalog, pg_temp");
	relation->md.name = "found";
	relation->md.reliddesc = InvalidOid;
	relation->md.tupdesc = desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = tuplestore_tuple_count(found);
	relation->reldata = found;
	status = SPI_register_relation(relation);
	if (status != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register a relation: %s",
			 SPI_result_code_string(status));
	status = SPI_execute_with_args(add_alerts, 4, types, values, NULL,
								   false, 0);
	if (status != SPI_OK_INSERT)
		elog(ERROR, "unexpected result %d of an INSERT", status);
	AtEOXact_GUC(false, guc_level);
	return SPI_processed;
}

uint64
fs_detect_run(const FsDetection *detection)
{
	Oid			userid;
	int			sec_context;
	Tuplestorestate *found;
	TupleDesc	desc;
	uint64		n;

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(detection->owner)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role with OID %u does not exist", detection->owner)));
	GetUserIdAndSecContext(&userid, &sec_context);
	SetUserIdAndSecContext(detection->owner,
						   sec_context | SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	found = find(detection, &desc);
	n = add(detection, found, desc);
	SPI_finish();
	SetUserIdAndSecContext(userid, sec_context);
	return n;
}
