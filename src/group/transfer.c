/*-------------------------------------------------------------------------
 *
 * Accumulators' states as records.
 *
 * A count, and unless it is 0 what else there is; of values a number and the
 * values, each after its weight if it has one; of an aggregate's own state
 * that.  A group may have millions of these, so they are put in parts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/float.h"

#include "group/accstate.h"
#include "group/transfer.h"

/* distinct values of a part */
#define PART_VALUES 256

bool
fs_agg_can_transfer(FsAggKind kind)
{
	switch (kind)
	{
		case FS_AGG_COUNT_ROWS:
		case FS_AGG_COUNT:
		case FS_AGG_COUNT_DISTINCT:
		case FS_AGG_SUM:
		case FS_AGG_AVG:
		case FS_AGG_MIN:
		case FS_AGG_MAX:
		case FS_AGG_BIT_AND:
		case FS_AGG_BIT_OR:
		case FS_AGG_VARIANCE:
		case FS_AGG_CALLED:
		case FS_AGG_ENTROPY:
		case FS_AGG_ENTROPY_NORM:
		case FS_AGG_TOPK:
			return true;
	}
	return false;
}

uint32
fs_accumulator_n_values(const FsAccumulator *acc)
{
	return acc->pairs != NULL ? (uint32) fs_pair_set_n(acc->pairs)
		: acc->entropy != NULL ? fs_entropy_n(acc->entropy) : 0;
}

/* --- out ---------------------------------------------------------------- */

/* List the distinct values by group. */
void
fs_accumulator_begin_put(FsAccumulator *acc, const uint8 *only)
{
	FsAllocator *allocator = acc->in.allocator;
	uint32		sum = 0;
	uint64		at = 0;
	uint32		group;
	uint32		value;

	if (acc->pairs == NULL || fs_pair_set_n(acc->pairs) == 0)
		return;
	acc->ends = allocator->alloc(allocator, sizeof(uint32) * (Size) acc->n);
	for (uint32 g = 0; g < acc->n; g++)
	{
		acc->ends[g] = sum;
		if (only == NULL || only[g])
			sum += (uint32) acc->counts[g];
	}
	acc->listed = allocator->alloc(allocator,
								   sizeof(uint32) * (Size) Max(sum, 1));
	while (fs_pair_set_next(acc->pairs, &at, &group, &value))
		if (only == NULL || only[group])
			acc->listed[acc->ends[group]++] = value;
}

void
fs_accumulator_end_put(FsAccumulator *acc)
{
	FsAllocator *allocator = acc->in.allocator;

	if (acc->listed != NULL)
		allocator->release(allocator, acc->listed);
	if (acc->ends != NULL)
		allocator->release(allocator, acc->ends);
	acc->listed = acc->ends = NULL;
}

static bool
put_values(FsAccumulator *acc, uint32 group, uint32 part, StringInfo out)
{
	uint32		n = group < acc->n ? (uint32) acc->counts[group] : 0;
	uint64		from = (uint64) part * PART_VALUES;
	uint32		m = from >= n ? 0 : Min(n - (uint32) from, PART_VALUES);

	fs_record_put(out, &m, sizeof(m));
	for (uint32 i = 0; i < m; i++)
		fs_columnkey_put(acc->values,
						 acc->listed[acc->ends[group] - n + from + i], out);
	return from + m < n;
}

/* The same with their weights. */
static bool
put_weights(FsAccumulator *acc, uint32 group, uint32 part, StringInfo out)
{
	uint64		from = (uint64) part * PART_VALUES;
	const uint32 *ids;
	const int64 *weights;
	uint32		n;
	uint32		m;

	fs_entropy_values(acc->entropy, group, acc->n, &ids, &weights, &n);
	m = from >= n ? 0 : Min(n - (uint32) from, PART_VALUES);
	fs_record_put(out, &m, sizeof(m));
	for (uint64 i = from; i < from + m; i++)
	{
		fs_record_put(out, &weights[i], sizeof(int64));
		fs_columnkey_put(acc->values, ids[i], out);
	}
	return from + m < n;
}

bool
fs_accumulator_put(FsAccumulator *acc, uint32 group, uint32 part,
				   StringInfo out)
{
	int64		count;

	Assert(fs_agg_can_transfer(acc->kind));
	if (acc->kind == FS_AGG_COUNT_DISTINCT)
		return put_values(acc, group, part, out);
	if (acc->entropy != NULL)
		return put_weights(acc, group, part, out);
	if (acc->called != NULL)
	{
		if (part == 0)
			fs_called_put(acc->called, group, out);
		else
			fs_called_put_none(acc->called, out);
		return false;
	}
	count = part == 0 ? fs_accumulator_count(acc, group) : 0;
	fs_record_put(out, &count, sizeof(count));
	if (count == 0)
		return false;
	if (acc->sums != NULL)
		fs_record_put(out, &acc->sums[group], sizeof(FsInt128));
	if (acc->squares != NULL)
		fs_record_put(out, &acc->squares[group], sizeof(FsUint192));
	if (acc->best != NULL)
		fs_record_put(out, &acc->best[group], sizeof(int64));
	if (acc->fsums != NULL)
		fs_record_put(out, &acc->fsums[group], sizeof(double));
	if (acc->fsquares != NULL)
		fs_record_put(out, &acc->fsquares[group], sizeof(double));
	return false;
}

/* --- in ----------------------------------------------------------------- */

