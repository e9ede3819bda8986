/*-------------------------------------------------------------------------
 *
 * What a table is made of: flow.chunks, flow.columns, flow.check.
 *
 * All three show bounds or values, so they ask for SELECT on the whole table
 * and refuse where row security hides rows from the caller.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "am/partition.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "directory/directory.h"
#include "format/chunkreader.h"
#include "format/enc.h"
#include "store/arena.h"
#include "store/extent.h"

PG_FUNCTION_INFO_V1(fs_chunks);
PG_FUNCTION_INFO_V1(fs_columns);
PG_FUNCTION_INFO_V1(fs_check);

/* Open a flowstore table whose every row the caller may see. */
static Relation
open_table(Oid relid)
{
	Relation	rel;

	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!fs_refuse_is_flowstore(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a flowstore table",
						get_rel_name(relid))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(relid));
	if (check_enable_rls(relid, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot inspect table \"%s\" because row security is enabled on it",
						get_rel_name(relid))));
	rel = relation_open(relid, AccessShareLock);
	fs_pending_flush(rel);
	return rel;
}

/* The start of a partition, or NULL. */
static Datum
partition_datum(FsPartition partition, bool *isnull)
{
	int64		start = 0;

	*isnull = partition < FS_PARTITION_FIRST;
	if (!*isnull)
		start = fs_partition_start(partition);
	if (start == PG_INT64_MIN)
		start = DT_NOBEGIN;
	return TimestampTzGetDatum(start);
}

