/*-------------------------------------------------------------------------
 *
 * Rows that were seen: what of a new look at the table is new.
 *
 * Rows are told apart by all of their text that is shown, and counted, for equal
 * rows are different flows.  Bound: the rows of one look, at most SEEN_MAX_ROWS.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SEEN_H
#define CLI_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_MAX_ROWS 20000

struct seen;

extern struct seen *seen_new(void);

/*
 * Count a row of this look by a hash of its text.  Returns whether it is new: more
 * such rows were counted in this look than in the one before.
 */
extern bool seen_add(struct seen *seen, uint64_t hash);

/* The look is over; the next one compares with it. */
extern void seen_turn(struct seen *seen);

/* A hash of bytes; start with 0 and go on with what it returned. */
extern uint64_t seen_hash(uint64_t hash, const char *bytes, size_t len);

#endif
