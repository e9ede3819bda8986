/*-------------------------------------------------------------------------
 *
 * Grids of time: where buckets begin.
 *
 * In a stretch of time without change of the clock the wall clock is UTC plus
 * an offset, and the grid is found by division.  fs_grid_floor() tries the
 * stretch of ts first; if the bucket begins before it, the stretches from a
 * day before the wall clock showed the grid's time are gone through.  Offsets
 * are less than 25 hours (POSIX, TZ), so a beginning lies among them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "analytics/grid.h"
#include "compat.h"

/* 2000-01-03, a Monday, and 2000-01-01, in microseconds since 2000-01-01 */
#define FIXED_ORIGIN		(2 * USECS_PER_DAY)
#define MONTH_ORIGIN		INT64CONST(0)

#define EPOCH_SECONDS \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)
#define MAX_OFFSET_US		(26 * USECS_PER_HOUR)

/* Part of a stretch without change of the clock. */
typedef struct Stretch
{
	int64		offset_us;		/* wall clock minus UTC */
	Timestamp	end;			/* exclusive, PG_INT64_MAX: none */
} Stretch;

/* What fn_extra points to. */
typedef struct KeptZone
{
	pg_tz	   *zone;
	char		name[TZ_STRLEN_MAX + 1];
} KeptZone;

static void
report_width(const Interval *width, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("width of time bucket \"%s\" is out of range",
					DatumGetCString(DirectFunctionCall1(interval_out,
														IntervalPGetDatum(width)))),
			 errdetail("%s", detail)));
}

static void
report_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

/* The width in microseconds, if it is one of days and time. */
static int64
fixed_width_us(const Interval *width)
{
	int64		width_us;

	if (pg_mul_s64_overflow(width->day, USECS_PER_DAY, &width_us) ||
		pg_add_s64_overflow(width_us, width->time, &width_us))
		report_width(width, "It does not fit 64 bits of microseconds.");
	if (width_us <= 0)
		report_width(width, "The width must be greater than zero.");
	return width_us;
}

static Timestamp
plus(Timestamp ts, int64 us)
{
	Timestamp	sum;

	if (pg_add_s64_overflow(ts, us, &sum))
		report_out_of_range();
	return sum;
}

static Timestamp
plus_interval(Timestamp ts, const Interval *interval)
{
	return DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval,
												 TimestampGetDatum(ts),
												 IntervalPGetDatum(interval)));
}

static Timestamp
month_start(const FsGrid *grid, int64 k)
{
	Interval	interval = {0};
	int64		months = k * grid->months;

	interval.month = (int32) months;
	if (months < PG_INT32_MIN || months > PG_INT32_MAX)
		report_out_of_range();
	return plus_interval(grid->origin, &interval);
}

static void
break_down(Timestamp ts, struct pg_tm *tm)
{
	fsec_t		fsec;

	if (timestamp2tm(ts, NULL, tm, &fsec, NULL, NULL) != 0)
		report_out_of_range();
}

/* The number of the last bucket of months that begins at or before wall. */
static int64
month_number(const FsGrid *grid, Timestamp wall)
{
	struct pg_tm tm;
	struct pg_tm origin_tm;
	int64		months;
	int64		k;

	break_down(wall, &tm);
	break_down(grid->origin, &origin_tm);
	months = (int64) (tm.tm_year - origin_tm.tm_year) * MONTHS_PER_YEAR +
		(tm.tm_mon - origin_tm.tm_mon);
	k = months / grid->months;
	if (months % grid->months < 0)
		k--;

	/* in the first month of the bucket wall may lie before its start */
	return month_start(grid, k) <= wall ? k : k - 1;
}

static Timestamp
wall_floor(const FsGrid *grid, Timestamp wall)
{
	int64		since_origin;
	int64		into_bucket;
	Timestamp	start;

	if (grid->months != 0)
		return month_start(grid, month_number(grid, wall));
	if (pg_sub_s64_overflow(wall, grid->origin, &since_origin))
		report_out_of_range();
	into_bucket = since_origin % grid->width_us;
	if (into_bucket < 0)
		into_bucket += grid->width_us;
	start = plus(wall, -into_bucket);
	if (!IS_VALID_TIMESTAMP(start))
		report_out_of_range();
	return start;
}

/* The first time of the grid at or after wall. */
static Timestamp
wall_ceiling(const FsGrid *grid, Timestamp wall)
{
	Timestamp	start = wall_floor(grid, wall);

	if (start == wall)
		return start;
	return grid->months == 0 ? plus(start, grid->width_us)
		: month_start(grid, month_number(grid, wall) + 1);
}

/* What is known of the clock at ts. */
static Stretch
stretch_at(const FsGrid *grid, Timestamp ts)
{
	Stretch		stretch = {0, PG_INT64_MAX};
	pg_time_t	seconds = ts / USECS_PER_SEC - (ts % USECS_PER_SEC < 0) + EPOCH_SECONDS;
	pg_time_t	change;
	long		before;
	long		after;
	int			dst;
	int			found;

	if (grid->zone == NULL)
		return stretch;
	found = pg_next_dst_boundary(&seconds, &before, &dst, &change, &after, &dst,
								 grid->zone);
	if (found < 0)
		report_out_of_range();
	stretch.offset_us = before * USECS_PER_SEC;
	if (found > 0 &&
		pg_mul_s64_overflow(change - EPOCH_SECONDS, USECS_PER_SEC, &stretch.end))
		stretch.end = PG_INT64_MAX;
	return stretch;
}

