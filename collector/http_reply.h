/*-------------------------------------------------------------------------
 *
 * One answer of the HTTP server, as its threads see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HTTP_REPLY_H
#define COLLECTOR_HTTP_REPLY_H

#include <stdatomic.h>

#include "http_server.h"

#define HTTP_REPLY_MAX	(8 * 1024 * 1024)	/* of a body that cannot flow */

struct http_reply
{
	struct web_buffer body;		/* .max is set by the server */
	int			status;
	const char *content_type;
	int			fd;
	int			timeout_ms;
	const atomic_bool *stops;
	bool		flows;			/* in a worker */
	bool		is_head;		/* HEAD: no body is sent */
	bool		is_http10;
	bool		keeps_alive;
	bool		has_left;
	bool		has_failed;		/* the client is gone, or http_reply_abort */
};

/* Make ready for the next request; the body's memory stays. */
extern void http_reply_reset(struct http_reply *reply,
							 const struct http_request *request);

/* What is left to send of an answer that has ended, head included. */
extern void http_reply_finish(struct http_reply *reply, struct web_buffer *out);

/* Send out to the socket, waiting for it; for workers. */
extern bool http_reply_send(struct http_reply *reply,
							const struct web_buffer *out);

/* An error as JSON: {"error": "..."}. */
extern void http_reply_error(struct http_reply *reply, int status,
							 const char *message);

#endif
