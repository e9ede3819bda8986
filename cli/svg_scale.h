/*-------------------------------------------------------------------------
 *
 * Scales: round numbers along an axis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SVG_SCALE_H
#define CLI_SVG_SCALE_H

struct buffer;

/* Pictures from this width on have class "wide": they need a screen, or to be scrolled. */
#define SVG_WIDE 1000

/* Appends a value with its unit, as number_bytes does. */
typedef void (*svg_amount) (struct buffer *to, double value);

/* From 0 in nsteps steps; the step is 1, 2, 2.5 or 5 times a power of ten. */
struct svg_scale
{
	double		step;
	int			nsteps;			/* 1 .. most */
};

/*
 * The scale of the fewest numbers above, that reaches highest with at most
 * so many steps.  From 0 to 1 if highest is not above 0.
 */
extern struct svg_scale svg_scale_of(double highest, int most);

/* Its upper end. */
extern double svg_scale_top(const struct svg_scale *scale);

/* Append a value without zeros behind its point: "2 GB", not "2.00 GB". */
extern void svg_scale_label(struct buffer *to, svg_amount amount, double value);

/* The largest of 1, 3, 10, 30, ... and 0.3, 0.1, ... that is at most value, above 0. */
extern double svg_scale_below(double value);

#endif
