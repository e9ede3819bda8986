/*-------------------------------------------------------------------------
 *
 * Stacked areas: straight lines between the middles of buckets, level to the
 * outer edges of the first and the last one.
 *
 *	  LEFT						RIGHT
 *	  |	 grid, areas, line of the	|	TOP
 *	  |	 period before, rule		|
 *	  +-----------------------------+	height - BOTTOM
 *		 labels of time, two lines
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>

#include "html.h"
#include "memory.h"
#include "svg_area.h"

#define LEFT	74
#define RIGHT	8
#define TOP		12
#define BOTTOM	36
#define MOST_STEPS 5

struct drawing
{
	struct buffer *to;
	const struct svg_area *chart;
	struct svg_scale scale;
	double		plot_width;
	double		plot_height;
};

static double
x_of(const struct drawing *drawing, double place)
{
	return LEFT + place * drawing->plot_width;
}

static double
y_of(const struct drawing *drawing, double value)
{
	return TOP + drawing->plot_height * (1 - value / svg_scale_top(&drawing->scale));
}

/* The sum of the series below number nseries, in a bucket. */
static double
stacked(const struct svg_area *chart, int bucket, int nseries)
{
	double		sum = 0;

	for (int i = 0; i < nseries; i++)
		sum += chart->series[i].values[bucket];
	return sum;
}

static double
highest(const struct svg_area *chart)
{
	double		most = chart->rule;

	for (int i = 0; i < chart->nbuckets; i++)
	{
		double		sum = stacked(chart, i, chart->nseries);

		if (sum > most)
			most = sum;
		if (chart->before != NULL && chart->before[i] > most)
			most = chart->before[i];
	}
	return most;
}

static void
draw_grid(const struct drawing *drawing)
{
	double		right = x_of(drawing, 1);

	html_put(drawing->to, "<g class=\"axis\">");
	for (int i = 0; i <= drawing->scale.nsteps; i++)
	{
		double		value = i * drawing->scale.step;
		double		y = y_of(drawing, value);

		html_put(drawing->to, "<path class=\"%s\" d=\"M%d %.1fH%.1f\"/>"
				 "<text x=\"%d\" y=\"%.1f\" class=\"end\">",
				 i == 0 ? "base" : "grid", LEFT, y, right, LEFT - 8, y + 4);
		if (i == 0)
			html_put(drawing->to, "0");
		else
			svg_scale_label(drawing->to, drawing->chart->axis_amount, value);
		html_put(drawing->to, "</text>");
	}
	html_put(drawing->to, "</g>");
}

/* Labels are left out where they would touch the one before, or the edge. */
static void
draw_ticks(const struct drawing *drawing)
{
	const struct svg_area *chart = drawing->chart;
	double		base = y_of(drawing, 0);

	html_put(drawing->to, "<g class=\"axis ticks\">");
	for (int i = 0; i < chart->nticks; i++)
	{
		const struct svg_tick *tick = &chart->ticks[i];
		double		x = x_of(drawing, tick->place);

		html_put(drawing->to, "<path class=\"base\" d=\"M%.1f %.1fv4\"/>", x, base);
		if (x > chart->width - 18)
			continue;
		html_put(drawing->to, "<text x=\"%.1f\" y=\"%.1f\" class=\"middle\">%s</text>",
				 x, base + 16, tick->label);
		if (tick->below != NULL && x < chart->width - 30)
			html_put(drawing->to, "<text x=\"%.1f\" y=\"%.1f\" class=\"middle\">%s</text>",
					 x, base + 30, tick->below);
	}
	html_put(drawing->to, "</g>");
}

/* The place of point i of 0 .. nbuckets + 1: left edge, middles, right edge. */
static double
point_place(const struct svg_area *chart, int i)
{
	if (i == 0)
		return chart->from[0];
	if (i > chart->nbuckets)
		return chart->to[chart->nbuckets - 1];
	return (chart->from[i - 1] + chart->to[i - 1]) / 2;
}

static int
point_bucket(const struct svg_area *chart, int i)
{
	return i == 0 ? 0 : i > chart->nbuckets ? chart->nbuckets - 1 : i - 1;
}

