/*-------------------------------------------------------------------------
 *
 * Tables: widths, bars, colours.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "grid_table.h"
#include "memory.h"
#include "terminal.h"

#define GAP			2			/* blanks between columns */
#define BAR_WIDEST	30
#define BAR_USUAL	20			/* not on a terminal */
#define BAR_LEAST	6
#define TEXT_LEAST	12			/* texts are not cut below */
#define DATE		11			/* "2026-03-01 " */

/* Titles that say it shorter than names of columns. */
static const struct
{
	const char *name;
	const char *title;
	bool		is_minor;		/* left out first */
}			titles[] = {
	{"rank", "", true}, {"percent", "%", false}, {"cumulative", "cum. %", true},
	{"duration_ms", "duration", true}, {"tcp_flags", "flags", true},
	{"packets", "packets", true}, {"share", "", false},
	{"bits_per_second", "bit rate", false}, {"packets_per_second", "packet rate", false},
	{"bytes_per_packet", "bytes/packet", false}, {"first_seen", "first seen", true},
	{"last_seen", "last seen", false}, {"score", "score", true},
	{"src_port", "src_port", true}
};

/* A column as it is printed. */
struct shown
{
	const char *title;
	struct buffer name;			/* of the column, fit for a terminal */
	enum grid_kind kind;
	const char **cells;			/* cells[nrows] */
	size_t		width;
	bool		is_minor;
	bool		is_hidden;
};

struct layout
{
	struct shown *shown;		/* shown[ncolumns] */
	int			ncolumns;
	long		nrows;
	int			nhidden;
	bool		has_parts;		/* times are shown in full */
};

static bool
is_right(enum grid_kind kind)
{
	return kind >= GRID_EXACT && kind != GRID_SHARE;
}

static void
find_title(const struct grid_column *column, struct shown *shown)
{
	/* a column of somebody's table may be called anything */
	display_escape(&shown->name, column->name);
	shown->title = shown->name.text;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (strcmp(titles[i].name, column->name) == 0)
		{
			shown->title = titles[i].title;
			shown->is_minor = titles[i].is_minor;
		}
}

static void
measure(struct shown *shown, long nrows)
{
	shown->width = display_width(shown->title, strlen(shown->title));
	if (shown->kind == GRID_SHARE)
	{
		shown->width = terminal_width() > 0 ? BAR_WIDEST : BAR_USUAL;
		return;
	}
	for (long row = 0; row < nrows; row++)
	{
		size_t		width = display_width(shown->cells[row], strlen(shown->cells[row]));

		if (width > shown->width)
			shown->width = width;
	}
}

/* The zone of a time: +00, -03:30; "" if there is none. */
static const char *
zone_of(const char *time)
{
	const char *clock = strchr(time, ' ');

	return clock != NULL ? clock + strcspn(clock, "+-") : "";
}

/*
 * What all times share in front (their date) or behind (their zone) goes to the
 * title, if that takes less room.
 */
static void
share_time(struct shown *shown, long nrows, bool is_date)
{
	const char *first = NULL;
	const char *title;

	for (long row = 0; row < nrows; row++)
	{
		const char *cell = shown->cells[row];

		if (strcmp(cell, "-") == 0)
			continue;
		if (first == NULL)
			first = cell;
		if (strlen(cell) <= DATE || cell[DATE - 1] != ' ' ||
			(is_date ? strncmp(cell, first, DATE) != 0 :
			 zone_of(cell)[0] == '\0' || strcmp(zone_of(cell), zone_of(first)) != 0))
			return;
	}
	if (first == NULL)
		return;
	title = is_date ? memory_format("%s %.*s", shown->title, DATE - 1, first) :
		memory_format("%s (%s)", shown->title, zone_of(first));
	if (strlen(title) >= shown->width)
		return;
	shown->title = title;
	for (long row = 0; row < nrows; row++)
	{
		const char *cell = shown->cells[row];

		if (strcmp(cell, "-") != 0)
			shown->cells[row] = is_date ? cell + DATE :
				memory_copy(cell, (size_t) (zone_of(cell) - cell));
	}
	measure(shown, nrows);
}

