/*-------------------------------------------------------------------------
 *
 * What the HTTP server counts: connections, and answers by route and status.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HTTP_COUNTS_H
#define COLLECTOR_HTTP_COUNTS_H

#include <stdint.h>

#include "web_buffer.h"

#define HTTP_MAX_ROUTES	8
#define HTTP_STATUSES	13		/* that are counted apart, and the last for all others */
#define HTTP_ABORTED	0		/* status of an answer that was not sent to its end */

/* All only grow. */
struct http_counts
{
	uint64_t	connections;
	uint64_t	connections_refused;	/* there were max_connections */
	uint64_t	requests;
	uint64_t	bad_requests;	/* not HTTP, too long, too slow */
	uint64_t	denied;			/* by the tokens */
	uint64_t	answers[HTTP_MAX_ROUTES + 1][HTTP_STATUSES];	/* the last: of no route */
};

/* Count an answer; route is -1 for none, or 0 .. HTTP_MAX_ROUTES - 1. */
extern void http_count_answer(struct http_counts *counts, int route, int status);

/* For Prometheus, as metrics.h; paths[npaths] are those of the routes. */
extern void http_counts_metrics(const struct http_counts *counts, const char *const *paths,
								int npaths, struct web_buffer *to);

#endif
