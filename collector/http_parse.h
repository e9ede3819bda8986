/*-------------------------------------------------------------------------
 *
 * Reading HTTP/1.1 requests (RFC 9110, 9112): the head, the query string,
 * chunked bodies, and one part of multipart/form-data (RFC 7578).
 *
 * Nothing here allocates, or reads outside of what it is given.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HTTP_PARSE_H
#define COLLECTOR_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_MAX_HEAD		(64 * 1024)
#define HTTP_MAX_HEADERS	100

enum http_method
{
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_OTHER
};

/* Bytes of the request; NULL where it has none. */
struct http_text
{
	const char *bytes;
	size_t		len;
};

struct http_request
{
	enum http_method method;
	struct http_text path;		/* as sent: percent signs stay */
	struct http_text query;		/* what follows the question mark */
	struct http_text host;
	struct http_text authorization;
	struct http_text content_type;
	struct http_text statement_timeout;
	struct http_text body;		/* set by the server */
	uint64_t	content_length;
	bool		has_length;
	bool		is_chunked;
	bool		keeps_alive;
	bool		is_http10;
	bool		expects_continue;
};

enum http_parsed
{
	HTTP_MORE,					/* call again with more bytes */
	HTTP_GOOD,
	HTTP_BAD
};

/*
 * Read the head at the start of bytes[len].  When GOOD, *head_len is its
 * length, and the request points into bytes.  Requests that two readers could
 * take for different ones are BAD: length and chunks together, two lengths,
 * blanks before a colon, folded lines, bare line ends.
 */
extern enum http_parsed http_parse_head(const char *bytes, size_t len,
										struct http_request *request,
										size_t *head_len);

/*
 * The value of a parameter of the query string, decoded, with a zero byte, in
 * value[room].  Returns its length; -1 if there is none, and -2 if it does
 * not fit, holds a zero byte, or a percent sign without two hex digits.
 */
extern int	http_parameter(const struct http_request *request, const char *name,
						   char *value, size_t room);

/* Start with all zero. */
struct http_chunks
{
	int			state;
	uint64_t	left;			/* of this chunk, or of the trailer's bound */
};

/*
 * Decode a part of a chunked body in place: bytes[len] are replaced by
 * *nbody bytes of the body.  When GOOD, the body has ended *nused bytes into
 * the input; with MORE all of it was used.
 */
extern enum http_parsed http_dechunk(struct http_chunks *chunks, char *bytes,
									 size_t len, size_t *nused, size_t *nbody);

/*
 * Where the request's body is multipart/form-data, the content of the part of
 * this name, or of the first one if name is NULL; else the whole body.  .bytes
 * is NULL if there is no such part, or the body is damaged.
 */
extern struct http_text http_form_part(const struct http_request *request,
									   const char *name);

/* Is a Host header "localhost" or an IP address, with or without a port? */
extern bool http_host_is_local(struct http_text host);

#endif
