/*-------------------------------------------------------------------------
 *
 * A snapshot as Prometheus text, version 0.0.4.
 *
 * Counters are flowcollectd_<name>_total; times are seconds.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "metrics.h"

static void
put_counter(struct web_buffer *to, const char *name, uint64_t value)
{
	web_buffer_print(to, "# HELP flowcollectd_%s_total Counter %s of flowcollectd.\n"
					 "# TYPE flowcollectd_%s_total counter\n"
					 "flowcollectd_%s_total %" PRIu64 "\n",
					 name, name, name, name, value);
}

static void
put_gauge(struct web_buffer *to, const char *name, const char *help, double value)
{
	web_buffer_print(to, "# HELP flowcollectd_%s %s\n# TYPE flowcollectd_%s gauge\n"
					 "flowcollectd_%s %.15g\n", name, help, name, name, value);
}

static void
put_labels(struct web_buffer *to, const struct status_exporter *e)
{
	char		addr[INET6_ADDRSTRLEN] = "0.0.0.0";

	inet_ntop(e->addr.family == FLOW_FAMILY_IP6 ? AF_INET6 : AF_INET,
			  e->addr.bytes, addr, sizeof(addr));
	web_buffer_print(to, "{exporter=\"%s\",version=\"%u\",domain=\"%" PRIu32 "\"}",
					 addr, e->version, e->domain);
}

enum exporter_metric
{
	RECORDS,
	GAPS,
	MISSED,
	TEMPLATES,
	LAST_SEEN
};

static const struct
{
	const char *name;
	const char *help;
	const char *type;
}			exporter_metrics[] = {
	[RECORDS] = {"exporter_records_total", "Records of this exporter.", "counter"},
	[GAPS] = {"exporter_sequence_gaps_total", "Gaps in its sequence numbers.", "counter"},
	[MISSED] = {"exporter_missed_records_total", "Records in these gaps.", "counter"},
	[TEMPLATES] = {"exporter_templates", "Templates known.", "gauge"},
	[LAST_SEEN] = {"exporter_last_seen_timestamp_seconds",
		"When its last datagram came.", "gauge"}
};

static void
put_exporter_value(struct web_buffer *to, enum exporter_metric metric,
				   const struct status_exporter *e)
{
	switch (metric)
	{
		case RECORDS:
			web_buffer_print(to, " %" PRIu64 "\n", e->records);
			break;
		case GAPS:
			web_buffer_print(to, " %" PRIu64 "\n", e->gaps);
			break;
		case MISSED:
			web_buffer_print(to, " %" PRIu64 "\n", e->missed);
			break;
		case TEMPLATES:
			web_buffer_print(to, " %" PRIu64 "\n", e->templates);
			break;
		case LAST_SEEN:
			web_buffer_print(to, " %.3f\n", (double) e->last_seen_us / 1e6);
			break;
	}
}

static void
put_exporters(struct web_buffer *to, const struct status *status)
{
	for (int metric = RECORDS; metric <= LAST_SEEN; metric++)
	{
		const char *name = exporter_metrics[metric].name;

		web_buffer_print(to, "# HELP flowcollectd_%s %s\n# TYPE flowcollectd_%s %s\n",
						 name, exporter_metrics[metric].help, name,
						 exporter_metrics[metric].type);
		for (int i = 0; i < status->nexporters; i++)
		{
			if (metric == TEMPLATES && status->exporters[i].templates == 0)
				continue;
			web_buffer_print(to, "flowcollectd_%s", name);
			put_labels(to, &status->exporters[i]);
			put_exporter_value(to, (enum exporter_metric) metric,
							   &status->exporters[i]);
		}
	}
}

void
metrics_print(const struct status *status, struct web_buffer *to)
{
#define PUT_COUNTER(name) put_counter(to, #name, status->counters.name);
	COUNTER_LIST(PUT_COUNTER)
#undef PUT_COUNTER
	put_gauge(to, "queue_rows", "Rows that wait in memory.",
			  (double) status->queue_rows);
	put_gauge(to, "spool_bytes", "Bytes that wait on disk.",
			  (double) status->spool_bytes);
	put_gauge(to, "lag_seconds", "Age of the oldest row that is not committed.",
			  status->lag_s);
	put_gauge(to, "rows_per_second", "Rows committed lately.", status->rows_per_s);
	put_gauge(to, "exporters_seen", "Exporters known.",
			  (double) status->exporters_seen);
	put_gauge(to, "healthy", "1 if GET /health answers 200.", status->nproblems == 0);
	put_gauge(to, "start_time_seconds", "When the process started.",
			  (double) status->started_us / 1e6);
	put_exporters(to, status);
	status_receive_metrics(&status->receive, to);
}
