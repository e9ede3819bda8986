/*-------------------------------------------------------------------------
 *
 * Numbers with units.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "memory.h"
#include "number.h"

static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};

#define NPREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

/* Three digits, the prefix of the power, the unit.  999.6 is 1.00 k. */
static void
add_scaled(struct buffer *buffer, double value, const char *unit)
{
	size_t		power = 0;
	double		size = fabs(value);

	while (power + 1 < NPREFIXES && size >= 999.5)
	{
		size /= 1000;
		value /= 1000;
		power++;
	}
	if (power == 0 && size == floor(size))
		buffer_format(buffer, "%.0f", value);
	else
		buffer_format(buffer, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
	if (power > 0 || unit[0] != '\0')
		buffer_format(buffer, " %s%s", prefixes[power], unit);
}

void
number_bytes(struct buffer *buffer, double bytes)
{
	add_scaled(buffer, bytes, "B");
}

void
number_count(struct buffer *buffer, double count)
{
	if (fabs(count) < 99999.5)
		buffer_format(buffer, "%.0f", count);
	else
		add_scaled(buffer, count, "");
}

void
number_rate(struct buffer *buffer, double rate, const char *unit)
{
	add_scaled(buffer, rate, unit);
}

void
number_duration(struct buffer *buffer, double seconds)
{
	/* rounded first: 59.996 s is a minute, and 3599.9 s an hour */
	double		whole = round(seconds);

	if (fabs(seconds) < 0.9995)
		buffer_format(buffer, "%.0f ms", seconds * 1000);
	else if (fabs(seconds) < 59.995)
		buffer_format(buffer, "%.*f s", fabs(seconds) < 9.995 ? 2 : 1, seconds);
	else if (whole < 3600)
		buffer_format(buffer, "%.0fm %.0fs", floor(whole / 60), fmod(whole, 60));
	else if (whole < 86400)
		buffer_format(buffer, "%.0fh %.0fm", floor(whole / 3600), floor(fmod(whole, 3600) / 60));
	else
		buffer_format(buffer, "%.0fd %.0fh", floor(whole / 86400),
					  floor(fmod(whole, 86400) / 3600));
}
