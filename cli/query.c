/*-------------------------------------------------------------------------
 *
 * Queries from pieces.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "query.h"
#include "range.h"

void
query_add(struct query *query, const char *format, ...)
{
	va_list		args;
	char	   *text;
	int			len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		memory_exhausted();
	buffer_add(&query->sql, text, (size_t) len);
	free(text);
}

void
query_value(struct query *query, const char *value, const char *type)
{
	if (query->nvalues == QUERY_MAX_VALUES)
		abort();
	query->values[query->nvalues++] = value;
	buffer_format(&query->sql, "$%d::%s", query->nvalues, type);
}

void
query_where(struct query *query, const struct range *range, const char *clause)
{
	buffer_format(&query->sql, " WHERE %s", clause);
	if (range->since != NULL)
	{
		buffer_add_text(&query->sql, " AND ts >= ");
		query_value(query, range->since, "timestamptz");
	}
	if (range->until != NULL)
	{
		buffer_add_text(&query->sql, " AND ts < ");
		query_value(query, range->until, "timestamptz");
	}
}
