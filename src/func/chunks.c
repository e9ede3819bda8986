/*-------------------------------------------------------------------------
 *
 * flow.chunks: the items of a table, but for DELETES.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "directory/deletes.h"
#include "directory/directory.h"
#include "func/inspect.h"

PG_FUNCTION_INFO_V1(fs_chunks);

enum
{
	OUT_PARTITION,
	OUT_ITEM,
	OUT_KIND,
	OUT_LEVEL,
	OUT_SET,
	OUT_FIRST_ROW,
	OUT_ROWS,
	OUT_DELETED,
	OUT_FIRST_BLOCK,
	OUT_BYTES,
	OUT_TS_MIN,
	OUT_TS_MAX,
	OUT_COUNT
};

static const char *const kinds[] = {
	[FS_ITEM_ROWS] = "rows",
	[FS_ITEM_CHUNK] = "chunk",
	[FS_ITEM_INDEX] = "index",
	[FS_ITEM_MOVED] = "moved",
};

static const char *const levels[] = {
	[FS_LEVEL_FRESH] = "fresh",
	[FS_LEVEL_MERGED] = "merged",
	[FS_LEVEL_CLUSTERED] = "clustered",
};

static void
put(Datum *values, bool *nulls, int column, Datum value)
{
	values[column] = value;
	nulls[column] = false;
}

/* What items with rows have. */
static void
put_rows(const FsItem *item, uint32 ndeleted, Datum *values, bool *nulls)
{
	FsLevel		level = FS_LEVEL_FRESH;

	if (item->head->kind == FS_ITEM_CHUNK)
	{
		level = item->chunk->level;
		if (level == FS_LEVEL_CLUSTERED)
			put(values, nulls, OUT_SET,
				Int64GetDatum(item->chunk->index_number));
		if (item->chunk->time_att != 0)
		{
			put(values, nulls, OUT_TS_MIN,
				TimestampTzGetDatum(item->chunk->min_us));
			put(values, nulls, OUT_TS_MAX,
				TimestampTzGetDatum(item->chunk->max_us));
		}
	}
	put(values, nulls, OUT_LEVEL, CStringGetTextDatum(levels[level]));
	put(values, nulls, OUT_FIRST_ROW,
		Int64GetDatum(fs_item_row_run(item, 0).first));
	put(values, nulls, OUT_ROWS, Int32GetDatum(item->head->nrows));
	put(values, nulls, OUT_DELETED, Int32GetDatum(ndeleted));
}

static void
put_item(ReturnSetInfo *rsinfo, const FsItem *item, uint32 ndeleted)
{
	Datum		values[OUT_COUNT] = {0};
	bool		nulls[OUT_COUNT];
	FsExtent	extent;
	uint32		len = item->len;

	memset(nulls, true, sizeof(nulls));
	values[OUT_PARTITION] = fs_inspect_partition(item->partition,
												 &nulls[OUT_PARTITION]);
	put(values, nulls, OUT_ITEM, Int64GetDatum(item->number));
	put(values, nulls, OUT_KIND, CStringGetTextDatum(kinds[item->head->kind]));
	if (fs_item_extent(item->head, &extent, &len))
		put(values, nulls, OUT_FIRST_BLOCK, Int64GetDatum(extent.first));
	put(values, nulls, OUT_BYTES, Int64GetDatum(len));
	if (item->head->kind == FS_ITEM_INDEX)
		put(values, nulls, OUT_SET, Int64GetDatum(item->number));
	if (fs_item_has_rows(item))
		put_rows(item, ndeleted, values, nulls);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* flow.chunks(regclass): one row an item */
Datum
fs_chunks(PG_FUNCTION_ARGS)
{
	Relation	rel = fs_inspect_open(PG_GETARG_OID(0));
	Snapshot	snapshot = GetActiveSnapshot();
	bool		has_deletes = fs_deletes_exist(rel);
	FsDirectoryScan *dir;
	MemoryContext cxt;
	FsItem		item;

	InitMaterializedSRF(fcinfo, 0);
	cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore inspection",
								ALLOCSET_DEFAULT_SIZES);
	dir = fs_directory_begin(rel, snapshot, NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		MemoryContext old;
		TransactionId deleter;
		uint32		ndeleted = 0;

		CHECK_FOR_INTERRUPTS();
		if (item.head->kind == FS_ITEM_DELETES)
			continue;
		old = MemoryContextSwitchTo(cxt);
		if (has_deletes && fs_item_has_rows(&item))
			(void) fs_deletes_bitmap(rel, snapshot, &item, &ndeleted,
									 &deleter);
		put_item((ReturnSetInfo *) fcinfo->resultinfo, &item, ndeleted);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	fs_directory_end(dir);
	MemoryContextDelete(cxt);
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}
