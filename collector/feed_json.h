/*-------------------------------------------------------------------------
 *
 * Lines of JSON (RFC 8259): an object each.
 *
 * Memory: that of yajl, which grows with the longest line, and copies of its
 * texts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_JSON_H
#define COLLECTOR_FEED_JSON_H

#include "feed_record.h"

#define FEED_JSON_DEPTH	16		/* objects and arrays in each other, at most */

struct feed_json;

/* Returns NULL when memory is exhausted. */
extern struct feed_json *feed_json_open(void);
extern void feed_json_close(struct feed_json *json);

/*
 * Take a line apart.  Returns NULL, or why it cannot be, as part of a sentence
 * that begins with "the line".  Values that are objects or arrays are written
 * anew, without blanks.
 */
extern const char *feed_json_line(struct feed_json *json, const char *line,
								  size_t len, struct feed_record *record);

/* Is text[len] a JSON object that PostgreSQL's jsonb takes? */
extern bool feed_json_is_object(struct feed_json *json, const char *text, size_t len);

#endif