/* flow.chunks(regclass): one row an item */
Datum
fs_chunks(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel = open_table(PG_GETARG_OID(0));
	FsDirectoryScan *dir;
	FsItem		item;

	InitMaterializedSRF(fcinfo, 0);
	dir = fs_directory_begin(rel, GetActiveSnapshot(), NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		Datum		values[9] = {0};
		bool		nulls[9] = {0};
		bool		is_chunk = item.head->kind == FS_ITEM_CHUNK;

		if (!fs_item_has_rows(&item))
			continue;
		values[0] = partition_datum(item.partition, &nulls[0]);
		values[1] = Int64GetDatum(item.number);
		values[2] = CStringGetTextDatum(is_chunk ? "chunk" : "rows");
		values[3] = Int64GetDatum(is_chunk
								  ? (int64) fs_item_run(item.chunk, 0).first
								  : (int64) item.rows->first_row);
		values[4] = Int32GetDatum(item.head->nrows);
		nulls[5] = nulls[7] = nulls[8] = true;
		values[6] = Int64GetDatum(item.len);
		if (is_chunk)
		{
			nulls[5] = false;
			values[5] = Int64GetDatum(item.chunk->extent.first);
			values[6] = Int64GetDatum(item.chunk->len);
			nulls[7] = nulls[8] = item.chunk->time_att == 0;
			values[7] = TimestampTzGetDatum(item.chunk->min_us);
			values[8] = TimestampTzGetDatum(item.chunk->max_us);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	fs_directory_end(dir);
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}

/* Work on one chunk after another, in memory that is reset in between. */
typedef struct ChunkVisit
{
	Relation	rel;
	ReturnSetInfo *rsinfo;
	FsArena		arena;
	const FsItem *item;
	void	   *state;
} ChunkVisit;

typedef void (*ChunkVisitor) (ChunkVisit *visit);

static void
visit_chunks(FunctionCallInfo fcinfo, ChunkVisitor visitor, void *state)
{
	ChunkVisit	visit;
	FsDirectoryScan *dir;
	FsItem		item;
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore inspection",
											  ALLOCSET_DEFAULT_SIZES);

	visit.rel = open_table(PG_GETARG_OID(0));
	visit.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	visit.item = &item;
	visit.state = state;
	fs_arena_init(&visit.arena, cxt);
	InitMaterializedSRF(fcinfo, 0);
	dir = fs_directory_begin(visit.rel, GetActiveSnapshot(), NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		if (item.head->kind != FS_ITEM_CHUNK)
			continue;
		old = MemoryContextSwitchTo(cxt);
		visitor(&visit);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	fs_directory_end(dir);
	relation_close(visit.rel, AccessShareLock);
	MemoryContextDelete(cxt);
}

/* The chunk's bytes and head, or NULL and the reason. */
static uint8 *
read_chunk(ChunkVisit *visit, FsChunkHead **head, FsFault *fault)
{
	const FsChunkItem *item = visit->item->chunk;
	uint8	   *bytes = visit->arena.alloc(&visit->arena, item->len);
	uint32		head_len;
	uint32		version;

	*head = NULL;
	fault->off = 0;
	if (!fs_extent_read(visit->rel, item->extent, 0, item->len, bytes, DEBUG1))
	{
		strlcpy(fault->reason, "its pages cannot be read",
				sizeof(fault->reason));
		return NULL;
	}
	if (item->len < FS_CHUNK_PREFIX_LEN)
	{
		strlcpy(fault->reason, "it is too short", sizeof(fault->reason));
		return NULL;
	}
	if (!fs_chunk_head_len(bytes, &head_len, &version, fault))
		return NULL;
	if (head_len > item->len)
	{
		strlcpy(fault->reason, "the head is longer than the chunk",
				sizeof(fault->reason));
		return NULL;
	}
	*head = fs_chunk_head_parse(bytes, head_len, &visit->arena, fault);
	if (*head == NULL)
		return NULL;
	if ((*head)->total_len != item->len ||
		(*head)->nrows != visit->item->head->nrows)
	{
		strlcpy(fault->reason, "the directory gives another length or row count",
				sizeof(fault->reason));
		return NULL;
	}
	return bytes;
}

/* What flow.columns adds up for a column and an encoding. */
typedef struct ColumnSum
{
	int			att;
	uint8		encoding;
	int64		chunks;
	int64		bytes;
	int64		nulls;
	struct ColumnSum *next;
} ColumnSum;

typedef struct ColumnSums
{
	MemoryContext cxt;
	ColumnSum  *first;			/* by att, encoding */
} ColumnSums;

static void
sum_column(ColumnSums *sums, const FsColumnMeta *meta)
{
	ColumnSum **at = &sums->first;
	ColumnSum  *sum;

	while (*at != NULL && ((*at)->att < meta->id ||
						   ((*at)->att == meta->id &&
							(*at)->encoding < meta->encoding)))
		at = &(*at)->next;
	if (*at == NULL || (*at)->att != meta->id ||
		(*at)->encoding != meta->encoding)
	{
		sum = MemoryContextAllocZero(sums->cxt, sizeof(ColumnSum));
		sum->att = meta->id;
		sum->encoding = meta->encoding;
		sum->next = *at;
		*at = sum;
	}
	sum = *at;
	sum->chunks++;
	sum->bytes += meta->len;
	sum->nulls += meta->zone.nulls;
}

static void
visit_columns(ChunkVisit *visit)
{
	FsChunkHead *head;
	FsFault		fault;

	if (read_chunk(visit, &head, &fault) == NULL)
		return;
	for (uint32 i = 0; i < head->ncols; i++)
		sum_column(visit->state, &head->cols[i]);
}

/* flow.columns(regclass): one row a column and encoding */
Datum
fs_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ColumnSums	sums = {CurrentMemoryContext, NULL};

	visit_chunks(fcinfo, visit_columns, &sums);
	for (ColumnSum *sum = sums.first; sum != NULL; sum = sum->next)
	{
		char	   *name = get_attname(PG_GETARG_OID(0), sum->att, true);
		Datum		values[5];
		bool		nulls[5] = {0};

		if (name == NULL)
			continue;			/* dropped since */
		values[0] = CStringGetTextDatum(name);
		values[1] = CStringGetTextDatum(fs_encoding_name(sum->encoding));
		values[2] = Int64GetDatum(sum->chunks);
		values[3] = Int64GetDatum(sum->bytes);
		values[4] = Int64GetDatum(sum->nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}

static void
report_damage(ChunkVisit *visit, int att, const FsFault *fault)
{
	char	   *name = att > 0 ?
		get_attname(RelationGetRelid(visit->rel), att, true) : NULL;
	Datum		values[5];
	bool		nulls[5] = {0};

	values[0] = Int64GetDatum(visit->item->number);
	values[1] = Int64GetDatum(visit->item->chunk->extent.first);
	nulls[2] = name == NULL;
	values[2] = name == NULL ? (Datum) 0 : CStringGetTextDatum(name);
	values[3] = Int64GetDatum(fault->off);
	values[4] = CStringGetTextDatum(fault->reason);
	tuplestore_putvalues(visit->rsinfo->setResult, visit->rsinfo->setDesc,
						 values, nulls);
}

/* FsFetch.get: the whole chunk is in memory. */
static const uint8 *
get_bytes(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

/* Decode every vector of a column. */
static bool
check_column(FsChunkReader *chunk, const FsChunkHead *head,
			 const FsColumnMeta *meta, FsFault *fault)
{
	FsColumnReader *reader = fs_chunkreader_column(chunk, meta->id, fault);
	uint32		nvectors = (head->nrows + FS_VECTOR_ROWS - 1) / FS_VECTOR_ROWS;
	FsVector	vec;
	uint32		n;
	const uint8 *const *ptrs;
	const uint32 *lens;

	if (reader == NULL)
		return false;
	for (uint32 v = 0; v < nvectors; v++)
		if (!fs_column_read(reader, v, &vec, fault))
			return false;
	if (meta->kind == FS_KIND_ADDR &&
		fs_column_dict_addrs(reader, &n, fault) == NULL && n > 0)
		return false;
	return meta->kind != FS_KIND_BYTES || vec.dict_n == 0 ||
		fs_column_dict_bytes(reader, &n, &ptrs, &lens, fault);
}

static void
visit_check(ChunkVisit *visit)
{
	FsChunkHead *head;
	FsFault		fault = {{0}, 0};
	FsFetch		fetch = {get_bytes, read_chunk(visit, &head, &fault)};
	FsChunkReader *chunk;

	if (fetch.state == NULL)
	{
		report_damage(visit, 0, &fault);
		return;
	}
	chunk = fs_chunkreader_open(head, &fetch, NULL, &visit->arena);
	for (uint32 i = 0; i < head->ncols; i++)
		if (!check_column(chunk, head, &head->cols[i], &fault))
			report_damage(visit, head->cols[i].id, &fault);
}

/* flow.check(regclass): one row a damaged chunk or column */
Datum
fs_check(PG_FUNCTION_ARGS)
{
	visit_chunks(fcinfo, visit_check, NULL);
	return (Datum) 0;
}
