/*-------------------------------------------------------------------------
 *
 * The meter.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cache.h"
#include "log.h"
#include "meter.h"
#include "watch.h"

struct meter
{
	const char *sensor;
	struct ring_options ring_options;
	struct ring *ring;			/* NULL: packets are not kept */
	struct packet_decoder *decoder;
	struct watch *watch;		/* NULL: flows have their counts only */
	struct cache *cache;
};

static struct watch *
open_watch(const struct meter_options *options)
{
	struct watch_options watch = {
		.max_flows = options->max_flows,
		.max_payloads = options->max_payloads,
		.has_payload = options->has_payload,
		.has_profile = options->has_profile,
		.has_places = options->ring.path != NULL,
		.hash_key = options->hash_key,
		.counters = options->counters
	};
	struct watch *opened = watch_open(&watch);

	if (opened == NULL)
		fatalx("out of memory for the details of %u flows", options->max_flows);
	return opened;
}

struct meter *
meter_open(const struct meter_options *options)
{
	struct meter *meter = calloc(1, sizeof(*meter));
	struct cache_options cache = {
		.max_flows = options->max_flows,
		.active_us = options->active_us,
		.idle_us = options->idle_us,
		.hash_key = options->hash_key,
		.out = options->out,
		.counters = options->counters
	};

	if (meter == NULL)
		fatalx("out of memory");
	if (options->has_details || options->tunnels != 0 ||
		options->has_payload || options->has_profile || options->ring.path != NULL)
		cache.watch = meter->watch = open_watch(options);
	meter->sensor = options->sensor;
	meter->ring_options = options->ring;
	meter->ring_options.counters = options->counters;
	meter->decoder = packet_decoder_open(options->counters, options->hash_key);
	meter->cache = cache_open(&cache);
	if (meter->decoder == NULL || meter->cache == NULL)
		fatalx("out of memory for %u flows", options->max_flows);
	meter->decoder->tunnels = options->tunnels;
	return meter;
}

bool
meter_open_ring(struct meter *meter)
{
	if (meter->ring_options.path == NULL)
		return true;
	meter->ring = ring_open(&meter->ring_options);
	if (meter->ring != NULL)
		watch_set_ring(meter->watch, ring_id(meter->ring));
	return meter->ring != NULL;
}

void
meter_close(struct meter *meter)
{
	if (meter->ring != NULL)
		ring_close(meter->ring);
	cache_close(meter->cache);
	if (meter->watch != NULL)
		watch_close(meter->watch);
	packet_decoder_close(meter->decoder);
	free(meter);
}

void
meter_frame(struct meter *meter, const struct frame *frame)
{
	struct packet packet;
	bool		is_metered = decode_packet(meter->decoder, frame, &packet);
	uint64_t	place = 0;

	if (meter->ring != NULL)
		place = ring_add(meter->ring, frame, is_metered ? &packet.flow.key : NULL);
	if (!is_metered)
		return;
	packet.place = place;
	packet.flow.sensor = meter->sensor;
	cache_advance(meter->cache, frame->time_us);
	cache_add(meter->cache, &packet);
}

void
meter_advance(struct meter *meter, int64_t now_us)
{
	cache_advance(meter->cache, now_us);
}

void
meter_tick(struct meter *meter, int64_t now_us)
{
	if (meter->ring != NULL)
		ring_tick(meter->ring, now_us);
}

void
meter_flush(struct meter *meter)
{
	cache_flush(meter->cache);
}
