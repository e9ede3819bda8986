/*-------------------------------------------------------------------------
 *
 * Sections that are rankings: talkers, applications, networks, names.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "html.h"
#include "report_query.h"
#include "report_ranking.h"
#include "report_sections.h"
#include "report_value.h"

/* So many sources that may have a conversation of the first are listed, not more. */
#define MOST_CANDIDATES 20000

/* Protocols whose ports name a service: TCP, UDP, DCCP, SCTP, UDP-Lite. */
#define WITH_PORTS "proto = ANY ('{6,17,33,132,136}'::smallint[])"

#define ADDRESS_TAG "CASE WHEN flow.is_internal(k1) THEN 'internal' END"

static const struct ranking sources = {
	.id = "sources", .title = "Sources", .what = "Address",
	.keys = {"src_addr"}, .types = {"inet"}, .label = "host(k1)", .tag = ADDRESS_TAG,
	.is_compact = true
};

static const struct ranking destinations = {
	.id = "destinations", .title = "Destinations", .what = "Address",
	.keys = {"dst_addr"}, .types = {"inet"}, .label = "host(k1)", .tag = ADDRESS_TAG,
	.is_compact = true
};

static const struct ranking conversations = {
	.id = "conversations", .title = "Conversations",
	.remark = "From a source to a destination; the other direction is a conversation of its own.",
	.what = "From and to", .keys = {"src_addr", "dst_addr"}, .types = {"inet", "inet"},
	.label = "concat(coalesce(host(k1), '(none)'), ' \xe2\x86\x92 ', coalesce(host(k2), '(none)'))"
};

static const struct ranking protocols = {
	.id = "protocols", .title = "Protocols", .what = "Protocol",
	.keys = {"proto"}, .types = {"smallint"}, .label = "flow.proto_name(k1)", .tag = "k1::text"
};

static const struct ranking networks[] = {
	{.id = "src-as", .title = "Autonomous systems, sending", .what = "AS",
	.keys = {"src_as"}, .types = {"bigint"}, .label = "'AS ' || k1",
	.condition = "src_as <> 0", .is_part = true, .is_compact = true},
	{.id = "dst-as", .title = "Autonomous systems, receiving", .what = "AS",
	.keys = {"dst_as"}, .types = {"bigint"}, .label = "'AS ' || k1",
	.condition = "dst_as <> 0", .is_part = true, .is_compact = true},
	{.id = "src-country", .title = "Countries, sending", .what = "Country",
	.keys = {"src_country"}, .types = {"text"}, .label = "k1::text",
	.condition = "src_country <> ''", .is_part = true, .is_compact = true},
	{.id = "dst-country", .title = "Countries, receiving", .what = "Country",
	.keys = {"dst_country"}, .types = {"text"}, .label = "k1::text",
	.condition = "dst_country <> ''", .is_part = true, .is_compact = true}
};

static const struct ranking names[] = {
	{.id = "sni", .title = "TLS server names", .what = "SNI",
	.keys = {"sni"}, .types = {"text"}, .label = "k1",
	.condition = "sni <> ''", .is_part = true, .is_compact = true},
	{.id = "dns", .title = "DNS questions", .what = "Name",
	.keys = {"dns_query"}, .types = {"text"}, .label = "k1",
	.condition = "dns_query <> ''", .is_part = true, .is_compact = true, .by_flows = true},
	{.id = "http", .title = "HTTP hosts", .what = "Host",
	.keys = {"http_host"}, .types = {"text"}, .label = "k1",
	.condition = "http_host <> ''", .is_part = true, .is_compact = true}
};

