/*-------------------------------------------------------------------------
 *
 * flow top: the groups with most bytes, packets or flows.
 *
 * Counts as the SQL function flow.top does, with a filter, and with the other
 * measures beside.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "catalog.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"

#define MAX_KEYS	8
#define NMEASURES	3
#define FLOWS		2			/* the measure that needs no column */

static const char *const measures[NMEASURES] = {"bytes", "packets", "flows"};

struct key
{
	const char *name;			/* as it was typed */
	const char *expression;		/* of SQL, over the table */
	const char *shown;			/* over its result, which is k0, k1 ... */
	enum grid_kind kind;
};

struct top
{
	struct session *session;
	const struct arguments *arguments;
	bool		is_table;
	struct key	keys[MAX_KEYS];
	int			nkeys;
	const char *sums[NMEASURES];	/* SQL, or NULL: the table has no such column */
	int			measure;		/* the one that counts */
};

/* The length of a prefix behind a slash; at most longest. */
static long
prefix_length(const struct arguments *arguments, const char **text, long longest)
{
	char	   *end;
	long		length;

	if (!isdigit((unsigned char) (*text)[0]))
		usage_fail(arguments->command, NULL, "\"%s\" is no length of a prefix", *text);
	length = strtol(*text, &end, 10);
	if ((*end != '\0' && *end != '/') || length > longest)
		usage_fail(arguments->command, "Examples are src_addr/24 and src_addr/24/48.",
				   "\"%s\" is no length of a prefix", *text);
	*text = end;
	return length;
}

/* A column, or networks of one: src_addr/24, src_addr/24/48. */
static bool
add_key(struct top *top, const char *word)
{
	size_t		len = strcspn(word, "/");
	struct key *key = &top->keys[top->nkeys];
	const struct catalog_column *column;
	struct catalog_column shown;
	const char *slash = word + len;
	long		bits4;
	long		bits6 = 64;

	if (top->nkeys == MAX_KEYS)
		usage_fail(top->arguments->command, NULL, "there are more than %d columns", MAX_KEYS);
	column = catalog_need(top->session, word, len);
	if (column == NULL)
		return false;
	for (int i = 0; i < top->nkeys; i++)
		if (strcmp(top->keys[i].name, word) == 0)
			usage_fail(top->arguments->command, NULL, "\"%s\" is named twice", word);
	shown = *column;
	shown.quoted = memory_format("k%d", top->nkeys);
	key->name = word;
	key->expression = column->quoted;
	key->shown = catalog_shown(&shown, top->is_table, &key->kind);
	if (*slash == '/')
	{
		if (column->type != 869)
			usage_fail(top->arguments->command, NULL, "column \"%s\" has no addresses", column->name);
		slash++;
		bits4 = prefix_length(top->arguments, &slash, 32);
		if (*slash == '/')
		{
			slash++;
			bits6 = prefix_length(top->arguments, &slash, 128);
		}
		if (*slash != '\0')
			usage_fail(top->arguments->command, NULL, "\"%s\" is no length of a prefix", slash);
		key->expression = memory_format("flow.subnet(%s, %ld, %ld)", column->quoted, bits4, bits6);
	}
	else if (key->kind >= GRID_EXACT)
		key->kind = GRID_EXACT;
	top->nkeys++;
	return true;
}

static bool
add_keys(struct top *top, const char *list)
{
	while (*list != '\0')
	{
		size_t		len = strcspn(list, ",");

		if (!add_key(top, memory_copy(list, len)))
			return false;
		list += len + (list[len] == ',');
	}
	return top->nkeys > 0 || catalog_need(top->session, "", 0) != NULL;
}

static bool
choose_measures(struct top *top)
{
	bool		is_corrected = arguments_has(top->arguments, "corrected");
	const char *factor = is_corrected ?
		" * greatest(coalesce(sampling, 1), 1)::numeric" : "";
	int			ngiven = 0;

	for (int i = 0; i < NMEASURES; i++)
		if (arguments_has(top->arguments, measures[i]))
		{
			top->measure = i;
			ngiven++;
		}
	if (ngiven > 1)
		usage_fail(top->arguments->command, NULL, "only one of --bytes, --packets and --flows can be given");
	if (is_corrected && catalog_need(top->session, "sampling", 8) == NULL)
		return false;
	if (top->measure != FLOWS &&
		catalog_need(top->session, measures[top->measure], strlen(measures[top->measure])) == NULL)
		return false;
	for (int i = 0; i < FLOWS; i++)
		if (catalog_find(top->session, measures[i]) != NULL)
			top->sums[i] = memory_format("sum(%s%s)", measures[i], factor);
	top->sums[FLOWS] = is_corrected ? memory_format("sum(1::bigint%s)", factor) : "count(*)";
	return true;
}

/* k0, k1 ... */
static void
add_key_names(const struct top *top, struct query *query)
{
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, ", k%d", i);
}

/* The groups, what they are together, and the first of them. */
static void
add_groups(const struct top *top, struct query *query, const char *table,
		   const struct range *range, const char *clause)
{
	query_add(query, "WITH amounts AS MATERIALIZED (SELECT ");
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, "%s AS k%d, ", top->keys[i].expression, i);
	for (int i = 0; i < NMEASURES; i++)
		query_add(query, "%scoalesce(%s, 0)::numeric AS m%d", i > 0 ? ", " : "",
				  top->sums[i] != NULL ? top->sums[i] : "NULL::numeric", i);
	query_add(query, " FROM %s", table);
	query_where(query, range, clause);
	query_add(query, " GROUP BY ");
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, "%s%d", i > 0 ? ", " : "", i + 1);
	query_add(query, "), whole AS (SELECT sum(m0) AS m0, sum(m1) AS m1, sum(m2) AS m2,"
			  " count(*) AS n FROM amounts),"
			  " first AS MATERIALIZED (SELECT row_number() OVER (ORDER BY m%d DESC", top->measure);
	add_key_names(top, query);
	query_add(query, ") AS place, * FROM (SELECT * FROM amounts ORDER BY m%d DESC", top->measure);
	add_key_names(top, query);
	query_add(query, " LIMIT %lld) f),",
			  (long long) arguments_number(top->arguments, "number", 10, 1));
}

