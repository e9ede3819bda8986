/*-------------------------------------------------------------------------
 *
 * flow.beacon_score and flow.beacon_parts: how regularly a pair of hosts talks.
 *
 * The score is the mean of four parts, each between 0 and 1:
 *
 *		timestamps	regularity of the gaps between times in whole seconds that
 *					are not 0
 *		data size	regularity of the bytes
 *		histogram	1 - standard deviation / mean of the rows in each hour of
 *					the day (UTC), at least 0
 *		duration	from 6 hours of the day with rows on: the larger of the time
 *					between first and last as a part of a day and the longest run
 *					of such hours / 12, at most 1
 *
 * The regularity of numbers is the mean of 1 - |Bowley skewness| (1 unless the
 * quartiles are 10 apart and the median differs from both) and of (median -
 * MAD) / median, at least 0.
 *
 * Beside the score there is the bimodal fit: hours are put on levels of 1/20 of
 * the busiest one's rows, and it is the share of the hours with rows, less one,
 * that are on the two most common levels, at most 1; from 11 hours on.
 *
 * Times and bytes are remembered, 16 bytes a row and 32 while the array grows,
 * of up to MAX_ROWS rows: one for each second of a day.  Beyond, a pair is a
 * strobe, which has no score and takes no memory.  Nothing depends on the order
 * of rows.
 *
 * Source: the model of RITA (Active Countermeasures); Bowley, Elements of
 * Statistics, 1920; the histogram is that of the reference in SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "analytics/numbers.h"
#include "analytics/sketch.h"

PG_FUNCTION_INFO_V1(fs_beacon_step);
PG_FUNCTION_INFO_V1(fs_beacon_combine);
PG_FUNCTION_INFO_V1(fs_beacon_serialize);
PG_FUNCTION_INFO_V1(fs_beacon_deserialize);
PG_FUNCTION_INFO_V1(fs_beacon_score_final);
PG_FUNCTION_INFO_V1(fs_beacon_parts_final);

#define MAX_ROWS			86400
#define MIN_ROWS			4
#define MIN_GAPS			3
#define MIN_CAP				4
#define MIN_DURATION_HOURS	6
#define MIN_BIMODAL_HOURS	11
#define LEVELS				20
#define NO_VALUE			PG_INT64_MIN

typedef struct BeaconRow
{
	int64		second;			/* since 1970, or NO_VALUE */
	int64		bytes;			/* or NO_VALUE */
} BeaconRow;

typedef struct BeaconState
{
	int64		n;
	uint32		cap;			/* 0 if n > MAX_ROWS */
	BeaconRow  *rows;			/* [n] unless n > MAX_ROWS */
} BeaconState;

typedef struct BeaconParts
{
	float8		score;
	float8		timestamps;
	float8		size;
	float8		histogram;
	float8		duration;
	float8		bimodal;
	bool		has_score;
	bool		has_bimodal;
} BeaconParts;

/* --- the state ---------------------------------------------------------- */

static BeaconState *
get_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = fs_sketch_aggregate_context(fcinfo);
	BeaconState *state;

	if (!PG_ARGISNULL(0))
		return (BeaconState *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(BeaconState));
	state->cap = MIN_CAP;
	state->rows = MemoryContextAlloc(context, MIN_CAP * sizeof(BeaconRow));
	return state;
}

/* Add rows[n]; if there are too many, which they were does not matter. */
static void
add_rows(BeaconState *state, const BeaconRow *rows, int64 n)
{
	if (state->n + n > MAX_ROWS)
	{
		if (state->rows != NULL)
			pfree(state->rows);
		state->rows = NULL;
		state->cap = 0;
		state->n += n;
		return;
	}
	if (state->n + n > state->cap)
	{
		while (state->n + n > state->cap)
			state->cap *= 2;
		state->rows = repalloc(state->rows, state->cap * sizeof(BeaconRow));
	}
	memcpy(state->rows + state->n, rows, n * sizeof(BeaconRow));
	state->n += n;
}

/* Rounds towards the past. */
static int64
second_of(TimestampTz ts)
{
	int64		second = ts / USECS_PER_SEC - (ts % USECS_PER_SEC < 0);

	return second + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
		SECS_PER_DAY;
}

