/*-------------------------------------------------------------------------
 *
 * Scales.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "svg_scale.h"

/* Differences below this part of a value are rounding of double. */
#define SLACK 1e-9

struct svg_scale
svg_scale_of(double highest, int most)
{
	static const double steps[] = {1, 2, 2.5, 5, 10};
	struct svg_scale scale = {1, 1};
	double		power;

	if (!(highest > 0) || !isfinite(highest))
		return scale;
	power = pow(10, floor(log10(highest / most)));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
	{
		scale.step = steps[i] * power;
		scale.nsteps = (int) ceil(highest / scale.step * (1 - SLACK));
		if (scale.nsteps <= most)
			break;
	}
	if (scale.nsteps < 1)
		scale.nsteps = 1;
	return scale;
}

double
svg_scale_top(const struct svg_scale *scale)
{
	return scale->step * scale->nsteps;
}

void
svg_scale_label(struct buffer *to, svg_amount amount, double value)
{
	struct buffer text = {0};
	size_t		number;
	size_t		kept;

	amount(&text, value);
	number = strspn(text.text, "-0123456789.");
	kept = number;
	if (strcspn(text.text, ".") < number)
	{
		while (text.text[kept - 1] == '0')
			kept--;
		if (text.text[kept - 1] == '.')
			kept--;
	}
	memmove(text.text + kept, text.text + number, text.len - number + 1);
	html_text(to, text.text);
	buffer_free(&text);
}

double
svg_scale_below(double value)
{
	double		power = pow(10, floor(log10(value) + SLACK));

	return value * (1 + SLACK) >= 3 * power ? 3 * power : power;
}
