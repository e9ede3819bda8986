/*-------------------------------------------------------------------------
 *
 * The file of rows that the database refused.
 *
 * Lines of all columns, as the text sink writes them, with a header line if
 * the file was empty; appended to, and synced to disk before the rest of their
 * batch is committed.  A row may be in the file twice, after a crash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_REJECT_H
#define COLLECTOR_SINK_REJECT_H

#include <stdbool.h>

#include "sink_queue.h"

struct reject;

/* Returns NULL, having logged why, if the file cannot be written. */
extern struct reject *reject_open(const char *path);
extern void reject_close(struct reject *reject);

/*
 * Write rows to the file.  Returns false, having logged why, if they are not
 * safe there.
 */
extern bool reject_write(struct reject *reject, struct rows rows)
			__attribute__((warn_unused_result));

#endif
