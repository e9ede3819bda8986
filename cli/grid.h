/*-------------------------------------------------------------------------
 *
 * Rows on standard output: a table for people, CSV, or JSON.
 *
 * A table is gathered first, as its widths depend on all rows; CSV and JSON
 * are written row by row in constant memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include <stdbool.h>

#include <libpq-fe.h>

struct arguments;
struct buffer;
struct grid;

/* What a value is: how it is shown, and what it is to JSON. */
enum grid_kind
{
	GRID_TEXT,
	GRID_TIME,					/* text; shown to the millisecond */
	GRID_SECOND,				/* text; shown to the second */
	GRID_SEVERITY,				/* text; shown in colour */
	GRID_JSON,					/* jsonb */
	GRID_BOOL,					/* t or f */
	GRID_EXACT,					/* from here on numbers: as it is, a port say */
	GRID_COUNT,
	GRID_BYTES,
	GRID_PERCENT,
	GRID_MILLISECONDS,			/* shown as a duration */
	GRID_SECONDS,				/* the same */
	GRID_BITS,					/* a second */
	GRID_PER_SECOND,
	GRID_SHARE					/* 0 to 1: a bar in tables, absent elsewhere */
};

struct grid_column
{
	const char *name;			/* in CSV and JSON, and as title */
	enum grid_kind kind;
};

/* Whether tables are asked for, with words for numbers like those of protocols. */
extern bool grid_wants_words(const struct arguments *arguments);

/* In the form that the options of GROUP_FORM ask for. */
extern struct grid *grid_begin(const struct arguments *arguments,
							   const struct grid_column *columns, int ncolumns);

/* Whether it is a table, for people. */
extern bool grid_is_table(const struct grid *grid);

/* A table of few rows becomes lines of names and values. */
extern void grid_upright(struct grid *grid);

/* Add a row: values[ncolumns], NULL for NULL. */
extern void grid_row(struct grid *grid, const char *const *values);

/* Add all rows of a result with as many columns. */
extern void grid_result(struct grid *grid, const PGresult *result);

/* Add one row of a result with at least as many columns. */
extern void grid_result_row(struct grid *grid, const PGresult *result, int row);

/*
 * Write what there is, now, for who waits: a table goes on below it, in columns
 * that only become wider.
 */
extern void grid_flush(struct grid *grid);

/*
 * Write what is not written.  STATUS_DONE, or with --exit-code STATUS_NOTHING if
 * there was no row.
 */
extern int grid_end(struct grid *grid);

/* begin, result, end; and PQclear.  A NULL result is STATUS_FAILED. */
extern int grid_show(const struct arguments *arguments,
					 const struct grid_column *columns, PGresult *result);

/* The kind of a column of a query by its type. */
extern enum grid_kind grid_kind_of(Oid type);

/* Append a value as tables show it, escaped. */
extern void grid_show_value(struct buffer *buffer, enum grid_kind kind,
							const char *value, bool is_raw);

#endif
