/*-------------------------------------------------------------------------
 *
 * The layout of tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_GRID_TABLE_H
#define CLI_GRID_TABLE_H

#include "grid.h"

/* Cells as they are shown, cells[nrows * ncolumns]; of a bar its share. */
struct table
{
	const struct grid_column *columns;
	int			ncolumns;
	const char *const *cells;
	long		nrows;

	/*
	 * NULL, or widths[ncolumns + 1] of a table that is printed in parts: the
	 * first of them is 0 before the first part.
	 */
	size_t	   *widths;
};

/*
 * Print it so that it fits the terminal.  What all times of a column share goes
 * into its title; bars become shorter, then less important columns are left out,
 * then texts become shorter, and what still has no room is left out from the
 * right.  A last line says how many columns were left out.
 */
extern void table_print(const struct table *table);

/* Print each row as lines of a name and a value. */
extern void table_print_upright(const struct table *table);

/* Append a bar of a share of width columns. */
extern void table_bar(struct buffer *buffer, double share, int width);

#endif
