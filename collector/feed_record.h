/*-------------------------------------------------------------------------
 *
 * A line of a feed, taken apart: named texts, before they mean anything.
 *
 * Names and texts point into the line, into the columns, or into scratch, and
 * are valid until the next line.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_RECORD_H
#define COLLECTOR_FEED_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEED_MAX_VALUES 1024	/* names in a line */

enum feed_kind
{
	FEED_NULL,
	FEED_STRING,
	FEED_LITERAL,				/* number or truth value, valid in JSON */
	FEED_NESTED					/* JSON array or object */
};

struct feed_value
{
	const char *name;			/* as the feed has it, name[name_len] */
	const char *text;			/* text[len] */
	uint32_t	name_len;
	uint32_t	len;
	uint8_t		target;			/* column_id or draft_target; DRAFT_FIELD */
	uint8_t		unit;			/* enum scan_unit */
	uint8_t		rank;
	uint8_t		kind;			/* enum feed_kind */
};

struct feed_record
{
	int			n;
	struct feed_value values[FEED_MAX_VALUES];
	char	   *scratch;
	size_t		used;
	size_t		room;
};

/* A column of a format with a header. */
struct feed_column
{
	struct feed_value value;	/* without text */
	uint8_t		zeek_type;		/* enum zeek_type */
};

struct feed_columns
{
	int			n;
	int			nknown;			/* that mean something to us */
	struct feed_column list[FEED_MAX_VALUES];
	char	   *names;			/* where the names are */
};

/*
 * Empty the record and make room for scratch of size bytes.  Returns false
 * when memory is exhausted.
 */
extern bool feed_record_begin(struct feed_record *record, size_t size)
			__attribute__((warn_unused_result));

/*
 * Make columns of the names in line[len], between separators; a name may
 * stand in quotes.  Returns false if there are too many or memory is exhausted.
 */
extern bool feed_columns_set(struct feed_columns *columns, const char *line,
							 size_t len, char separator, bool is_nfdump)
			__attribute__((warn_unused_result));

#endif
