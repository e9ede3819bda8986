/*-------------------------------------------------------------------------
 *
 * Progress of reading a file.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "progress.h"

#define INTERVAL_US 500000

bool
progress_is_due(void)
{
	static int64_t next_us;
	int64_t		now_us = clock_monotonic_us();

	if (now_us < next_us)
		return false;
	next_us = now_us + INTERVAL_US;
	return true;
}

void
progress_show(int percent, const struct counters *counters)
{
	if (percent >= 0)
		fprintf(stderr, "%d %%, ", percent);
	fprintf(stderr, "%" PRIu64 " packets, %" PRIu64 " flows\n",
			counters->packets,
			counters->flows_created + counters->records);
}
