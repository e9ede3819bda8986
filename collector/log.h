/*-------------------------------------------------------------------------
 *
 * Messages on stderr, in PostgreSQL's style: lower case, no full stop.
 *
 *		log_info	something an operator wants to know
 *		log_warn	a system call failed; the system's reason is appended
 *		log_warnx	something else went wrong
 *		fatal		log_warn, then exit(1)
 *		fatalx		log_warnx, then exit(1)
 *
 * What a stranger can cause is counted, and logged through a log_limit only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LOG_H
#define COLLECTOR_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_PRINTF __attribute__((format(printf, 1, 2)))

extern void log_info(const char *fmt,...) LOG_PRINTF;
extern void log_warn(const char *fmt,...) LOG_PRINTF;
extern void log_warnx(const char *fmt,...) LOG_PRINTF;
extern void fatal(const char *fmt,...) LOG_PRINTF __attribute__((noreturn));
extern void fatalx(const char *fmt,...) LOG_PRINTF __attribute__((noreturn));

/* Allows one message a minute.  Start with all zero. */
struct log_limit
{
	int64_t		next_us;		/* no message before this time */
};

/*
 * May the message be logged now?  now_us is any clock that does not run
 * backwards, in microseconds > 0.
 */
extern bool log_allowed(struct log_limit *limit, int64_t now_us);

/*
 * Allows LOG_BUDGET_LINES messages a minute, for what many strangers can
 * cause under ever new names.  Start with all zero.
 */
#define LOG_BUDGET_LINES 30

struct log_budget
{
	int64_t		end_us;			/* of the current minute */
	int			nlines;			/* logged in it */
};

extern bool log_within_budget(struct log_budget *budget, int64_t now_us);

#endif
