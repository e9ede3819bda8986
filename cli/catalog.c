/*-------------------------------------------------------------------------
 *
 * The columns of the table.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "display.h"
#include "memory.h"
#include "session.h"

static struct catalog_column *columns;
static int	ncolumns;

static enum grid_kind
kind_of(const char *name, Oid type)
{
	static const struct
	{
		const char *name;
		enum grid_kind kind;
	}			known[] = {
		{"bytes", GRID_BYTES}, {"packets", GRID_COUNT}, {"duration_ms", GRID_MILLISECONDS}
	};

	if (grid_kind_of(type) == GRID_EXACT)
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strcmp(known[i].name, name) == 0)
				return known[i].kind;
	return grid_kind_of(type);
}

const struct catalog_column *
catalog_columns(struct session *session, int *n)
{
	const char *relation = session_relation(session);
	PGresult   *result;

	*n = ncolumns;
	if (columns != NULL || relation == NULL)
		return columns;
	result = session_query(session,
						   "SELECT attname, quote_ident(attname), atttypid FROM pg_attribute"
						   " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped"
						   " ORDER BY attnum", 1, &relation);
	if (result == NULL)
		return NULL;
	ncolumns = PQntuples(result);
	columns = memory_get((size_t) (ncolumns + 1) * sizeof(struct catalog_column));
	for (int i = 0; i < ncolumns; i++)
	{
		columns[i].name = memory_format("%s", PQgetvalue(result, i, 0));
		columns[i].quoted = memory_format("%s", PQgetvalue(result, i, 1));
		columns[i].type = (Oid) strtoul(PQgetvalue(result, i, 2), NULL, 10);
		columns[i].kind = kind_of(columns[i].name, columns[i].type);
	}
	PQclear(result);
	*n = ncolumns;
	return columns;
}

const struct catalog_column *
catalog_find(struct session *session, const char *name)
{
	int			n;
	const struct catalog_column *list = catalog_columns(session, &n);

	for (int i = 0; list != NULL && i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

const struct catalog_column *
catalog_need(struct session *session, const char *name, size_t len)
{
	const char *wanted = memory_copy(name, len);
	const struct catalog_column *found = catalog_find(session, wanted);
	struct buffer text = {0};

	if (found != NULL || columns == NULL)
		return found;
	display_escape(&text, wanted);
	fprintf(stderr, "flow: column \"%s\" does not exist\n", text.text);
	buffer_clear(&text);
	for (int i = 0; i < ncolumns; i++)
	{
		if (i > 0)
			buffer_add_text(&text, ", ");
		display_escape(&text, columns[i].name);
	}
	fprintf(stderr, "HINT:  The table has %s.\n", text.text);
	buffer_free(&text);
	return NULL;
}

const char *
catalog_shown(const struct catalog_column *column, bool is_table,
			  enum grid_kind *kind)
{
	*kind = column->kind;
	if (!is_table || column->kind != GRID_EXACT)
		return column->quoted;
	if (strcmp(column->name, "proto") == 0)
	{
		*kind = GRID_TEXT;
		return memory_format("flow.proto_name(%s::integer)", column->quoted);
	}
	if (strcmp(column->name, "tcp_flags") == 0)
	{
		*kind = GRID_TEXT;
		return memory_format("flow.flags_text(%s::integer)", column->quoted);
	}
	return column->quoted;
}