static const char *
one_value(struct report *report, const char *what, const char *sql, const char *value)
{
	const char *values[] = {report->bounds[0], report->bounds[1], value};
	PGresult   *result = report_query(report, what, sql, 3, values);
	const char *text = NULL;

	if (result != NULL && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
		text = memory_format("%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return text;
}

/*
 * The sources that can have one of the first conversations, as an array; NULL
 * for any.  No conversation is larger than all of its source, so those of
 * the greatest sources give a bound that the sources must reach.
 */
static const char *
candidates(struct report *report, const char *greatest)
{
	const char *sum = report_sum(report, report->measure);
	const char *source = report_source(report);
	const char *bound;

	if (greatest == NULL || report->has_negative)
		return NULL;
	bound = one_value(report, "Conversations, bound", memory_format(
		"SELECT min(amount) FROM (SELECT %s AS amount %s AND src_addr = ANY ($3::inet[])"
		" GROUP BY src_addr, dst_addr ORDER BY 1 DESC NULLS LAST LIMIT %d) s HAVING count(*) = %d",
		sum, source, report->top, report->top), greatest);
	if (bound == NULL)
		return NULL;
	return one_value(report, "Conversations, sources", memory_format(
		"SELECT array_agg(src_addr) FROM (SELECT src_addr %s GROUP BY 1 HAVING %s >= $3::numeric LIMIT %d) s"
		" HAVING count(*) <= %d AND count(src_addr) = count(*)",
		source, sum, MOST_CANDIDATES + 1, MOST_CANDIDATES), bound);
}

static void
begin_section(struct report *report, const char *id, const char *title)
{
	html_put(&report->page, "<section class=\"group\" id=\"%s\"><h2>%s</h2>\n", id, title);
}

static void
end_section(struct report *report)
{
	html_put(&report->page, "</section>\n");
}

void
report_talkers(struct report *report)
{
	struct ranking pairs = conversations;
	const char *greatest;

	if (!ranking_is_possible(report, &sources) && !ranking_is_possible(report, &destinations))
		return;
	begin_section(report, "talkers", "Talkers");
	html_put(&report->page, "<div class=\"two\">\n");
	greatest = ranking_put(report, &sources);
	ranking_put(report, &destinations);
	html_put(&report->page, "</div>\n");
	if (ranking_is_possible(report, &pairs))
	{
		pairs.condition_value = candidates(report, greatest);
		if (pairs.condition_value != NULL)
			pairs.condition = "src_addr = ANY ($3::inet[])";
		ranking_put(report, &pairs);
	}
	end_section(report);
}

/*
 * The port of the service is the lower one.  Each branch groups by columns
 * alone; the last has protocols without ports.
 */
static void
put_services(struct report *report)
{
	const char *sums = report_sums(report);
	const char *source = report_source(report);
	const char *amount = report_sum(report, report->measure);
	const char *bucket = "flow.time_bucket($3::interval, ts, $4::timestamptz) AS bucket";
	struct ranking services = {
		.id = "services", .title = "Services",
		.remark = "By the lower port of each flow; protocols without ports by themselves.",
		.what = "Service", .keys = {"dst_port", "proto"}, .types = {"integer", "smallint"},
		.label = "CASE WHEN k1 IS NULL THEN flow.proto_name(k2) ELSE flow.port_name(k1, k2) END",
		.tag = "CASE WHEN k1 IS NOT NULL THEN CASE WHEN flow.port_name(k1, k2) <> k1::text"
		" THEN k1 || '/' ELSE '' END || flow.proto_name(k2) END"
	};

	services.source = memory_format(
		"SELECT dst_port AS k1, proto AS k2, %s %s AND " WITH_PORTS " AND dst_port <= src_port GROUP BY 1, 2"
		" UNION ALL SELECT src_port, proto, %s %s AND " WITH_PORTS " AND src_port < dst_port GROUP BY 1, 2"
		" UNION ALL SELECT NULL, proto, %s %s AND (" WITH_PORTS " AND src_port + dst_port >= 0) IS NOT TRUE GROUP BY 2",
		sums, source, sums, source, sums, source);
	services.source_by_time = memory_format(
		"SELECT dst_port AS k1, proto AS k2, %s, %s AS amount %s AND " WITH_PORTS " AND dst_port <= src_port"
		" AND dst_port = ANY ($5::integer[]) GROUP BY 1, 2, 3"
		" UNION ALL SELECT src_port, proto, %s, %s %s AND " WITH_PORTS " AND src_port < dst_port"
		" AND src_port = ANY ($5::integer[]) GROUP BY 1, 2, 3"
		" UNION ALL SELECT NULL, proto, %s, %s %s AND (" WITH_PORTS " AND src_port + dst_port >= 0) IS NOT TRUE"
		" GROUP BY 2, 3",
		bucket, amount, source, bucket, amount, source, bucket, amount, source);
	services.source_by_time = memory_format("SELECT * FROM (%s) b WHERE k2 = ANY ($6::smallint[])",
											services.source_by_time);
	ranking_put(report, &services);
}

void
report_applications(struct report *report)
{
	if (!report_has(report, "proto"))
		return;
	begin_section(report, "applications", "Applications");
	if (report_has(report, "src_port") && report_has(report, "dst_port"))
		put_services(report);
	ranking_put(report, &protocols);
	end_section(report);
}

/* A section of the rankings whose columns the table has. */
static void
put_those(struct report *report, const char *id, const char *title,
		  const struct ranking *rankings, size_t n)
{
	size_t		before;
	size_t		empty;

	before = report->page.len;
	begin_section(report, id, title);
	html_put(&report->page, "<div class=\"two\">\n");
	empty = report->page.len;
	for (size_t i = 0; i < n; i++)
		ranking_put(report, &rankings[i]);
	if (report->page.len == empty)
	{
		report->page.len = before;
		return;
	}
	html_put(&report->page, "</div>\n");
	end_section(report);
}

void
report_networks(struct report *report)
{
	put_those(report, "networks", "Networks", networks, sizeof(networks) / sizeof(networks[0]));
}

void
report_names(struct report *report)
{
	put_those(report, "names", "Names", names, sizeof(names) / sizeof(names[0]));
}