Datum
fs_beacon_step(PG_FUNCTION_ARGS)
{
	BeaconState *state = get_state(fcinfo);
	BeaconRow	row = {NO_VALUE, NO_VALUE};

	if (!PG_ARGISNULL(1) && !TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(1)))
		row.second = second_of(PG_GETARG_TIMESTAMPTZ(1));
	if (!PG_ARGISNULL(2))
		row.bytes = Max(PG_GETARG_INT64(2), NO_VALUE + 1);
	add_rows(state, &row, 1);
	PG_RETURN_POINTER(state);
}

Datum
fs_beacon_combine(PG_FUNCTION_ARGS)
{
	BeaconState *state;
	BeaconState *more;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		return PG_GETARG_DATUM(0);
	}
	state = get_state(fcinfo);
	more = (BeaconState *) PG_GETARG_POINTER(1);
	add_rows(state, more->rows, more->n);
	PG_RETURN_POINTER(state);
}

/* The number of rows, and the rows if they are not too many. */
Datum
fs_beacon_serialize(PG_FUNCTION_ARGS)
{
	BeaconState *state = (BeaconState *) PG_GETARG_POINTER(0);
	Size		len = state->n > MAX_ROWS ? 0 : state->n * sizeof(BeaconRow);
	bytea	   *bytes = palloc(VARHDRSZ + sizeof(int64) + len);

	(void) fs_sketch_aggregate_context(fcinfo);
	SET_VARSIZE(bytes, VARHDRSZ + sizeof(int64) + len);
	memcpy(VARDATA(bytes), &state->n, sizeof(int64));
	if (len > 0)
		memcpy(VARDATA(bytes) + sizeof(int64), state->rows, len);
	PG_RETURN_BYTEA_P(bytes);
}

Datum
fs_beacon_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		len = VARSIZE_ANY_EXHDR(bytes);
	BeaconState *state = palloc0(sizeof(BeaconState));

	(void) fs_sketch_aggregate_context(fcinfo);
	if (len < sizeof(int64))
		elog(ERROR, "invalid serialized aggregate state");
	memcpy(&state->n, VARDATA_ANY(bytes), sizeof(int64));
	len -= sizeof(int64);
	if (len != (state->n > MAX_ROWS ? 0 : state->n * sizeof(BeaconRow)))
		elog(ERROR, "invalid serialized aggregate state");
	if (state->n <= MAX_ROWS)
	{
		state->cap = state->n;
		state->rows = palloc(Max(len, 1));
		memcpy(state->rows, VARDATA_ANY(bytes) + sizeof(int64), len);
	}
	PG_RETURN_POINTER(state);
}

/* --- parts -------------------------------------------------------------- */

/* Of v[n], which is overwritten. */
static float8
regularity(float8 *v, size_t n)
{
	float8		q1;
	float8		q2;
	float8		q3;
	float8		even = 1;
	float8		close = 0;

	if (n == 0)
		return 0.5;
	fs_numbers_sort(v, n);
	q1 = fs_numbers_percentile(v, n, 0.25);
	q2 = fs_numbers_percentile(v, n, 0.5);
	q3 = fs_numbers_percentile(v, n, 0.75);
	if (q3 - q1 >= 10 && q2 != q1 && q2 != q3)
		even = 1 - fabs((q3 + q1 - 2 * q2) / (q3 - q1));
	if (q2 > 0)
		close = (q2 - fs_numbers_mad(v, n, q2)) / q2;
	return (even + Max(close, 0)) / 2;
}

/* Seconds in ascending order; gives how many there are. */
static size_t
sort_seconds(const BeaconState *state, float8 *seconds)
{
	size_t		n = 0;

	for (int64 i = 0; i < state->n; i++)
		if (state->rows[i].second != NO_VALUE)
			seconds[n++] = (float8) state->rows[i].second;
	fs_numbers_sort(seconds, n);
	return n;
}

/* The gaps that are not 0, in place; gives how many there are. */
static size_t
make_gaps(float8 *seconds, size_t n)
{
	size_t		m = 0;

	for (size_t i = 1; i < n; i++)
	{
		float8		gap = seconds[i] - seconds[i - 1];

		/* place m was read before */
		seconds[i - 1] = 0;
		if (gap > 0)
			seconds[m++] = gap;
	}
	return m;
}

