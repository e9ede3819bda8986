/*-------------------------------------------------------------------------
 *
 * Rows for programs: CSV (RFC 4180) and JSON (RFC 8259).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_GRID_TEXT_H
#define CLI_GRID_TEXT_H

#include "grid.h"

/*
 * Append a field of CSV: in quotes where it needs them.  NULL is nothing, an
 * empty text a pair of quotes, as COPY has it.
 */
extern void csv_field(struct buffer *buffer, const char *value);

/* Append a value of JSON.  NaN and the infinities are strings, as in PostgreSQL. */
extern void json_value(struct buffer *buffer, enum grid_kind kind, const char *value);

/* Append text as a string of JSON. */
extern void json_string(struct buffer *buffer, const char *text);

#endif
