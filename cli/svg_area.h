/*-------------------------------------------------------------------------
 *
 * A chart of stacked areas over time.
 *
 * Places on the axis of time are parts of it, 0 to 1.  What is drawn is written
 * with one decimal, so that the same numbers give the same bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SVG_AREA_H
#define CLI_SVG_AREA_H

#include "svg_scale.h"

/* A mark of the axis of time. */
struct svg_tick
{
	double		place;
	const char *label;
	const char *below;			/* second line, or NULL */
};

struct svg_series
{
	const char *name;
	const char *class;			/* which colour */
	const double *values;		/* values[nbuckets], none below 0 */
};

struct svg_area
{
	int			width;			/* in units of the view, in which text has 11 */
	int			height;
	const char *label;			/* what it shows, for those who do not see it */
	svg_amount	amount;			/* of a value */
	svg_amount	axis_amount;	/* the same along the axis */

	int			nbuckets;
	const double *from;			/* from[nbuckets] and to[nbuckets], */
	const double *to;			/* places, rising */
	const char *const *when;	/* when[nbuckets]: their times, in words */

	int			nseries;
	const struct svg_series *series;	/* the lowest first */
	const double *before;		/* before[nbuckets]: the period before, or NULL */

	int			nticks;
	const struct svg_tick *ticks;
	double		rule;			/* a line across at this value, if above 0 */
	const char *rule_label;
};

/* Append it as an element svg.  Each bucket has a title with all of its values. */
extern void svg_area_draw(struct buffer *to, const struct svg_area *chart);

#endif
