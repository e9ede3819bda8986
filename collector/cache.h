/*-------------------------------------------------------------------------
 *
 * The cache: packets to unidirectional flows.
 *
 * A flow ends when no packet came for idle_us, when a packet comes active_us
 * or more after its first one (that packet begins the next flow), when the
 * table is full and it is the one silent longest, and at cache_flush.
 *
 * The clock is what cache_advance is told: packet time for files, wall clock
 * for live input.  It never runs back while flows are in the table.  A step
 * back by more than active_us + idle_us is a jump: all flows end, and the
 * clock starts anew.
 *
 * Strangers make flows.  Memory is at most
 *		max_flows * CACHE_FLOW_BYTES + 4 * (max_flows rounded up to 2^n)
 * bytes, 164 MB for a million, reserved at once but touched only as needed;
 * with a watch, what that needs besides.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CACHE_H
#define COLLECTOR_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "decode_packet.h"
#include "flow.h"
#include "hash.h"
#include "watch.h"

#define CACHE_FLOW_BYTES	160
#define CACHE_MAX_FLOWS		(UINT32_C(1) << 30)

struct cache;

struct cache_options
{
	uint32_t	max_flows;		/* 1 .. CACHE_MAX_FLOWS */
	int64_t		active_us;		/* > 0 */
	int64_t		idle_us;		/* > 0 */
	struct hash_key hash_key;
	struct flow_out out;		/* takes the flows that end */
	struct watch *watch;		/* gives flows their extra; NULL: they have none;
								 * of the same max_flows, outlives the cache */
	struct counters *counters;
};

/* Returns NULL when memory is exhausted. */
extern struct cache *cache_open(const struct cache_options *options);

/* Frees the table; flows still in it are lost, so flush before. */
extern void cache_close(struct cache *cache);

/* It is now_us (since 1970): end the flows that are idle.  Needs no traffic. */
extern void cache_advance(struct cache *cache, int64_t now_us);

/* Add a packet to its flow; the time is the clock's. */
extern void cache_add(struct cache *cache, const struct packet *packet);

/* End all flows, in the order of their last packets. */
extern void cache_flush(struct cache *cache);

#endif
