/*-------------------------------------------------------------------------
 *
 * Counts of the HTTP server.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>

#include "http_counts.h"

static const int statuses[HTTP_STATUSES - 1] = {
	HTTP_ABORTED, 200, 400, 401, 403, 404, 405, 408, 413, 431, 500, 503
};

void
http_count_answer(struct http_counts *counts, int route, int status)
{
	int			slot = 0;

	while (slot < HTTP_STATUSES - 1 && statuses[slot] != status)
		slot++;
	counts->answers[route < 0 ? HTTP_MAX_ROUTES : route][slot]++;
}

static void
put_counter(struct web_buffer *to, const char *name, const char *help, uint64_t value)
{
	web_buffer_print(to, "# HELP flowcollectd_%s_total %s\n"
					 "# TYPE flowcollectd_%s_total counter\n"
					 "flowcollectd_%s_total %" PRIu64 "\n", name, help, name, name, value);
}

static void
put_answers(const uint64_t *answers, const char *path, struct web_buffer *to)
{
	for (int slot = 0; slot < HTTP_STATUSES; slot++)
	{
		char		status[16] = "other";

		if (answers[slot] == 0)
			continue;
		if (slot < HTTP_STATUSES - 1)
			snprintf(status, sizeof(status), "%d", statuses[slot]);
		if (slot == 0)
			snprintf(status, sizeof(status), "aborted");
		web_buffer_print(to, "flowcollectd_http_answers_total{path=\"%s\",status=\"%s\"} %"
						 PRIu64 "\n", path, status, answers[slot]);
	}
}

void
http_counts_metrics(const struct http_counts *counts, const char *const *paths, int npaths,
					struct web_buffer *to)
{
	put_counter(to, "http_connections", "Connections of the HTTP interface.",
				counts->connections);
	put_counter(to, "http_connections_refused", "Connections closed because there were too many.",
				counts->connections_refused);
	put_counter(to, "http_requests", "Requests that were let in.", counts->requests);
	put_counter(to, "http_bad_requests", "Requests that were not HTTP, too long or too slow, "
				"or for what there is not.", counts->bad_requests);
	put_counter(to, "http_denied", "Requests without the right token.", counts->denied);
	web_buffer_text(to, "# HELP flowcollectd_http_answers_total Answers, by path and status.\n"
					"# TYPE flowcollectd_http_answers_total counter\n");
	for (int i = 0; i < npaths && i < HTTP_MAX_ROUTES; i++)
		put_answers(counts->answers[i], paths[i], to);
	put_answers(counts->answers[HTTP_MAX_ROUTES], "other", to);
}
