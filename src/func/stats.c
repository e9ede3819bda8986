/*-------------------------------------------------------------------------
 *
 * flow.stats: a table in one row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "funcapi.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "func/inspect.h"
#include "func/survey.h"
#include "store/meta.h"

PG_FUNCTION_INFO_V1(fs_stats);

enum
{
	OUT_ROWS,
	OUT_DELETED,
	OUT_LATE_ROWS,
	OUT_TS_MIN,
	OUT_TS_MAX,
	OUT_PARTITIONS,
	OUT_ITEMS,
	OUT_CHUNKS,
	OUT_SETS,
	OUT_DELETES_ITEMS,
	OUT_MOVED_ITEMS,
	OUT_FILE_BYTES,
	OUT_FREE_BYTES,
	OUT_DIRECTORY_BYTES,
	OUT_BYTES_LOADED,
	OUT_BYTES_REWRITTEN,
	OUT_WRITE_AMPLIFICATION,
	OUT_MERGE_ROWS,
	OUT_MERGE_BYTES,
	OUT_CLUSTER_ROWS,
	OUT_CLUSTER_BYTES,
	OUT_ROWS_EXPIRED,
	OUT_FUTURE_REFUSED,
	OUT_FUTURE_SET_ASIDE,
	OUT_COUNT
};

/* Sums over all partitions. */
static FsSurveyPart
add_up(const FsSurvey *survey, FsSurveyPart *due)
{
	FsSurveyPart sum = {0};

	sum.min_us = PG_INT64_MAX;
	sum.max_us = PG_INT64_MIN;
	for (uint32 i = 0; i < survey->n; i++)
	{
		const FsSurveyPart *part = &survey->parts[i];

		sum.nrows_items += part->nrows_items;
		sum.nchunks += part->nchunks;
		sum.nindexes += part->nindexes;
		sum.rows += part->rows;
		sum.deleted += part->deleted;
		sum.live_late += part->live_late;
		sum.min_us = Min(sum.min_us, part->min_us);
		sum.max_us = Max(sum.max_us, part->max_us);
		due[part->due].due_rows += part->due_rows;
		due[part->due].due_bytes += part->due_bytes;
	}
	return sum;
}

static void
put_contents(const FsSurvey *survey, Datum *values, bool *nulls)
{
	FsSurveyPart due[FS_TASK_CLUSTER + 1] = {0};
	FsSurveyPart sum = add_up(survey, due);
	int64		items = (int64) sum.nrows_items + sum.nchunks + sum.nindexes +
		survey->ndeletes + survey->nmoved;

	values[OUT_ROWS] = Int64GetDatum(sum.rows);
	values[OUT_DELETED] = Int64GetDatum(sum.deleted);
	values[OUT_LATE_ROWS] = Int64GetDatum(sum.live_late);
	nulls[OUT_TS_MIN] = nulls[OUT_TS_MAX] = sum.min_us > sum.max_us;
	values[OUT_TS_MIN] = TimestampTzGetDatum(sum.min_us);
	values[OUT_TS_MAX] = TimestampTzGetDatum(sum.max_us);
	values[OUT_PARTITIONS] = Int64GetDatum(survey->n);
	values[OUT_ITEMS] = Int64GetDatum(items);
	values[OUT_CHUNKS] = Int64GetDatum(sum.nchunks);
	values[OUT_SETS] = Int64GetDatum(sum.nindexes);
	values[OUT_DELETES_ITEMS] = Int64GetDatum(survey->ndeletes);
	values[OUT_MOVED_ITEMS] = Int64GetDatum(survey->nmoved);
	values[OUT_MERGE_ROWS] = Int64GetDatum(due[FS_TASK_MERGE].due_rows);
	values[OUT_MERGE_BYTES] = Int64GetDatum(due[FS_TASK_MERGE].due_bytes);
	values[OUT_CLUSTER_ROWS] = Int64GetDatum(due[FS_TASK_CLUSTER].due_rows);
	values[OUT_CLUSTER_BYTES] = Int64GetDatum(due[FS_TASK_CLUSTER].due_bytes);
}

static Datum
directory_bytes(Relation rel)
{
	Oid			toastid = rel->rd_rel->reltoastrelid;

	if (!OidIsValid(toastid))
		return Int64GetDatum(0);
	return DirectFunctionCall1(pg_total_relation_size,
							   ObjectIdGetDatum(toastid));
}

/* What the file and its metapage say. */
static void
put_file(Relation rel, Datum *values, bool *nulls)
{
	uint64		loaded = fs_meta_counter(rel, FS_COUNT_BYTES_LOADED);
	uint64		rewritten = fs_meta_counter(rel, FS_COUNT_BYTES_REWRITTEN);

	values[OUT_FILE_BYTES] = Int64GetDatum((int64) BLCKSZ *
										   RelationGetNumberOfBlocks(rel));
	values[OUT_FREE_BYTES] = Int64GetDatum((int64) BLCKSZ *
										   fs_meta_free_pages(rel));
	values[OUT_DIRECTORY_BYTES] = directory_bytes(rel);
	values[OUT_BYTES_LOADED] = Int64GetDatum(loaded);
	values[OUT_BYTES_REWRITTEN] = Int64GetDatum(rewritten);
	nulls[OUT_WRITE_AMPLIFICATION] = loaded == 0;
	values[OUT_WRITE_AMPLIFICATION] =
		Float8GetDatum(loaded == 0 ? 0 : ((double) loaded + rewritten) / loaded);
	values[OUT_ROWS_EXPIRED] =
		Int64GetDatum(fs_meta_counter(rel, FS_COUNT_ROWS_EXPIRED));
	values[OUT_FUTURE_REFUSED] =
		Int64GetDatum(fs_meta_counter(rel, FS_COUNT_FUTURE_REFUSED));
	values[OUT_FUTURE_SET_ASIDE] =
		Int64GetDatum(fs_meta_counter(rel, FS_COUNT_FUTURE_ASIDE));
}

/* flow.stats(regclass): one row */
Datum
fs_stats(PG_FUNCTION_ARGS)
{
	Relation	rel = fs_inspect_open(PG_GETARG_OID(0));
	Datum		values[OUT_COUNT];
	bool		nulls[OUT_COUNT] = {0};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	put_contents(fs_survey_take(rel, GetActiveSnapshot()), values, nulls);
	put_file(rel, values, nulls);
	relation_close(rel, AccessShareLock);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}
