/*-------------------------------------------------------------------------
 *
 * Rows in the form that was asked for.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "display.h"
#include "grid.h"
#include "grid_table.h"
#include "grid_text.h"
#include "memory.h"
#include "number.h"
#include "terminal.h"

enum form
{
	FORM_TABLE,
	FORM_CSV,
	FORM_JSON,
	FORM_NDJSON
};

struct grid
{
	const struct arguments *arguments;
	const struct grid_column *columns;
	int			ncolumns;
	enum form	form;
	bool		is_raw;
	bool		is_upright;
	long		nrows;
	struct buffer line;			/* the row that is made */
	const char **values;		/* values[ncolumns] of the row that is added */
	char	  **cells;			/* of a table, cells[ngathered * ncolumns] */
	long		ngathered;
	long		room;			/* rows that cells has room for */
	size_t	   *widths;			/* of what grid_flush has printed, or NULL */
};

/* Types of pg_type.dat, which do not change. */
enum grid_kind
grid_kind_of(Oid type)
{
	switch (type)
	{
		case 16:
			return GRID_BOOL;
		case 20:				/* bigint, smallint, integer */
		case 21:
		case 23:
		case 26:				/* oid, real, double precision, numeric */
		case 700:
		case 701:
		case 1700:
			return GRID_EXACT;
		case 114:				/* json, jsonb */
		case 3802:
			return GRID_JSON;
		case 1114:				/* timestamp, timestamptz */
		case 1184:
			return GRID_TIME;
		default:
			return GRID_TEXT;
	}
}

static enum form
choose_form(const struct arguments *arguments)
{
	static const char *const names[] = {"csv", "json", "ndjson"};
	static const enum form forms[] = {FORM_CSV, FORM_JSON, FORM_NDJSON};
	enum form	form = FORM_TABLE;

	for (int i = 0; i < 3; i++)
		if (arguments_has(arguments, names[i]))
		{
			if (form != FORM_TABLE)
				usage_fail(arguments->command, NULL, "only one of --csv, --json and --ndjson can be given");
			form = forms[i];
		}
	return form;
}

bool
grid_wants_words(const struct arguments *arguments)
{
	return choose_form(arguments) == FORM_TABLE && !arguments_has(arguments, "raw");
}

/* Write a line of CSV or JSON and its end. */
static void
put_line(struct grid *grid, const char *end)
{
	struct buffer *line = &grid->line;

	if (grid->form == FORM_CSV && terminal_is_shown())
	{
		struct buffer harmless = {0};

		display_escape(&harmless, line->text);
		fwrite(harmless.text, 1, harmless.len, stdout);
		buffer_free(&harmless);
	}
	else
		fwrite(line->text, 1, line->len, stdout);
	fputs(end, stdout);
	buffer_clear(line);
}

static void
put_csv(struct grid *grid, const char *const *values)
{
	bool		is_first = true;

	buffer_add(&grid->line, "", 0);
	for (int i = 0; i < grid->ncolumns; i++)
	{
		if (grid->columns[i].kind == GRID_SHARE)
			continue;
		if (!is_first)
			buffer_add_char(&grid->line, ',');
		csv_field(&grid->line, values[i]);
		is_first = false;
	}
	put_line(grid, "\n");
}

static void
put_json(struct grid *grid, const char *const *values)
{
	bool		is_first = true;

	if (grid->form == FORM_JSON)
		buffer_add_text(&grid->line, grid->nrows == 0 ? "[\n " : ",\n ");
	buffer_add_char(&grid->line, '{');
	for (int i = 0; i < grid->ncolumns; i++)
	{
		if (grid->columns[i].kind == GRID_SHARE)
			continue;
		if (!is_first)
			buffer_add_text(&grid->line, ", ");
		json_string(&grid->line, grid->columns[i].name);
		buffer_add_text(&grid->line, ": ");
		json_value(&grid->line, grid->columns[i].kind, values[i]);
		is_first = false;
	}
	buffer_add_char(&grid->line, '}');
	put_line(grid, grid->form == FORM_NDJSON ? "\n" : "");
}

struct grid *
grid_begin(const struct arguments *arguments,
		   const struct grid_column *columns, int ncolumns)
{
	struct grid *grid = memory_get(sizeof(struct grid));

	grid->arguments = arguments;
	grid->columns = columns;
	grid->ncolumns = ncolumns;
	grid->form = choose_form(arguments);
	grid->is_raw = arguments_has(arguments, "raw");
	grid->values = memory_get((size_t) ncolumns * sizeof(char *));
	if (grid->form == FORM_CSV)
	{
		for (int i = 0; i < ncolumns; i++)
			grid->values[i] = columns[i].name;
		put_csv(grid, grid->values);
	}
	return grid;
}

bool
grid_is_table(const struct grid *grid)
{
	return grid->form == FORM_TABLE;
}

void
grid_upright(struct grid *grid)
{
	grid->is_upright = true;
}

