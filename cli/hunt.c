/*-------------------------------------------------------------------------
 *
 * flow hunt: what the detections find.
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

/* Words, which the server takes apart again by a character that no name has. */
static const char *
join_words(const struct arguments *arguments)
{
	struct buffer text = {0};
	const char *joined;

	if (arguments->nwords == 0)
		return NULL;
	for (int i = 0; i < arguments->nwords; i++)
	{
		if (i > 0)
			buffer_add_char(&text, '\037');
		buffer_add_text(&text, arguments->words[i]);
	}
	joined = memory_copy(text.text, text.len);
	buffer_free(&text);
	return joined;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"severity", GRID_SEVERITY}, {"detection", GRID_TEXT}, {"src_addr", GRID_TEXT},
		{"dst_addr", GRID_TEXT}, {"dst_port", GRID_EXACT}, {"score", GRID_EXACT},
		{"first_seen", GRID_SECOND}, {"last_seen", GRID_SECOND}, {"flows", GRID_COUNT},
		{"bytes", GRID_BYTES}, {"evidence", GRID_JSON}
	};
	const char *minimum = arguments_value(arguments, "minimum");
	const char *number = memory_format("%lld", (long long) arguments_number(arguments, "number", 100, 1));
	const char *relation = session_relation(session);
	struct query query = {0};
	struct range range;
	PGresult   *result;
	bool		is_table = grid_wants_words(arguments);
	bool		is_empty;
	int			status;

	if (relation == NULL || !range_resolve(session, arguments, NULL, &range))
		return STATUS_FAILED;
	query_add(&query, "SELECT severity, detection, host(src_addr), host(dst_addr), dst_port, %s,"
			  " first_seen, last_seen, flows, bytes%s FROM flow.hunt(",
			  is_table ? "round(score::numeric, 2)" : "score",
			  is_table && !arguments_has(arguments, "evidence") ? "" : ", evidence");
	query_value(&query, relation, "oid");
	query_add(&query, ", ");
	query_value(&query, range.since, "timestamptz");
	query_add(&query, ", ");
	query_value(&query, range.until, "timestamptz");
	query_add(&query, ", ");
	query_value(&query, arguments_has(arguments, "slow") ? "slow" : "fast", "text");
	query_add(&query, ", ");
	query_value(&query, minimum != NULL ? minimum : "low", "flow.severity");
	query_add(&query, ", ");
	query_value(&query, number, "bigint");
	query_add(&query, ", string_to_array(");
	query_value(&query, join_words(arguments), "text");
	query_add(&query, ", chr(31)))");
	result = session_run(session, &query);
	is_empty = result != NULL && PQntuples(result) == 0;
	status = grid_show(arguments, columns, result);
	if (is_empty && is_table)
		fprintf(stderr, "no finding of severity %s or worse\n", minimum != NULL ? minimum : "low");
	return status;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many findings, the worst first (default 100)", NULL},
	{0, "slow", NULL, "look for what goes slowly, in longer times", NULL},
	{0, "minimum", "SEVERITY", "of this severity or worse (default low)", "info low medium high critical"},
	{0, "evidence", NULL, "with all that a detection tells, also in tables", NULL},
	{0}
};

const struct command command_hunt = {
	.name = "hunt",
	.words = "[DETECTION]...",
	.summary = "findings of all detections, or of some, worst first",
	.text = "\"flow detections\" lists them.  Without --since each looks at the time before\n"
	"the present, or before --until, that it needs: minutes, hours or a day.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.values = COMPLETE_DETECTIONS,
	.run = run
};

static int
run_detections(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"detection", GRID_TEXT}, {"fast", GRID_TEXT}, {"slow", GRID_TEXT},
		{"thresholds", GRID_TEXT}, {"usable", GRID_BOOL}, {"missing_columns", GRID_TEXT}
	};
	const char *relation = session_relation(session);

	arguments_need_words(arguments, 0, 0);
	if (relation == NULL)
		return STATUS_FAILED;
	return grid_show(arguments, columns, session_query(session,
		"SELECT d.detection, d.fast, d.slow, array_to_string(d.limits, ' '), m.names IS NULL, m.names"
		" FROM flow.detections() d CROSS JOIN LATERAL"
		" (SELECT string_agg(r, ' ') AS names FROM unnest(d.required) r"
		"  WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = $1::oid"
		"                    AND a.attname = r AND a.attnum > 0 AND NOT a.attisdropped)) m"
		" ORDER BY d.detection", 1, &relation));
}

const struct command command_detections = {
	.name = "detections",
	.words = "",
	.summary = "which detections there are, and what they need",
	.text = "fast and slow are the times that each looks at.  A detection is usable if the\n"
	"table has the columns that it needs.  What each finds is in the comment of its\n"
	"SQL function: \\dd flow.scans in psql.",
	.groups = GROUP_TABLE | GROUP_FORM,
	.run = run_detections
};
