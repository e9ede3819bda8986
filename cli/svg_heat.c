/*-------------------------------------------------------------------------
 *
 * A heat map.  Names of columns are turned, so that long ones have room.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "svg_heat.h"

#define ROW_HEIGHT	26
#define LETTER		6.7			/* width of a letter of a name */
#define SLANT		0.71		/* sine and cosine of 45 degrees */

double
svg_heat_bound(double highest, int level)
{
	double		bound = svg_scale_below(highest);

	/* half a decade down each time: what lies just below 3 is 1 */
	for (int i = SVG_HEAT_LEVELS; i > level; i--)
		bound = svg_scale_below(bound * 0.5);
	return bound;
}

static int
level_of(double highest, double value)
{
	int			level = SVG_HEAT_LEVELS;

	while (level > 1 && value < svg_heat_bound(highest, level))
		level--;
	return level;
}

static double
longest(const char *const *names, int n)
{
	size_t		most = 0;

	for (int i = 0; i < n; i++)
		if (strlen(names[i]) > most)
			most = strlen(names[i]);
	return most * LETTER;
}

static void
draw_cell(struct buffer *to, const struct svg_heat *map, int cell, int level,
		  const double box[3])
{
	struct buffer text = {0};

	map->amount(&text, map->values[cell]);
	html_put(to, "<g class=\"heat l%d\"><title>%s \xe2\x86\x92 %s: %s</title>"
			 "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>", level,
			 map->rows[cell / map->ncolumns], map->columns[cell % map->ncolumns], text.text,
			 box[0] + 1, box[1] + 1, box[2] - 2, ROW_HEIGHT - 2);
	if (box[2] >= 48)
		html_put(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"middle\">%s</text>",
				 box[0] + box[2] / 2, box[1] + ROW_HEIGHT / 2.0 + 4, text.text);
	html_put(to, "</g>");
	buffer_free(&text);
}

static void
draw_names(struct buffer *to, const struct svg_heat *map, double left, double top,
		   double width)
{
	html_put(to, "<g class=\"names\">");
	for (int i = 0; i < map->ncolumns; i++)
	{
		double		x = left + (i + 0.5) * width;

		html_put(to, "<text transform=\"translate(%.1f %.1f) rotate(-45)\">%s</text>",
				 x, top - 6, map->columns[i]);
	}
	for (int i = 0; i < map->nrows; i++)
		html_put(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"end\">%s</text>", left - 8,
				 top + (i + 0.5) * ROW_HEIGHT + 4, map->rows[i]);
	html_put(to, "</g>");
}

void
svg_heat_draw(struct buffer *to, const struct svg_heat *map)
{
	double		left = fmax(longest(map->rows, map->nrows), 60) + 12;
	double		slanted = longest(map->columns, map->ncolumns) * SLANT;
	double		top = slanted + 14;
	double		width = fmin((map->width - left - slanted) / map->ncolumns, 84);
	double		highest = 0;

	for (int i = 0; i < map->nrows * map->ncolumns; i++)
		highest = fmax(highest, map->values[i]);
	html_put(to, "<svg class=\"chart%s\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"%s\">"
			 "<g class=\"axis\"><text x=\"%.1f\" y=\"%.1f\" class=\"end\">%s \xe2\x86\x93 \xc2\xa0 %s \xe2\x86\x92</text></g>",
			 map->width >= SVG_WIDE ? " wide" : "", map->width, top + map->nrows * ROW_HEIGHT + 4, map->label,
			 left - 8, top - 8, map->rows_title, map->columns_title);
	draw_names(to, map, left, top, width);
	for (int i = 0; i < map->nrows * map->ncolumns; i++)
	{
		double		box[3] = {left + i % map->ncolumns * width,
		top + i / map->ncolumns * ROW_HEIGHT, width};

		if (map->values[i] > 0)
			draw_cell(to, map, i, level_of(highest, map->values[i]), box);
		else
			html_put(to, "<rect class=\"none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>",
					 box[0] + 1, box[1] + 1, width - 2, ROW_HEIGHT - 2);
	}
	html_put(to, "</svg>\n");
}
