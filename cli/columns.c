/*-------------------------------------------------------------------------
 *
 * Columns of rows: sets and names.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "catalog.h"
#include "columns.h"
#include "memory.h"
#include "query.h"
#include "session.h"

#define MAX_COLUMNS	1700		/* more than a table can have */

/* "src" and "dst" are an address with its port in tables, both of them elsewhere. */
static const struct
{
	const char *name;
	const char *columns;
}			sets[] = {
	{"line", "ts duration_ms proto src dst tcp_flags packets bytes"},
	{"long", "ts duration_ms proto src dst tcp_flags tos packets bytes src_as dst_as exporter sensor in_if out_if sampling"},
	{"app", "ts proto src dst bytes sni tls_alpn dns_query dns_rcode http_method http_host http_status"}
};

static void
add(struct columns *columns, const char *name, enum grid_kind kind,
	const char *expression)
{
	/* a set may have it already, and an object of JSON has a name once */
	for (int i = 0; i < columns->n; i++)
		if (strcmp(columns->grid[i].name, name) == 0)
			return;
	if (columns->n == MAX_COLUMNS)
		return;
	columns->grid[columns->n] = (struct grid_column) {name, kind};
	columns->expressions[columns->n++] = expression;
}

static void
add_column(struct columns *columns, const struct catalog_column *column,
		   bool is_table)
{
	enum grid_kind kind;
	const char *expression = catalog_shown(column, is_table, &kind);

	add(columns, column->name, kind, expression);
}

static void
add_endpoint(struct session *session, struct columns *columns,
			 const char *side, bool is_table)
{
	const struct catalog_column *addr = catalog_find(session, memory_format("%s_addr", side));
	const struct catalog_column *port = catalog_find(session, memory_format("%s_port", side));

	if (is_table && addr != NULL && port != NULL && addr->type == 869)
		add(columns, side, GRID_TEXT,
			memory_format("CASE family(%1$s) WHEN 6 THEN '[' || host(%1$s) || ']' ELSE host(%1$s) END"
						  " || coalesce(':' || %2$s, '')", addr->quoted, port->quoted));
	else
	{
		if (addr != NULL)
			add_column(columns, addr, is_table);
		if (port != NULL)
			add_column(columns, port, is_table);
	}
}

static void
add_set(struct session *session, struct columns *columns, const char *names,
		bool is_table)
{
	while (*names != '\0')
	{
		size_t		len = strcspn(names, " ");
		const char *name = memory_copy(names, len);
		const struct catalog_column *column;

		if (strcmp(name, "src") == 0 || strcmp(name, "dst") == 0)
			add_endpoint(session, columns, name, is_table);
		else if ((column = catalog_find(session, name)) != NULL)
			add_column(columns, column, is_table);
		names += len + (names[len] == ' ');
	}
}

/* A word of the list: a set, or a column. */
static bool
add_word(struct session *session, struct columns *columns, const char *word,
		 bool is_table)
{
	const struct catalog_column *list;
	const struct catalog_column *column;
	int			n;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (strcmp(sets[i].name, word) == 0)
		{
			add_set(session, columns, sets[i].columns, is_table);
			return true;
		}
	if (strcmp(word, "all") == 0)
	{
		list = catalog_columns(session, &n);
		for (int i = 0; list != NULL && i < n; i++)
			add_column(columns, &list[i], is_table);
		return list != NULL;
	}
	column = catalog_need(session, word, strlen(word));
	if (column != NULL)
		add_column(columns, column, is_table);
	return column != NULL;
}

bool
columns_choose(struct session *session, const char *list, bool is_table,
			   struct columns *columns)
{
	columns->grid = memory_get(MAX_COLUMNS * sizeof(struct grid_column));
	columns->expressions = memory_get(MAX_COLUMNS * sizeof(char *));
	columns->n = 0;
	if (list == NULL)
		list = "line";
	while (*list != '\0')
	{
		size_t		len = strcspn(list, ",");

		if (!add_word(session, columns, memory_copy(list, len), is_table))
			return false;
		list += len + (list[len] == ',');
	}
	if (columns->n == 0)
		return add_word(session, columns, "all", is_table);
	return true;
}

void
columns_add(const struct columns *columns, struct query *query)
{
	for (int i = 0; i < columns->n; i++)
		query_add(query, "%s%s", i > 0 ? ", " : "", columns->expressions[i]);
}