/* The share of hours on the two most common levels. */
static float8
bimodal_fit(const int64 *hours, int nseen)
{
	int			levels[LEVELS + 1] = {0};
	int64		most = 1;
	int			first = 0;
	int			second = 0;

	for (int h = 0; h < 24; h++)
		most = Max(most, hours[h]);
	for (int h = 0; h < 24; h++)
		if (hours[h] > 0)
			levels[hours[h] * LEVELS / most]++;
	for (int i = 0; i <= LEVELS; i++)
	{
		if (levels[i] > first)
		{
			second = first;
			first = levels[i];
		}
		else
			second = Max(second, levels[i]);
	}
	return Min(1, (float8) (first + second) / Max(nseen - 1, 1));
}

/* Parts that are of hours and of the span in seconds. */
static void
rate_hours(const int64 *hours, float8 span, BeaconParts *parts)
{
	float8		sum = 0;
	float8		squares = 0;
	int			nseen = 0;
	int			run = 0;
	int			longest = 0;
	float8		cv;

	for (int h = 0; h < 24; h++)
	{
		sum += hours[h];
		nseen += hours[h] > 0;
		run = hours[h] > 0 ? run + 1 : 0;
		longest = Max(longest, run);
	}
	for (int h = 0; h < 24; h++)
		squares += (hours[h] - sum / 24) * (hours[h] - sum / 24);
	cv = sum > 0 ? sqrt(squares / 24) / (sum / 24) : 2;
	parts->histogram = cv > 1 ? 0 : 1 - cv;
	parts->duration = nseen < MIN_DURATION_HOURS ? 0
		: Max(Min(1, span / SECS_PER_DAY), Min(1, longest / 12.0));
	parts->has_bimodal = nseen >= MIN_BIMODAL_HOURS;
	parts->bimodal = bimodal_fit(hours, nseen);
}

static BeaconParts
rate(const BeaconState *state)
{
	BeaconParts parts = {0};
	int64		hours[24] = {0};
	float8	   *v;
	float8		span;
	size_t		n;
	size_t		nbytes = 0;

	if (state->n < MIN_ROWS || state->n > MAX_ROWS)
		return parts;
	v = palloc(state->n * sizeof(float8));
	for (int64 i = 0; i < state->n; i++)
	{
		int64		second = state->rows[i].second;

		if (second >= 0)
			hours[second / SECS_PER_HOUR % 24]++;
		if (state->rows[i].bytes != NO_VALUE)
			v[nbytes++] = (float8) state->rows[i].bytes;
	}
	parts.size = regularity(v, nbytes);
	n = sort_seconds(state, v);
	span = n > 0 ? v[n - 1] - v[0] : 0;
	n = make_gaps(v, n);
	parts.has_score = n >= MIN_GAPS;
	parts.timestamps = regularity(v, n);
	rate_hours(hours, span, &parts);
	parts.score = 0.25 * (parts.timestamps + parts.size + parts.histogram +
						  parts.duration);
	pfree(v);
	return parts;
}

Datum
fs_beacon_score_final(PG_FUNCTION_ARGS)
{
	BeaconParts parts;

	(void) fs_sketch_aggregate_context(fcinfo);
	parts = rate((BeaconState *) PG_GETARG_POINTER(0));
	if (!parts.has_score)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(parts.score);
}

Datum
fs_beacon_parts_final(PG_FUNCTION_ARGS)
{
	const BeaconState *state = (BeaconState *) PG_GETARG_POINTER(0);
	BeaconParts parts;
	TupleDesc	desc;
	Datum		values[8];
	bool		nulls[8];

	(void) fs_sketch_aggregate_context(fcinfo);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	parts = rate(state);
	memset(nulls, !parts.has_score, sizeof(nulls));
	values[0] = Int64GetDatum(state->n);
	values[1] = BoolGetDatum(state->n > MAX_ROWS);
	values[2] = Float8GetDatum(parts.score);
	values[3] = Float8GetDatum(parts.timestamps);
	values[4] = Float8GetDatum(parts.size);
	values[5] = Float8GetDatum(parts.histogram);
	values[6] = Float8GetDatum(parts.duration);
	values[7] = Float8GetDatum(parts.bimodal);
	nulls[0] = nulls[1] = false;
	nulls[7] |= !parts.has_bimodal;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}
