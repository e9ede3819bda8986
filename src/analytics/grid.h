/*-------------------------------------------------------------------------
 *
 * Grids of time: where buckets begin.
 *
 * A grid is laid out on the wall clock of a zone, or in UTC.  A bucket begins
 *
 *	- at each moment whose wall clock time is origin + k * width, k whole: at
 *	  both of them, where a clock that is set back shows the time twice;
 *	- when a clock is set forward past such a time, which no moment has then.
 *
 * So a bucket is the time from one beginning to the next: buckets never
 * overlap, leave nothing out and rise with time.  A day of Europe/Berlin has
 * 23 or 25 hours where the clock changes; the hour from 2 to 3 is absent in
 * spring and there twice in autumn; 6 hours from midnight are 5 or 7 hours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_GRID_H
#define FS_ANALYTICS_GRID_H

#include "postgres.h"

#include "fmgr.h"
#include "pgtime.h"
#include "utils/timestamp.h"

/* so many buckets at most are given back by one call of a function */
#define FS_GRID_MAX_BUCKETS		1000000

typedef struct FsGrid
{
	int32		months;			/* width, 0 if it is one of days and time */
	int64		width_us;		/* width otherwise; a day has 24 hours */
	Timestamp	origin;			/* on the wall clock */
	pg_tz	   *zone;			/* NULL: UTC */
} FsGrid;

/*
 * A grid without a shift: origin NULL is Monday 2000-01-03 00:00 on the wall
 * clock, for months 2000-01-01.  Reports INVALID_PARAMETER_VALUE if the width
 * is not positive or mixes months with others, or the origin is not finite.
 */
extern void fs_grid_init(FsGrid *grid, const Interval *width,
						 const Timestamp *origin, pg_tz *zone);

/* Move all beginnings by shift, on the wall clock. */
extern void fs_grid_shift(FsGrid *grid, const Interval *shift);

/*
 * The zone that argument number arg of a function names, NULL for NULL, kept
 * in fn_extra.  Reports INVALID_PARAMETER_VALUE if there is none of the name.
 */
extern pg_tz *fs_grid_zone(FunctionCallInfo fcinfo, int arg);

/*
 * The last beginning at or before ts.  Reports DATETIME_VALUE_OUT_OF_RANGE if
 * it lies before the first timestamp.
 */
extern Timestamp fs_grid_floor(const FsGrid *grid, Timestamp ts);

/* The first beginning after ts; the same error beyond the last timestamp. */
extern Timestamp fs_grid_next(const FsGrid *grid, Timestamp ts);

/* About how many buckets [since, until) meets, at least 1. */
extern double fs_grid_count(const FsGrid *grid, Timestamp since, Timestamp until);

/* Reports PROGRAM_LIMIT_EXCEEDED if these are more than one call may give. */
extern void fs_grid_check_count(const FsGrid *grid, Timestamp since, Timestamp until);

#endif							/* FS_ANALYTICS_GRID_H */
