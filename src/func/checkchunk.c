/*-------------------------------------------------------------------------
 *
 * Checking a chunk: every vector of every column is decoded once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "am/partition.h"
#include "format/cursor.h"
#include "func/check.h"
#include "func/inspect.h"
#include "store/arena.h"

#define US_PER_MINUTE	INT64CONST(60000000)

/* Integers of a vector against bounds; false and *fault if one is beyond. */
static bool
check_bounds(const FsVector *vec, int64 min, int64 max, uint32 v,
			 const char *what, FsFault *fault)
{
	for (uint32 i = 0; i < vec->nrows; i++)
		if ((vec->ints[i] < min || vec->ints[i] > max) &&
			!(vec->has_nulls && vec->is_null[i]))
		{
			snprintf(fault->reason, sizeof(fault->reason),
					 "row %u is beyond %s", v * FS_VECTOR_ROWS + i, what);
			fault->off = 0;
			return false;
		}
	return true;
}

/* What a head says of a column of integers, from its vectors. */
typedef struct Digest
{
	FsColumnMeta sum;
	int64		min;
	int64		max;
} Digest;

static void
digest_vector(const FsVector *vec, Digest *digest)
{
	for (uint32 i = 0; i < vec->nrows; i++)
	{
		if (vec->is_null[i])
			continue;
		fs_column_add_to_sum(&digest->sum, vec->ints[i]);
		digest->min = Min(digest->min, vec->ints[i]);
		digest->max = Max(digest->max, vec->ints[i]);
	}
}

/* Queries answer from the head of a chunk where they can. */
static bool
check_digest(const FsColumnMeta *meta, const Digest *digest, FsFault *fault)
{
	if (meta->order != FS_ORDER_INT || !meta->zone.has_bounds)
		return true;
	if (digest->min != meta->zone.imin || digest->max != meta->zone.imax)
		return fs_fault_set(fault, meta->off,
							"the head has other bounds of column %d than its values",
							meta->id);
	if (meta->has_sum && (digest->sum.sum_low != meta->sum_low ||
						  digest->sum.sum_high != meta->sum_high))
		return fs_fault_set(fault, meta->off,
							"the head has another sum of column %d than its values",
							meta->id);
	return true;
}

static bool
check_vector(FsColumnReader *reader, const FsItem *item,
			 const FsColumnMeta *meta, uint32 v, Digest *digest,
			 FsFault *fault)
{
	FsVector	vec;
	FsZone		zone;

	if (!fs_column_read(reader, v, &vec, fault))
		return false;
	if (meta->kind != FS_KIND_INT)
		return true;
	digest_vector(&vec, digest);
	if (item->chunk->time_att == meta->id &&
		!check_bounds(&vec, item->chunk->min_us, item->chunk->max_us, v,
					  "the times that the directory gives", fault))
		return false;
	fs_column_zone(reader, v, &zone);
	return meta->order != FS_ORDER_INT || !zone.has_bounds ||
		check_bounds(&vec, zone.imin, zone.imax, v,
					 "the bounds of its vector", fault);
}

static bool
check_column(FsInspectedChunk *chunk, const FsItem *item,
			 const FsColumnMeta *meta, FsFault *fault)
{
	FsColumnReader *reader = fs_chunkreader_column(chunk->reader, meta->id,
												   fault);
	Digest		digest = {{0}, PG_INT64_MAX, PG_INT64_MIN};
	const uint8 *const *ptrs;
	const uint32 *lens;
	uint32		n;

	if (reader == NULL)
		return false;
	for (uint32 v = 0; v * FS_VECTOR_ROWS < chunk->head->nrows; v++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!check_vector(reader, item, meta, v, &digest, fault))
			return false;
	}
	if (!check_digest(meta, &digest, fault))
		return false;
	if (meta->kind == FS_KIND_ADDR)
		return fs_column_dict_addrs(reader, &n, fault) != NULL || n == 0;
	return meta->kind != FS_KIND_BYTES ||
		fs_column_dict_bytes(reader, &n, &ptrs, &lens, fault);
}

/*
 * The item's times against its partition, which queries rely on: they find
 * partitions by time unless the table changed its time column.
 */
static void
check_partition(FsCheck *check, const FsItem *item)
{
	const FsPartitioning *known = &check->partitioning;
	int64		start_us;

	if (item->partition < FS_PARTITION_FIRST || !known->is_known ||
		known->is_mixed || known->time_att != item->chunk->time_att)
		return;
	start_us = fs_partition_start(item->partition);
	if (item->chunk->min_us < start_us ||
		(item->partition > FS_PARTITION_FIRST &&
		 item->partition < FS_PARTITION_LAST &&
		 item->chunk->max_us >=
		 start_us + known->max_minutes * US_PER_MINUTE))
		fs_check_complain(check, item,
						  "its times are not those of its partition");
}

void
fs_check_chunk(FsCheck *check, const FsItem *item)
{
	bool		is_clustered = item->chunk->level == FS_LEVEL_CLUSTERED;
	FsInspectedChunk *chunk;
	FsFault		fault;
	FsArena		arena;

	check_partition(check, item);
	if (is_clustered)
		(void) fs_set_enter(check->set, item, DEBUG1);
	fs_arena_init(&arena, CurrentMemoryContext);
	chunk = fs_inspect_chunk(check->rel, item->chunk->extent,
							 item->chunk->len,
							 is_clustered ? fs_set_domains(check->set) : NULL,
							 &arena, &fault);
	if (chunk != NULL && chunk->head->nrows != item->head->nrows)
	{
		fs_check_complain(check, item, "the directory gives another row count");
		return;
	}
	if (chunk == NULL)
	{
		fs_check_report(check, item, 0, &fault);
		return;
	}
	for (uint32 i = 0; i < chunk->head->ncols; i++)
	{
		const FsColumnMeta *meta = &chunk->head->cols[i];

		if (!check_column(chunk, item, meta, &fault))
			fs_check_report(check, item, meta->id, &fault);
	}
}
