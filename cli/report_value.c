/*-------------------------------------------------------------------------
 *
 * Numbers in the page.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "number.h"
#include "report_value.h"

static void
add_bits(struct buffer *to, double value)
{
	number_rate(to, value, "bit/s");
}

static void
add_packets(struct buffer *to, double value)
{
	number_rate(to, value, "packets/s");
}

static void
add_flows(struct buffer *to, double value)
{
	number_rate(to, value, "flows/s");
}

static void
add_plain(struct buffer *to, double value)
{
	number_rate(to, value, "");
}

const char *
measure_name(enum measure measure)
{
	static const char *const names[] = {"bytes", "packets", "flows"};

	return names[measure];
}

const char *
measure_title(enum measure measure)
{
	static const char *const titles[] = {"Bytes", "Packets", "Flows"};

	return titles[measure];
}

svg_amount
measure_amount(enum measure measure)
{
	return measure == MEASURE_BYTES ? number_bytes : number_count;
}

svg_amount
measure_rate(enum measure measure)
{
	static const svg_amount rates[] = {add_bits, add_packets, add_flows};

	return rates[measure];
}

svg_amount
measure_axis(enum measure measure)
{
	return measure == MEASURE_BYTES ? add_bits : add_plain;
}

double
measure_scale(enum measure measure)
{
	return measure == MEASURE_BYTES ? 8 : 1;
}

const char *
value_keep(struct buffer *buffer)
{
	const char *text = memory_copy(buffer->text != NULL ? buffer->text : "", buffer->len);

	buffer_free(buffer);
	return text;
}

const char *
value_grouped(const char *exact)
{
	struct buffer text = {0};
	size_t		sign = exact[0] == '-';
	size_t		digits = strspn(exact + sign, "0123456789");

	buffer_add(&text, exact, sign);
	for (size_t i = 0; i < digits; i++)
	{
		if (i > 0 && (digits - i) % 3 == 0)
			buffer_add_char(&text, ',');
		buffer_add_char(&text, exact[sign + i]);
	}
	buffer_add_text(&text, exact + sign + digits);
	return value_keep(&text);
}

void
value_amount(struct buffer *to, svg_amount amount, double value)
{
	struct buffer text = {0};

	amount(&text, value);
	html_text(to, text.text);
	buffer_free(&text);
}

const char *
value_text(svg_amount amount, double value)
{
	struct buffer text = {0};

	amount(&text, value);
	return value_keep(&text);
}

void
value_put(struct buffer *to, enum measure measure, const char *exact)
{
	if (exact[0] == '\0')
		exact = "0";
	html_put(to, "<data value=\"%s\" title=\"%s %s\">", exact, value_grouped(exact),
			 measure_name(measure));
	value_amount(to, measure_amount(measure), strtod(exact, NULL));
	html_put(to, "</data>");
}

const char *
value_share(double part, double whole)
{
	struct buffer text = {0};
	double		percent = whole > 0 ? 100 * part / whole : 0;

	if (!(whole > 0))
		return "";
	if (percent > 0 && percent < 0.05)
		return "<0.1\xc2\xa0%";
	html_number(&text, percent, 1);
	buffer_add_text(&text, "\xc2\xa0%");
	return value_keep(&text);
}

void
value_duration(struct buffer *to, double seconds)
{
	static const struct
	{
		int			seconds;
		const char *name;
	}			units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (seconds >= units[i].seconds && fmod(seconds, units[i].seconds) == 0)
		{
			double		n = seconds / units[i].seconds;

			html_put(to, "%.0f %s%s", n, units[i].name, n == 1 ? "" : "s");
			return;
		}
	value_amount(to, number_duration, seconds);
}
