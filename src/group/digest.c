/*-------------------------------------------------------------------------
 *
 * What the head of a chunk says of an aggregate of all its rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/scanvalue.h"
#include "group/accstate.h"
#include "group/digest.h"

bool
fs_accumulator_can_digest(const FsAccumulator *acc)
{
	if (acc->filter != NULL)
		return false;
	switch (acc->kind)
	{
		case FS_AGG_COUNT_ROWS:
			return true;
		case FS_AGG_COUNT:
			return acc->att >= 0;
		case FS_AGG_SUM:
		case FS_AGG_AVG:
		case FS_AGG_MIN:
		case FS_AGG_MAX:
			return acc->att >= 0 && !acc->is_float;
		default:
			return false;
	}
}

bool
fs_accumulator_knows_chunk(const FsAccumulator *acc, FsScan *scan)
{
	const FsColumnMeta *meta;

	if (acc->kind == FS_AGG_COUNT_ROWS)
		return true;
	meta = fs_scan_chunk_meta(scan, acc->att);
	if (meta == NULL)
		return false;
	if (acc->kind == FS_AGG_COUNT || meta->zone.nulls == meta->zone.nrows)
		return true;
	if (acc->kind == FS_AGG_MIN || acc->kind == FS_AGG_MAX)
		return meta->zone.has_bounds && meta->order == FS_ORDER_INT;
	return meta->has_sum;
}

/* Rows of the chunk that count. */
static uint32
count(const FsAccumulator *acc, FsScan *scan)
{
	const FsColumnMeta *meta;

	if (acc->kind == FS_AGG_COUNT_ROWS)
		return fs_scan_item(scan)->head->nrows;
	meta = fs_scan_chunk_meta(scan, acc->att);
	return meta->zone.nrows - meta->zone.nulls;
}

void
fs_accumulator_expect_chunk(FsAccumulator *acc, FsScan *scan,
							const uint8 *met)
{
	if (count(acc, scan) == 0)
		fs_accumulator_begin_has(acc, met);
}

void
fs_accumulator_add_chunk(FsAccumulator *acc, FsScan *scan, uint32 group,
						 uint32 ngroups)
{
	uint32		n = count(acc, scan);
	const FsColumnMeta *meta;

	fs_accumulator_reserve(acc, ngroups);
	if (n == 0)
		return;
	if (fs_accumulator_counts(acc))
		acc->counts[group] += n;
	else if (acc->has != NULL)
		acc->has[group] = 1;
	else
		acc->has_first |= group == 0;
	if (acc->kind == FS_AGG_COUNT_ROWS || acc->kind == FS_AGG_COUNT)
		return;
	meta = fs_scan_chunk_meta(scan, acc->att);
	if (acc->is_watched && meta->zone.imin < 0)
		acc->has_negative = true;
	if (acc->kind == FS_AGG_MIN)
		acc->best[group] = Min(acc->best[group], meta->zone.imin);
	else if (acc->kind == FS_AGG_MAX)
		acc->best[group] = Max(acc->best[group], meta->zone.imax);
	else
	{
		FsInt128	sum = {meta->sum_low, meta->sum_high};

		fs_int128_add(&acc->sums[group], &sum);
	}
}
