/*-------------------------------------------------------------------------
 *
 * The models of flow.anomaly.
 *
 * An exponential average with deviation, alpha = 2 / (span + 1):
 *
 *		d = v - mean; mean += alpha * d; variance = (1 - alpha) * (variance + alpha * d * d)
 *
 * A season has 24 slots, one of a week 168.  Days and weeks are those of UTC.
 *
 * Sources: Finch, Incremental calculation of weighted mean and variance, 2009;
 * Winters, Management Science 6, 1960 (additive).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "datatype/timestamp.h"

#include "analytics/series.h"

#define ALPHA			(2.0 / (FS_SERIES_SPAN + 1))
#define SLOT_VALUES		3		/* that a slot must have seen */
#define MAD_TO_SIGMA	1.4826
#define HW_LEVEL		0.2
#define HW_TREND		0.02
#define HW_SEASON		0.2
#define WEEK_SLOTS		168

typedef struct Average
{
	int64		seen;
	float8		mean;
	float8		variance;
} Average;

static void
average_add(Average *a, float8 v)
{
	float8		d = v - a->mean;

	if (a->seen++ == 0)
	{
		a->mean = v;
		return;
	}
	a->mean += ALPHA * d;
	a->variance = (1 - ALPHA) * (a->variance + ALPHA * d * d);
}

static int
slot_count(const FsSeries *s)
{
	return s->season >= 7 * USECS_PER_DAY ? WEEK_SLOTS : 24;
}

/* place of t in a period, from 2000-01-01 */
static int64
phase(int64 t, int64 period)
{
	int64		rest = t % period;

	return rest < 0 ? rest + period : rest;
}

static int
slot_of(const FsSeries *s, int i)
{
	return (int) ((float8) phase(s->t[i], s->season) / s->season * slot_count(s));
}

/* 2000-01-01 was a Saturday */
static bool
is_weekend(int64 t)
{
	return phase(t, 7 * USECS_PER_DAY) < 2 * USECS_PER_DAY;
}

void
fs_series_global(FsSeries *s)
{
	float8		mean = 0;
	float8		squares = 0;

	for (int i = 0; i < s->n; i++)
	{
		float8		d = s->v[i] - mean;

		mean += d / (i + 1);
		squares += d * (s->v[i] - mean);
	}
	for (int i = 0; i < s->n; i++)
	{
		s->expected[i] = mean;
		s->deviation[i] = s->n > 1 ? sqrt(squares / (s->n - 1)) : NAN;
	}
}

static void
from_average(FsSeries *s, int i, const Average *a, int64 needed, float8 factor)
{
	bool		known = a->seen >= needed;

	s->expected[i] = known ? a->mean * factor : NAN;
	s->deviation[i] = known ? sqrt(a->variance) * factor : NAN;
}

void
fs_series_ewma(FsSeries *s)
{
	Average		a = {0};

	for (int i = 0; i < s->n; i++)
	{
		from_average(s, i, &a, FS_SERIES_SPAN, 1);
		average_add(&a, s->v[i]);
	}
}

/* mean of the weekends by mean of the other days; 1 if the season knows, or it cannot be told */
static float8
weekend_level(const FsSeries *s)
{
	float8		sum[2] = {0};
	int			n[2] = {0};
	float8		level;

	if (s->season >= 7 * USECS_PER_DAY)
		return 1;
	for (int i = 0; i < s->n; i++)
	{
		bool		weekend = is_weekend(s->t[i]);

		sum[weekend] += s->v[i];
		n[weekend]++;
	}
	if (n[0] == 0 || n[1] == 0)
		return 1;
	level = (sum[1] / n[1]) / (sum[0] / n[0]);
	return level > 0 && isfinite(level) ? level : 1;
}

void
fs_series_seasonal(FsSeries *s)
{
	Average		slots[WEEK_SLOTS] = {{0}};
	float8		level = weekend_level(s);

	for (int i = 0; i < s->n; i++)
	{
		Average    *a = &slots[slot_of(s, i)];
		float8		factor = is_weekend(s->t[i]) ? level : 1;

		from_average(s, i, a, SLOT_VALUES, factor);
		average_add(a, s->v[i] / factor);
	}
}

static int
compare_float8(const void *a, const void *b)
{
	float8		x = *(const float8 *) a;
	float8		y = *(const float8 *) b;

	return x < y ? -1 : x > y;
}

