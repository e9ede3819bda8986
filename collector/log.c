/*-------------------------------------------------------------------------
 *
 * Messages on stderr.
 *
 * A message is put together first and written at once, so that lines of
 * several processes sharing a terminal or a journal do not mix.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define LIMIT_US (60 * INT64_C(1000000))

static void
write_line(const char *fmt, va_list args, const char *reason)
{
	char		line[1024];
	size_t		len;

	len = (size_t) snprintf(line, sizeof(line), "flowcollectd: ");
	vsnprintf(line + len, sizeof(line) - len, fmt, args);
	len = strlen(line);
	if (reason != NULL)
		snprintf(line + len, sizeof(line) - len, ": %s", reason);
	len = strlen(line);
	while (len > 0 && line[len - 1] == '\n')
		len--;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return;					/* nobody is left to be told */
}

#define WRITE_LINE(reason) \
	do { \
		va_list		args; \
		va_start(args, fmt); \
		write_line(fmt, args, reason); \
		va_end(args); \
	} while (0)

void
log_info(const char *fmt,...)
{
	WRITE_LINE(NULL);
}

void
log_warn(const char *fmt,...)
{
	const char *reason = strerror(errno);

	WRITE_LINE(reason);
}

void
log_warnx(const char *fmt,...)
{
	WRITE_LINE(NULL);
}

void
fatal(const char *fmt,...)
{
	const char *reason = strerror(errno);

	WRITE_LINE(reason);
	exit(1);
}

void
fatalx(const char *fmt,...)
{
	WRITE_LINE(NULL);
	exit(1);
}

bool
log_allowed(struct log_limit *limit, int64_t now_us)
{
	if (now_us < limit->next_us)
		return false;
	limit->next_us = now_us + LIMIT_US;
	return true;
}

bool
log_within_budget(struct log_budget *budget, int64_t now_us)
{
	if (now_us >= budget->end_us)
	{
		budget->end_us = now_us + LIMIT_US;
		budget->nlines = 0;
	}
	if (budget->nlines == LOG_BUDGET_LINES)
		return false;
	budget->nlines++;
	return true;
}
