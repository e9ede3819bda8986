/*-------------------------------------------------------------------------
 *
 * Which columns a row has and what stands in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_OUTPUT_H
#define GEN_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conv.h"

/* which columns are written, besides those that every selection has */
#define COLUMNS_BASE	1
#define COLUMNS_TLS		2
#define COLUMNS_DNS		4
#define COLUMNS_HTTP	8
#define COLUMNS_PAYLOAD 16
#define COLUMNS_WIDE	32		/* alone; the 19 columns of the benchmark */

struct output;

/* exits when out of memory */
extern struct output *output_begin(FILE *file, bool is_binary, int columns);

/* one row: side 0 goes from a to b, side 1 back */
extern void output_row(struct output *output, const struct conv *conv, int side);

/* writes what is left and frees; false when any write failed */
extern bool output_end(struct output *output);

/* "ts timestamptz, ..." over several lines */
extern void output_ddl(FILE *file, int columns);

#endif
