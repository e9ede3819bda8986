/*-------------------------------------------------------------------------
 *
 * Progress of reading a file, on stderr, at most twice a second.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PROGRESS_H
#define COLLECTOR_PROGRESS_H

#include <stdbool.h>

#include "counter.h"

/* Is it time to show progress again?  True at the first call. */
extern bool progress_is_due(void);

/* percent is -1 if unknown. */
extern void progress_show(int percent, const struct counters *counters);

#endif
