/*-------------------------------------------------------------------------
 *
 * Sequences.
 *
 * Forms CONSTANT, FOR, PFOR and DELTA are packed sequences (packed.c).  The
 * other two begin with their form and a count and go on with two packed
 * sequences:
 *
 *	  offset  size  FS_ENC_RUNS (5)				FS_ENC_DICT (6)
 *	       0     1  form						form
 *	       1     4  runs R, 1 .. n / 4			entries D, 1 .. n
 *	       5     .  R values					D values, ascending, unsigned
 *	       .     .  R lengths, each less 1		n codes, by the sequence's shape
 *
 *	  7 and 9 in 16 runs of 20
 *		->  05 10 00 00 00  02 01 02 07 88 88 88 88  01 13 00 00 00 00 00 00 00
 *	  7 and 1000000007 in turn, 64 values
 *		->  06 02 00 00 00  04 04 01 00 00 00 00 00 94 35 77 07
 *			02 00 01 55 55 55 55 55 55 55 55
 *
 * FS_ENC_RANKED (9) is a dictionary whose values have any order: by frequency,
 * so that most codes are small and the rest exceptions.
 *
 * Runs pass over the borders of vectors and are decoded when they are opened,
 * to 12 bytes an entry; dictionaries when their values are needed, to 8.
 * Invalid: R or D out of range; lengths that do not add up to n; values of
 * a dictionary that do not ascend; a code >= D.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/distinct.h"
#include "format/enc.h"
#include "format/kernel.h"
#include "format/radix.h"
#include "format/seq.h"

/* more runs than one in this many values are not worth the try */
#define RUN_MIN_AVERAGE		4

typedef struct RunsPlan
{
	FsShape		shape;			/* of values and of lengths */
	uint64	   *values;
	uint64	   *lengths;
	FsRange		ranges[2][FS_CHUNK_MAX_VECTORS];
	FsPackedInput in[2];
	FsPackedPlan plan[2];
} RunsPlan;

typedef struct DictPlan
{
	FsShape		shape;			/* of the values */
	FsDistinct	distinct;
	FsRange		ranges[2][FS_CHUNK_MAX_VECTORS];
	FsPackedInput in[2];
	FsPackedPlan plan[2];
} DictPlan;

static inline bool
has_dict(const FsSeq *seq)
{
	return seq->form == FS_ENC_DICT || seq->form == FS_ENC_RANKED;
}

static void
compute_ranges(const uint64 *values, const FsShape *shape, FsRange *ranges)
{
	uint32		v;

	for (v = 0; v < shape->nvecs; v++)
		ranges[v] = fs_range_compute(values + shape->start[v],
									 fs_shape_count(shape, v),
									 FS_RANGE_UNSIGNED);
}

/* Plan one of the two packed sequences inside of another. */
static void
plan_part(const uint64 *values, const FsShape *shape, bool is_thorough,
		  FsRange *ranges, FsPackedInput *in, FsPackedPlan *plan)
{
	compute_ranges(values, shape, ranges);
	in->values = values;
	in->bias = 0;
	in->shape = shape;
	in->ranges = ranges;
	in->is_thorough = is_thorough;
	fs_packed_plan(in, plan);
}

/* Write runs if they take less than size bytes. */
static bool
try_runs(const FsSeqInput *seq, uint64 size, FsScratch *scratch,
		 FsWriter *out)
{
	uint32		n = fs_shape_n(seq->shape);
	uint32		max = n / RUN_MIN_AVERAGE;
	RunsPlan   *runs = fs_scratch_alloc(scratch, sizeof(RunsPlan));
	uint32		count = 0;
	uint32		start = 0;
	uint32		i;

	runs->values = fs_scratch_alloc(scratch, max * sizeof(uint64));
	runs->lengths = fs_scratch_alloc(scratch, max * sizeof(uint64));
	for (i = 1; i <= n; i++)
	{
		if (i < n && seq->values[i] == seq->values[start])
			continue;
		if (count == max)
			return false;
		runs->values[count] = seq->values[start] - seq->bias;
		runs->lengths[count++] = i - start - 1;
		start = i;
	}
	fs_shape_init(&runs->shape, count);
	plan_part(runs->values, &runs->shape, seq->is_thorough, runs->ranges[0], &runs->in[0],
			  &runs->plan[0]);
	plan_part(runs->lengths, &runs->shape, seq->is_thorough, runs->ranges[1], &runs->in[1],
			  &runs->plan[1]);
	if (5 + runs->plan[0].size + runs->plan[1].size >= size)
		return false;
	fs_writer_put_int(out, FS_ENC_RUNS, 1);
	fs_writer_put_int(out, count, 4);
	fs_packed_encode(&runs->in[0], &runs->plan[0], out);
	fs_packed_encode(&runs->in[1], &runs->plan[1], out);
	return true;
}

