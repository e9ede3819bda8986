/*-------------------------------------------------------------------------
 *
 * Models of a series of numbers: for each value what was to be expected, and
 * how far values usually are from it.
 *
 * t rises and is in microseconds; expected and deviation have room for n.
 * What a model cannot tell yet is NaN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_SERIES_H
#define FS_ANALYTICS_SERIES_H

#include "postgres.h"

/* values that an exponential average forgets in, and that it must have seen */
#define FS_SERIES_SPAN	15

typedef struct FsSeries
{
	int			n;
	const int64 *t;
	const float8 *v;
	int64		season;			/* microseconds, above 0 */
	float8	   *expected;
	float8	   *deviation;
} FsSeries;

/* mean and standard deviation of all */
extern void fs_series_global(FsSeries *s);

/* exponential average and deviation of the values before */
extern void fs_series_ewma(FsSeries *s);

/* the same in each of the season's slots, weekends brought to the level of other days */
extern void fs_series_seasonal(FsSeries *s);

/* median and 1.4826 median deviations of each of the season's slots */
extern void fs_series_mad(FsSeries *s);

/* mean and a sine of the season's length, by least squares */
extern void fs_series_sine(FsSeries *s);

/* level, trend and season; false if there are not two seasons of 2 values */
extern bool fs_series_holt_winters(FsSeries *s);

#endif
