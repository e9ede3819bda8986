/*-------------------------------------------------------------------------
 *
 * Numbers that are sorted to find what stands where.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/float.h"

#include "analytics/numbers.h"

#define ST_SORT sort_floats
#define ST_ELEMENT_TYPE float8
#define ST_COMPARE(a, b) \
	(float8_lt(*(a), *(b)) ? -1 : float8_gt(*(a), *(b)) ? 1 : 0)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

void
fs_numbers_sort(float8 *v, size_t n)
{
	sort_floats(v, n);
}

float8
fs_numbers_percentile(const float8 *v, size_t n, float8 fraction)
{
	float8		place = fraction * (float8) (n - 1);
	size_t		first = (size_t) floor(place);
	size_t		second = (size_t) ceil(place);

	if (first == second)
		return v[first];
	return v[first] + (place - (float8) first) * (v[second] - v[first]);
}

float8
fs_numbers_mad(float8 *v, size_t n, float8 center)
{
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(v[i] - center);
	fs_numbers_sort(v, n);
	return fs_numbers_percentile(v, n, 0.5);
}
