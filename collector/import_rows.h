/*-------------------------------------------------------------------------
 *
 * Rows to import: CSV and TSV with a header (RFC 4180), JSON (RFC 8259).
 *
 * CSV: fields are separated by a tab, comma, semicolon or bar, whichever the
 * header has most of, and may be in double quotes.  A field with nothing in
 * it is null, "" an empty text.
 *
 * JSON: an array of objects, or objects one after another.  The columns are
 * the keys of the first 1000 objects, in the order in which they come; other
 * keys are passed over.  A value that is an object or array is its own text.
 *
 * Memory: the names, and one row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_IMPORT_ROWS_H
#define COLLECTOR_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web_buffer.h"

#define IMPORT_MAX_COLUMNS	512
#define IMPORT_SAMPLE		1000	/* rows looked at for columns and types */
#define IMPORT_MAX_ROW		(16 * 1024 * 1024)	/* bytes */

struct import_cell
{
	size_t		off;			/* in the text of the row */
	size_t		len;
	bool		is_null;
};

struct import_rows
{
	const char *pos;			/* what is left of the input */
	const char *end;
	char		delimiter;		/* of CSV; 0: JSON */
	bool		is_array;		/* JSON: between brackets */
	int			ncolumns;
	struct import_cell names[IMPORT_MAX_COLUMNS];	/* in name_text */
	struct web_buffer name_text;
	struct import_cell cells[IMPORT_MAX_COLUMNS];	/* in text */
	struct web_buffer text;
};

enum import_result
{
	IMPORT_ROW,
	IMPORT_BAD_ROW,				/* passed over: it does not have the columns */
	IMPORT_END,
	IMPORT_DAMAGED				/* nothing behind this place can be read */
};

/*
 * Begin to read bytes[len], which stay; JSON if they begin with a bracket or
 * brace.  Returns NULL, or what is wrong.
 */
extern const char *import_rows_open(struct import_rows *rows, const char *bytes,
									size_t len);
extern void import_rows_close(struct import_rows *rows);

/* Read the next row into cells[ncolumns]. */
extern enum import_result import_rows_next(struct import_rows *rows);

static inline const char *
import_rows_name(const struct import_rows *rows, int column)
{
	return rows->name_text.bytes + rows->names[column].off;
}

static inline const char *
import_rows_value(const struct import_rows *rows, int column)
{
	return rows->text.bytes + rows->cells[column].off;
}

#endif
