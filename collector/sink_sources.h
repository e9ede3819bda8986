/*-------------------------------------------------------------------------
 *
 * Many sources of one sink, and what of each is written.
 *
 * Memory: 128 bytes and the name for each source, 8 * SOURCES_BUCKETS bytes;
 * sources_forget keeps them few.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_SOURCES_H
#define COLLECTOR_SINK_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "sink_ranges.h"

#define SOURCES_BUCKETS	16384
#define SOURCES_NAME_LEN 512

struct source
{
	struct source *chain;		/* of the bucket */
	struct ranges ranges;		/* written, or in the database */
	uint64_t	base;			/* all before it was written where the database kept nothing */
	uint64_t	floor;			/* start of them that must not be lost */
	uint64_t	queued;			/* for the driver: all before it was put */
	int64_t		seen_us;		/* since 1970, when it was last asked for */
	int			nbatches;		/* that wait, so that it must stay */
	char		name[];
};

struct sources;

/* Returns NULL when memory is exhausted. */
extern struct sources *sources_open(void);
extern void sources_close(struct sources *sources);

/* The source of this name, shorter than SOURCES_NAME_LEN, or NULL. */
extern struct source *sources_find(const struct sources *sources, const char *name);

/* The same, made if need be, with no ranges; NULL when memory is exhausted. */
extern struct source *sources_add(struct sources *sources, const char *name)
			__attribute__((warn_unused_result));

/* What is written now must not be lost from now on. */
extern void sources_set_floors(struct sources *sources);

/* A source of which something was lost that must not be, or NULL. */
extern const struct source *sources_find_lost(const struct sources *sources);

/* All before this position is written, whatever the database says of it. */
extern bool source_set_base(struct source *source, uint64_t position)
			__attribute__((warn_unused_result));

/*
 * Forget what was written, but for what is before the base, or what was put, of
 * all.  Returns false when memory is exhausted.
 */
extern bool sources_clear_ranges(struct sources *sources)
			__attribute__((warn_unused_result));
extern void sources_clear_queued(struct sources *sources);

/* Forget sources that were last seen before this time and of which nothing waits. */
extern void sources_forget(struct sources *sources, int64_t before_us);

/* Call visit for each source, in no order, until it returns false. */
extern bool sources_visit(const struct sources *sources,
						  bool (*visit) (void *arg, const struct source *source), void *arg);

#endif