static void
draw_series(const struct drawing *drawing, int number)
{
	const struct svg_area *chart = drawing->chart;
	int			last = chart->nbuckets + 1;

	html_put(drawing->to, "<path class=\"area %s\" d=\"", chart->series[number].class);
	for (int i = 0; i <= last; i++)
		html_put(drawing->to, "%s%.1f %.1f", i == 0 ? "M" : i == 1 ? "L" : " ",
				 x_of(drawing, point_place(chart, i)),
				 y_of(drawing, stacked(chart, point_bucket(chart, i), number + 1)));
	for (int i = last; i >= 0; i--)
		html_put(drawing->to, " %.1f %.1f", x_of(drawing, point_place(chart, i)),
				 y_of(drawing, stacked(chart, point_bucket(chart, i), number)));
	html_put(drawing->to, "z\"/>");
}

static void
draw_before(const struct drawing *drawing)
{
	const struct svg_area *chart = drawing->chart;

	html_put(drawing->to, "<path class=\"before\" d=\"");
	for (int i = 0; i <= chart->nbuckets + 1; i++)
		html_put(drawing->to, "%s%.1f %.1f", i == 0 ? "M" : i == 1 ? "L" : " ",
				 x_of(drawing, point_place(chart, i)),
				 y_of(drawing, chart->before[point_bucket(chart, i)]));
	html_put(drawing->to, "\"/>");
}

static void
draw_rule(const struct drawing *drawing)
{
	const struct svg_area *chart = drawing->chart;
	double		y = y_of(drawing, chart->rule);

	html_put(drawing->to, "<g class=\"rule\"><path d=\"M%d %.1fH%.1f\"/>"
			 "<text x=\"%.1f\" y=\"%.1f\" class=\"end\">%s</text></g>",
			 LEFT, y, x_of(drawing, 1), x_of(drawing, 1) - 4, y - 4, chart->rule_label);
}

static void
put_amount(const struct drawing *drawing, double value)
{
	struct buffer text = {0};

	drawing->chart->amount(&text, value);
	html_text(drawing->to, text.text);
	buffer_free(&text);
}

/* Unseen rectangles with the values of their bucket. */
static void
draw_titles(const struct drawing *drawing)
{
	const struct svg_area *chart = drawing->chart;

	for (int i = 0; i < chart->nbuckets; i++)
	{
		double		x = x_of(drawing, chart->from[i]);

		html_put(drawing->to, "<g class=\"hit\"><title>%s", chart->when[i]);
		for (int j = chart->nseries - 1; j >= 0; j--)
		{
			html_put(drawing->to, "\n%s: ", chart->series[j].name);
			put_amount(drawing, chart->series[j].values[i]);
		}
		if (chart->nseries > 1)
		{
			html_put(drawing->to, "\nall: ");
			put_amount(drawing, stacked(chart, i, chart->nseries));
		}
		if (chart->before != NULL)
		{
			html_put(drawing->to, "\nperiod before: ");
			put_amount(drawing, chart->before[i]);
		}
		html_put(drawing->to, "</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%.1f\"/></g>",
				 x, TOP, x_of(drawing, chart->to[i]) - x, drawing->plot_height);
	}
}

void
svg_area_draw(struct buffer *to, const struct svg_area *chart)
{
	struct drawing drawing = {
		.to = to, .chart = chart,
		.scale = svg_scale_of(highest(chart), MOST_STEPS),
		.plot_width = chart->width - LEFT - RIGHT,
		.plot_height = chart->height - TOP - BOTTOM
	};

	html_put(to, "<svg class=\"chart%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
			 chart->width >= SVG_WIDE ? " wide" : "", chart->width, chart->height, chart->label);
	draw_grid(&drawing);
	for (int i = 0; i < chart->nseries && chart->nbuckets > 0; i++)
		draw_series(&drawing, i);
	if (chart->before != NULL && chart->nbuckets > 0)
		draw_before(&drawing);
	if (chart->rule > 0)
		draw_rule(&drawing);
	draw_ticks(&drawing);
	draw_titles(&drawing);
	html_put(to, "</svg>\n");
}
