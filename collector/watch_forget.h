/*-------------------------------------------------------------------------
 *
 * Forgetting watched files in flow.ingest: each row of a file that is there is
 * given the time, at most once a day, and rows of files that nobody has given
 * it for WATCH_FORGET_DAYS are removed, of whatever directory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WATCH_FORGET_H
#define COLLECTOR_WATCH_FORGET_H

#include "sink_sources.h"

#define WATCH_FORGET_DAYS	10

/*
 * Files are there if their sources were seen since this time.  Connects, and
 * waits for the database, up to 5 s for each statement; a failure is logged.
 */
extern void watch_forget(const char *conninfo, const char *table, const struct sources *sources,
						 int64_t since_us);

#endif
