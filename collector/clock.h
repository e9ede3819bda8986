/*-------------------------------------------------------------------------
 *
 * The machine's clocks, in microseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CLOCK_H
#define COLLECTOR_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Never runs back; the epoch is unspecified. */
static inline int64_t
clock_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

/* Since 1970 UTC; may be set back. */
static inline int64_t
clock_realtime_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

#endif