/*
 * Whether a dictionary may take clearly less than size bytes, judged by a
 * sample of 512 values: of few values nearly all are in the sample; of many
 * there are at least twice as many.  With time at hand all are tried that
 * repeat.
 */
static bool
dict_is_likely(const FsSeqInput *in, uint64 size)
{
	uint32		n = fs_shape_n(in->shape);
	uint32		count;

	if (n < 64)
		return false;
	count = fs_distinct_sample(in->values, n);
	if (count > 384)
		return false;
	if (in->is_thorough)
		return true;
	if (count > 32)
		count *= 2;
	return (uint64) n * fs_bitpack_width(count - 1) < size * 8 / 10 * 9;
}

/* Order a dictionary's values by how often they occur, and the codes. */
static void
rank_values(const FsDistinct *distinct, uint32 n, FsScratch *scratch,
			FsDistinct *ranked)
{
	FsRadixItem *items = fs_scratch_alloc(scratch, distinct->count * sizeof(FsRadixItem));
	FsRadixItem *spare = fs_scratch_alloc(scratch, distinct->count * sizeof(FsRadixItem));
	uint32	   *ranks = fs_scratch_alloc(scratch, distinct->count * sizeof(uint32));
	uint32		i;

	for (i = 0; i < distinct->count; i++)
	{
		items[i].key = n;
		items[i].index = i;
	}
	for (i = 0; i < n; i++)
		items[distinct->codes[i]].key--;
	fs_radix_sort(items, spare, distinct->count);
	ranked->count = distinct->count;
	ranked->values = fs_scratch_alloc(scratch, distinct->count * sizeof(uint64));
	ranked->codes = fs_scratch_alloc(scratch, n * sizeof(uint64));
	for (i = 0; i < distinct->count; i++)
	{
		ranks[items[i].index] = i;
		ranked->values[i] = distinct->values[items[i].index];
	}
	for (i = 0; i < n; i++)
		ranked->codes[i] = ranks[distinct->codes[i]];
}

static void
plan_dict(DictPlan *dict, const FsShape *shape, bool is_thorough)
{
	fs_shape_init(&dict->shape, dict->distinct.count);
	plan_part(dict->distinct.values, &dict->shape, is_thorough, dict->ranges[0],
			  &dict->in[0], &dict->plan[0]);
	plan_part(dict->distinct.codes, shape, is_thorough, dict->ranges[1], &dict->in[1],
			  &dict->plan[1]);
}

static inline uint64
dict_size(const DictPlan *dict)
{
	return 5 + dict->plan[0].size + dict->plan[1].size;
}

/*
 * Write a dictionary of numbers up to max if it takes less than size bytes;
 * gives its form, or 0.
 */
static uint8
try_dict(const FsSeqInput *seq, uint64 max, uint64 size,
		 FsScratch *scratch, FsWriter *out)
{
	DictPlan   *dict = fs_scratch_alloc(scratch, sizeof(DictPlan));
	FsDistinctInput in = {seq->values, fs_shape_n(seq->shape), seq->bias, max};
	uint8		form = FS_ENC_DICT;

	if (!fs_distinct_find(&in, scratch, &dict->distinct))
		return 0;
	plan_dict(dict, seq->shape, seq->is_thorough);
	if (seq->is_thorough && dict->distinct.count > 2)
	{
		DictPlan   *ranked = fs_scratch_alloc(scratch, sizeof(DictPlan));

		rank_values(&dict->distinct, in.n, scratch, &ranked->distinct);
		plan_dict(ranked, seq->shape, seq->is_thorough);
		if (dict_size(ranked) * 100 < dict_size(dict) * 97)
		{
			dict = ranked;
			form = FS_ENC_RANKED;
		}
	}
	if (dict_size(dict) >= size)
		return 0;
	fs_writer_put_int(out, form, 1);
	fs_writer_put_int(out, dict->distinct.count, 4);
	fs_packed_encode(&dict->in[0], &dict->plan[0], out);
	fs_packed_encode(&dict->in[1], &dict->plan[1], out);
	return form;
}

