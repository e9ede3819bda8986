/*-------------------------------------------------------------------------
 *
 * A text that grows, up to a bound.
 *
 * A put that would exceed max, or for which there is no memory, adds nothing
 * and sets has_failed, which stays set until web_buffer_clear: put everything,
 * ask once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_BUFFER_H
#define COLLECTOR_WEB_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with {.max = bytes}, the rest zero. */
struct web_buffer
{
	char	   *bytes;			/* bytes[room], len of them used */
	size_t		len;
	size_t		room;
	size_t		max;
	bool		has_failed;
};

extern void web_buffer_put(struct web_buffer *buffer, const void *bytes,
						   size_t len);
extern void web_buffer_text(struct web_buffer *buffer, const char *text);
extern void web_buffer_print(struct web_buffer *buffer, const char *fmt,...)
			__attribute__((format(printf, 2, 3)));

/*
 * A JSON string, quotes included.  What is not UTF-8 becomes U+FFFD, byte by
 * byte.
 */
extern void web_buffer_json(struct web_buffer *buffer, const char *text,
							size_t len);

/* A CSV value in quotes (RFC 4180, section 2). */
extern void web_buffer_csv(struct web_buffer *buffer, const char *text,
						   size_t len);

/* Empty; the memory stays. */
extern void web_buffer_clear(struct web_buffer *buffer);
extern void web_buffer_free(struct web_buffer *buffer);

/*
 * Length of the UTF-8 sequence at the start of bytes[len], len > 0, or 0 where
 * there is none (RFC 3629: no surrogates, nothing overlong).
 */
extern size_t web_utf8_len(const char *bytes, size_t len);

#endif
