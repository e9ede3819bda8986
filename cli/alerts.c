/*-------------------------------------------------------------------------
 *
 * flow alerts: what schedules have raised.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"

/* Conditions that both views take. */
static void
add_conditions(const struct arguments *arguments, const struct range *range,
			   struct query *query)
{
	const char *rule = arguments_value(arguments, "rule");
	const char *minimum = arguments_value(arguments, "minimum");

	query_where(query, range, "true");
	if (rule != NULL)
	{
		query_add(query, " AND rule = ");
		query_value(query, rule, "text");
	}
	if (minimum != NULL)
	{
		query_add(query, " AND %s >= ", arguments_has(arguments, "allowed") ? "severity" : "worst");
		query_value(query, minimum, "flow.severity");
	}
	if (arguments->nwords > 0)
	{
		query_add(query, " AND (src_addr <<= ");
		query_value(query, arguments->words[0], "inet");
		query_add(query, " OR dst_addr <<= ");
		query_value(query, arguments->words[0], "inet");
		query_add(query, ")");
	}
}

static PGresult *
ask(struct session *session, const struct arguments *arguments,
	const struct range *range)
{
	bool		is_allowed = arguments_has(arguments, "allowed");
	struct query query = {0};

	query_add(&query, "SELECT id, ts, %s, rule, %s, host(src_addr), host(dst_addr), dst_port, %s%s"
			  " FROM flow.%s", is_allowed ? "severity" : "worst",
			  grid_wants_words(arguments) ? "round(score::numeric, 2)" : "score",
			  is_allowed ? "reason, author, allowed_by" : "repetitions, last_ts, acknowledged",
			  grid_wants_words(arguments) && !arguments_has(arguments, "evidence") ? "" : ", evidence",
			  is_allowed ? "alerts_allowed" : "alerts");
	add_conditions(arguments, range, &query);
	/* the view applies this before it counts repetitions */
	if (!is_allowed && range->since != NULL)
	{
		query_add(&query, " AND hour >= flow.time_bucket(interval '1 hour', ");
		query_value(&query, range->since, "timestamptz");
		query_add(&query, ")");
	}
	if (!is_allowed && arguments_has(arguments, "open"))
		query_add(&query, " AND NOT acknowledged");
	query_add(&query, " ORDER BY ts DESC, id DESC LIMIT ");
	query_value(&query, memory_format("%lld", (long long) arguments_number(arguments, "number", 50, 1)),
				"bigint");
	return session_run(session, &query);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column shown[] = {
		{"id", GRID_EXACT}, {"ts", GRID_SECOND}, {"severity", GRID_SEVERITY}, {"rule", GRID_TEXT},
		{"score", GRID_EXACT}, {"src_addr", GRID_TEXT}, {"dst_addr", GRID_TEXT}, {"dst_port", GRID_EXACT},
		{"repetitions", GRID_COUNT}, {"last_ts", GRID_SECOND}, {"acknowledged", GRID_BOOL},
		{"evidence", GRID_JSON}
	};
	static const struct grid_column allowed[] = {
		{"id", GRID_EXACT}, {"ts", GRID_SECOND}, {"severity", GRID_SEVERITY}, {"rule", GRID_TEXT},
		{"score", GRID_EXACT}, {"src_addr", GRID_TEXT}, {"dst_addr", GRID_TEXT}, {"dst_port", GRID_EXACT},
		{"reason", GRID_TEXT}, {"author", GRID_TEXT}, {"allowed_by", GRID_EXACT},
		{"evidence", GRID_JSON}
	};
	struct range range;
	PGresult   *result;
	bool		is_empty;
	int			status;

	arguments_need_words(arguments, 0, 1);
	if (!range_resolve(session, arguments, "7 days", &range))
		return STATUS_FAILED;
	result = ask(session, arguments, &range);
	is_empty = result != NULL && PQntuples(result) == 0;
	status = grid_show(arguments, arguments_has(arguments, "allowed") ? allowed : shown, result);
	if (is_empty && grid_wants_words(arguments))
		fprintf(stderr, "no alert from %s to %s\n", range.since, range.until);
	return status;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many alerts (default 50)", NULL},
	{0, "minimum", "SEVERITY", "of this severity or worse", "info low medium high critical"},
	{0, "rule", "NAME", "of this rule only", NULL},
	{0, "open", NULL, "only what nobody has acknowledged", NULL},
	{0, "allowed", NULL, "those that flow.allow keeps from being shown, with the reason", NULL},
	{0, "evidence", NULL, "with all that the detection tells, also in tables", NULL},
	{0}
};

const struct command command_alerts = {
	.name = "alerts",
	.words = "[ADDRESS|NETWORK]",
	.summary = "alerts of scheduled detections, newest first",
	.text = "With an address or network only alerts that tell of it.  Repetitions within an\n"
	"hour are one line.  Looks at the last 7 days.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