/* An upper bound of the number of runs. */
static uint32
count_runs(const FsRange *ranges, uint32 nvecs)
{
	uint32		count = nvecs;
	uint32		v;

	for (v = 0; v < nvecs; v++)
		count += ranges[v].changes;
	return count;
}

static uint64
find_top(const FsRange *ranges, uint32 nvecs)
{
	uint64		top = 0;
	uint32		v;

	for (v = 0; v < nvecs; v++)
		top = Max(top, ranges[v].max);
	return top;
}

uint8
fs_seq_encode(const FsSeqInput *seq, FsScratch *scratch, FsWriter *out)
{
	FsPackedPlan *plan = fs_scratch_alloc(scratch, sizeof(FsPackedPlan));
	FsPackedInput in;
	uint32		n = fs_shape_n(seq->shape);
	uint8		form = 0;

	in.values = seq->values;
	in.bias = seq->bias;
	in.shape = seq->shape;
	in.ranges = seq->ranges;
	in.is_thorough = seq->is_thorough;
	if (!seq->ranges)
	{
		FsRange    *ranges = fs_scratch_alloc(scratch, FS_CHUNK_MAX_VECTORS * sizeof(FsRange));

		Assert(seq->bias == 0);
		compute_ranges(seq->values, seq->shape, ranges);
		in.ranges = ranges;
	}
	fs_packed_plan(&in, plan);
	if (plan->form != FS_ENC_CONSTANT)
	{
		if (count_runs(in.ranges, seq->shape->nvecs) <= n / RUN_MIN_AVERAGE &&
			try_runs(seq, plan->size, scratch, out))
			return FS_ENC_RUNS;
		if (!seq->is_distinct && dict_is_likely(seq, plan->size))
			form = try_dict(seq, find_top(in.ranges, seq->shape->nvecs),
							plan->size, scratch, out);
		if (form != 0)
			return form;
	}
	fs_packed_encode(&in, plan, out);
	return plan->form;
}

uint8
fs_seq_encode_values(const uint64 *values, uint32 n, FsScratch *scratch,
					 FsWriter *out)
{
	FsShape    *shape = fs_scratch_alloc(scratch, sizeof(FsShape));
	FsSeqInput	in = {values, 0, shape, NULL, true, false};

	fs_shape_init(shape, n);
	return fs_seq_encode(&in, scratch, out);
}

/* Decode `count` packed values, which follow at the cursor. */
static uint64 *
load_packed(FsCursor *cursor, uint32 count, FsArena *arena)
{
	FsShape		shape;
	FsPacked	packed;
	uint64	   *values;

	fs_shape_init(&shape, count);
	if (!fs_packed_open(cursor, fs_cursor_get8(cursor), &shape, &packed))
		return NULL;
	values = arena->alloc(arena, count * sizeof(uint64));
	if (!fs_packed_read_all(&packed, values, cursor->fault))
	{
		cursor->failed = true;
		return NULL;
	}
	return values;
}

static bool
open_runs(FsCursor *cursor, uint32 n, FsArena *arena, FsSeq *seq)
{
	uint64	   *lengths;
	uint64		end = 0;
	uint32		i;

	if (seq->count > n / RUN_MIN_AVERAGE)
		return fs_cursor_fail(cursor, "%u runs of %u values", seq->count, n);
	seq->values = load_packed(cursor, seq->count, arena);
	if (!seq->values)
		return false;
	lengths = load_packed(cursor, seq->count, arena);
	if (!lengths)
		return false;
	seq->ends = arena->alloc(arena, seq->count * sizeof(uint32));
	for (i = 0; i < seq->count; i++)
	{
		if (lengths[i] >= n - end)
			return fs_cursor_fail(cursor, "runs exceed %u values", n);
		end += lengths[i] + 1;
		seq->ends[i] = (uint32) end;
	}
	if (end != n)
		return fs_cursor_fail(cursor, "runs do not fill %u values", n);
	return true;
}

static bool
open_dict(FsCursor *cursor, uint32 n, FsArena *arena, FsSeq *seq)
{
	FsSeqDict  *dict;

	if (seq->count > n)
		return fs_cursor_fail(cursor, "dictionary of %u entries for %u values",
							  seq->count, n);
	dict = arena->alloc(arena, sizeof(FsSeqDict));
	fs_shape_init(&dict->shape, seq->count);
	dict->is_ascending = seq->form == FS_ENC_DICT;
	dict->loaded = 0;
	dict->convert = NULL;
	if (!fs_packed_open(cursor, fs_cursor_get8(cursor), &dict->shape, &dict->packed))
		return false;
	dict->values = arena->alloc(arena, seq->count * sizeof(uint64));
	seq->dict = dict;
	return fs_packed_open(cursor, fs_cursor_get8(cursor), seq->shape,
						  &seq->packed);
}

