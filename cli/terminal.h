/*-------------------------------------------------------------------------
 *
 * What standard output is: its width, its characters, its colours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum colour
{
	COLOUR_BOLD,
	COLOUR_DIM,
	COLOUR_GREEN,
	COLOUR_YELLOW,
	COLOUR_RED,
	COLOUR_CYAN
};

/* Take over the locale of the environment.  Called once, first. */
extern void terminal_init(void);

/* Whether the locale writes UTF-8. */
extern bool terminal_is_utf8(void);

/* Whether standard output, or standard error, is a terminal. */
extern bool terminal_is_shown(void);
extern bool terminal_has_progress(void);

/*
 * Columns of the terminal: as it says, or the variable COLUMNS; 0 if standard
 * output is none and COLUMNS is not set: there lines may have any length.
 */
extern size_t terminal_width(void);

/* Print a remark below a table, if standard output is a terminal. */
extern void terminal_remark(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/*
 * What begins a colour, and what ends it; "" where colours are not wanted: not
 * on a terminal, TERM is dumb, or NO_COLOR is set.
 */
extern const char *terminal_colour(enum colour colour);
extern const char *terminal_plain(void);

#endif
