/*-------------------------------------------------------------------------
 *
 * Which flow does a packet of a ring belong to?
 *
 * The index says it, also of later fragments, which cannot say it themselves;
 * where it does not, the packet is decoded.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>

#include "ring_find.h"
#include "ring_read.h"

#define PACKET_BYTES	4096	/* read for a packet, unless it is longer */
#define KEY_TRIES		100 /* packets that are asked for their key */

/* What the index says; *tunnels is set if there is one. */
static bool
hash_by_index(const struct ring_dir *dir, uint32_t file, uint32_t offset, uint64_t *hash,
			  uint32_t *tunnels)
{
	int			fd = ring_dir_file(dir, file, "index", O_RDONLY);
	struct ring_index index;
	bool		is_found = false;

	if (fd < 0 || !ring_index_open(&index, fd, file))
		return false;
	*tunnels = index.tunnels;
	while (ring_index_next(&index))
	{
		if (offset < index.block.begin || offset >= index.block.end)
			continue;
		is_found = ring_index_load(&index) && ring_block_hash_at(&index.block, offset, hash);
		break;
	}
	ring_index_close(&index);
	return is_found;
}

/* What the packet says by itself. */
static bool
decode_at(const struct ring_dir *dir, uint64_t position, uint32_t tunnels, struct flow_key *key)
{
	struct counters ignored = {0};
	struct packet_decoder *decoder = packet_decoder_open(&ignored, dir->key);
	int			fd = ring_dir_file(dir, (uint32_t) (position >> 32), "pcap", O_RDONLY);
	struct ring_reader reader;
	struct ring_record record;
	struct packet packet;
	bool		is_good = false;

	if (fd >= 0 && ring_reader_open(&reader, fd))
	{
		if (decoder != NULL)
			decoder->tunnels = tunnels;
		is_good = decoder != NULL &&
			ring_reader_read(&reader, (uint32_t) position, PACKET_BYTES, &record) &&
			decode_packet(decoder, &record.frame, &packet);
		ring_reader_close(&reader);
	}
	if (is_good)
		*key = packet.flow.key;
	if (decoder != NULL)
		packet_decoder_close(decoder);
	return is_good;
}

bool
ring_hash_at(const struct ring_dir *dir, uint64_t position, uint64_t *hash)
{
	uint32_t	tunnels = 0;
	struct flow_key key;

	if (hash_by_index(dir, (uint32_t) (position >> 32), (uint32_t) position, hash, &tunnels))
		return true;
	if (!decode_at(dir, position, tunnels, &key))
		return false;
	*hash = ring_dir_hash(dir, &key);
	return true;
}

bool
ring_key_of(const struct ring_dir *dir, const struct ring_hits *hits, uint64_t hash,
			struct flow_key *key)
{
	uint32_t	tunnels = 0;
	uint64_t	ignored;

	for (size_t i = 0; i < hits->n && i < KEY_TRIES; i++)
	{
		uint64_t	position = hits->items[i].position;

		(void) hash_by_index(dir, (uint32_t) (position >> 32), (uint32_t) position, &ignored,
							 &tunnels);
		if (decode_at(dir, position, tunnels, key) && ring_dir_hash(dir, key) == hash)
			return true;
	}
	return false;
}

/* Type of the message that answers one of this type, or -1. */
static int
answer_type(uint8_t proto, int type)
{
	static const uint8_t pairs[][3] = {
		{FLOW_PROTO_ICMP, 8, 0}, {FLOW_PROTO_ICMP, 13, 14}, {FLOW_PROTO_ICMP, 15, 16},
		{FLOW_PROTO_ICMP, 17, 18}, {FLOW_PROTO_ICMP6, 128, 129},
		{FLOW_PROTO_ICMP6, 133, 134}, {FLOW_PROTO_ICMP6, 135, 136}
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
	{
		if (proto == pairs[i][0] && type == pairs[i][1])
			return pairs[i][2];
		if (proto == pairs[i][0] && type == pairs[i][2])
			return pairs[i][1];
	}
	return -1;
}

bool
ring_reverse_key(struct flow_key *key)
{
	struct flow_key other = *key;

	key->src = other.dst;
	key->dst = other.src;
	if (key->proto == FLOW_PROTO_ICMP || key->proto == FLOW_PROTO_ICMP6)
	{
		int			type = answer_type(key->proto, key->dst_port >> 8);

		key->dst_port = (uint16_t) (type << 8);
		return type >= 0;
	}
	key->src_port = other.dst_port;
	key->dst_port = other.src_port;
	return true;
}
