/*-------------------------------------------------------------------------
 *
 * flow ip: what is known of an address, or of a network.
 *
 * An address is asked about by flow.investigate, a network by a query of the same
 * form; indicators, prefix tables and flow.host_seen are added to both, as far
 * as the role may read them.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"

#define NCOLUMNS 7

struct ip
{
	struct session *session;
	const struct arguments *arguments;
	const char *address;		/* as it was typed */
	const char *number;			/* rows of a section */
	struct range range;
	struct grid *grid;
	bool		is_table;
	const char *section;		/* that of the last row */
};

/*
 * Flows at a network, by ends, protocol and port.  got: its end is in the network;
 * sent: its beginning is.
 */
#define NETWORK_OWN \
	"WITH own AS MATERIALIZED (SELECT src_addr AS s, dst_addr AS d," \
	"  (src_addr <<= $1::inet) IS TRUE AS sent, (dst_addr <<= $1::inet) IS TRUE AS got," \
	"  proto, dst_port, count(*) AS n, sum(bytes) AS b, min(ts) AS first, max(ts) AS last" \
	" FROM %s WHERE (src_addr <<= $1::inet OR dst_addr <<= $1::inet)" \
	"  AND ts >= $2::timestamptz AND ts < $3::timestamptz GROUP BY 1, 2, 3, 4, 5, 6),"

#define NETWORK_SECTIONS \
	" sections AS (" \
	"  SELECT 1 AS place, 'network' AS section, format('%%s', $1::inet) AS item, sum(n) AS n," \
	"   sum(b) AS b, min(first) AS first, max(last) AS last," \
	"   CASE WHEN flow.is_internal($1::inet) THEN 'internal' ELSE 'external' END AS detail FROM own" \
	"  UNION ALL SELECT 2, 'sent', count(DISTINCT d) || ' peers', sum(n), sum(b), min(first)," \
	"   max(last), NULL FROM own WHERE sent AND NOT got HAVING count(*) > 0" \
	"  UNION ALL SELECT 3, 'received', count(DISTINCT s) || ' peers', sum(n), sum(b), min(first)," \
	"   max(last), NULL FROM own WHERE got AND NOT sent HAVING count(*) > 0" \
	"  UNION ALL SELECT 4, 'within', NULL, sum(n), sum(b), min(first), max(last), NULL" \
	"   FROM own WHERE sent AND got HAVING count(*) > 0" \
	"  UNION ALL SELECT 5, 'host', host(a), sum(n), sum(b), min(first), max(last)," \
	"   count(DISTINCT peer) || ' peers'" \
	"   FROM (SELECT s, d, n, b, first, last FROM own WHERE sent" \
	"         UNION ALL SELECT d, s, n, b, first, last FROM own WHERE got AND s IS DISTINCT FROM d)" \
	"    h(a, peer, n, b, first, last) GROUP BY a" \
	"  UNION ALL SELECT 6, 'peer', host(CASE WHEN sent THEN d ELSE s END), sum(n), sum(b)," \
	"   min(first), max(last)," \
	"   round(100 * coalesce(sum(b) FILTER (WHERE sent), 0) / nullif(sum(b), 0)) || ' %% of bytes sent to it'" \
	"   FROM own WHERE sent <> got GROUP BY CASE WHEN sent THEN d ELSE s END" \
	"  UNION ALL SELECT 7, 'port served', flow.proto_name(proto::integer) || coalesce('/' || dst_port, '')," \
	"   sum(n), sum(b), min(first), max(last), count(DISTINCT d) || ' hosts' FROM own WHERE got" \
	"   GROUP BY proto, dst_port" \
	"  UNION ALL SELECT 8, 'port used', flow.proto_name(proto::integer) || coalesce('/' || dst_port, '')," \
	"   sum(n), sum(b), min(first), max(last), count(DISTINCT s) || ' hosts' FROM own WHERE sent" \
	"   GROUP BY proto, dst_port)"

#define NETWORK_RANKED \
	" SELECT section, item, n, b, first, last, detail" \
	" FROM (SELECT x.*, row_number() OVER (PARTITION BY place ORDER BY b DESC NULLS LAST, n DESC, item) AS rank" \
	"       FROM sections x) r WHERE rank <= $4::bigint AND n > 0 ORDER BY place, rank"

#define NETWORK_ALERTS \
	"SELECT 'alert', rule, sum(repetitions), NULL, min(ts), max(last_ts), max(worst)::text" \
	" || CASE WHEN bool_and(acknowledged) THEN ', acknowledged' ELSE '' END FROM flow.alerts" \
	" WHERE (src_addr <<= $1::inet OR dst_addr <<= $1::inet) AND ts >= $2::timestamptz" \
	"  AND ts < $3::timestamptz GROUP BY rule ORDER BY max(worst) DESC, rule LIMIT $4::bigint"

#define INDICATORS \
	"SELECT 'indicator', set_name, NULL, NULL, valid_from, nullif(valid_to, 'infinity')," \
	" severity || ', ' || network FROM flow.matches($1::inet) LIMIT 100"

