/*-------------------------------------------------------------------------
 *
 * The columns of a flow table, and their values.
 *
 * All sinks write these columns; the order is that of the text output and of
 * the standard table in README.md.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_COLUMN_H
#define COLLECTOR_SINK_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "flow_extra.h"

enum column_id
{
	COLUMN_TS,
	COLUMN_DURATION_MS,
	COLUMN_EXPORTER,
	COLUMN_SENSOR,
	COLUMN_IN_IF,
	COLUMN_OUT_IF,
	COLUMN_SRC_ADDR,
	COLUMN_DST_ADDR,
	COLUMN_SRC_PORT,
	COLUMN_DST_PORT,
	COLUMN_PROTO,
	COLUMN_TCP_FLAGS,
	COLUMN_TOS,
	COLUMN_PACKETS,
	COLUMN_BYTES,
	COLUMN_SRC_AS,
	COLUMN_DST_AS,
	COLUMN_SAMPLING,
	COLUMN_CORE_COUNT,			/* then come those of flow_columns.h */
	COLUMN_COUNT = COLUMN_CORE_COUNT + FLOW_EXTRA_COUNT
};

enum column_kind
{
	COLUMN_IS_TIME,				/* number: microseconds since 1970 */
	COLUMN_IS_ADDR,
	COLUMN_IS_TEXT,
	COLUMN_IS_INT,
	COLUMN_IS_REAL,
	COLUMN_IS_MAC,
	COLUMN_IS_JSON,
	COLUMN_IS_INTS
};

struct column
{
	const char *name;
	const char *type;			/* SQL type of the standard table */
	enum column_kind kind;
	int			int_bytes;		/* width of an integer type, else 0 */
};

extern const struct column column_list[COLUMN_COUNT];

struct column_value
{
	bool		is_null;
	int64_t		number;			/* COLUMN_IS_TIME, COLUMN_IS_INT */
	const struct flow_addr *addr;	/* COLUMN_IS_ADDR, points into the flow */
	double		real;			/* COLUMN_IS_REAL */
	struct flow_bytes bytes;	/* TEXT, JSON; MAC; INTS: 4 bytes an element;
								 * points where the flow does */
};

/* The column of this name, or COLUMN_COUNT. */
extern enum column_id column_find(const char *name);

/*
 * The value of a column.  Integers fit the type in column_list; what does not
 * is NULL (interface and AS numbers are labels) or the type's largest value.
 */
extern struct column_value column_get(enum column_id id,
									  const struct flow *flow);

#endif
