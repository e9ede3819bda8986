/*-------------------------------------------------------------------------
 *
 * Which networks talk to which: the greatest of both sides, and all others.
 *
 * One pass over the rows gives all pairs; the greatest are chosen among these.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "html.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"
#include "svg_heat.h"

#define MOST_SIDES 12

/* Names of one side, the last one for all others if there are any. */
struct side
{
	const char *names[MOST_SIDES + 1];
	int			n;
};

/* The greatest of a side, with their place; what is NULL counts as other. */
#define SIDE(column) \
	"(SELECT " column ", row_number() OVER (ORDER BY sum(v) DESC NULLS LAST, " column ") - 1 AS i" \
	" FROM cells WHERE " column " IS NOT NULL GROUP BY 1 ORDER BY sum(v) DESC NULLS LAST, 1 LIMIT %d)"

static PGresult *
ask(struct report *report, int bits_v4, int bits_v6)
{
	int			most = report->top < MOST_SIDES ? report->top : MOST_SIDES;

	return report_query(report, "Networks with each other", memory_format(
		"WITH cells AS MATERIALIZED (SELECT flow.subnet(src_addr, %d, %d) AS s,"
		" flow.subnet(dst_addr, %d, %d) AS d, %s AS v %s GROUP BY 1, 2),"
		" r AS MATERIALIZED " SIDE("s") ", c AS MATERIALIZED " SIDE("d")
		" SELECT r.i, c.i, min(r.s)::text, min(c.d)::text, sum(v) FROM cells"
		" LEFT JOIN r ON r.s = cells.s LEFT JOIN c ON c.d = cells.d GROUP BY 1, 2 ORDER BY 1, 2",
		bits_v4, bits_v6, bits_v4, bits_v6, report_sum(report, report->measure),
		report_source(report), most, most), 2, report->bounds);
}

/* The names of a side, which stands in column number place and name. */
static void
take_side(struct side *side, const PGresult *cells, int place, int name)
{
	bool		has_other = false;

	for (int i = 0; i < PQntuples(cells); i++)
	{
		int			at = atoi(PQgetvalue(cells, i, place));

		if (PQgetisnull(cells, i, place))
			has_other = true;
		else if (at <= MOST_SIDES && side->names[at] == NULL)
		{
			side->names[at] = memory_format("%s", PQgetvalue(cells, i, name));
			if (at >= side->n)
				side->n = at + 1;
		}
	}
	if (has_other)
		side->names[side->n++] = "others";
}

static int
place_of(const struct side *side, const PGresult *cells, int row, int column)
{
	return PQgetisnull(cells, row, column) ? side->n - 1 : atoi(PQgetvalue(cells, row, column));
}

static void
put_table(struct report *report, const struct svg_heat *map, const char *const *exact)
{
	struct buffer *page = &report->page;

	html_put(page, "<details><summary>The same as a table</summary><div class=\"scroll\"><table class=\"plain\">"
			 "<thead><tr><th scope=\"col\">From</th>");
	for (int i = 0; i < map->ncolumns; i++)
		html_put(page, "<th scope=\"col\" class=\"num\">to %s</th>", map->columns[i]);
	html_put(page, "</tr></thead><tbody>\n");
	for (int i = 0; i < map->nrows; i++)
	{
		html_put(page, "<tr><th scope=\"row\">%s</th>", map->rows[i]);
		for (int j = 0; j < map->ncolumns; j++)
		{
			html_put(page, "<td class=\"num\">");
			if (exact[i * map->ncolumns + j] != NULL)
				value_put(page, report->measure, exact[i * map->ncolumns + j]);
			html_put(page, "</td>");
		}
		html_put(page, "</tr>\n");
	}
	html_put(page, "</tbody></table></div></details>\n");
}

/* What the colours begin at. */
static void
put_legend(struct report *report, const struct svg_heat *map)
{
	double		highest = 0;

	for (int i = 0; i < map->nrows * map->ncolumns; i++)
		if (map->values[i] > highest)
			highest = map->values[i];
	html_put(&report->page, "<ul class=\"legend\">");
	for (int i = 1; i <= SVG_HEAT_LEVELS; i++)
	{
		html_put(&report->page, "<li><i class=\"heat l%d\"></i>%s", i, i == 1 ? "less than " : "from ");
		svg_scale_label(&report->page, map->amount, svg_heat_bound(highest, i == 1 ? 2 : i));
		html_put(&report->page, "</li>");
	}
	html_put(&report->page, "</ul>\n");
}

static void
put_map(struct report *report, const PGresult *cells)
{
	struct side rows = {{0}, 0};
	struct side columns = {{0}, 0};
	struct svg_heat map = {
		.width = 1120, .amount = measure_amount(report->measure),
		.rows_title = "from", .columns_title = "to"
	};
	double	   *values;
	const char **exact;

	take_side(&rows, cells, 0, 2);
	take_side(&columns, cells, 1, 3);
	values = memory_get(rows.n * columns.n * sizeof(double));
	exact = memory_get(rows.n * columns.n * sizeof(char *));
	for (int i = 0; i < PQntuples(cells); i++)
	{
		int			at = place_of(&rows, cells, i, 0) * columns.n + place_of(&columns, cells, i, 1);

		exact[at] = memory_format("%s", PQgetvalue(cells, i, 4));
		values[at] = strtod(exact[at], NULL);
	}
	map.nrows = rows.n;
	map.ncolumns = columns.n;
	map.rows = rows.names;
	map.columns = columns.names;
	map.values = values;
	map.label = memory_format("%s from networks to networks. The table below has the numbers.",
							  measure_title(report->measure));
	html_put(&report->page, "<figure>");
	svg_heat_draw(&report->page, &map);
	html_put(&report->page, "</figure>\n");
	put_legend(report, &map);
	put_table(report, &map, exact);
}

void
report_matrix(struct report *report)
{
	const char *given = arguments_value(report->arguments, "networks");
	int			bits_v4 = 16;
	int			bits_v6 = 48;
	PGresult   *cells;

	if (!report_has(report, "src_addr") || !report_has(report, "dst_addr"))
		return;
	if (given != NULL)
		sscanf(given, "%d,%d", &bits_v4, &bits_v6);
	html_put(&report->page, "<section class=\"group\" id=\"matrix\"><h2>Who talks to whom</h2>\n"
			 "<p class=\"remark\">%s between networks of %d bits, for IPv6 of %d: the greatest of each side.</p>\n",
			 measure_title(report->measure), bits_v4, bits_v6);
	cells = ask(report, bits_v4, bits_v6);
	if (cells != NULL && PQntuples(cells) > 0)
		put_map(report, cells);
	PQclear(cells);
	html_put(&report->page, "</section>\n");
}
