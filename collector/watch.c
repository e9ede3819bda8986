/*-------------------------------------------------------------------------
 *
 * What packets tell of their flow: an array beside the flow table, with
 * handles for what only some flows have.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "conversation.h"
#include "profile.h"
#include "ring_format.h"
#include "watch.h"

#define ACTIVE_US	INT64_C(1000000)	/* shorter pauses count as activity */

struct watched
{
	int64_t		active_us;
	int64_t		idle_us;
	int64_t		max_idle_us;
	struct conversation_member member;
	struct pool_handle profile;
	struct tunnel tunnel;
	uint32_t	min_length;
	uint32_t	max_length;
	uint16_t	vlan;
	bool		has_vlan;
	uint8_t		min_ttl;
	uint8_t		max_ttl;
};

_Static_assert(sizeof(struct watched) == WATCH_FLOW_BYTES, "see watch.h");

/* Where the first and the last packet that was kept are; 0: none was. */
struct places
{
	uint64_t	first;
	uint64_t	last;
};

struct watch
{
	struct watch_options options;
	struct watched *flows;		/* [max_flows + 1], by slot */
	struct places *places;		/* the same; NULL: packets are not kept */
	struct conversation_table *conversations;	/* NULL: not asked for */
	struct pool *profiles;		/* NULL: not asked for */
	struct flow_extra extra;	/* of the flow that ended last */
	char		ring_id[RING_ID_LEN + 1];
	char		ref[RING_REF_LEN];	/* in it */
	bool		has_any_payload;	/* conversations, profiles or both */
};

static void
evict_profile(void *arg, void *thing)
{
	struct watch *watch = arg;

	(void) thing;
	watch->options.counters->profiles_evicted++;
}

struct watch *
watch_open(const struct watch_options *options)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	bool		is_good;

	if (watch == NULL)
		return NULL;
	watch->options = *options;
	watch->has_any_payload = options->has_payload || options->has_profile;
	watch->flows = calloc((size_t) options->max_flows + 1,
						  sizeof(*watch->flows));
	is_good = watch->flows != NULL;
	if (options->has_places)
	{
		watch->places = calloc((size_t) options->max_flows + 1, sizeof(*watch->places));
		is_good = is_good && watch->places != NULL;
	}
	if (options->has_payload)
	{
		watch->conversations = conversation_open(options->max_payloads,
												 options->hash_key,
												 options->counters);
		is_good = is_good && watch->conversations != NULL;
	}
	if (options->has_profile)
	{
		watch->profiles = pool_open(options->max_payloads,
									sizeof(struct profile), evict_profile,
									watch);
		is_good = is_good && watch->profiles != NULL;
	}
	if (is_good)
		return watch;
	watch_close(watch);
	return NULL;
}

void
watch_close(struct watch *watch)
{
	if (watch->conversations != NULL)
		conversation_close(watch->conversations);
	if (watch->profiles != NULL)
		pool_close(watch->profiles);
	free(watch->places);
	free(watch->flows);
	free(watch);
}

void
watch_set_ring(struct watch *watch, const char *id)
{
	memcpy(watch->ring_id, id, sizeof(watch->ring_id));
}

static void
add_payload(struct watch *watch, struct watched *watched,
			const struct packet *packet)
{
	const struct flow *flow = &packet->flow;
	struct segment segment;
	struct profile *profile;

	if (!segment_read(packet, &segment))
		return;
	if (watch->conversations != NULL)
		conversation_add(watch->conversations, &watched->member, &flow->key,
						 &segment, flow->start_us);
	if (watch->profiles == NULL || segment.wirelen == 0)
		return;
	if (watched->profile.slot == 0)
		watched->profile = pool_take(watch->profiles, flow->start_us);
	profile = pool_get(watch->profiles, watched->profile);
	if (profile == NULL)
		return;					/* it made room for another flow's */
	pool_touch(watch->profiles, watched->profile, flow->start_us);
	profile_add(profile, segment.bytes, segment.len, segment.wirelen,
				flow->start_us);
}

void
watch_begin(struct watch *watch, uint32_t slot, const struct packet *packet,
			bool continues)
{
	struct watched *watched = &watch->flows[slot];
	struct conversation_member member = {0};

	if (continues)
		member = watched->member;
	memset(watched, 0, sizeof(*watched));
	watched->member = member;
	watched->tunnel = packet->tunnel;
	watched->vlan = packet->tags.vlan;
	watched->has_vlan = packet->tags.has_vlan;
	watched->min_ttl = watched->max_ttl = packet->ttl;
	watched->min_length = watched->max_length = (uint32_t) packet->flow.bytes;
	if (watch->places != NULL)
		watch->places[slot] = (struct places) {packet->place, packet->place};
	if (watch->has_any_payload)
		add_payload(watch, watched, packet);
}