/* Zeroed; a table that is printed in parts gives back what each has taken. */
static void *
get_array(size_t n, size_t size)
{
	void	   *array = calloc(n + 1, size);

	if (array == NULL)
		memory_exhausted();
	return array;
}

static void
forget(struct layout *layout)
{
	for (int i = 0; i < layout->ncolumns; i++)
	{
		free(layout->shown[i].cells);
		buffer_free(&layout->shown[i].name);
	}
	free(layout->shown);
}

static void
lay_out(struct layout *layout, const struct table *table)
{
	layout->ncolumns = table->ncolumns;
	layout->has_parts = table->widths != NULL;
	layout->nrows = table->nrows;
	layout->shown = get_array((size_t) table->ncolumns, sizeof(struct shown));
	for (int i = 0; i < table->ncolumns; i++)
	{
		struct shown *shown = &layout->shown[i];

		shown->kind = table->columns[i].kind;
		shown->cells = get_array((size_t) table->nrows, sizeof(char *));
		for (long row = 0; row < table->nrows; row++)
			shown->cells[row] = table->cells[row * table->ncolumns + i];
		find_title(&table->columns[i], shown);
		measure(shown, table->nrows);
		if (table->widths != NULL && table->widths[i + 1] > shown->width)
			shown->width = table->widths[i + 1];
		if (table->widths != NULL)
			table->widths[i + 1] = shown->width;
		else if (shown->kind == GRID_TIME || shown->kind == GRID_SECOND)
			share_time(shown, table->nrows, false);
	}
}

static size_t
total_width(const struct layout *layout)
{
	size_t		total = 0;

	for (int i = 0; i < layout->ncolumns; i++)
		if (!layout->shown[i].is_hidden)
			total += layout->shown[i].width + (total > 0 ? GAP : 0);
	return total;
}

static void
hide(struct layout *layout, int column)
{
	layout->shown[column].is_hidden = true;
	layout->nhidden++;
}

/* The widest column of text that can be cut, or NULL. */
static struct shown *
widest_text(const struct layout *layout)
{
	struct shown *found = NULL;

	for (int i = 0; i < layout->ncolumns; i++)
	{
		struct shown *shown = &layout->shown[i];

		if ((shown->kind == GRID_TEXT || shown->kind == GRID_JSON) && !shown->is_hidden &&
			shown->width > TEXT_LEAST && (found == NULL || shown->width > found->width))
			found = shown;
	}
	return found;
}

static void
fit(struct layout *layout, size_t limit)
{
	struct shown *text;

	for (int i = 0; i < layout->ncolumns; i++)
		while (layout->shown[i].kind == GRID_SHARE && layout->shown[i].width > BAR_LEAST &&
			   total_width(layout) > limit)
			layout->shown[i].width--;
	for (int i = 0; i < layout->ncolumns && !layout->has_parts && total_width(layout) > limit; i++)
		if (layout->shown[i].kind == GRID_TIME || layout->shown[i].kind == GRID_SECOND)
			share_time(&layout->shown[i], layout->nrows, true);
	for (int i = layout->ncolumns - 1; i > 0 && total_width(layout) > limit; i--)
		if (layout->shown[i].is_minor)
			hide(layout, i);
	while (total_width(layout) > limit && (text = widest_text(layout)) != NULL)
		text->width--;
	for (int i = layout->ncolumns - 1; i > 0 && total_width(layout) > limit; i--)
		if (!layout->shown[i].is_hidden)
			hide(layout, i);
	if (total_width(layout) > limit)
		layout->shown[0].width = limit;
}

void
table_bar(struct buffer *buffer, double share, int width)
{
	static const char *const eighths[] = {
		"", "\xe2\x96\x8f", "\xe2\x96\x8e", "\xe2\x96\x8d", "\xe2\x96\x8c",
		"\xe2\x96\x8b", "\xe2\x96\x8a", "\xe2\x96\x89"
	};
	int			parts;

	if (!(share > 0))
		return;
	if (share > 1)
		share = 1;
	if (!terminal_is_utf8())
	{
		parts = (int) (share * width + 0.5);
		for (int i = 0; i < parts; i++)
			buffer_add_char(buffer, '#');
		return;
	}
	parts = (int) (share * width * 8 + 0.5);
	for (; parts >= 8; parts -= 8)
		buffer_add_text(buffer, "\xe2\x96\x88");
	buffer_add_text(buffer, eighths[parts]);
}