/* The first, and what all others are together. */
static void
add_listed(const struct top *top, struct query *query)
{
	query_add(query, " listed AS (SELECT place");
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, ", CASE WHEN k%1$d IS NOT NULL THEN format('%%s', %2$s) END AS k%1$d", i,
				  top->keys[i].shown);
	query_add(query, ", m0, m1, m2 FROM first UNION ALL SELECT NULL");
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, ", %s", i == 0 && top->is_table ? "'Other'" : "NULL");
	query_add(query, ", w.m0 - f.m0, w.m1 - f.m1, w.m2 - f.m2 FROM whole w,"
			  " (SELECT sum(m0) AS m0, sum(m1) AS m1, sum(m2) AS m2, count(*) AS n FROM first) f"
			  " WHERE w.n > f.n)");
}

static void
make_query(const struct top *top, struct query *query)
{
	int			m = top->measure;

	query_add(query, " SELECT l.place");
	for (int i = 0; i < top->nkeys; i++)
		query_add(query, ", l.k%d", i);
	query_add(query, ", l.m%d", m);
	for (int i = 0; i < NMEASURES; i++)
		if (i != m && top->sums[i] != NULL)
			query_add(query, ", l.m%d", i);
	query_add(query, ", round(100 * l.m%1$d / nullif(w.m%1$d, 0), 2),"
			  " round(100 * sum(l.m%1$d) OVER (ORDER BY l.place NULLS LAST) / nullif(w.m%1$d, 0), 2),"
			  " CASE WHEN l.place IS NOT NULL THEN l.m%1$d / nullif(max(l.m%1$d)"
			  " FILTER (WHERE l.place IS NOT NULL) OVER (), 0) END"
			  " FROM listed l, whole w ORDER BY l.place NULLS LAST", m);
}

/* The name of a figure; another one if a key has it. */
static const char *
name_figure(const struct top *top, const char *name)
{
	for (int i = 0; i < top->nkeys; i++)
		if (strcmp(top->keys[i].name, name) == 0)
			return memory_format("total_%s", name);
	return name;
}

static const struct grid_column *
make_columns(const struct top *top)
{
	static const enum grid_kind kinds[NMEASURES] = {GRID_BYTES, GRID_COUNT, GRID_COUNT};
	struct grid_column *columns = memory_get((MAX_KEYS + NMEASURES + 4) * sizeof(*columns));
	int			n = 0;

	columns[n++] = (struct grid_column) {name_figure(top, "rank"), GRID_EXACT};
	for (int i = 0; i < top->nkeys; i++)
		columns[n++] = (struct grid_column) {top->keys[i].name, top->keys[i].kind};
	columns[n++] = (struct grid_column) {name_figure(top, measures[top->measure]), kinds[top->measure]};
	for (int i = 0; i < NMEASURES; i++)
		if (i != top->measure && top->sums[i] != NULL)
			columns[n++] = (struct grid_column) {name_figure(top, measures[i]), kinds[i]};
	columns[n++] = (struct grid_column) {name_figure(top, "percent"), GRID_PERCENT};
	columns[n++] = (struct grid_column) {name_figure(top, "cumulative"), GRID_PERCENT};
	columns[n++] = (struct grid_column) {"share", GRID_SHARE};
	return columns;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct top	top = {.session = session, .arguments = arguments};
	struct query query = {0};
	struct range range;
	const char *table;
	const char *clause;
	PGresult   *result;
	bool		is_empty;
	int			status;

	arguments_need_words(arguments, 1, -1);
	top.is_table = grid_wants_words(arguments);
	table = session_table(session);
	if (table == NULL || !add_keys(&top, arguments->words[0]) || !choose_measures(&top) ||
		!range_resolve(session, arguments, "1 day", &range))
		return STATUS_FAILED;
	clause = session_filter(session, arguments_join(arguments, 1));
	if (clause == NULL)
		return STATUS_FAILED;
	add_groups(&top, &query, table, &range, clause);
	add_listed(&top, &query);
	make_query(&top, &query);
	result = session_run(session, &query);
	is_empty = result != NULL && PQntuples(result) == 0;
	status = grid_show(arguments, make_columns(&top), result);
	if (is_empty && top.is_table)
		range_tell_nothing(session, &range);
	return status;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many groups (default 10); the others together are Other", NULL},
	{0, "bytes", NULL, "those with most bytes (default)", NULL},
	{0, "packets", NULL, "those with most packets", NULL},
	{0, "flows", NULL, "those with most flows", NULL},
	{0, "corrected", NULL, "multiply by column sampling", NULL},
	{0}
};

const struct command command_top = {
	.name = "top",
	.words = "COLUMN[,COLUMN]... [FILTER]",
	.summary = "groups with most bytes, packets or flows",
	.text = "Any columns of the table; of addresses also networks: src_addr/24, or\n"
	"src_addr/24/48 with the length for IPv6 (default 64).  Looks at the last day.\n"
	"  flow top src_addr --bytes -n 20 -24h\n"
	"  flow top src_addr/24,dst_port --flows proto tcp and dst port in [22, 3389]",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.values = COMPLETE_COLUMNS,
	.run = run
};
