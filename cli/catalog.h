/*-------------------------------------------------------------------------
 *
 * The columns of the table, as the catalog has them.
 *
 * A column that a user names is looked up here, and what goes into SQL is what
 * the server has quoted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include <stdbool.h>

#include "grid.h"

struct session;

struct catalog_column
{
	const char *name;
	const char *quoted;			/* for SQL */
	Oid			type;
	enum grid_kind kind;		/* bytes are GRID_BYTES, and so on */
};

/* Those of the table, in order; NULL after an error. */
extern const struct catalog_column *catalog_columns(struct session *session,
													int *ncolumns);

/* One by its name; NULL if there is none, without a report. */
extern const struct catalog_column *catalog_find(struct session *session,
												 const char *name);

/* The same; reports that it does not exist. */
extern const struct catalog_column *catalog_need(struct session *session,
												 const char *name, size_t len);

/*
 * What of a column is shown: in tables flow.proto_name and the like say it in
 * words, and its kind is then GRID_TEXT.
 */
extern const char *catalog_shown(const struct catalog_column *column,
								 bool is_table, enum grid_kind *kind);

#endif