#define PREFIXES \
	"SELECT 'in ' || p.name, l.value, NULL, NULL, NULL, NULL, 'network ' || l.network" \
	" FROM flow.prefix_tables p CROSS JOIN LATERAL flow.lookup_all(p.name, $1::inet) l ORDER BY 1, l.network"

#define SEEN \
	"SELECT 'ever seen', host(ip), flows, NULL, first_seen, last_seen, days || ' days'" \
	" FROM flow.host_seen WHERE relation = $2::oid AND ip = $1::inet"

static void
add_rows(struct ip *ip, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		const char *values[NCOLUMNS];

		for (int i = 0; i < NCOLUMNS; i++)
			values[i] = PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);
		if (ip->is_table && values[0] != NULL)
		{
			const char *section = memory_format("%s", values[0]);

			values[0] = ip->section != NULL && strcmp(ip->section, section) == 0 ? "" : section;
			ip->section = section;
		}
		for (int i = 1; ip->is_table && i < NCOLUMNS; i++)
			if (values[i] == NULL)
				values[i] = "";
		grid_row(ip->grid, values);
	}
}

/* What not every role may read: an error is passed over. */
static bool
add_more(struct ip *ip, const char *sql, int nvalues, const char *const *values)
{
	PGresult   *result = session_try(ip->session, sql, nvalues, values);

	if (result == NULL)
		return false;
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		add_rows(ip, result);
	PQclear(result);
	return !session_is_interrupted();
}

/* 1 of a network, 0 of an address, -1 after an error. */
static int
is_network(struct ip *ip)
{
	PGresult   *result = session_query(ip->session,
									   "SELECT masklen($1::inet) < CASE family($1::inet) WHEN 4 THEN 32 ELSE 128 END",
									   1, &ip->address);
	int			answer = -1;

	if (result != NULL)
		answer = PQgetvalue(result, 0, 0)[0] == 't';
	PQclear(result);
	return answer;
}

/* The sections that come from flows. */
static PGresult *
ask_flows(struct ip *ip, bool is_net)
{
	const char *const values[] = {ip->address, ip->range.since, ip->range.until, ip->number,
	session_relation(ip->session)};

	if (!is_net)
		return session_query(ip->session,
							 "SELECT * FROM flow.investigate($1::inet, $4::integer, $2::timestamptz,"
							 " $3::timestamptz, relation => $5::oid)", 5, values);
	return session_query(ip->session,
						 memory_format(NETWORK_OWN NETWORK_SECTIONS NETWORK_RANKED,
									   session_table(ip->session)), 4, values);
}

static bool
answer(struct ip *ip, bool is_net)
{
	const char *const values[] = {ip->address, ip->range.since, ip->range.until, ip->number};
	const char *const seen[] = {ip->address, session_relation(ip->session)};
	PGresult   *result = ask_flows(ip, is_net);
	bool		is_found;

	if (result == NULL)
		return false;
	/* flow.investigate has a row for an address without flows, too */
	is_found = PQntuples(result) > 0 && atof(PQgetvalue(result, 0, 2)) > 0;
	if (is_found)
		add_rows(ip, result);
	PQclear(result);
	if ((is_net && !add_more(ip, NETWORK_ALERTS, 4, values)) ||
		!add_more(ip, SEEN, 2, seen) || !add_more(ip, PREFIXES, 1, values) ||
		!add_more(ip, INDICATORS, 1, values))
		return false;
	if (!is_found && ip->is_table)
		range_tell_nothing(ip->session, &ip->range);
	return true;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[NCOLUMNS] = {
		{"section", GRID_TEXT}, {"item", GRID_TEXT}, {"flows", GRID_COUNT}, {"bytes", GRID_BYTES},
		{"first_seen", GRID_SECOND}, {"last_seen", GRID_SECOND}, {"detail", GRID_TEXT}
	};
	struct ip	ip = {.session = session, .arguments = arguments};
	int			is_net;
	bool		is_good;
	int			status;

	arguments_need_words(arguments, 1, 1);
	ip.address = arguments->words[0];
	ip.is_table = grid_wants_words(arguments);
	ip.number = memory_format("%lld", (long long) arguments_number(arguments, "number", 10, 1));
	if (session_relation(session) == NULL || !range_resolve(session, arguments, "7 days", &ip.range) ||
		(is_net = is_network(&ip)) < 0)
		return STATUS_FAILED;
	ip.grid = grid_begin(arguments, columns, NCOLUMNS);
	is_good = answer(&ip, is_net);
	status = grid_end(ip.grid);
	return is_good ? status : STATUS_FAILED;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many lines of each section (default 10)", NULL},
	{0}
};

const struct command command_ip = {
	.name = "ip",
	.words = "ADDRESS|NETWORK",
	.summary = "what is known of an address or network",
	.text = "First and last seen, what it sent and received, peers, ports served and used,\n"
	"neighbours or hosts, alerts, prefix tables and indicators that it is in.\n"
	"Looks at the last 7 days.\n"
	"  flow ip 203.0.113.7\n"
	"  flow ip 10.0.0.0/22 --since -7d",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
