/*-------------------------------------------------------------------------
 *
 * Rows in PostgreSQL's binary COPY format.
 *
 * A layout says which of our columns a table takes, in which order, and of
 * which type.  Encoding cannot fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_BINARY_H
#define COLLECTOR_SINK_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink_column.h"

#define BINARY_HEADER_LEN	19
#define BINARY_TRAILER_LEN	2

struct binary_layout
{
	int			ncolumns;		/* 0 .. COLUMN_COUNT */
	struct
	{
		enum column_id id;
		int			bytes;		/* width of an integer column, else 0 */
	}			columns[COLUMN_COUNT];
};

/*
 * Append a column of our name "name" and PostgreSQL type type_oid.  Returns
 * false if the type cannot hold every value of the column; if the name is
 * not one of ours the column is skipped.
 */
extern bool binary_layout_add(struct binary_layout *layout, const char *name,
							  uint32_t type_oid)
			__attribute__((warn_unused_result));

/* What an encoded row takes at most. */
extern size_t binary_row_bound(const struct binary_layout *layout,
							   const struct flow *flow);

/* Each writes to dst and returns the number of bytes written. */
extern size_t binary_encode_header(uint8_t *dst /* [BINARY_HEADER_LEN] */ );
extern size_t binary_encode_row(const struct binary_layout *layout,
								const struct flow *flow, uint8_t *dst);
extern size_t binary_encode_trailer(uint8_t *dst /* [BINARY_TRAILER_LEN] */ );

#endif
