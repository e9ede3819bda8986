/*-------------------------------------------------------------------------
 *
 * If this goes, flows may end late, early or never, or memory may grow.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "tap.h"

#define S INT64_C(1000000)

static struct counters counters;
static struct flow last;
static int	nflows;
static uint64_t npackets;

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	last = *flow;
	nflows++;
	npackets += flow->packets;
}

static struct cache *
open_cache(uint32_t max_flows)
{
	struct cache_options options = {
		.max_flows = max_flows,
		.active_us = 60 * S,
		.idle_us = 15 * S,
		.hash_key = hash_key_seeded(1),
		.out = {take, NULL},
		.counters = &counters
	};

	nflows = 0;
	npackets = 0;
	memset(&counters, 0, sizeof(counters));
	return cache_open(&options);
}

static void
add_with(struct cache *cache, int64_t time_us, uint32_t host, uint8_t flags,
		 uint8_t tos)
{
	struct packet packet = {
		.flow = {
			.start_us = time_us,.end_us = time_us,.packets = 1,.bytes = 100,
			.tcp_flags = flags,.tos = tos
		}
	};

	packet.flow.key.src.family = FLOW_FAMILY_IP4;
	memcpy(packet.flow.key.src.bytes, &host, sizeof(host));
	cache_advance(cache, time_us);
	cache_add(cache, &packet);
}

static void
add(struct cache *cache, int64_t time_us, uint32_t host)
{
	add_with(cache, time_us, host, 0, 0);
}

static void
test_adding_up(void)
{
	struct cache *cache = open_cache(10);

	add_with(cache, 100 * S, 1, 2, 8);
	add_with(cache, 101 * S, 1, 16, 4);
	add_with(cache, 101 * S, 2, 1, 0);
	add_with(cache, 105 * S, 1, 4, 0);
	is(nflows, 0, "nothing has ended");
	cache_flush(cache);
	is(nflows, 2, "flush ends all");
	is(last.start_us, 100 * S, "start is the first packet's time");
	is(last.end_us, 105 * S, "end is the last packet's");
	is((int64_t) last.packets, 3, "packets are added");
	is((int64_t) last.bytes, 300, "bytes are added");
	is(last.tcp_flags, 22, "flags are ORed");
	is(last.tos, 8, "TOS is the first packet's");
	cache_flush(cache);
	is(nflows, 2, "a second flush has nothing to end");
	cache_close(cache);
}

static void
test_timeouts(void)
{
	struct cache *cache = open_cache(10);

	for (int s = 0; s <= 50; s += 10)
		add(cache, s * S, 1);
	is(nflows, 0, "active for less than the timeout");
	add(cache, 60 * S, 1);
	is(nflows, 1, "the active timeout ends a flow");
	is((int64_t) last.packets, 6, "before the packet is added");
	add(cache, 75 * S - 1, 1);
	is(nflows, 1, "idle for less than the timeout");
	add(cache, 90 * S - 1, 1);
	is(nflows, 2, "the idle timeout ends a flow");
	is((int64_t) last.packets, 2, "before the packet is added");
	cache_advance(cache, 105 * S - 2);
	is(nflows, 2, "not yet");
	cache_advance(cache, 105 * S - 1);
	is(nflows, 3, "idle flows end without traffic");
	is(last.end_us, 90 * S - 1, "with the time of their last packet");
	cache_close(cache);
}

static void
test_clock(void)
{
	struct cache *cache = open_cache(10);

	add(cache, 1000 * S, 1);
	add(cache, 1010 * S, 2);
	add(cache, 990 * S, 1);		/* late, but not idle */
	is(nflows, 0, "a packet from the past ends nothing");
	cache_advance(cache, 1025 * S - 1);
	is(nflows, 0, "and counts as seen now");
	cache_advance(cache, 1025 * S);
	is(nflows, 2, "so that both become idle together");
	is(last.start_us, 990 * S, "it makes the flow begin earlier");
	is(last.end_us, 1000 * S, "and not end earlier");
	is((int64_t) counters.time_jumps, 0, "this was no jump");
	add(cache, 2000 * S, 1);
	add(cache, 100 * S, 1);
	is((int64_t) counters.time_jumps, 1, "half an hour back is a jump");
	is(nflows, 3, "which ends all flows");
	is(last.end_us - last.start_us, 0, "so that none spans it");
	add(cache, 115 * S, 2);
	is(nflows, 4, "timeouts work on the other side");
	add(cache, 4000000000 * S, 3);
	add(cache, 130 * S, 2);
	is((int64_t) counters.time_jumps, 2, "one packet from 2096 and back");
	add(cache, 145 * S, 4);
	is(nflows, 7, "does not stop the clock");
	cache_close(cache);
}

static void
test_eviction(void)
{
	struct cache *cache = open_cache(3);

	add(cache, 1 * S, 1);
	add(cache, 2 * S, 2);
	add(cache, 3 * S, 3);
	add(cache, 4 * S, 1);
	is(nflows, 0, "three flows fit");
	add(cache, 5 * S, 4);
	is(nflows, 1, "the fourth evicts one");
	is(last.start_us, 2 * S, "the one silent longest");
	is((int64_t) counters.flows_evicted, 1, "and is counted");
	for (uint32_t host = 10; host < 10010; host++)
		add(cache, 6 * S, host);
	cache_flush(cache);
	is(nflows, 10004, "no flow is lost");
	is((int64_t) counters.flows_created, 10004, "created");
	is((int64_t) counters.flows_exported, 10004, "exported");
	cache_close(cache);
}

/* Random traffic: whatever the table does, packets in are packets out. */
static void
test_conservation(void)
{
	struct cache *cache = open_cache(500);
	uint32_t	x = 12345;
	int64_t		now_us = 0;

	for (int i = 0; i < 200000; i++)
	{
		x = x * 1664525 + 1013904223;
		now_us += (x >> 8) % 20000;
		add(cache, now_us - (x >> 20) % 1000, (x >> 4) % 1000);
	}
	cache_flush(cache);
	is((int64_t) npackets, 200000, "packets in are packets out");
	is((int64_t) counters.flows_created, nflows, "each flow once");
	ok(counters.flows_evicted > 0, "with evictions on the way");
	cache_close(cache);
}

int
main(void)
{
	test_adding_up();
	test_timeouts();
	test_clock();
	test_eviction();
	test_conservation();
	return tap_failed;
}
