/*-------------------------------------------------------------------------
 *
 * QUIC: RFC 9000 (packets and frames), 9001 (keys), 9369 (version 2).
 *
 *		long header						Initial, behind it
 *		1	flags and type				v	length of the token
 *		4	version						n	token
 *		1+n	destination id				v	length of what follows
 *		1+n	source id					1-4	packet number, masked
 *										n	frames, encrypted, and the tag
 *
 * v is an integer of variable length.  A datagram holds several packets.  The
 * hello comes in CRYPTO frames, over several packets and in any order, as
 * clients scatter them on purpose.
 *
 * Keys follow from the destination id of the client's first Initial.  After a
 * Retry there is a new one, and the hello is sent again from its start; after
 * the server's first packet the id changes while the keys stay.  So known keys
 * are tried first, then those of the packet's own id.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "payload_crypto.h"
#include "payload_quic.h"
#include "payload_tls.h"
#include "wire.h"

#define FLAG_LONG		0x80
#define ID_MAX			20		/* RFC 9000 section 17.2 */
#define SALT_LEN		20
#define PACKET_MAX		9216	/* a longer Initial is not read */
#define NUMBER_MAX_LEN	4
#define RANGES_MAX		48
#define MESSAGE_HEAD_LEN 4
#define HELLO_FIRST_ROOM 2048

#define FRAME_PADDING	0x00
#define FRAME_PING		0x01
#define FRAME_ACK		0x02
#define FRAME_ACK_ECN	0x03
#define FRAME_CRYPTO	0x06

enum packet_type
{
	PACKET_INITIAL,
	PACKET_ZERO_RTT,
	PACKET_HANDSHAKE,
	PACKET_RETRY
};

/* What versions differ in: RFC 9001 section 5.2, RFC 9369 section 3. */
struct version
{
	uint32_t	first;
	uint32_t	last;
	uint8_t		salt[SALT_LEN];
	uint8_t		type_shift;		/* of the two bits, modulo 4 */
	const char *key_label;
	const char *iv_label;
	const char *mask_label;
};

