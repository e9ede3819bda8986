/*-------------------------------------------------------------------------
 *
 * Marks for cells: views of WIDTH, stretched to the cell.
 *
 *-------------------------------------------------------------------------
 */
#include "html.h"
#include "memory.h"
#include "svg_cell.h"

#define WIDTH		100
#define BAR_HEIGHT	10
#define LINE_HEIGHT	22
#define LEAST		1			/* that is seen */

static void
begin(struct buffer *to, const char *class, int height)
{
	html_put(to, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
			 class, WIDTH, height);
}

void
svg_cell_bar(struct buffer *to, const struct svg_part *parts, int nparts)
{
	double		x = 0;

	begin(to, "bar", BAR_HEIGHT);
	html_put(to, "<rect class=\"track\" width=\"%d\" height=\"%d\"/>", WIDTH, BAR_HEIGHT);
	for (int i = 0; i < nparts; i++)
	{
		double		width = parts[i].share * WIDTH;

		if (!(width > 0))
			continue;
		if (width < LEAST)
			width = LEAST;
		html_put(to, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>",
				 parts[i].class, x, width, BAR_HEIGHT, parts[i].title);
		x += width;
	}
	html_put(to, "</svg>");
}

void
svg_cell_line(struct buffer *to, const double *values, int n, const char *title)
{
	double		most = 0;

	for (int i = 0; i < n; i++)
		if (values[i] > most)
			most = values[i];
	begin(to, "line", LINE_HEIGHT);
	html_put(to, "<title>%s</title><path class=\"base\" d=\"M0 %.1fH%d\"/>", title,
			 LINE_HEIGHT - 0.5, WIDTH);
	if (most > 0)
	{
		/* steps, as most of these series are gaps with a few heaps between */
		html_put(to, "<path class=\"fill\" d=\"M0 %d", LINE_HEIGHT);
		for (int i = 0; i < n; i++)
			html_put(to, "V%.1fH%.1f", LINE_HEIGHT - values[i] / most * (LINE_HEIGHT - 1),
					 (i + 1.0) * WIDTH / n);
		html_put(to, "V%dz\"/>", LINE_HEIGHT);
	}
	html_put(to, "</svg>");
}

void
svg_cell_span(struct buffer *to, double from, double end, const char *class,
			  const char *title)
{
	double		x = from * WIDTH;
	double		width = (end - from) * WIDTH;

	if (!(width > 1.5))
		width = 1.5;
	if (x + width > WIDTH)
		x = WIDTH - width;
	begin(to, "span", BAR_HEIGHT);
	html_put(to, "<rect class=\"track\" width=\"%d\" height=\"%d\"/>"
			 "<rect class=\"mark %s\" x=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect></svg>",
			 WIDTH, BAR_HEIGHT, class, x, width, BAR_HEIGHT, title);
}
