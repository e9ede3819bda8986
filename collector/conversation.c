/*-------------------------------------------------------------------------
 *
 * Conversations: a hash table by sorted endpoints over a pool, and the way of
 * each packet's payload through the stream to the parsers.
 *
 * Most streams need no buffer: a first segment that says all is parsed where
 * it lies.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "conversation.h"
#include "payload.h"
#include "stream.h"
#include "wire.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

#define WELL_KNOWN_PORTS 1024

struct conversation
{
	struct flow_key key;		/* the lower endpoint is the source */
	struct payload payload;
	struct stream streams[2];	/* by direction, see the header */
	struct pool_handle self;
	struct pool_handle chain;	/* the next in the bucket */
	uint32_t	hash;
	uint32_t	nflows;			/* that joined */
	uint8_t		states[2];		/* enum payload_state */
	bool		is_initiator_low;
};

struct conversation_table
{
	struct counters *counters;
	struct hash_key hash_key;
	struct pool *pool;
	struct pool_handle *buckets;	/* [bucket_mask + 1] */
	uint32_t	bucket_mask;
	size_t		stream_bytes;	/* in all streams */
	size_t		max_stream_bytes;
};

bool
segment_read(const struct packet *packet, struct segment *segment)
{
	struct wire w;
	size_t		header_len = 8;
	size_t		wirelen = packet->transport_wirelen;

	memset(segment, 0, sizeof(*segment));
	if (packet->transport == NULL)
		return false;
	w = wire_open(packet->transport, packet->transport_len);
	wire_skip(&w, 4);			/* ports */
	if (packet->flow.key.proto == FLOW_PROTO_TCP)
	{
		segment->seq = wire_u32(&w);
		wire_skip(&w, 4);		/* acknowledgement */
		header_len = (size_t) (wire_u8(&w) >> 4) * 4;
		segment->tcp_flags = wire_u8(&w);
		wire_skip(&w, header_len < 20 ? SIZE_MAX : header_len - 14);
	}
	else if (packet->flow.key.proto == FLOW_PROTO_UDP)
	{
		size_t		len = wire_u16(&w);

		wire_skip(&w, 2);		/* checksum */
		if (len >= header_len && len < wirelen)
			wirelen = len;
	}
	else
		return false;
	if (w.has_failed)
		return false;
	segment->bytes = w.pos;
	segment->wirelen = wirelen - header_len;
	wire_limit(&w, segment->wirelen);
	segment->len = wire_left(&w);
	return true;
}

static void
clear_stream(struct conversation_table *table, struct stream *stream)
{
	table->stream_bytes -= stream->room;
	stream_clear(stream);
}

static struct conversation *
conversation_at(const struct conversation_table *table,
				struct pool_handle handle)
{
	return pool_get(table->pool, handle);
}

/* Take a conversation out of the table; its place in the pool is left. */
static void
forget(struct conversation_table *table, struct conversation *c)
{
	struct pool_handle *link = &table->buckets[c->hash & table->bucket_mask];

	while (link->slot != c->self.slot)
		link = &conversation_at(table, *link)->chain;
	*link = c->chain;
	clear_stream(table, &c->streams[0]);
	clear_stream(table, &c->streams[1]);
	payload_free(&c->payload);
}

static void
evict(void *arg, void *thing)
{
	struct conversation_table *table = arg;

	table->counters->payload_flows_evicted++;
	forget(table, thing);
}

struct conversation_table *
conversation_open(uint32_t max, struct hash_key key, struct counters *counters)
{
	struct conversation_table *table = calloc(1, sizeof(*table));
	size_t		nbuckets = 1;

	if (table == NULL)
		return NULL;
	while (nbuckets < max)
		nbuckets *= 2;
	table->counters = counters;
	table->hash_key = key;
	table->bucket_mask = (uint32_t) (nbuckets - 1);
	table->max_stream_bytes = (size_t) max * CONVERSATION_STREAM_BYTES +
		2 * STREAM_BYTES;
	table->buckets = calloc(nbuckets, sizeof(*table->buckets));
	table->pool = pool_open(max, sizeof(struct conversation), evict, table);
	if (table->buckets != NULL && table->pool != NULL)
		return table;
	if (table->pool != NULL)
		pool_close(table->pool);
	free(table->buckets);
	free(table);
	return NULL;
}

