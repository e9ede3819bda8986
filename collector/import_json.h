/*-------------------------------------------------------------------------
 *
 * Rows to import that are JSON objects (RFC 8259).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_IMPORT_JSON_H
#define COLLECTOR_IMPORT_JSON_H

#include "import_rows.h"

/* Find the columns; returns NULL, or what is wrong. */
extern const char *import_json_open(struct import_rows *rows);

/* The next object into the cells. */
extern enum import_result import_json_next(struct import_rows *rows);

#endif
