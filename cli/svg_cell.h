/*-------------------------------------------------------------------------
 *
 * Marks for cells of tables: a bar, a line over time, a span of time.
 *
 * The numbers stand in the table; who does not see the marks misses nothing, so
 * they are hidden from screen readers.  All fill the width of their cell.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SVG_CELL_H
#define CLI_SVG_CELL_H

struct buffer;

/* A part of a bar: which share of the width, 0 to 1, and which colour. */
struct svg_part
{
	double		share;
	const char *class;
	const char *title;
};

/* A bar of parts side by side, which share at most 1.  A share above 0 is seen. */
extern void svg_cell_bar(struct buffer *to, const struct svg_part *parts, int nparts);

/* An area of values[n], none below 0, as high as the largest of them; title as tooltip. */
extern void svg_cell_line(struct buffer *to, const double *values, int n,
						  const char *title);

/* From from to to, 0 to 1; at least a dot. */
extern void svg_cell_span(struct buffer *to, double from, double end,
						  const char *class, const char *title);

#endif
