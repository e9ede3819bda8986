/*-------------------------------------------------------------------------
 *
 * What the functions that look inside a table have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "am/partition.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "func/inspect.h"
#include "store/extent.h"

Relation
fs_inspect_open(Oid relid)
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

Datum
fs_inspect_partition(FsPartition partition, bool *isnull)
{
	int64		start = 0;

	*isnull = partition < FS_PARTITION_FIRST;
	if (!*isnull)
		start = fs_partition_start(partition);
	if (start == PG_INT64_MIN)
		start = DT_NOBEGIN;
	return TimestampTzGetDatum(start);
}

Datum
fs_inspect_column(Relation rel, int att, bool *isnull)
{
	TupleDesc	desc = RelationGetDescr(rel);

	*isnull = att < 1 || att > desc->natts ||
		TupleDescAttr(desc, att - 1)->attisdropped;
	if (*isnull)
		return (Datum) 0;
	return CStringGetTextDatum(NameStr(TupleDescAttr(desc, att - 1)->attname));
}

void
fs_inspect_times(Relation rel, const FsItem *item, AttrNumber time_att,
				 int64 *min_us, int64 *max_us)
{
	MinimalTuple row;

	if (time_att == 0)
		return;
	if (item->head->kind == FS_ITEM_CHUNK)
	{
		if (item->chunk->time_att != time_att)
			return;
		*min_us = Min(*min_us, item->chunk->min_us);
		*max_us = Max(*max_us, item->chunk->max_us);
		return;
	}
	row = fs_item_first_row(item->rows);
	for (uint32 i = 0; i < item->head->nrows; i++)
	{
		HeapTupleData tuple = {0};
		bool		isnull;
		int64		ts_us;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
		ts_us = DatumGetInt64(heap_getattr(&tuple, time_att,
										   RelationGetDescr(rel), &isnull));
		if (!isnull)
		{
			*min_us = Min(*min_us, ts_us);
			*max_us = Max(*max_us, ts_us);
		}
		row = fs_item_next_row(row);
	}
}

/* FsFetch.get: the whole chunk is in memory. */
static const uint8 *
get_bytes(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

static FsChunkHead *
parse_head(const uint8 *bytes, uint32 len, FsArena *arena, FsFault *fault)
{
	uint32		head_len;
	uint32		version;
	FsChunkHead *head;

	if (len < FS_CHUNK_PREFIX_LEN)
	{
		strlcpy(fault->reason, "it is too short", sizeof(fault->reason));
		return NULL;
	}
	if (!fs_chunk_head_len(bytes, &head_len, &version, fault))
		return NULL;
	if (head_len > len)
	{
		strlcpy(fault->reason, "the head is longer than the chunk",
				sizeof(fault->reason));
		return NULL;
	}
	head = fs_chunk_head_parse(bytes, head_len, arena, fault);
	if (head != NULL && head->total_len != len)
	{
		strlcpy(fault->reason, "the directory gives another length",
				sizeof(fault->reason));
		return NULL;
	}
	return head;
}

FsInspectedChunk *
fs_inspect_chunk(Relation rel, FsExtent extent, uint32 len,
				 FsDomainSource *domains, FsArena *arena, FsFault *fault)
{
	FsInspectedChunk *chunk = arena->alloc(arena, sizeof(FsInspectedChunk));
	uint8	   *bytes = arena->alloc(arena, len);

	memset(fault, 0, sizeof(FsFault));
	if (!fs_extent_read(rel, extent, 0, len, bytes, DEBUG1))
	{
		strlcpy(fault->reason, "its pages cannot be read",
				sizeof(fault->reason));
		return NULL;
	}
	chunk->fetch.get = get_bytes;
	chunk->fetch.state = bytes;
	chunk->fetch.load = NULL;
	chunk->head = parse_head(bytes, len, arena, fault);
	if (chunk->head == NULL)
		return NULL;
	chunk->reader = fs_chunkreader_open(chunk->head, &chunk->fetch, domains,
										arena);
	return chunk;
}