static float8
median(float8 *values, int n)
{
	qsort(values, n, sizeof(float8), compare_float8);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void
fs_series_mad(FsSeries *s)
{
	float8	   *values = palloc_extended(Max(s->n, 1) * sizeof(float8), MCXT_ALLOC_HUGE);

	for (int slot = 0; slot < slot_count(s); slot++)
	{
		float8		middle;
		float8		mad;
		int			n = 0;

		for (int i = 0; i < s->n; i++)
			if (slot_of(s, i) == slot)
				values[n++] = s->v[i];
		if (n == 0)
			continue;
		middle = median(values, n);
		for (int i = 0; i < n; i++)
			values[i] = fabs(values[i] - middle);
		mad = median(values, n);
		for (int i = 0; i < s->n; i++)
			if (slot_of(s, i) == slot)
			{
				s->expected[i] = middle;
				s->deviation[i] = n >= SLOT_VALUES ? MAD_TO_SIGMA * mad : NAN;
			}
	}
	pfree(values);
}

/* Solves m x = y of three equations, y becomes x; false if they are not independent. */
static bool
solve(float8 m[3][3], float8 y[3])
{
	for (int c = 0; c < 3; c++)
	{
		if (m[c][c] < 1e-9)
			return false;
		for (int r = 0; r < 3; r++)
		{
			float8		f = m[r][c] / m[c][c];

			if (r == c)
				continue;
			for (int k = c; k < 3; k++)
				m[r][k] -= f * m[c][k];
			y[r] -= f * y[c];
		}
	}
	for (int c = 0; c < 3; c++)
		y[c] /= m[c][c];
	return true;
}

void
fs_series_sine(FsSeries *s)
{
	float8		m[3][3] = {{0}};
	float8		y[3] = {0};
	float8		squares = 0;
	bool		fits;

	for (int pass = 0; pass < 2; pass++)
	{
		fits = pass == 0 || (s->n > 3 && solve(m, y));
		for (int i = 0; i < s->n; i++)
		{
			float8		angle = 2 * M_PI * phase(s->t[i], s->season) / s->season;
			float8		x[3] = {1, sin(angle), cos(angle)};

			for (int r = 0; r < 3 && pass == 0; r++)
			{
				for (int c = 0; c < 3; c++)
					m[r][c] += x[r] * x[c];
				y[r] += x[r] * s->v[i];
			}
			if (pass == 0)
				continue;
			s->expected[i] = fits ? y[0] * x[0] + y[1] * x[1] + y[2] * x[2] : NAN;
			squares += (s->v[i] - s->expected[i]) * (s->v[i] - s->expected[i]);
		}
	}
	for (int i = 0; i < s->n; i++)
		s->deviation[i] = fits ? sqrt(squares / (s->n - 3)) : NAN;
}

/* values of a season, by the usual distance of values; 0 if it cannot be told */
static int
season_length(const FsSeries *s)
{
	float8	   *gaps;
	float8		length;

	if (s->n < 4)
		return 0;
	gaps = palloc_extended(s->n * sizeof(float8), MCXT_ALLOC_HUGE);
	for (int i = 1; i < s->n; i++)
		gaps[i - 1] = (float8) (s->t[i] - s->t[i - 1]);
	length = rint(s->season / median(gaps, s->n - 1));
	pfree(gaps);
	return length >= 2 && length <= s->n / 2 ? (int) length : 0;
}

bool
fs_series_holt_winters(FsSeries *s)
{
	int			m = season_length(s);
	float8	   *season;
	float8		level = 0;
	float8		trend = 0;
	Average		errors = {0};

	if (m == 0)
		return false;
	season = palloc(m * sizeof(float8));
	for (int i = 0; i < m; i++)
	{
		level += s->v[i] / m;
		trend += (s->v[m + i] - s->v[i]) / m / m;
	}
	/* level is that of the middle of the first season */
	for (int i = 0; i < m; i++)
	{
		season[i] = s->v[i] - level - trend * (i - (m - 1) / 2.0);
		s->expected[i] = s->deviation[i] = NAN;
	}
	level += trend * (m - 1) / 2.0;
	for (int i = m; i < s->n; i++)
	{
		float8		usual = season[i % m];
		float8		old = level;
		float8		error = s->v[i] - (level + trend + usual);

		s->expected[i] = level + trend + usual;
		s->deviation[i] = i >= 2 * m ? sqrt(errors.mean) : NAN;
		average_add(&errors, error * error);
		level = HW_LEVEL * (s->v[i] - usual) + (1 - HW_LEVEL) * (level + trend);
		trend = HW_TREND * (level - old) + (1 - HW_TREND) * trend;
		season[i % m] = HW_SEASON * (s->v[i] - level) + (1 - HW_SEASON) * usual;
	}
	pfree(season);
	return true;
}
