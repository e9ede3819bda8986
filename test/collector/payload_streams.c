/*-------------------------------------------------------------------------
 *
 * What the payload of each conversation of a capture says, for comparison.
 *
 *		payload_streams FILE
 *
 * Prints a line per conversation, in the order of their first packets, with
 * tabs between: proto, addr,port of the initiator, addr,port of the other end,
 * then NAME=VALUE for each column.  TCP is put in order by sequence number, as
 * far as parsers look; a SYN with a new number begins a new conversation, as
 * does the end of a hundred thousand.  Fragments are passed over.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode_packet.h"
#include "input_pcap.h"
#include "log.h"
#include "payload.h"
#include "wire.h"

#define CONVERSATIONS_MAX	100000
#define BUCKETS				65536
#define SYN					0x02

struct stream
{
	bool		has_base;
	uint32_t	base;			/* sequence number of the first byte */
	uint8_t    *bytes;			/* bytes[PAYLOAD_PREFIX_BYTES] */
	uint8_t    *is_there;		/* per byte */
	size_t		len;			/* without gaps */
};

struct conversation
{
	struct flow_key key;
	struct payload payload;
	struct stream streams[2];
	struct conversation *next_in_bucket;
	struct conversation *next;
};

static struct conversation *buckets[BUCKETS];
static struct conversation *first;
static struct conversation **last = &first;

static void *
allocate(size_t len)
{
	void	   *p = calloc(1, len);

	if (p == NULL)
		fatal("could not allocate %zu bytes", len);
	return p;
}

static struct flow_key
reversed(const struct flow_key *key)
{
	struct flow_key result = *key;

	result.src = key->dst;
	result.dst = key->src;
	result.src_port = key->dst_port;
	result.dst_port = key->src_port;
	return result;
}

/* The same for both directions. */
static unsigned
bucket_of(const struct flow_key *key)
{
	const uint8_t *src = (const uint8_t *) &key->src;
	const uint8_t *dst = (const uint8_t *) &key->dst;
	unsigned	sum = (unsigned) (key->src_port + key->dst_port) * 31;

	for (size_t i = 0; i < sizeof(key->src); i++)
		sum += (unsigned) (src[i] + dst[i]) * (unsigned) (i + 1) * 131;
	return sum % BUCKETS;
}

static struct conversation *
find(const struct flow_key *key, int *direction)
{
	struct flow_key other = reversed(key);

	for (struct conversation *c = buckets[bucket_of(key)]; c != NULL;
		 c = c->next_in_bucket)
	{
		*direction = memcmp(&c->key, key, sizeof(*key)) != 0;
		if (*direction == 0 || memcmp(&c->key, &other, sizeof(other)) == 0)
			return c;
	}
	return NULL;
}

static struct conversation *
add(const struct flow_key *key)
{
	struct conversation *c = allocate(sizeof(*c));
	struct conversation **bucket = &buckets[bucket_of(key)];

	c->key = *key;
	payload_init(&c->payload);
	c->next_in_bucket = *bucket;
	*bucket = c;
	*last = c;
	last = &c->next;
	return c;
}

static void
put_segment(struct conversation *c, int direction, uint32_t sequence,
			const uint8_t *bytes, size_t len)
{
	struct stream *stream = &c->streams[direction];
	uint32_t	off;

	if (!stream->has_base && len == 0)
		return;
	if (!stream->has_base)
		stream->base = sequence;
	stream->has_base = true;
	if (stream->bytes == NULL)
	{
		stream->bytes = allocate(PAYLOAD_PREFIX_BYTES);
		stream->is_there = allocate(PAYLOAD_PREFIX_BYTES);
	}
	off = sequence - stream->base;
	for (size_t i = 0; i < len && off < PAYLOAD_PREFIX_BYTES; i++, off++)
	{
		if (!stream->is_there[off])
			stream->bytes[off] = bytes[i];
		stream->is_there[off] = 1;
	}
	while (stream->len < PAYLOAD_PREFIX_BYTES && stream->is_there[stream->len])
		stream->len++;
	(void) payload_feed(&c->payload, direction, stream->bytes, stream->len,
						false);
}

