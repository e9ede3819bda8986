/*-------------------------------------------------------------------------
 *
 * A file of positions of watched files, for a database that cannot keep them.
 *
 *	  flowcollectd watch positions 1
 *	  POSITION SEEN SOURCE		bytes, seconds since 1970, a name
 *
 * It is replaced as a whole; what was written to the table shortly before a
 * kill is not in it yet, and is written again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WATCH_POSITIONS_H
#define COLLECTOR_WATCH_POSITIONS_H

#include <stdbool.h>

#include "sink_sources.h"

/*
 * Add what the file says to the sources as written and put, also for a database
 * that has begun to keep positions since: it is their base.  A file that is not
 * there says nothing.  Returns false, having logged why, if it cannot be read.
 */
extern bool watch_positions_read(const char *path, struct sources *sources)
			__attribute__((warn_unused_result));

/* Write the file anew.  A failure is logged, once a minute. */
extern void watch_positions_write(const char *path, const struct sources *sources);

#endif