static const struct version versions[] = {
	{
		1, 1,
		{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
		0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
		0, "quic key", "quic iv", "quic hp"
	},
	{
		0x6b3343cf, 0x6b3343cf,
		{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
		0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
		3, "quicv2 key", "quicv2 iv", "quicv2 hp"
	},
	{
		/* drafts 33 and 34 have the salt of version 1 */
		0xff000021, 0xff000022,
		{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
		0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
		0, "quic key", "quic iv", "quic hp"
	},
	{
		/* drafts 29 to 32 */
		0xff00001d, 0xff000020,
		{0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
		0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
		0, "quic key", "quic iv", "quic hp"
	},
};

struct packet
{
	const struct version *version;
	uint32_t	number;			/* of the version */
	enum packet_type type;
	const uint8_t *start;
	const uint8_t *id;			/* destination id, id[id_len] */
	size_t		id_len;
	const uint8_t *protected;	/* protected[len], where it is masked */
	size_t		len;
};

struct keys
{
	uint8_t		key[CRYPTO_AES_LEN];
	uint8_t		iv[CRYPTO_IV_LEN];
	uint8_t		mask[CRYPTO_AES_LEN];
};

/* Bytes of the hello that are there; sorted, with gaps between. */
struct range
{
	uint16_t	start;
	uint16_t	end;
};

struct payload_quic
{
	struct keys keys;
	uint8_t    *hello;			/* hello[room] */
	uint16_t	room;
	uint16_t	nranges;
	struct range ranges[RANGES_MAX];
};

_Static_assert(sizeof(struct payload_quic) + HELLO_MESSAGE_MAX <=
			   PAYLOAD_QUIC_BYTES, "the bound that is promised");

/* RFC 9000 section 16. */
static uint64_t
take_variable(struct wire *w)
{
	uint64_t	n = wire_u8(w);
	int			more = 1 << (n >> 6);

	n &= 0x3f;
	while (--more > 0)
		n = n << 8 | wire_u8(w);
	return n;
}

static const uint8_t *
take_variable_bytes(struct wire *w, size_t *len)
{
	uint64_t	n = take_variable(w);

	if (n > wire_left(w))
		w->has_failed = true;
	*len = (size_t) n;
	return w->has_failed ? NULL : wire_take(w, (size_t) n);
}

static const struct version *
find_version(uint32_t number)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (number >= versions[i].first && number <= versions[i].last)
			return &versions[i];
	return NULL;
}

/* The next packet of a datagram, if it has a long header we know. */
static bool
take_packet(struct wire *w, struct packet *packet)
{
	uint8_t		flags;
	size_t		len;

	packet->start = w->pos;
	flags = wire_u8(w);
	packet->number = wire_u32(w);
	if ((flags & FLAG_LONG) == 0 || w->has_failed)
		return false;
	packet->version = find_version(packet->number);
	if (packet->version == NULL)
		return false;
	packet->type = (enum packet_type)
		(((flags >> 4) + packet->version->type_shift) & 3);
	packet->id_len = wire_u8(w);
	packet->id = wire_take(w, packet->id_len);
	len = wire_u8(w);
	wire_skip(w, len);			/* source id */
	if (w->has_failed || packet->id_len > ID_MAX || len > ID_MAX)
		return false;
	packet->protected = NULL;
	packet->len = 0;
	if (packet->type == PACKET_RETRY)
	{
		wire_skip(w, wire_left(w));
		return true;
	}
	if (packet->type == PACKET_INITIAL)
		(void) take_variable_bytes(w, &len);	/* token */
	packet->protected = take_variable_bytes(w, &packet->len);
	return packet->protected != NULL;
}

static void
derive_keys(const struct packet *packet, struct keys *keys)
{
	const struct version *version = packet->version;
	uint8_t		initial[CRYPTO_SHA256_LEN];
	uint8_t		client[CRYPTO_SHA256_LEN];

	crypto_hkdf_extract(version->salt, SALT_LEN, packet->id, packet->id_len,
						initial);
	crypto_expand_label(initial, "client in", client, sizeof(client));
	crypto_expand_label(client, version->key_label, keys->key,
						sizeof(keys->key));
	crypto_expand_label(client, version->iv_label, keys->iv, sizeof(keys->iv));
	crypto_expand_label(client, version->mask_label, keys->mask,
						sizeof(keys->mask));
}

/*
 * Decrypt an Initial, RFC 9001 sections 5.3 and 5.4, into plain[PACKET_MAX].
 * Returns the length of the frames, 0 if these are not its keys.
 */
static size_t
decrypt(const struct packet *packet, const struct keys *keys, uint8_t *plain)
{
	size_t		header_len = (size_t) (packet->protected - packet->start);
	uint8_t		header[PACKET_MAX];
	uint8_t		mask[CRYPTO_AES_LEN];
	uint8_t		iv[CRYPTO_IV_LEN];
	struct crypto_sealed sealed = {.key = keys->key,.iv = iv,.header = header};
	size_t		number_len;

	if (packet->len < NUMBER_MAX_LEN + CRYPTO_AES_LEN ||
		packet->len > PACKET_MAX || header_len + NUMBER_MAX_LEN > PACKET_MAX ||
		!crypto_aes_block(keys->mask, packet->protected + NUMBER_MAX_LEN, mask))
		return 0;
	memcpy(header, packet->start, header_len + NUMBER_MAX_LEN);
	header[0] ^= mask[0] & 0x0f;
	number_len = (header[0] & 3) + 1;
	memcpy(iv, keys->iv, sizeof(iv));
	for (size_t i = 0; i < number_len; i++)
	{
		header[header_len + i] ^= mask[1 + i];
		iv[sizeof(iv) - number_len + i] ^= header[header_len + i];
	}
	sealed.header_len = header_len + number_len;
	sealed.bytes = packet->protected + number_len;
	sealed.len = packet->len - number_len;
	if (sealed.len < CRYPTO_AES_LEN || !crypto_open(&sealed, plain))
		return 0;
	return sealed.len - CRYPTO_AES_LEN;
}

static bool
make_room(struct payload_quic *quic, size_t end)
{
	size_t		room = quic->room;
	uint8_t    *hello;

	if (end <= room)
		return true;
	if (room == 0)
		room = HELLO_FIRST_ROOM;
	while (room < end)
		room *= 2;
	hello = realloc(quic->hello, room);
	if (hello == NULL)
		return false;
	quic->hello = hello;
	quic->room = (uint16_t) room;
	return true;
}

/* Note that [start, end) is there; false if there are too many gaps. */
static bool
add_range(struct payload_quic *quic, uint16_t start, uint16_t end)
{
	struct range *ranges = quic->ranges;
	size_t		first = 0;
	size_t		last;

	while (first < quic->nranges && ranges[first].end < start)
		first++;
	last = first;
	while (last < quic->nranges && ranges[last].start <= end)
		last++;
	if (first == last && quic->nranges == RANGES_MAX)
		return false;
	if (first < last)
	{
		if (ranges[first].start < start)
			start = ranges[first].start;
		if (ranges[last - 1].end > end)
			end = ranges[last - 1].end;
	}
	memmove(ranges + first + 1, ranges + last,
			(quic->nranges - last) * sizeof(ranges[0]));
	quic->nranges = (uint16_t) (quic->nranges + 1 - (last - first));
	ranges[first].start = start;
	ranges[first].end = end;
	return true;
}

static void
add_crypto(struct payload_quic *quic, struct wire *w)
{
	uint64_t	off = take_variable(w);
	size_t		len;
	const uint8_t *bytes = take_variable_bytes(w, &len);

	if (bytes == NULL || len == 0 || off >= HELLO_MESSAGE_MAX)
		return;
	if (len > HELLO_MESSAGE_MAX - off)
		len = (size_t) (HELLO_MESSAGE_MAX - off);
	if (make_room(quic, off + len) &&
		add_range(quic, (uint16_t) off, (uint16_t) (off + len)))
		memcpy(quic->hello + off, bytes, len);
}

static void
skip_ack(struct wire *w, bool has_ecn)
{
	uint64_t	nranges;

	(void) take_variable(w);	/* largest */
	(void) take_variable(w);	/* delay */
	nranges = take_variable(w);
	(void) take_variable(w);	/* first range */
	for (uint64_t i = 0; i < nranges && !w->has_failed; i++)
	{
		(void) take_variable(w);
		(void) take_variable(w);
	}
	for (int i = 0; has_ecn && i < 3; i++)
		(void) take_variable(w);
}

static void
read_frames(struct payload_quic *quic, const uint8_t *plain, size_t len)
{
	struct wire w = wire_open(plain, len);

	while (!w.has_failed && wire_left(&w) > 0)
	{
		uint8_t		type = wire_u8(&w);

		switch (type)
		{
			case FRAME_PADDING:
			case FRAME_PING:
				break;
			case FRAME_ACK:
			case FRAME_ACK_ECN:
				skip_ack(&w, type == FRAME_ACK_ECN);
				break;
			case FRAME_CRYPTO:
				add_crypto(quic, &w);
				break;
			default:
				return;			/* no other is of use in an Initial */
		}
	}
}

/* Put the hello if all of it is there. */
static bool
take_hello(const struct payload_quic *quic, struct payload_found *found)
{
	const uint8_t *message = quic->hello;
	struct hello hello;
	size_t		end;
	size_t		len;

	if (quic->nranges == 0 || quic->ranges[0].start > 0 ||
		quic->ranges[0].end < MESSAGE_HEAD_LEN)
		return false;
	end = quic->ranges[0].end;
	len = (size_t) message[1] << 16 | (size_t) message[2] << 8 | message[3];
	if (message[0] != HELLO_CLIENT || len > end - MESSAGE_HEAD_LEN ||
		!hello_read(&hello, HELLO_QUIC, HELLO_CLIENT,
					message + MESSAGE_HEAD_LEN, len))
		return false;
	tls_put_client(found, &hello);
	return true;
}

/* Decrypt with known keys, else with the packet's own, which are kept then. */
static size_t
open_packet(struct payload_quic **quic, struct payload_found *found,
			const struct packet *packet, uint8_t *plain)
{
	struct keys keys;
	size_t		len = 0;

	if (*quic != NULL)
		len = decrypt(packet, &(*quic)->keys, plain);
	if (len > 0)
		return len;
	derive_keys(packet, &keys);
	len = decrypt(packet, &keys, plain);
	if (len == 0)
		return 0;
	if (*quic == NULL)
		*quic = calloc(1, sizeof(**quic));
	if (*quic == NULL)
		return 0;
	(*quic)->keys = keys;
	(*quic)->nranges = 0;
	payload_put_number(found, PAYLOAD_QUIC_VERSION, packet->number);
	return len;
}

enum payload_match
quic_datagram(struct payload_quic **quic, struct payload_found *found,
			  const uint8_t *bytes, size_t len)
{
	struct wire w = wire_open(bytes, len);
	enum payload_match match = PAYLOAD_IS_NOT;
	uint8_t		plain[PACKET_MAX];
	struct packet packet;

	while (wire_left(&w) > 0 && take_packet(&w, &packet))
	{
		size_t		plain_len = 0;

		match = PAYLOAD_IS_UNSURE;
		if (packet.type == PACKET_INITIAL)
			plain_len = open_packet(quic, found, &packet, plain);
		if (plain_len == 0)
			continue;
		read_frames(*quic, plain, plain_len);
		if (take_hello(*quic, found))
			return PAYLOAD_IS;
	}
	return match;
}

void
quic_free(struct payload_quic *quic)
{
	if (quic != NULL)
		free(quic->hello);
	free(quic);
}
