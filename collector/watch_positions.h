/*-------------------------------------------------------------------------
 *
 * A file of positions of watched files, for a database that cannot keep them.
 *
 *	  flowcollectd watch positions 2
 *	  TABLE						which one of which database
 *	  POSITION SEEN SOURCE		bytes, seconds since 1970, a name
 *
 * It is replaced as a whole; what was written to the table shortly before a
 * kill is not in it yet, and is written again.  Version 1 had no TABLE, and is
 * taken for any.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WATCH_POSITIONS_H
#define COLLECTOR_WATCH_POSITIONS_H

#include <stdbool.h>

#include "sink_sources.h"

/*
 * Keep other collectors from the file, as long as this process lives: FILE.lock
 * is locked, made if need be, and stays.  Returns false, having logged why.
 */
extern bool watch_positions_lock(const char *path) __attribute__((warn_unused_result));

/*
 * Add what the file says to the sources as written and put, also for a database
 * that has begun to keep positions since: it is their base.  A file that is not
 * there says nothing.  Returns false, having logged why, if it cannot be read,
 * or is about another table.
 */
extern bool watch_positions_read(const char *path, const char *table, struct sources *sources)
			__attribute__((warn_unused_result));

/* Write the file anew.  A failure is logged, once a minute. */
extern void watch_positions_write(const char *path, const char *table,
								  const struct sources *sources);

#endif
