/*-------------------------------------------------------------------------
 *
 * InfluxDB line protocol: one line of it.
 *
 *		measurement,tag=value,... field=value,... time
 *
 * Fields are 1.5, 42i, 42u, t, T, true, True, TRUE (and the like for false),
 * or "text"; the time is nanoseconds since 1970.  A backslash makes the comma,
 * blank or equals sign after it part of a name or tag, and a quote or
 * backslash part of a text; otherwise it stands for itself.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INFLUX_H
#define COLLECTOR_INFLUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INFLUX_MAX_VALUES	256
#define INFLUX_MAX_LINE		(64 * 1024)

enum influx_kind
{
	INFLUX_TAG,
	INFLUX_FLOAT,
	INFLUX_INT,					/* digits, without the i or u */
	INFLUX_BOOL,				/* "true" or "false" */
	INFLUX_TEXT
};

struct influx_value
{
	enum influx_kind kind;
	const char *name;			/* name[name_len], with a zero byte behind */
	const char *text;			/* text[len] */
	size_t		name_len;
	size_t		len;
};

struct influx_line
{
	const char *measurement;	/* with a zero byte behind it */
	size_t		measurement_len;
	bool		has_time;
	int64_t		time_ns;		/* since 1970 UTC */
	int			nvalues;
	struct influx_value values[INFLUX_MAX_VALUES];
};

/*
 * Read bytes[len], a line without its end, which is written over; *line
 * points into it.  bytes[len] may be written, too.  Returns NULL, or what is
 * wrong; "" for an empty line or a comment.  All text is UTF-8 without
 * control characters.
 */
extern const char *influx_parse(struct influx_line *line, char *bytes,
								size_t len);

#endif