void
conversation_close(struct conversation_table *table)
{
	struct pool_handle handle;

	while ((handle = pool_oldest(table->pool)).slot != 0)
	{
		forget(table, conversation_at(table, handle));
		pool_release(table->pool, handle);
	}
	pool_close(table->pool);
	free(table->buckets);
	free(table);
}

static bool
is_low(const struct flow_key *key)
{
	int			order = memcmp(&key->src, &key->dst, sizeof(key->src));

	return order != 0 ? order < 0 : key->src_port <= key->dst_port;
}

static struct flow_key
sorted_key(const struct flow_key *key)
{
	struct flow_key sorted = *key;

	if (!is_low(key))
	{
		sorted.src = key->dst;
		sorted.dst = key->src;
		sorted.src_port = key->dst_port;
		sorted.dst_port = key->src_port;
	}
	return sorted;
}

static uint32_t
hash_of(const struct conversation_table *table, const struct flow_key *sorted)
{
	return (uint32_t) hash_words(&table->hash_key, sorted, sizeof(*sorted));
}

static struct conversation *
find(const struct conversation_table *table, const struct flow_key *sorted,
	 uint32_t hash)
{
	struct conversation *c =
		conversation_at(table, table->buckets[hash & table->bucket_mask]);

	while (c != NULL && (c->hash != hash ||
						 memcmp(&c->key, sorted, sizeof(*sorted)) != 0))
		c = conversation_at(table, c->chain);
	return c;
}

/* Does this member of a new conversation send in direction 0? */
static bool
is_initiator(const struct conversation_member *member,
			 const struct flow_key *key)
{
	if (member->syn_flags != 0)
		return (member->syn_flags & ACK) == 0;
	return !(key->src_port < WELL_KNOWN_PORTS &&
			 key->dst_port >= WELL_KNOWN_PORTS);
}

static struct conversation *
join(struct conversation_table *table, struct conversation_member *member,
	 const struct flow_key *key, int64_t now_us)
{
	struct flow_key sorted = sorted_key(key);
	uint32_t	hash = hash_of(table, &sorted);
	struct conversation *c = find(table, &sorted, hash);

	if (c == NULL)
	{
		struct pool_handle handle = pool_take(table->pool, now_us);
		struct pool_handle *bucket = &table->buckets[hash & table->bucket_mask];

		c = conversation_at(table, handle);
		c->key = sorted;
		c->hash = hash;
		c->self = handle;
		c->chain = *bucket;
		*bucket = handle;
		c->is_initiator_low = is_low(key) == is_initiator(member, key);
		c->states[0] = c->states[1] = PAYLOAD_MORE;
		payload_init(&c->payload);
		table->counters->payload_flows++;
	}
	c->nflows++;
	member->handle = c->self;
	return c;
}

static int
direction_of(const struct conversation *c, const struct flow_key *key)
{
	return is_low(key) == c->is_initiator_low ? 0 : 1;
}

/* Make room for so many bytes of streams; false if only c could give way. */
static bool
make_room(struct conversation_table *table, const struct conversation *c,
		  size_t growth)
{
	while (table->stream_bytes + growth > table->max_stream_bytes)
	{
		struct pool_handle oldest = pool_oldest(table->pool);

		if (oldest.slot == c->self.slot)
			return false;
		evict(table, conversation_at(table, oldest));
		pool_release(table->pool, oldest);
	}
	return true;
}

/* Keep a segment for later; false if that is not possible. */
static bool
keep(struct conversation_table *table, struct conversation *c, int direction,
	 int64_t offset, const struct segment *segment)
{
	struct stream *stream = &c->streams[direction];
	size_t		room = stream->room;
	bool		is_kept;

	if (!make_room(table, c, stream_growth(stream,
										   offset + (int64_t) segment->len)))
		return false;
	is_kept = stream_add(stream, offset, segment->bytes, segment->len);
	table->stream_bytes += stream->room - room;
	if (!is_kept)
		table->counters->payload_segments_dropped++;
	return true;
}

static void
end_direction(struct conversation_table *table, struct conversation *c,
			  int direction, uint8_t state)
{
	c->states[direction] = state;
	clear_stream(table, &c->streams[direction]);
}

