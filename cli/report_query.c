/*-------------------------------------------------------------------------
 *
 * Queries of a report: asked in one transaction, each with its time.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>
#include <time.h>

#include "html.h"
#include "report_query.h"
#include "report_value.h"
#include "session.h"

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + now.tv_nsec / 1e9;
}

static const char *
parameters_text(int nparams, const char *const *values)
{
	struct buffer text = {0};

	for (int i = 0; i < nparams; i++)
	{
		buffer_format(&text, "%s$%d = ", i > 0 ? ", " : "", i + 1);
		buffer_add_text(&text, values[i] != NULL ? values[i] : "NULL");
	}
	return value_keep(&text);
}

PGresult *
report_try(struct report *report, const char *what, const char *sql,
		   int nparams, const char *const *values)
{
	struct report_cost *cost;
	double		began = seconds_now();
	PGresult   *result;

	if (report->is_lost)
		return NULL;
	result = session_try(report->session, sql, nparams, values);
	if (result == NULL || session_is_interrupted())
	{
		PQclear(result);
		report->is_lost = true;
		return NULL;
	}
	cost = memory_get(sizeof(struct report_cost));
	cost->what = what;
	cost->sql = sql;
	cost->parameters = parameters_text(nparams, values);
	cost->seconds = seconds_now() - began;
	cost->nrows = PQntuples(result);
	cost->has_failed = PQresultStatus(result) != PGRES_TUPLES_OK;
	*report->last_cost = cost;
	report->last_cost = &cost->next;
	return result;
}

PGresult *
report_query(struct report *report, const char *what, const char *sql,
			 int nparams, const char *const *values)
{
	PGresult   *result = report_try(report, what, sql, nparams, values);

	if (result == NULL || PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	report_note_error(report, what, result);
	PQclear(result);
	return NULL;
}

static void
put_sentence(struct buffer *to, const char *text)
{
	if (text != NULL)
		html_put(to, " %s", text);
}

void
report_note_error(struct report *report, const char *what, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	html_put(&report->page, "<p class=\"note error\"><b>%s</b> could not be asked for: %s.", what,
			 message != NULL ? message : PQresultErrorMessage(result));
	put_sentence(&report->page, PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	put_sentence(&report->page, PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
	html_put(&report->page, "</p>\n");
}

bool
report_has(const struct report *report, const char *column)
{
	for (int i = 0; i < PQntuples(report->columns); i++)
		if (strcmp(PQgetvalue(report->columns, i, 0), column) == 0)
			return true;
	return false;
}

bool
report_has_measure(const struct report *report, enum measure measure)
{
	return measure == MEASURE_FLOWS ||
		report_has(report, measure == MEASURE_BYTES ? "bytes" : "packets");
}

const char *
report_source(const struct report *report)
{
	return memory_format("FROM %s WHERE ts >= $1::timestamptz AND ts < $2::timestamptz AND %s",
						 report->table, report->clause);
}

const char *
report_sum(const struct report *report, enum measure measure)
{
	static const char *const plain[] = {"sum(bytes)", "sum(packets)", "count(*)"};
	static const char *const corrected[] = {
		"sum(bytes::numeric * greatest(coalesce(sampling, 1), 1))",
		"sum(packets::numeric * greatest(coalesce(sampling, 1), 1))",
		"sum(greatest(coalesce(sampling, 1), 1))"
	};

	if (!report_has_measure(report, measure))
		return "0";
	return report->is_corrected ? corrected[measure] : plain[measure];
}

const char *
report_sums(const struct report *report)
{
	return memory_format("%s AS bytes_sum, %s AS packets_sum, %s AS flows_sum",
						 report_sum(report, MEASURE_BYTES), report_sum(report, MEASURE_PACKETS),
						 report_sum(report, MEASURE_FLOWS));
}
