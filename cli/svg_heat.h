/*-------------------------------------------------------------------------
 *
 * A heat map: one number for each pair of a row and a column, as colour and text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SVG_HEAT_H
#define CLI_SVG_HEAT_H

#include "svg_scale.h"

#define SVG_HEAT_LEVELS 7

struct svg_heat
{
	int			width;
	const char *label;
	svg_amount	amount;
	const char *rows_title;		/* what rows are, and what columns */
	const char *columns_title;
	int			nrows;
	int			ncolumns;
	const char *const *rows;	/* rows[nrows], columns[ncolumns]: their names */
	const char *const *columns;
	const double *values;		/* values[nrows * ncolumns]; 0 is left empty */
};

/*
 * Append it as an element svg: level i of 1 to SVG_HEAT_LEVELS begins at
 * 1, 3, 10, 30, ... times a power of ten; level 7 has the largest value.
 */
extern void svg_heat_draw(struct buffer *to, const struct svg_heat *map);

/* Where level 1 to SVG_HEAT_LEVELS begins in a map of this largest value. */
extern double svg_heat_bound(double highest, int level);

#endif
