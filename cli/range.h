/*-------------------------------------------------------------------------
 *
 * Ranges of time: -24h, --since and --until.
 *
 * A time is what PostgreSQL reads as timestamptz, or a span before flow.now()
 * with a minus: -90s, -15m, -24h, -7d, -2w, -6mon, -1y, -1d12h; -24 alone
 * counts hours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_RANGE_H
#define CLI_RANGE_H

#include <stdbool.h>
#include <stddef.h>

struct arguments;
struct session;

/* Times as PostgreSQL writes them, in the session's time zone; NULL: no bound. */
struct range
{
	const char *since;
	const char *until;			/* exclusive */
};

/*
 * What the options of GROUP_RANGE say.  span is an interval like "1 day": if
 * since was not given it is so long before until, and until is flow.now() then.
 * With a NULL span what was not given stays NULL, but the present ends what a
 * span of --since began.  Reports an empty range, and what is no time; false then.
 */
extern bool range_resolve(struct session *session,
						  const struct arguments *arguments, const char *span,
						  struct range *range);

/*
 * Translate a span like 24h or 1d12h, without its minus, to an interval for
 * PostgreSQL, "24 hours " or "1 days 12 hours ".  NULL if it is none.
 */
extern const char *range_interval(const char *text);

/* Say on stderr that nothing was found, and which times the table has. */
extern void range_tell_nothing(struct session *session,
							   const struct range *range);

#endif