bool
fs_seq_open(FsCursor *cursor, const FsShape *shape, FsArena *arena,
			FsSeq *seq)
{
	seq->shape = shape;
	seq->form = fs_cursor_get8(cursor);
	seq->count = 0;
	if (cursor->failed)
		return false;
	if (seq->form != FS_ENC_RUNS && !has_dict(seq))
		return fs_packed_open(cursor, seq->form, shape, &seq->packed);
	seq->count = fs_cursor_get32(cursor);
	if (seq->count == 0)
		return fs_cursor_fail(cursor, "sequence without entries");
	if (seq->form == FS_ENC_RUNS)
		return open_runs(cursor, fs_shape_n(shape), arena, seq);
	return open_dict(cursor, fs_shape_n(shape), arena, seq);
}

static bool
is_loaded(const FsSeqDict *dict, uint32 v)
{
	return v < dict->shape.nvecs && (dict->loaded >> v & 1) != 0;
}

/* Decode vector v of a dictionary, unless it was. */
static bool
load_dict_vector(FsSeqDict *dict, uint32 v, FsFault *fault)
{
	uint64	   *values = dict->values + dict->shape.start[v];
	uint32		n = fs_shape_count(&dict->shape, v);
	bool		is_wrong = false;
	uint32		i;

	if (is_loaded(dict, v))
		return true;
	if (!fs_packed_read(&dict->packed, v, 0, values, fault))
		return false;
	dict->firsts[v] = values[0];
	dict->lasts[v] = values[n - 1];
	for (i = 1; i < n; i++)
		is_wrong |= values[i] <= values[i - 1];
	is_wrong |= v > 0 && is_loaded(dict, v - 1) && dict->lasts[v - 1] >= values[0];
	is_wrong |= is_loaded(dict, v + 1) && dict->firsts[v + 1] <= values[n - 1];
	if (is_wrong && dict->is_ascending)
		return fs_fault_set(fault, dict->packed.payload_off, "dictionary does not ascend");
	if (dict->convert)
		dict->convert(dict->how, values, n);
	dict->loaded |= UINT64CONST(1) << v;
	return true;
}

bool
fs_seq_dict_value(const FsSeq *seq, uint32 code, uint64 *value,
				  FsFault *fault)
{
	if (!load_dict_vector(seq->dict, code / FS_VECTOR_ROWS, fault))
		return false;
	*value = seq->dict->values[code];
	return true;
}

const uint64 *
fs_seq_dict_values(const FsSeq *seq, FsFault *fault)
{
	FsSeqDict  *dict = seq->dict;
	uint32		v;

	if (dict->loaded == ~UINT64CONST(0) >> (FS_CHUNK_MAX_VECTORS - dict->shape.nvecs))
		return dict->values;
	for (v = 0; v < dict->shape.nvecs; v++)
		if (!load_dict_vector(dict, v, fault))
			return NULL;
	return dict->values;
}

