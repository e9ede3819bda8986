/*-------------------------------------------------------------------------
 *
 * If this goes, flows get the details of others, or none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "profile.h"
#include "tap.h"
#include "watch.h"

#define S INT64_C(1000000)

static struct counters counters;
static struct flow_extra extra;
static struct flow flow;
static int32_t ints[256];
static int	nflows;
static uint8_t udp[8 + 100];

static void
take(void *arg, const struct flow *ended)
{
	(void) arg;
	flow = *ended;
	extra = *ended->extra;
	if (flow_extra_has(&extra, FLOW_SPLT_LENGTHS))
		memcpy(ints, extra.values[FLOW_SPLT_LENGTHS].text.bytes,
			   extra.values[FLOW_SPLT_LENGTHS].text.len);
	nflows++;
}

static struct cache_options
open_options(uint32_t max_flows, uint32_t max_payloads)
{
	struct watch_options watch = {
		.max_flows = max_flows,.max_payloads = max_payloads,
		.has_payload = true,.has_profile = true,
		.hash_key = hash_key_seeded(1),.counters = &counters
	};
	struct cache_options options = {
		.max_flows = max_flows,.active_us = 60 * S,.idle_us = 15 * S,
		.hash_key = hash_key_seeded(1),.out = {take, NULL},
		.watch = watch_open(&watch),.counters = &counters
	};

	memset(&counters, 0, sizeof(counters));
	nflows = 0;
	return options;
}

/* A datagram of len bytes of payload from this host. */
static struct packet
packet_of(uint8_t host, int64_t time_us, size_t len, uint8_t ttl)
{
	struct packet packet = {
		.flow = {
			.start_us = time_us,.end_us = time_us,.packets = 1,
			.bytes = 28 + len
		},
		.transport = udp,.transport_len = 8 + len,.transport_wirelen = 8 + len,
		.ttl = ttl
	};

	packet.flow.key.src.family = packet.flow.key.dst.family = FLOW_FAMILY_IP4;
	packet.flow.key.src.bytes[0] = host;
	packet.flow.key.proto = FLOW_PROTO_UDP;
	return packet;
}

static void
add(struct cache *cache, const struct packet *packet)
{
	cache_advance(cache, packet->flow.start_us);
	cache_add(cache, packet);
}

static int64_t
number(enum flow_extra_id id)
{
	return flow_extra_has(&extra, id) ? (int64_t) extra.values[id].number : -1;
}

static void
test_details(void)
{
	struct cache_options options = open_options(10, 10);
	struct cache *cache = cache_open(&options);
	struct packet packet = packet_of(1, 100 * S, 10, 60);

	packet.tags.has_vlan = true;
	packet.tags.vlan = 7;
	packet.tunnel.type = TUNNEL_GRE;
	packet.tunnel.has_id = true;
	packet.tunnel.id = UINT32_MAX;
	add(cache, &packet);
	packet = packet_of(1, 100 * S + 300000, 100, 64);
	add(cache, &packet);
	packet = packet_of(1, 105 * S, 0, 50);
	add(cache, &packet);
	cache_advance(cache, 120 * S);
	is(nflows, 1, "a flow has ended");
	is(number(FLOW_VLAN), 7, "VLAN of its first packet");
	is(number(FLOW_TUNNEL_ID), UINT32_MAX, "and tunnel");
	is(number(FLOW_TUNNEL_SRC_ADDR), -1, "which had no address");
	is(number(FLOW_MIN_TTL), 50, "least time to live");
	is(number(FLOW_MAX_TTL), 64, "most");
	is(number(FLOW_MIN_LENGTH), 28, "shortest packet");
	is(number(FLOW_MAX_LENGTH), 128, "longest");
	is(number(FLOW_ACTIVE_MS), 300, "pauses below a second");
	is(number(FLOW_IDLE_MS), 4700, "and the others");
	is(number(FLOW_MAX_IDLE_MS), 4700, "the longest");
	is(number(FLOW_END_REASON), FLOW_END_IDLE, "it was idle");
	is(extra.values[FLOW_SPLT_LENGTHS].text.len, 8, "two packets had payload");
	ok(ints[0] == 10 && ints[1] == 100, "of these lengths");
	ok(extra.values[FLOW_ENTROPY].real == 0, "all bytes were the same");
	cache_close(cache);
	watch_close(options.watch);
}

static void
test_reasons(void)
{
	struct cache_options options = open_options(2, 10);
	struct cache *cache = cache_open(&options);
	struct packet packet;

	for (int s = 0; s <= 60; s += 10)
	{
		packet = packet_of(1, (1000 + s) * S, 5, 1);
		add(cache, &packet);
	}
	is(number(FLOW_END_REASON), FLOW_END_ACTIVE, "active for too long");
	for (uint8_t host = 2; host < 4; host++)
	{
		packet = packet_of(host, 1061 * S, 5, 1);
		packet.tags.has_vlan = host == 3;
		add(cache, &packet);
	}
	is(number(FLOW_END_REASON), FLOW_END_EVICTED, "the table is full");
	is(number(FLOW_VLAN), -1, "without the VLAN of another");
	cache_flush(cache);
	is(number(FLOW_END_REASON), FLOW_END_FORCED, "the end");
	is(nflows, 4, "each once");
	cache_close(cache);
	watch_close(options.watch);
}

static void
test_profiles_evicted(void)
{
	struct cache_options options = open_options(100, 5);
	struct cache *cache = cache_open(&options);
	struct packet packet;

	for (uint8_t host = 0; host < 50; host++)
	{
		packet = packet_of(host, 100 * S, 5, 1);
		add(cache, &packet);
	}
	is((int64_t) counters.profiles_evicted, 45, "profiles make room");
	packet = packet_of(0, 101 * S, 5, 1);
	add(cache, &packet);
	is((int64_t) counters.profiles_evicted, 45, "and do not begin again");
	cache_flush(cache);
	is(flow.key.src.bytes[0], 0, "the flow without");
	ok(!flow_extra_has(&extra, FLOW_SPLT_LENGTHS), "has none");
	is(nflows, 50, "but is there");
	cache_close(cache);
	watch_close(options.watch);
}

int
main(void)
{
	test_details();
	test_reasons();
	test_profiles_evicted();
	return tap_failed;
}
