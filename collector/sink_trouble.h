/*-------------------------------------------------------------------------
 *
 * What is said of a database that takes nothing: each kind of trouble once a
 * minute, and that it is over.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_TROUBLE_H
#define COLLECTOR_SINK_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

/* Starts with all zero. */
struct trouble
{
	bool		is_there;		/* writing failed and has not succeeded since */
	struct log_limit limit;
	struct log_budget budget;
	char		reason[128];	/* that was logged last */
};

extern void trouble_note(struct trouble *trouble, const char *reason, int64_t now_us);

/* The database has taken something. */
extern void trouble_end(struct trouble *trouble);

#endif
