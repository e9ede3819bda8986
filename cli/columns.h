/*-------------------------------------------------------------------------
 *
 * Which columns of rows are shown: option -o.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include <stdbool.h>

#include "grid.h"

struct query;
struct session;

/* Shown columns: grid[n], and expressions[n] of SQL over the table. */
struct columns
{
	struct grid_column *grid;
	const char **expressions;
	int			n;
};

/*
 * Columns of a list: names of columns, with a comma between, and sets of them,
 * "line" (the default, for NULL), "long", "app" and "all".  What a set has and the
 * table has not is left out; a name that the table has not is reported, and the
 * function returns false.  In tables addresses of sets stand with their ports.
 */
extern bool columns_choose(struct session *session, const char *list,
						   bool is_table, struct columns *columns);

/* Append the expressions to a query. */
extern void columns_add(const struct columns *columns, struct query *query);

#endif
