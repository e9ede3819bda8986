/*-------------------------------------------------------------------------
 *
 * flow.partitions: what each partition holds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "func/inspect.h"
#include "func/survey.h"

PG_FUNCTION_INFO_V1(fs_partitions);

enum
{
	OUT_PARTITION,
	OUT_ITEMS,
	OUT_CHUNKS,
	OUT_ROWS,
	OUT_DELETED,
	OUT_FRESH,
	OUT_MERGED,
	OUT_CLUSTERED,
	OUT_BYTES,
	OUT_INDEX_BYTES,
	OUT_TS_MIN,
	OUT_TS_MAX,
	OUT_IS_QUIET,
	OUT_DUE,
	OUT_COUNT
};

static void
put_part(ReturnSetInfo *rsinfo, const FsSurveyPart *part)
{
	Datum		values[OUT_COUNT];
	bool		nulls[OUT_COUNT] = {0};

	values[OUT_PARTITION] = fs_inspect_partition(part->partition,
												 &nulls[OUT_PARTITION]);
	values[OUT_ITEMS] = Int64GetDatum((int64) part->nrows_items +
									  part->nchunks + part->nindexes);
	values[OUT_CHUNKS] = Int64GetDatum(part->nchunks);
	values[OUT_ROWS] = Int64GetDatum(part->rows);
	values[OUT_DELETED] = Int64GetDatum(part->deleted);
	values[OUT_FRESH] = Int64GetDatum(part->level_rows[FS_LEVEL_FRESH]);
	values[OUT_MERGED] = Int64GetDatum(part->level_rows[FS_LEVEL_MERGED]);
	values[OUT_CLUSTERED] =
		Int64GetDatum(part->level_rows[FS_LEVEL_CLUSTERED]);
	values[OUT_BYTES] = Int64GetDatum(part->bytes);
	values[OUT_INDEX_BYTES] = Int64GetDatum(part->index_bytes);
	nulls[OUT_TS_MIN] = nulls[OUT_TS_MAX] = part->min_us > part->max_us;
	values[OUT_TS_MIN] = TimestampTzGetDatum(part->min_us);
	values[OUT_TS_MAX] = TimestampTzGetDatum(part->max_us);
	values[OUT_IS_QUIET] = BoolGetDatum(part->is_quiet);
	nulls[OUT_DUE] = part->due == FS_TASK_NONE;
	values[OUT_DUE] = CStringGetTextDatum(part->due == FS_TASK_CLUSTER
										  ? "cluster" : "merge");
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* flow.partitions(regclass): one row a partition */
Datum
fs_partitions(PG_FUNCTION_ARGS)
{
	Relation	rel = fs_inspect_open(PG_GETARG_OID(0));
	FsSurvey   *survey;

	InitMaterializedSRF(fcinfo, 0);
	survey = fs_survey_take(rel, GetActiveSnapshot());
	for (uint32 i = 0; i < survey->n; i++)
		put_part((ReturnSetInfo *) fcinfo->resultinfo, &survey->parts[i]);
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}