/* A time of PostgreSQL with its fraction cut to so many digits. */
static void
show_time(struct buffer *buffer, const char *value, int digits)
{
	struct buffer text = {0};
	const char *zone = strchr(value, ':');
	const char *fraction = strchr(value, '.');
	size_t		shown;

	if (zone == NULL)
	{
		display_escape(buffer, value);
		return;
	}
	zone += strcspn(zone, "+-");
	shown = fraction != NULL && fraction < zone ? (size_t) (fraction - value) : (size_t) (zone - value);
	buffer_add(&text, value, shown);
	if (digits > 0)
	{
		size_t		has = fraction != NULL && fraction < zone ? (size_t) (zone - fraction - 1) : 0;

		buffer_add_char(&text, '.');
		for (size_t i = 0; i < (size_t) digits; i++)
			buffer_add_char(&text, i < has ? fraction[1 + i] : '0');
	}
	buffer_add_text(&text, zone);
	display_escape(buffer, text.text);
	buffer_free(&text);
}

static void
show_number(struct buffer *buffer, enum grid_kind kind, const char *value)
{
	double		number = strtod(value, NULL);

	switch (kind)
	{
		case GRID_COUNT:
			number_count(buffer, number);
			break;
		case GRID_BYTES:
			number_bytes(buffer, number);
			break;
		case GRID_PERCENT:
			buffer_format(buffer, "%.1f", number);
			break;
		case GRID_MILLISECONDS:
			number_duration(buffer, number / 1000);
			break;
		case GRID_SECONDS:
			number_duration(buffer, number);
			break;
		case GRID_BITS:
			number_rate(buffer, number, "bit/s");
			break;
		case GRID_PER_SECOND:
			number_rate(buffer, number, "/s");
			break;
		default:
			display_escape(buffer, value);
	}
}

void
grid_show_value(struct buffer *buffer, enum grid_kind kind, const char *value,
				bool is_raw)
{
	if (value == NULL)
		buffer_add_text(buffer, kind == GRID_SHARE ? "0" : "-");
	else if (is_raw || kind == GRID_SHARE)
		display_escape(buffer, value);
	else if (kind == GRID_TIME)
		show_time(buffer, value, 3);
	else if (kind == GRID_SECOND)
		show_time(buffer, value, 0);
	else if (kind == GRID_BOOL)
		buffer_add_text(buffer, value[0] == 't' ? "yes" : "no");
	else if (kind >= GRID_EXACT)
		show_number(buffer, kind, value);
	else
		display_escape(buffer, value);
}

static void
gather(struct grid *grid, const char *const *values)
{
	if (grid->ngathered == grid->room)
	{
		grid->room = grid->room == 0 ? 64 : 2 * grid->room;
		grid->cells = realloc(grid->cells, (size_t) (grid->room * grid->ncolumns) * sizeof(char *));
		if (grid->cells == NULL)
			memory_exhausted();
	}
	for (int i = 0; i < grid->ncolumns; i++)
	{
		struct buffer cell = {0};

		buffer_add(&cell, "", 0);
		grid_show_value(&cell, grid->columns[i].kind, values[i], grid->is_raw);
		grid->cells[grid->ngathered * grid->ncolumns + i] = cell.text;
	}
	grid->ngathered++;
}

/* Print the rows that were gathered, and forget them. */
static void
print_table(struct grid *grid)
{
	struct table table = {
		grid->columns, grid->ncolumns, (const char *const *) grid->cells, grid->ngathered, grid->widths
	};

	if (grid->is_upright)
		table_print_upright(&table);
	else if (grid->ngathered > 0)
		table_print(&table);
	for (long i = 0; i < grid->ngathered * grid->ncolumns; i++)
		free(grid->cells[i]);
	grid->ngathered = 0;
}

void
grid_flush(struct grid *grid)
{
	if (grid->form == FORM_TABLE)
	{
		if (grid->widths == NULL)
			grid->widths = memory_get((size_t) (grid->ncolumns + 1) * sizeof(size_t));
		print_table(grid);
	}
	fflush(stdout);
}

void
grid_row(struct grid *grid, const char *const *values)
{
	if (grid->form == FORM_TABLE)
		gather(grid, values);
	else if (grid->form == FORM_CSV)
		put_csv(grid, values);
	else
		put_json(grid, values);
	grid->nrows++;
}

void
grid_result_row(struct grid *grid, const PGresult *result, int row)
{
	for (int i = 0; i < grid->ncolumns; i++)
		grid->values[i] = PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);
	grid_row(grid, grid->values);
}

void
grid_result(struct grid *grid, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
		grid_result_row(grid, result, row);
}

int
grid_end(struct grid *grid)
{
	if (grid->form == FORM_TABLE)
		print_table(grid);
	else if (grid->form == FORM_JSON)
		fputs(grid->nrows == 0 ? "[]\n" : "\n]\n", stdout);
	buffer_free(&grid->line);
	free(grid->cells);
	grid->cells = NULL;
	return grid->nrows == 0 && arguments_has(grid->arguments, "exit-code") ?
		STATUS_NOTHING : STATUS_DONE;
}

int
grid_show(const struct arguments *arguments, const struct grid_column *columns,
		  PGresult *result)
{
	struct grid *grid;

	if (result == NULL)
		return STATUS_FAILED;
	grid = grid_begin(arguments, columns, PQnfields(result));
	grid_result(grid, result);
	PQclear(result);
	return grid_end(grid);
}
