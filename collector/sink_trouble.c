/*-------------------------------------------------------------------------
 *
 * What is said of a database that takes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "sink_trouble.h"

void
trouble_note(struct trouble *trouble, const char *reason, int64_t now_us)
{
	bool		is_new = strncmp(trouble->reason, reason, sizeof(trouble->reason) - 1) != 0;

	trouble->is_there = true;
	if (!log_allowed(&trouble->limit, now_us) && !is_new)
		return;
	if (!log_within_budget(&trouble->budget, now_us))
		return;
	snprintf(trouble->reason, sizeof(trouble->reason), "%s", reason);
	log_warnx("could not write to the database, will try again: %s", reason);
}

void
trouble_end(struct trouble *trouble)
{
	if (!trouble->is_there)
		return;
	log_info("the database takes rows again");
	trouble->is_there = false;
	trouble->limit = (struct log_limit) {0};
	trouble->reason[0] = '\0';
}
