/*-------------------------------------------------------------------------
 *
 * Planted attacks, and the list of what was planted.
 *
 * Each attack is a number of events spread evenly over its part of the time.
 * Below ATTACKS_MIN_ROWS rows nothing is planted.  The usual ones are twelve;
 * all are these and eight more, with which other rows differ, too.
 *
 * The label file has one line an attack, columns separated by tabs:
 *
 *		kind	src		dst		port	from	to		rows
 *
 * src and dst are an address or a network, src the side that opened the
 * conversation; port is the one of the service, or * for many; from and to
 * are the first and last ts; rows counts both directions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_ATTACKS_H
#define GEN_ATTACKS_H

#include <stdbool.h>
#include <stdio.h>

#include "conv.h"

#define ATTACKS_MIN_ROWS	20000

enum attack_set
{
	ATTACKS_USUAL, ATTACKS_ALL, ATTACKS_NONE
};

struct attacks;

/* for rows rows in all between two times; exits when out of memory */
extern struct attacks *attacks_create(enum attack_set set, uint64_t seed, uint64_t rows,
									  int64_t start_ms, int64_t end_ms);
extern void attacks_free(struct attacks *attacks);

/*
 * The next event that begins before until_ms, at most max_rows rows of it;
 * false when there is none.  Durations are at most TRAFFIC_MAX_MS.
 */
extern bool attacks_next(struct attacks *attacks, int64_t until_ms, uint64_t max_rows,
						 struct conv *conv);

/* false when the file could not be written */
extern bool attacks_write_labels(const struct attacks *attacks, FILE *file);

#endif
