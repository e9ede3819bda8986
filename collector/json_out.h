/*-------------------------------------------------------------------------
 *
 * JSON text that grows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_JSON_OUT_H
#define COLLECTOR_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_OUT_MAX (8 * 1024 * 1024)

/* Start with all zero, free bytes at the end. */
struct json_out
{
	char	   *bytes;			/* bytes[len], not ended by zero */
	size_t		len;
	size_t		room;
	bool		has_failed;		/* JSON_OUT_MAX or memory exceeded; sticky */
};

static inline void
json_out_clear(struct json_out *out)
{
	out->len = 0;
	out->has_failed = false;
}

/* Append bytes as they are. */
extern void json_out_raw(struct json_out *out, const char *bytes, size_t len);

/* Append text[len], which is UTF-8 without zero bytes, as a string. */
extern void json_out_string(struct json_out *out, const char *text, size_t len);

/* Append a comma if something stands before in the same array or object. */
extern void json_out_next(struct json_out *out);

#endif