static void
add_place(struct places *places, uint64_t place)
{
	if (place == 0)
		return;
	if (places->first == 0)
		places->first = place;
	places->last = place;
}

static void
put_ref(struct watch *watch, uint32_t slot, struct flow_extra *extra)
{
	struct ring_ref ref = {
		.first = watch->places[slot].first,.last = watch->places[slot].last
	};

	if (ref.first == 0)
		return;
	memcpy(ref.id, watch->ring_id, sizeof(ref.id));
	flow_extra_put_text(extra, FLOW_PCAP_REF, watch->ref,
						(uint32_t) ring_ref_format(&ref, watch->ref));
}

static void
add_pause(struct watched *watched, int64_t pause_us)
{
	if (pause_us <= 0)
		return;
	if (pause_us < ACTIVE_US)
		watched->active_us += pause_us;
	else
		watched->idle_us += pause_us;
	if (pause_us > watched->max_idle_us)
		watched->max_idle_us = pause_us;
}

void
watch_add(struct watch *watch, uint32_t slot, const struct flow *flow,
		  const struct packet *packet)
{
	struct watched *watched = &watch->flows[slot];
	uint32_t	length = (uint32_t) packet->flow.bytes;

	add_pause(watched, packet->flow.start_us - flow->end_us);
	if (packet->ttl < watched->min_ttl)
		watched->min_ttl = packet->ttl;
	if (packet->ttl > watched->max_ttl)
		watched->max_ttl = packet->ttl;
	if (length < watched->min_length)
		watched->min_length = length;
	if (length > watched->max_length)
		watched->max_length = length;
	if (watch->places != NULL)
		add_place(&watch->places[slot], packet->place);
	if (watch->has_any_payload)
		add_payload(watch, watched, packet);
}

static void
put_tunnel(const struct tunnel *tunnel, struct flow_extra *extra)
{
	const char *name = tunnel_name(tunnel->type);

	if (tunnel->type == TUNNEL_NONE)
		return;
	flow_extra_put_text(extra, FLOW_TUNNEL_TYPE, name, (uint32_t) strlen(name));
	if (tunnel->src.family != FLOW_FAMILY_NONE)
	{
		flow_extra_put(extra, FLOW_TUNNEL_SRC_ADDR)->addr = tunnel->src;
		flow_extra_put(extra, FLOW_TUNNEL_DST_ADDR)->addr = tunnel->dst;
	}
	if (tunnel->has_id)
		flow_extra_put_number(extra, FLOW_TUNNEL_ID, tunnel->id);
}

static void
put_ms(struct flow_extra *extra, enum flow_extra_id id, int64_t us)
{
	int64_t		ms = us / 1000;

	flow_extra_put_number(extra, id, ms > INT32_MAX ? INT32_MAX : (uint64_t) ms);
}

const struct flow_extra *
watch_end(struct watch *watch, uint32_t slot, const struct flow *flow,
		  enum flow_end reason)
{
	struct watched *watched = &watch->flows[slot];
	struct flow_extra *extra = &watch->extra;
	struct profile *profile;

	flow_extra_clear(extra);
	if (watched->has_vlan)
		flow_extra_put_number(extra, FLOW_VLAN, watched->vlan);
	flow_extra_put_number(extra, FLOW_MIN_TTL, watched->min_ttl);
	flow_extra_put_number(extra, FLOW_MAX_TTL, watched->max_ttl);
	flow_extra_put_number(extra, FLOW_MIN_LENGTH, watched->min_length);
	flow_extra_put_number(extra, FLOW_MAX_LENGTH, watched->max_length);
	flow_extra_put_number(extra, FLOW_END_REASON, reason);
	put_ms(extra, FLOW_ACTIVE_MS, watched->active_us);
	put_ms(extra, FLOW_IDLE_MS, watched->idle_us);
	put_ms(extra, FLOW_MAX_IDLE_MS, watched->max_idle_us);
	put_tunnel(&watched->tunnel, extra);
	if (watch->places != NULL)
		put_ref(watch, slot, extra);
	if (watch->conversations != NULL &&
		(flow->key.proto == FLOW_PROTO_TCP || flow->key.proto == FLOW_PROTO_UDP))
		conversation_extra(watch->conversations, &watched->member, &flow->key,
						   reason != FLOW_END_ACTIVE, extra);
	profile = watch->profiles == NULL ? NULL :
		pool_get(watch->profiles, watched->profile);
	if (profile != NULL)
		profile_extra(profile, extra);
	return extra;
}

void
watch_release(struct watch *watch, uint32_t slot, enum flow_end reason)
{
	struct watched *watched = &watch->flows[slot];

	if (watch->conversations != NULL && reason != FLOW_END_ACTIVE)
		conversation_leave(watch->conversations, &watched->member);
	if (watch->profiles != NULL &&
		pool_get(watch->profiles, watched->profile) != NULL)
		pool_release(watch->profiles, watched->profile);
	watched->profile.slot = 0;
}