/* The first run that ends after value i. */
static uint32
find_run(const FsSeq *seq, uint32 i)
{
	uint32		low = 0;
	uint32		high = seq->count - 1;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (seq->ends[mid] > i)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* values that are stored at once, also beyond the end of a run */
#define RUN_STEP	8

/* The values of a vector, which has room for them alone; note sees each run. */
#define READ_RUNS(type, note) \
	do { \
		uint32		i = seq->shape->start[v]; \
		uint32		end = seq->shape->start[v + 1]; \
		uint32		run = find_run(seq, i); \
		type	   *last = values + (end - i); \
		for (; i < end; run++) \
		{ \
			type		value = (type) (seq->values[run] + add); \
			uint32		n = Min(seq->ends[run], end) - i; \
			type	   *stop = values + n; \
			note; \
			i += n; \
			while (values < stop && values + RUN_STEP <= last) \
			{ \
				for (int k_ = 0; k_ < RUN_STEP; k_++) \
					values[k_] = value; \
				values += RUN_STEP; \
			} \
			while (values < stop) \
				*values++ = value; \
			values = stop; \
		} \
	} while (0)

FS_KERNEL static void
read_runs(const FsSeq *seq, uint32 v, uint64 add, uint64 *values)
{
	READ_RUNS(uint64, (void) 0);
}

/* Returns bits that are set in one of the runs' values. */
FS_KERNEL static uint64
read_runs32(const FsSeq *seq, uint32 v, uint32 *values)
{
	const uint64 add = 0;
	uint64		all = 0;

	READ_RUNS(uint32, all |= seq->values[run]);
	return all;
}

bool
fs_seq_constant(const FsSeq *seq, uint32 v, uint64 *value)
{
	FsFault		fault;
	uint32		run;

	if (seq->form == FS_ENC_RUNS)
	{
		run = find_run(seq, seq->shape->start[v]);
		*value = seq->values[run];
		return seq->ends[run] >= seq->shape->start[v + 1];
	}
	if (!fs_packed_constant(&seq->packed, v, value))
		return false;
	if (!has_dict(seq))
		return true;
	return *value < seq->count && fs_seq_dict_value(seq, (uint32) *value, value, &fault);
}

FS_KERNEL static uint32
find_max(const uint32 *values, uint32 n)
{
	uint32		max = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		max = values[i] > max ? values[i] : max;
	return max;
}

uint32
fs_seq_dict_count(const FsSeq *seq)
{
	return has_dict(seq) ? seq->count : 0;
}

bool
fs_seq_read_codes(const FsSeq *seq, uint32 v, uint32 *codes, FsFault *fault)
{
	uint32		n = fs_shape_count(seq->shape, v);
	uint32		max;

	if (!fs_packed_read32(&seq->packed, v, codes, fault))
		return false;
	max = find_max(codes, n);
	if (n > 0 && max >= seq->count)
		return fs_fault_set(fault, seq->packed.payload_off,
							"code %u exceeds the dictionary", max);
	return true;
}

static bool
read_dict(const FsSeq *seq, uint32 v, uint64 add, uint64 *values,
		  FsFault *fault)
{
	const uint64 *dict = fs_seq_dict_values(seq, fault);
	uint32		codes[FS_VECTOR_ROWS];
	uint32		n = fs_shape_count(seq->shape, v);
	uint32		i;

	if (!dict || !fs_seq_read_codes(seq, v, codes, fault))
		return false;
	for (i = 0; i < n; i++)
		values[i] = dict[codes[i]] + add;
	return true;
}

bool
fs_seq_read(const FsSeq *seq, uint32 v, uint64 add, uint64 *values,
			FsFault *fault)
{
	if (has_dict(seq))
		return read_dict(seq, v, add, values, fault);
	if (seq->form != FS_ENC_RUNS)
		return fs_packed_read(&seq->packed, v, add, values, fault);
	read_runs(seq, v, add, values);
	return true;
}

bool
fs_seq_read32(const FsSeq *seq, uint32 v, uint32 limit, uint32 *values,
			  FsFault *fault)
{
	uint32		n = fs_shape_count(seq->shape, v);
	uint64		all = 0;
	uint32		max;

	if (seq->form == FS_ENC_RUNS)
		all = read_runs32(seq, v, values);
	else if (has_dict(seq))
	{
		uint64		wide[FS_VECTOR_ROWS];

		if (!fs_seq_read(seq, v, 0, wide, fault))
			return false;
		for (uint32 i = 0; i < n; i++)
		{
			all |= wide[i];
			values[i] = (uint32) wide[i];
		}
	}
	else if (!fs_packed_read32(&seq->packed, v, values, fault))
		return false;
	if (all > PG_UINT32_MAX)
		return fs_fault_set(fault, seq->packed.payload_off,
							"value exceeds 32 bits");
	max = find_max(values, n);
	if (n > 0 && max >= limit)
		return fs_fault_set(fault, seq->packed.payload_off,
							"value %u is not below %u", max, limit);
	return true;
}

uint64 *
fs_seq_load(FsCursor *cursor, uint32 n, FsArena *arena)
{
	FsShape    *shape = arena->alloc(arena, sizeof(FsShape));
	FsSeq	   *seq = arena->alloc(arena, sizeof(FsSeq));
	uint64	   *values;
	uint32		v;

	fs_shape_init(shape, n);
	if (!fs_seq_open(cursor, shape, arena, seq))
		return NULL;
	values = arena->alloc(arena, n * sizeof(uint64));
	for (v = 0; v < shape->nvecs; v++)
		if (!fs_seq_read(seq, v, 0, values + shape->start[v], cursor->fault))
		{
			cursor->failed = true;
			return NULL;
		}
	return values;
}