/* Means and sums of squares of two sets, as float8_combine(). */
static void
merge_variance(FsAccumulator *acc, uint32 g, double count, double sum,
			   double squares)
{
	double		n = (double) acc->counts[g];
	double		diff = acc->fsums[g] / n - sum / count;
	double		all = acc->fsquares[g] + squares +
		n * count * diff * diff / (n + count);

	if (unlikely(isinf(all)) && !isinf(acc->fsquares[g]) && !isinf(squares))
		float_overflow_error();
	acc->fsums[g] = float8_pl(acc->fsums[g], sum);
	acc->fsquares[g] = all;
}

static void
take_floats(FsAccumulator *acc, FsRecord *record, uint32 g, int64 count)
{
	bool		is_first = acc->counts[g] == 0;
	double		v;
	double		squares = 0;

	memcpy(&v, fs_record_take(record, sizeof(v)), sizeof(v));
	if (acc->fsquares != NULL)
		memcpy(&squares, fs_record_take(record, sizeof(v)), sizeof(v));
	if (is_first)
	{
		acc->fsums[g] = v;
		if (acc->fsquares != NULL)
			acc->fsquares[g] = squares;
		return;
	}
	switch (acc->kind)
	{
		case FS_AGG_SUM:
			acc->fsums[g] = acc->type == FLOAT4OID
				? float4_pl((float4) acc->fsums[g], (float4) v)
				: float8_pl(acc->fsums[g], v);
			break;
		case FS_AGG_MIN:
			if (!float8_lt(acc->fsums[g], v))
				acc->fsums[g] = v;
			break;
		case FS_AGG_MAX:
			if (!float8_gt(acc->fsums[g], v))
				acc->fsums[g] = v;
			break;
		default:
			merge_variance(acc, g, (double) count, v, squares);
			break;
	}
}

static void
take_best(FsAccumulator *acc, FsRecord *record, uint32 g)
{
	int64		v = fs_record_take_int64(record);

	switch (acc->kind)
	{
		case FS_AGG_MIN:
			acc->best[g] = Min(acc->best[g], v);
			break;
		case FS_AGG_MAX:
			acc->best[g] = Max(acc->best[g], v);
			break;
		case FS_AGG_BIT_AND:
			acc->best[g] &= v;
			break;
		default:
			acc->best[g] |= v;
			break;
	}
}

static void
take_state(FsAccumulator *acc, FsRecord *record, uint32 g)
{
	int64		count = fs_record_take_int64(record);
	FsInt128	sum;
	FsUint192	squares;

	if (count == 0)
		return;
	if (acc->sums != NULL)
	{
		memcpy(&sum, fs_record_take(record, sizeof(sum)), sizeof(sum));
		fs_int128_add(&acc->sums[g], &sum);
	}
	if (acc->squares != NULL)
	{
		memcpy(&squares, fs_record_take(record, sizeof(squares)),
			   sizeof(squares));
		fs_uint192_add(&acc->squares[g], &squares);
	}
	if (acc->best != NULL)
		take_best(acc, record, g);
	if (acc->fsums != NULL)
		take_floats(acc, record, g, count);
	if (acc->counts != NULL)
		acc->counts[g] += count;
	else
		acc->has[g] = 1;
}

/* Values on their way into groups. */
typedef struct Values
{
	FsRecord	values[FS_VECTOR_ROWS];
	int64		weights[FS_VECTOR_ROWS];
	uint32		g[FS_VECTOR_ROWS];
	uint32		n;
} Values;

/* Count the pairs of group and value that are new, or add their weights. */
static void
merge_values(FsAccumulator *acc, Values *in)
{
	uint32		ids[FS_VECTOR_ROWS];
	uint32		fresh[FS_VECTOR_ROWS];
	uint32		nfresh;

	if (in->n == 0)
		return;
	fs_columnkey_take(acc->values, in->values, in->n, ids);
	if (acc->entropy != NULL)
		fs_entropy_add(acc->entropy, in->g, ids, in->weights, in->n);
	else
	{
		nfresh = fs_pair_set_add(acc->pairs, in->g, ids, in->n, fresh);
		for (uint32 i = 0; i < nfresh; i++)
			acc->counts[in->g[fresh[i]]]++;
	}
	in->n = 0;
}

static void
take_values(FsAccumulator *acc, FsRecord *records, const uint32 *groups,
			uint32 n)
{
	TupleDesc	desc = acc->in.slot->tts_tupleDescriptor;
	Values		in;

	fs_columnkey_set_type(acc->values, TupleDescAttr(desc, acc->att));
	in.n = 0;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		left = fs_record_take_uint32(&records[i]);

		for (; left > 0; left--)
		{
			if (acc->entropy != NULL)
				in.weights[in.n] = fs_record_take_int64(&records[i]);
			in.values[in.n] = records[i];
			in.g[in.n++] = groups[i];
			fs_columnkey_skip(acc->values, &records[i]);
			if (in.n == FS_VECTOR_ROWS)
				merge_values(acc, &in);
		}
	}
	merge_values(acc, &in);
}

void
fs_accumulator_take(FsAccumulator *acc, FsRecord *records,
					const uint32 *groups, uint32 n, uint32 ngroups)
{
	fs_accumulator_begin_has(acc, NULL);
	fs_accumulator_reserve(acc, ngroups);
	if (acc->values != NULL)
		take_values(acc, records, groups, n);
	else if (acc->called != NULL)
		for (uint32 i = 0; i < n; i++)
			fs_called_take(acc->called, &records[i], groups[i], ngroups);
	else
		for (uint32 i = 0; i < n; i++)
			take_state(acc, &records[i], groups[i]);
}