static void
take_tcp(const struct packet *packet)
{
	const struct flow_key *key = &packet->flow.key;
	struct wire w = wire_open(packet->transport, packet->transport_len);
	uint32_t	sequence;
	size_t		header_len;
	uint8_t		flags;
	int			direction = 0;
	struct conversation *c = find(key, &direction);

	wire_skip(&w, 4);
	sequence = wire_u32(&w);
	wire_skip(&w, 4);
	header_len = (size_t) (wire_u8(&w) >> 4) * 4;
	flags = wire_u8(&w);
	if (w.has_failed || header_len < 20 || header_len > packet->transport_len)
		return;
	if (c == NULL || ((flags & SYN) && c->streams[direction].has_base &&
					  c->streams[direction].base != sequence + 1))
	{
		c = add(key);
		direction = 0;
	}
	if (flags & SYN)
	{
		c->streams[direction].has_base = true;
		c->streams[direction].base = ++sequence;
	}
	put_segment(c, direction, sequence, packet->transport + header_len,
				packet->transport_len - header_len);
}

static void
take_udp(const struct packet *packet)
{
	struct wire w = wire_open(packet->transport, packet->transport_len);
	const struct flow_key *key = &packet->flow.key;
	int			direction = 0;
	struct conversation *c = find(key, &direction);
	uint16_t	len;

	wire_skip(&w, 4);
	len = wire_u16(&w);
	wire_skip(&w, 2);
	if (w.has_failed || len < 8)
		return;
	wire_limit(&w, len - 8u);
	if (c == NULL)
		c = add(key);
	(void) payload_datagram(&c->payload, direction, w.pos, wire_left(&w));
}

static void
print_end(const struct flow_addr *addr, uint16_t port)
{
	char		text[INET6_ADDRSTRLEN] = "";

	inet_ntop(addr->family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6,
			  addr->bytes, text, sizeof(text));
	printf("\t%s,%u", text, port);
}

static void
print_extra(const struct flow_extra *extra)
{
	static const struct
	{
		const char *name;
		const char *kind;
	}			columns[] = {
#define COLUMN(id, name, kind, type) [FLOW_##id] = {#name, #kind},
		FLOW_EXTRA_LIST(COLUMN)
	};

	for (int id = 0; id < FLOW_EXTRA_COUNT; id++)
	{
		const union flow_value *value = &extra->values[id];

		if (!flow_extra_has(extra, id))
			continue;
		if (strcmp(columns[id].kind, "TEXT") == 0)
			printf("\t%s=%.*s", columns[id].name, (int) value->text.len,
				   (const char *) value->text.bytes);
		else
			printf("\t%s=%" PRIu64, columns[id].name, value->number);
	}
}

static void
end_conversation(struct conversation *c)
{
	struct flow_extra extra;

	for (int d = 0; d < 2 && c->key.proto == FLOW_PROTO_TCP; d++)
		if (c->streams[d].bytes != NULL)
			(void) payload_feed(&c->payload, d, c->streams[d].bytes,
								c->streams[d].len, true);
	flow_extra_clear(&extra);
	payload_extra(&c->payload, &extra);
	printf("%u", c->key.proto);
	print_end(&c->key.src, c->key.src_port);
	print_end(&c->key.dst, c->key.dst_port);
	print_extra(&extra);
	putchar('\n');
	payload_free(&c->payload);
	for (int d = 0; d < 2; d++)
	{
		free(c->streams[d].bytes);
		free(c->streams[d].is_there);
	}
	free(c);
}

static void
end_all(void)
{
	struct conversation *next;

	for (struct conversation *c = first; c != NULL; c = next)
	{
		next = c->next;
		end_conversation(c);
	}
	memset(buckets, 0, sizeof(buckets));
	first = NULL;
	last = &first;
}

int
main(int argc, char **argv)
{
	struct counters counters = {0};
	struct packet_decoder *decoder;
	struct capture *capture;
	struct frame frame;
	struct packet packet;
	size_t		n = 0;

	if (argc != 2)
		return 2;
	capture = input_pcap_open(argv[1], &counters);
	decoder = packet_decoder_open(&counters, hash_key_seeded(1));
	while (capture != NULL && decoder != NULL &&
		   input_pcap_read(capture, &frame) == CAPTURE_FRAME)
	{
		if (!decode_packet(decoder, &frame, &packet) || packet.is_fragment ||
			packet.transport == NULL)
			continue;
		if (packet.flow.key.proto == FLOW_PROTO_TCP)
			take_tcp(&packet);
		else if (packet.flow.key.proto == FLOW_PROTO_UDP)
			take_udp(&packet);
		if (++n % CONVERSATIONS_MAX == 0)
			end_all();
	}
	end_all();
	packet_decoder_close(decoder);
	if (capture == NULL)
		return 1;
	input_pcap_close(capture);
	return 0;
}
