/*-------------------------------------------------------------------------
 *
 * The terminal, by ioctl and the environment.
 *
 *-------------------------------------------------------------------------
 */
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

static bool has_utf8;

void
terminal_init(void)
{
	setlocale(LC_CTYPE, "");
	has_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool
terminal_is_utf8(void)
{
	return has_utf8;
}

bool
terminal_is_shown(void)
{
	return isatty(STDOUT_FILENO) != 0;
}

bool
terminal_has_progress(void)
{
	return isatty(STDERR_FILENO) != 0;
}

size_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns != NULL && atoi(columns) > 0)
		return (size_t) atoi(columns);
	if (!terminal_is_shown())
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return terminal_is_shown() && (no == NULL || no[0] == '\0') &&
		(term == NULL || strcmp(term, "dumb") != 0);
}

const char *
terminal_colour(enum colour colour)
{
	static const char *const starts[] = {
		[COLOUR_BOLD] = "\033[1m",
		[COLOUR_DIM] = "\033[2m",
		[COLOUR_GREEN] = "\033[32m",
		[COLOUR_YELLOW] = "\033[33m",
		[COLOUR_RED] = "\033[31m",
		[COLOUR_CYAN] = "\033[36m"
	};

	return wants_colour() ? starts[colour] : "";
}

const char *
terminal_plain(void)
{
	return wants_colour() ? "\033[0m" : "";
}

void
terminal_remark(const char *format, ...)
{
	char		text[200];
	va_list		args;

	if (!terminal_is_shown())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("%s%.*s%s\n", terminal_colour(COLOUR_DIM), (int) terminal_width(), text,
		   terminal_plain());
}
