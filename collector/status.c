/*-------------------------------------------------------------------------
 *
 * A snapshot as JSON, and the statements that write it into the database.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "status.h"

/* The collector's clock may differ from the server's; both are of interest. */
const char	status_collector_sql[] =
"INSERT INTO flow.collectors AS c (name, host, pid, version, started, last_seen,"
" rows_per_second, lag, queue_rows, spool_bytes, exporters, drops, refused)"
" SELECT name, host, pid, version, to_timestamp(started), now(), rows_per_second,"
" make_interval(secs => lag), queue_rows, spool_bytes, exporters, drops, refused"
" FROM jsonb_to_record($1::jsonb) AS r (name text, host text, pid int,"
" version text, started float8, rows_per_second float8, lag float8,"
" queue_rows bigint, spool_bytes bigint, exporters bigint, drops jsonb, refused jsonb)"
" ON CONFLICT (name) DO UPDATE SET (host, pid, version, started, last_seen,"
" rows_per_second, lag, queue_rows, spool_bytes, exporters, drops, refused) ="
" (excluded.host, excluded.pid, excluded.version, excluded.started,"
" excluded.last_seen, excluded.rows_per_second, excluded.lag,"
" excluded.queue_rows, excluded.spool_bytes, excluded.exporters, excluded.drops,"
" excluded.refused)";

const char	status_exporters_sql[] =
"INSERT INTO flow.exporters AS e (collector, address, version, domain, last_seen,"
" records, records_per_second, gaps, missed, templates)"
" SELECT $1::jsonb ->> 'collector', address, version, domain,"
" to_timestamp(last_seen), records, records_per_second, gaps, missed, templates"
" FROM jsonb_to_recordset($1::jsonb -> 'exporters') AS r (address inet,"
" version int, domain bigint, last_seen float8, records bigint,"
" records_per_second float8, gaps bigint, missed bigint, templates bigint)"
" ON CONFLICT (collector, address, version, domain) DO UPDATE SET (last_seen,"
" records, records_per_second, gaps, missed, templates) = (excluded.last_seen,"
" excluded.records, excluded.records_per_second, excluded.gaps,"
" excluded.missed, excluded.templates)";

/* Parts of the names of counters that count what did not reach the table. */
static const char *const drop_words[] = {
	"dropped", "rejected", "lost", "missed", "malformed", "unsupported",
	"evicted", "refused", "skipped", "unknown", "expired", "denied", "not_allowed", "over_rate",
	"short", "unparkable"
};

void
status_problem(struct status *status, const char *problem)
{
	if (status->nproblems < STATUS_MAX_PROBLEMS)
		status->problems[status->nproblems++] = problem;
}

static void
put_string(struct web_buffer *to, const char *name, const char *value)
{
	web_buffer_print(to, "\"%s\":", name);
	if (value == NULL)
		web_buffer_text(to, "null");
	else
		web_buffer_json(to, value, strlen(value));
	web_buffer_text(to, ",");
}

static double
finite_or_zero(double value)
{
	return isfinite(value) ? value : 0;
}

/* What bigint holds. */
static uint64_t
clip(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : n;
}

static bool
is_drop(const char *name)
{
	for (size_t i = 0; i < sizeof(drop_words) / sizeof(drop_words[0]); i++)
	{
		if (strstr(name, drop_words[i]) != NULL)
			return true;
	}
	return false;
}

static void
put_drops(struct web_buffer *to, const struct counters *counters)
{
	const char *separator = "";

#define PUT_DROP(name) \
	if (counters->name != 0 && is_drop(#name)) \
	{ \
		web_buffer_print(to, "%s\"" #name "\":%" PRIu64, separator, counters->name); \
		separator = ","; \
	}
	COUNTER_LIST(PUT_DROP)
#undef PUT_DROP
}

void
status_collector_json(const struct status *status, struct web_buffer *to)
{
	web_buffer_text(to, "{");
	put_string(to, "name", status->name);
	put_string(to, "host", status->host);
	put_string(to, "version", status->version);
	web_buffer_print(to, "\"pid\":%d,\"started\":%.6f,\"rows_per_second\":%.3f,"
					 "\"lag\":%.3f,\"queue_rows\":%" PRIu64 ",\"spool_bytes\":%" PRIu64
					 ",\"exporters\":%" PRIu64 ",\"drops\":{",
					 status->pid, (double) status->started_us / 1e6,
					 finite_or_zero(status->rows_per_s), finite_or_zero(status->lag_s),
					 clip(status->queue_rows), clip(status->spool_bytes),
					 clip(status->exporters_seen));
	put_drops(to, &status->counters);
	web_buffer_text(to, "},\"refused\":");
	status_receive_json(&status->receive, to);
	web_buffer_text(to, "}");
}

void
status_exporters_json(const struct status *status, struct web_buffer *to)
{
	web_buffer_text(to, "{");
	put_string(to, "collector", status->name);
	web_buffer_text(to, "\"exporters\":[");
	for (int i = 0; i < status->nexporters; i++)
	{
		const struct status_exporter *e = &status->exporters[i];
		char		addr[INET6_ADDRSTRLEN] = "0.0.0.0";

		inet_ntop(e->addr.family == FLOW_FAMILY_IP6 ? AF_INET6 : AF_INET,
				  e->addr.bytes, addr, sizeof(addr));
		web_buffer_print(to, "%s{\"address\":\"%s\",\"version\":%u,\"domain\":%" PRIu32
						 ",\"last_seen\":%.6f,\"records\":%" PRIu64
						 ",\"records_per_second\":%.3f,\"gaps\":%" PRIu64
						 ",\"missed\":%" PRIu64 ",\"templates\":",
						 i == 0 ? "" : ",", addr, e->version, e->domain,
						 (double) e->last_seen_us / 1e6, clip(e->records),
						 finite_or_zero(e->rate), clip(e->gaps), clip(e->missed));
		if (e->templates == 0)
			web_buffer_text(to, "null}");
		else
			web_buffer_print(to, "%" PRIu64 "}", clip(e->templates));
	}
	web_buffer_text(to, "]}");
}

void
status_print_health(const struct status *status, struct web_buffer *to)
{
	if (status->nproblems == 0)
	{
		web_buffer_text(to, "{\"status\":\"ok\"}\n");
		return;
	}
	web_buffer_text(to, "{\"status\":\"unhealthy\",\"reasons\":[");
	for (int i = 0; i < status->nproblems; i++)
	{
		if (i > 0)
			web_buffer_text(to, ",");
		web_buffer_json(to, status->problems[i], strlen(status->problems[i]));
	}
	web_buffer_text(to, "]}\n");
}