static void
add_segment(struct conversation_table *table, struct conversation *c,
			int direction, const struct segment *segment)
{
	struct stream *stream = &c->streams[direction];
	uint32_t	seq = segment->seq + ((segment->tcp_flags & SYN) != 0);
	int64_t		offset = stream_offset(stream, seq);
	size_t		before = stream->len;
	bool		is_cut = segment->len < segment->wirelen;
	bool		has_ended = is_cut || (segment->tcp_flags & (FIN | RST)) != 0;
	enum payload_state state = PAYLOAD_MORE;

	if (offset == 0 && before == 0 && stream->npieces == 0)
	{
		if (segment->len == 0 && !has_ended)
			return;
		state = payload_feed(&c->payload, direction, segment->bytes,
							 segment->len, has_ended);
		if (state == PAYLOAD_MORE && !has_ended &&
			keep(table, c, direction, offset, segment))
			return;
	}
	else
	{
		if (!keep(table, c, direction, offset, segment))
			state = PAYLOAD_OTHER;
		else if (offset + (int64_t) segment->len != stream->len)
			has_ended = false;	/* it ends behind a gap, or did before */
		if (stream->len == before && !has_ended && state == PAYLOAD_MORE)
			return;
		if (state == PAYLOAD_MORE)
			state = payload_feed(&c->payload, direction, stream->bytes,
								 stream->len, has_ended);
		if (state == PAYLOAD_MORE && !has_ended && stream->len < STREAM_BYTES)
			return;
	}
	end_direction(table, c, direction,
				  state == PAYLOAD_MORE ? PAYLOAD_OTHER : state);
}

void
conversation_add(struct conversation_table *table,
				 struct conversation_member *member,
				 const struct flow_key *key, const struct segment *segment,
				 int64_t now_us)
{
	struct conversation *c = conversation_at(table, member->handle);
	int			direction;

	if ((segment->tcp_flags & SYN) != 0)
	{
		member->syn_seq = segment->seq;
		member->syn_flags = segment->tcp_flags;
	}
	if (c == NULL)
	{
		if (member->handle.slot != 0 || segment->wirelen == 0)
			return;
		c = join(table, member, key, now_us);
		direction = direction_of(c, key);
		if (member->syn_flags != 0 && c->states[direction] == PAYLOAD_MORE)
			stream_syn(&c->streams[direction], member->syn_seq);
	}
	else
	{
		pool_touch(table->pool, member->handle, now_us);
		direction = direction_of(c, key);
		if (c->states[direction] != PAYLOAD_MORE)
			return;
		if ((segment->tcp_flags & SYN) != 0)
		{
			table->stream_bytes -= c->streams[direction].room;
			stream_syn(&c->streams[direction], segment->seq);
			table->stream_bytes += c->streams[direction].room;
		}
	}
	if (c->states[direction] != PAYLOAD_MORE)
		return;
	if (key->proto == FLOW_PROTO_TCP)
		add_segment(table, c, direction, segment);
	else if (segment->len > 0)
		c->states[direction] =
			(uint8_t) payload_datagram(&c->payload, direction, segment->bytes,
									   segment->len);
}

void
conversation_extra(struct conversation_table *table,
				   const struct conversation_member *member,
				   const struct flow_key *key, bool has_ended,
				   struct flow_extra *extra)
{
	struct conversation *c = conversation_at(table, member->handle);
	int			direction;

	if (member->handle.slot == 0)
	{
		struct flow_key sorted = sorted_key(key);

		c = find(table, &sorted, hash_of(table, &sorted));
		has_ended = false;
	}
	if (c == NULL)
		return;
	direction = direction_of(c, key);
	if (has_ended && c->states[direction] == PAYLOAD_MORE &&
		c->streams[direction].len > 0)
		end_direction(table, c, direction,
					  (uint8_t) payload_feed(&c->payload, direction,
											 c->streams[direction].bytes,
											 c->streams[direction].len, true));
	payload_extra(&c->payload, extra);
}

void
conversation_leave(struct conversation_table *table,
				   const struct conversation_member *member)
{
	struct conversation *c = conversation_at(table, member->handle);

	if (c == NULL || --c->nflows > 0)
		return;
	forget(table, c);
	pool_release(table->pool, member->handle);
}