static const char *
cell_colour(enum grid_kind kind, const char *cell)
{
	if (kind == GRID_SHARE)
		return terminal_colour(COLOUR_CYAN);
	if (kind != GRID_SEVERITY)
		return "";
	if (strcmp(cell, "critical") == 0 || strcmp(cell, "high") == 0)
		return terminal_colour(COLOUR_RED);
	if (strcmp(cell, "medium") == 0 || strcmp(cell, "warning") == 0)
		return terminal_colour(COLOUR_YELLOW);
	if (strcmp(cell, "ok") == 0)
		return terminal_colour(COLOUR_GREEN);
	return "";
}

/*
 * A line of cells, cells[ncolumns].  Blanks wait until something follows, so
 * that no line ends with them.
 */
static void
print_line(const struct layout *layout, const char *const *cells, bool is_title)
{
	struct buffer cell = {0};
	size_t		blanks = 0;

	for (int i = 0; i < layout->ncolumns; i++)
	{
		const struct shown *shown = &layout->shown[i];
		const char *colour = is_title ? terminal_colour(COLOUR_BOLD) :
			cell_colour(shown->kind, cells[i]);
		size_t		end;

		if (shown->is_hidden)
			continue;
		buffer_clear(&cell);
		buffer_add(&cell, "", 0);
		if (shown->kind == GRID_SHARE && !is_title)
			table_bar(&cell, strtod(cells[i], NULL), (int) shown->width);
		else
			display_pad(&cell, cells[i], shown->width, is_right(shown->kind));
		for (end = cell.len; end > 0 && cell.text[end - 1] == ' '; end--)
			;
		if (end > 0)
		{
			printf("%*s%s%.*s%s", (int) blanks, "", colour, (int) end, cell.text,
				   colour[0] != '\0' ? terminal_plain() : "");
			blanks = 0;
		}
		blanks += shown->width - display_width(cell.text, end) + GAP;
	}
	putchar('\n');
	buffer_free(&cell);
}

void
table_print(const struct table *table)
{
	struct layout layout = {0};
	const char **cells = get_array((size_t) table->ncolumns, sizeof(char *));

	lay_out(&layout, table);
	if (terminal_width() > 0)
		fit(&layout, terminal_width());
	for (int i = 0; i < layout.ncolumns; i++)
		cells[i] = layout.shown[i].title;
	if (table->widths == NULL || table->widths[0] == 0)
		print_line(&layout, cells, true);
	if (table->widths != NULL)
		table->widths[0] = 1;
	for (long row = 0; row < table->nrows; row++)
	{
		for (int i = 0; i < layout.ncolumns; i++)
			cells[i] = layout.shown[i].cells[row];
		print_line(&layout, cells, false);
	}
	if (layout.nhidden > 0 && !layout.has_parts)
		terminal_remark("%d more column%s in a wider window", layout.nhidden,
						layout.nhidden > 1 ? "s" : "");
	free(cells);
	forget(&layout);
}

void
table_print_upright(const struct table *table)
{
	size_t		widest = 0;

	for (int i = 0; i < table->ncolumns; i++)
	{
		struct shown shown = {0};

		find_title(&table->columns[i], &shown);
		if (strlen(shown.title) > widest)
			widest = strlen(shown.title);
		buffer_free(&shown.name);
	}
	for (long row = 0; row < table->nrows; row++)
	{
		if (row > 0)
			putchar('\n');
		for (int i = 0; i < table->ncolumns; i++)
		{
			struct shown shown = {0};

			find_title(&table->columns[i], &shown);
			printf("%s%-*s%s  %s\n", terminal_colour(COLOUR_BOLD), (int) widest, shown.title,
				   terminal_plain(), table->cells[row * table->ncolumns + i]);
			buffer_free(&shown.name);
		}
	}
}
