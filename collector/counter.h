/*-------------------------------------------------------------------------
 *
 * Counters: everything that is received, made, lost or refused.
 *
 * The names are part of the interface (--stats, SIGUSR1); README.md explains
 * each.  One struct for the process, passed to every stage; the stage that
 * sees the event counts it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_H
#define COLLECTOR_COUNTER_H

#include <stdint.h>
#include <stdio.h>

#include "counter_list.h"

struct counters
{
#define COUNTER_FIELD(name) uint64_t name;
	COUNTER_LIST(COUNTER_FIELD)
#undef COUNTER_FIELD
};

/* For counters that several threads count. */
static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	(void) __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* One "name value" per line, in the order of the list. */
extern void counter_print(const struct counters *counters, FILE *to);

/* One JSON object on one line, same names, values as numbers. */
extern void counter_print_json(const struct counters *counters, FILE *to);

#endif
