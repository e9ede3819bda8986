/*-------------------------------------------------------------------------
 *
 * Ranges of positions: what of a source the database has.
 *
 * Positions are those of the input, first .. next (exclusive).  The ranges are
 * in order, do not overlap, and adjacent ones are one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_RANGES_H
#define COLLECTOR_SINK_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGES_MAX_POSITION	((uint64_t) INT64_MAX)

struct range
{
	uint64_t	first;
	uint64_t	next;
};

/* Starts with all zero. */
struct ranges
{
	struct range *list;			/* [n] */
	size_t		n;
	size_t		capacity;
};

/*
 * Add a range, first < next, which may overlap others.  Returns false when
 * memory is exhausted.
 */
extern bool ranges_add(struct ranges *ranges, uint64_t first, uint64_t next)
			__attribute__((warn_unused_result));

/* Add all of other ranges.  Returns false when memory is exhausted. */
extern bool ranges_add_all(struct ranges *ranges, const struct ranges *more)
			__attribute__((warn_unused_result));

/* Remove all, and their memory. */
extern void ranges_clear(struct ranges *ranges);

/* The lowest range that has a position of first .. next, or NULL. */
extern const struct range *ranges_overlap(const struct ranges *ranges,
										  uint64_t first, uint64_t next);

/* Is all of first .. next in? */
extern bool ranges_cover(const struct ranges *ranges, uint64_t first,
						 uint64_t next);
extern bool ranges_cover_all(const struct ranges *ranges,
							 const struct ranges *parts);

/* The lowest position that is not in. */
extern uint64_t ranges_start(const struct ranges *ranges);

#endif
