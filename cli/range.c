/*-------------------------------------------------------------------------
 *
 * Ranges of time.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "display.h"
#include "memory.h"
#include "range.h"
#include "session.h"

static const struct
{
	const char *name;
	const char *unit;			/* PostgreSQL's word */
}			units[] = {
	{"s", "seconds"}, {"sec", "seconds"}, {"second", "seconds"}, {"seconds", "seconds"},
	{"m", "minutes"}, {"min", "minutes"}, {"minute", "minutes"}, {"minutes", "minutes"},
	{"", "hours"}, {"h", "hours"}, {"hour", "hours"}, {"hours", "hours"},
	{"d", "days"}, {"day", "days"}, {"days", "days"},
	{"w", "weeks"}, {"week", "weeks"}, {"weeks", "weeks"},
	{"mon", "months"}, {"month", "months"}, {"months", "months"},
	{"y", "years"}, {"year", "years"}, {"years", "years"}
};

static const char *
find_unit(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && strncmp(units[i].name, name, len) == 0)
			return units[i].unit;
	return NULL;
}

const char *
range_interval(const char *text)
{
	struct buffer interval = {0};
	const char *result = NULL;

	while (*text != '\0')
	{
		size_t		ndigits = strspn(text, "0123456789");
		size_t		nletters;
		const char *unit;

		if (ndigits == 0 || ndigits > 9)
			break;
		nletters = strspn(text + ndigits, "abcdefghijklmnopqrstuvwxyz");
		unit = find_unit(text + ndigits, nletters);
		if (unit == NULL)
			break;
		buffer_format(&interval, "%.*s %s ", (int) ndigits, text, unit);
		text += ndigits + nletters;
	}
	if (*text == '\0' && interval.len > 0)
		result = memory_copy(interval.text, interval.len);
	buffer_free(&interval);
	return result;
}

/* A bound as an interval before the present, or else as a time. */
static void
split_bound(const char *text, const char **interval, const char **time)
{
	*interval = NULL;
	*time = text;
	if (text != NULL && text[0] == '-')
	{
		*interval = range_interval(text + 1);
		if (*interval != NULL)
			*time = NULL;
	}
}

static const char *
take(const PGresult *result, int column)
{
	return PQgetisnull(result, 0, column) ? NULL :
		display_safe(PQgetvalue(result, 0, column));
}

bool
range_resolve(struct session *session, const struct arguments *arguments,
			  const char *span, struct range *range)
{
	const char *values[6];
	PGresult   *result;
	bool		is_empty;

	split_bound(arguments_value(arguments, "since"), &values[0], &values[1]);
	split_bound(arguments_value(arguments, "until"), &values[2], &values[3]);
	values[4] = span;
	/* the last day ends now, though no span says how long it would be otherwise */
	values[5] = span != NULL || values[0] != NULL ? "now" : NULL;
	result = session_query(session,
						   "SELECT s, u, s >= u FROM"
						   " (SELECT coalesce($2::timestamptz, flow.now() - $1::interval, u - $5::interval), u FROM"
						   "  (SELECT coalesce($4::timestamptz, flow.now() - $3::interval,"
						   "   CASE WHEN $6::text IS NOT NULL THEN flow.now() END)) a(u)) b(s, u)",
						   6, values);
	if (result == NULL)
		return false;
	range->since = take(result, 0);
	range->until = take(result, 1);
	is_empty = strcmp(PQgetvalue(result, 0, 2), "t") == 0;
	PQclear(result);
	if (is_empty)
	{
		fprintf(stderr, "flow: since must be earlier than until\n"
				"DETAIL:  since is %s, until is %s.\n", range->since, range->until);
		return false;
	}
	return true;
}

void
range_tell_nothing(struct session *session, const struct range *range)
{
	const char *table = session_table(session);
	PGresult   *result = table == NULL ? NULL :
		session_try(session, memory_format("SELECT min(ts), max(ts) FROM %s", table), 0, NULL);

	fprintf(stderr, "nothing found%s%s%s%s\n", range->since != NULL ? " from " : "",
			range->since != NULL ? range->since : "", range->until != NULL ? " to " : "",
			range->until != NULL ? range->until : "");
	if (result != NULL && PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		if (PQgetisnull(result, 0, 0))
			fprintf(stderr, "The table is empty.\n");
		else
			fprintf(stderr, "The table has rows from %s to %s.\n",
					display_safe(PQgetvalue(result, 0, 0)), display_safe(PQgetvalue(result, 0, 1)));
	}
	PQclear(result);
}
