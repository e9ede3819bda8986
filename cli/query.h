/*-------------------------------------------------------------------------
 *
 * A query in the making: its text, and the values of its parameters.
 *
 * What a user typed goes in by query_value alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include "memory.h"

#define QUERY_MAX_VALUES	24

/* Start with all zero. */
struct query
{
	struct buffer sql;
	const char *values[QUERY_MAX_VALUES];
	int			nvalues;
};

struct range;

/* Append SQL: texts of this program, and names and clauses of the server. */
extern void query_add(struct query *query, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Append "$n::type" for a value, which may be NULL. */
extern void query_value(struct query *query, const char *value, const char *type);

/* Append " WHERE ts >= ... AND ts < ... AND clause", what there is of it. */
extern void query_where(struct query *query, const struct range *range,
						const char *clause);

#endif