/* The last beginning at or before ts, the wall clock's grid time being start. */
static Timestamp
search_floor(const FsGrid *grid, Timestamp start, Timestamp ts)
{
	Timestamp	begin = plus(start, -MAX_OFFSET_US);
	Timestamp	found = begin;
	Stretch		stretch = stretch_at(grid, begin);
	int64		before_us = stretch.offset_us;

	for (;;)
	{
		Timestamp	last = Min(stretch.end - 1, ts);
		Timestamp	wall = wall_floor(grid, plus(last, stretch.offset_us));

		if (plus(wall, -stretch.offset_us) >= begin)
			found = plus(wall, -stretch.offset_us);
		else if (wall >= plus(begin, before_us))
			found = begin;
		if (stretch.end > ts)
			return found;
		begin = stretch.end;
		before_us = stretch.offset_us;
		stretch = stretch_at(grid, begin);
	}
}

void
fs_grid_init(FsGrid *grid, const Interval *width, const Timestamp *origin,
			 pg_tz *zone)
{
	memset(grid, 0, sizeof(*grid));
	grid->zone = zone;
	if (width->month == 0)
		grid->width_us = fixed_width_us(width);
	else if (width->day != 0 || width->time != 0)
		report_width(width, "Months cannot be mixed with days or time.");
	else if (width->month < 0)
		report_width(width, "The width must be greater than zero.");
	grid->months = width->month;
	if (origin == NULL)
		grid->origin = grid->months != 0 ? MONTH_ORIGIN : FIXED_ORIGIN;
	else if (TIMESTAMP_NOT_FINITE(*origin))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("origin of time buckets must be finite")));
	else
		grid->origin = plus(*origin, stretch_at(grid, *origin).offset_us);
}

void
fs_grid_shift(FsGrid *grid, const Interval *shift)
{
	grid->origin = plus_interval(grid->origin, shift);
	if (TIMESTAMP_NOT_FINITE(grid->origin))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shift of time buckets must be finite")));
}

pg_tz *
fs_grid_zone(FunctionCallInfo fcinfo, int arg)
{
	KeptZone   *kept = fcinfo->flinfo->fn_extra;
	text	   *name;
	size_t		len;

	if (PG_ARGISNULL(arg))
		return NULL;
	name = PG_GETARG_TEXT_PP(arg);
	len = VARSIZE_ANY_EXHDR(name);
	if (kept != NULL && strlen(kept->name) == len &&
		memcmp(kept->name, VARDATA_ANY(name), len) == 0)
		return kept->zone;
	if (kept == NULL)
		kept = fcinfo->flinfo->fn_extra =
			MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(*kept));
	kept->name[0] = '\0';
	kept->zone = len > TZ_STRLEN_MAX ? NULL : pg_tzset(text_to_cstring(name));
	if (kept->zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", text_to_cstring(name)),
				 errhint("View pg_timezone_names lists the zones. An origin is written timestamptz '...', a shift interval '...'.")));
	text_to_cstring_buffer(name, kept->name, sizeof(kept->name));
	return kept->zone;
}

Timestamp
fs_grid_floor(const FsGrid *grid, Timestamp ts)
{
	Stretch		stretch = stretch_at(grid, ts);
	Timestamp	wall = wall_floor(grid, plus(ts, stretch.offset_us));
	Timestamp	start = plus(wall, -stretch.offset_us);

	if (stretch_at(grid, start).end <= ts)
		start = search_floor(grid, wall, ts);
	if (!IS_VALID_TIMESTAMP(start))
		report_out_of_range();
	return start;
}

Timestamp
fs_grid_next(const FsGrid *grid, Timestamp ts)
{
	Timestamp	begin = plus(ts, 1);
	Stretch		stretch = stretch_at(grid, begin);

	for (;;)
	{
		int64		before_us = stretch.offset_us;
		Timestamp	wall = wall_ceiling(grid, plus(begin, before_us));
		Timestamp	next = plus(wall, -before_us);

		if (next >= stretch.end)
		{
			/* set forward to or past the grid's time, or on to the next stretch */
			begin = stretch.end;
			stretch = stretch_at(grid, begin);
			if (wall_ceiling(grid, plus(begin, before_us)) >
				plus(begin, stretch.offset_us))
				continue;
			next = begin;
		}
		if (!IS_VALID_TIMESTAMP(next))
			report_out_of_range();
		return next;
	}
}

double
fs_grid_count(const FsGrid *grid, Timestamp since, Timestamp until)
{
	double		width_us = grid->months != 0
		? (double) grid->months * DAYS_PER_MONTH * USECS_PER_DAY
		: (double) grid->width_us;

	return Max(1.0, ceil(((double) until - (double) since) / width_us));
}

void
fs_grid_check_count(const FsGrid *grid, Timestamp since, Timestamp until)
{
	double		n = fs_grid_count(grid, since, until);

	if (n > FS_GRID_MAX_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many time buckets"),
				 errdetail("The time has about %.0f buckets, at most %d are made.",
						   n, FS_GRID_MAX_BUCKETS),
				 errhint("Take wider buckets or less time.")));
}
