/*-------------------------------------------------------------------------
 *
 * TLS over TCP and DTLS.
 *
 *		record, RFC 8446 section 5.1	handshake message, section 4
 *		1	type						1	type
 *		2	version						3	length
 *		2	length						n	body
 *		n	fragment
 *
 * Messages are cut into records anywhere, and records hold several messages.
 * A stream's place is the first message that is not dealt with: the record in
 * which it begins, and the bytes of that record's fragment before it.
 *
 * If r bytes of a message are missing, the stream must grow by r bytes at
 * least.  A record has one byte of five or more, so r shrinks by a sixth each
 * time, and a message is gathered a few dozen times at most.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "payload_cert.h"
#include "payload_ja.h"
#include "payload_tls.h"
#include "wire.h"

#define RECORD_HEAD_LEN		5
#define RECORD_MAX			(16384 + 2048)	/* RFC 5246 section 6.2.3 */
#define RECORD_CHANGE_CIPHER 20
#define RECORD_HANDSHAKE	22
#define RECORD_DATA			23
#define RECORD_HEARTBEAT	24

#define MESSAGE_HEAD_LEN	4
#define MESSAGE_CERTIFICATE	11
#define MESSAGE_HELLO_DONE	14

#define SSL2_HEAD_LEN		11
#define SSL2_LEN_FLAG		0x80	/* a head of two bytes, no padding */

#define DTLS_1_0			0xfeff
#define DTLS_1_2			0xfefd
#define DTLS_HEAD_LEN		13

/* Values of stream->step. */
#define STEP_START			0
#define STEP_RECORDS		1	/* the SSL 2.0 question is settled */
#define STEP_SETTLED		2	/* there was a server hello of TLS up to 1.2 */

static void
put_word(struct payload_found *found, enum flow_extra_id column,
		 const void *bytes, size_t len)
{
	payload_put_text(found, column, bytes, len, PAYLOAD_WORD_MAX);
}

void
tls_put_client(struct payload_found *found, const struct hello *hello)
{
	char		ja3[JA3_LEN];
	char		ja4[JA4_LEN];

	ja3_client(hello, ja3);
	ja4_client(hello, ja4);
	payload_put_text(found, FLOW_SNI, hello->sni.bytes, hello->sni.len,
					 PAYLOAD_NAME_MAX);
	if (!found->has_settled_alpn)
		put_word(found, FLOW_ALPN, hello->alpn.bytes, hello->alpn.len);
	put_word(found, FLOW_JA3, ja3, sizeof(ja3));
	put_word(found, FLOW_JA4, ja4, sizeof(ja4));
}

void
tls_put_server(struct payload_found *found, const struct hello *hello)
{
	char		ja3s[JA3_LEN];

	ja3_server(hello, ja3s);
	payload_put_number(found, PAYLOAD_TLS_VERSION,
					   hello_settled_version(hello));
	payload_put_number(found, PAYLOAD_TLS_CIPHER, hello->cipher);
	found->has_settled_alpn = hello->alpn.len > 0;
	put_word(found, FLOW_ALPN, hello->alpn.bytes, hello->alpn.len);
	put_word(found, FLOW_JA3S, ja3s, sizeof(ja3s));
}

/* An SSL 2.0 client hello that offers TLS, RFC 5246 appendix E.2. */
static enum payload_match
match_ssl2(const struct payload_input *in)
{
	struct wire w = wire_open(in->bytes, in->len);
	uint16_t	len = wire_u16(&w) & 0x7fff;
	uint8_t		type = wire_u8(&w);
	uint16_t	version = wire_u16(&w);
	uint32_t	rest = wire_u16(&w);

	if (in->len > 0 && (in->bytes[0] & SSL2_LEN_FLAG) == 0)
		return PAYLOAD_IS_NOT;
	if (in->len > 2 && type != HELLO_CLIENT)
		return PAYLOAD_IS_NOT;
	if (in->len < SSL2_HEAD_LEN)
		return in->is_last ? PAYLOAD_IS_NOT : PAYLOAD_IS_UNSURE;
	if (rest == 0 || rest % 3 != 0 || (version != 2 && version >> 8 != 3))
		return PAYLOAD_IS_NOT;
	rest += wire_u16(&w);
	rest += wire_u16(&w);
	return rest + SSL2_HEAD_LEN - 2 == len ? PAYLOAD_IS : PAYLOAD_IS_NOT;
}

enum payload_match
tls_match(const struct payload_input *in)
{
	const uint8_t *b = in->bytes;

	if (in->len > 0 && b[0] != RECORD_HANDSHAKE)
		return match_ssl2(in);
	if ((in->len > 1 && b[1] != 3) || (in->len > 2 && b[2] > 4))
		return PAYLOAD_IS_NOT;
	if (in->len > RECORD_HEAD_LEN)
		return b[5] == HELLO_CLIENT || b[5] == HELLO_SERVER ?
			PAYLOAD_IS : PAYLOAD_IS_NOT;
	return in->is_last ? PAYLOAD_IS_NOT : PAYLOAD_IS_UNSURE;
}

struct record
{
	uint8_t		type;
	size_t		len;			/* of the fragment */
};

/* The head of the record at pos. */
static enum payload_match
read_record(const struct payload_input *in, size_t pos, struct record *record)
{
	const uint8_t *b = in->bytes + pos;

	if (pos >= in->len || in->len - pos < RECORD_HEAD_LEN)
		return PAYLOAD_IS_UNSURE;
	record->type = b[0];
	record->len = (size_t) (b[3] << 8 | b[4]);
	if (b[0] < RECORD_CHANGE_CIPHER || b[0] > RECORD_HEARTBEAT || b[1] != 3 ||
		record->len > RECORD_MAX || record->len == 0)
		return PAYLOAD_IS_NOT;
	return PAYLOAD_IS;
}

/* Wait until the stream has grown by n bytes. */
static enum payload_state
wait_for(struct payload_stream *stream, const struct payload_input *in,
		 size_t n)
{
	size_t		need = in->len + n;

	stream->need = (uint16_t) (need < UINT16_MAX ? need : UINT16_MAX);
	return PAYLOAD_MORE;
}

/* A place in the handshake, see struct payload_stream. */
struct place
{
	size_t		pos;
	size_t		skip;
};

/*
 * Walk n bytes of handshake from *place, which moves, into dst[n] unless that
 * is NULL.  Returns how many there are, up to something that is no handshake
 * or was not received.
 */
static size_t
gather(const struct payload_input *in, struct place *place, uint8_t *dst,
	   size_t n)
{
	struct record record;
	size_t		got = 0;

	while (got < n)
	{
		size_t		from;
		size_t		len;

		if (read_record(in, place->pos, &record) != PAYLOAD_IS ||
			record.type != RECORD_HANDSHAKE)
			break;
		from = place->pos + RECORD_HEAD_LEN + place->skip;
		len = record.len - place->skip;
		if (len > n - got)
			len = n - got;
		if (len > in->len - from)
			len = in->len - from;
		if (dst != NULL)
			memcpy(dst + got, in->bytes + from, len);
		got += len;
		place->skip += len;
		if (place->skip < record.len)
			break;
		place->pos += RECORD_HEAD_LEN + record.len;
		place->skip = 0;
	}
	return got;
}

/* Is the message that ends at *place cut by something else? */
static bool
is_cut(const struct payload_input *in, const struct place *place)
{
	struct record record;

	switch (read_record(in, place->pos, &record))
	{
		case PAYLOAD_IS_NOT:
			return true;
		case PAYLOAD_IS_UNSURE:
			return false;
		case PAYLOAD_IS:
			break;
	}
	return record.type != RECORD_HANDSHAKE;
}

/* Deal with a message whose body[len] may be cut. */
static enum payload_state
take_message(struct payload_found *found, struct payload_stream *stream,
			 uint8_t type, const uint8_t *body, size_t len)
{
	struct hello hello;

	switch (type)
	{
		case HELLO_CLIENT:
			if (!hello_read(&hello, HELLO_TLS, type, body, len))
				return PAYLOAD_OTHER;
			tls_put_client(found, &hello);
			return PAYLOAD_DONE;
		case HELLO_SERVER:
			if (!hello_read(&hello, HELLO_TLS, type, body, len))
				return PAYLOAD_OTHER;
			if (hello.is_retry)
				return PAYLOAD_MORE;
			tls_put_server(found, &hello);
			stream->step = STEP_SETTLED;
			return hello.supported == 0 ? PAYLOAD_MORE : PAYLOAD_DONE;
		case MESSAGE_CERTIFICATE:
			cert_read(found, body, len);
			return PAYLOAD_DONE;
		case MESSAGE_HELLO_DONE:
			return PAYLOAD_DONE;
	}
	return PAYLOAD_MORE;
}

/* Bytes of a message that must be looked at; head[got] is its beginning. */
static size_t
wanted_len(const uint8_t *head, size_t got)
{
	size_t		len = MESSAGE_HEAD_LEN +
		((size_t) head[1] << 16 | (size_t) head[2] << 8 | head[3]);
	size_t		wanted = len;

	if (head[0] == MESSAGE_CERTIFICATE)
		wanted = MESSAGE_HEAD_LEN +
			(got < MESSAGE_HEAD_LEN + CERT_HEAD_LEN ? CERT_HEAD_LEN :
			 cert_wanted(head + MESSAGE_HEAD_LEN));
	else if (head[0] != HELLO_CLIENT && head[0] != HELLO_SERVER)
		wanted = MESSAGE_HEAD_LEN;
	if (wanted > len)
		wanted = len;
	return wanted < HELLO_MESSAGE_MAX ? wanted : HELLO_MESSAGE_MAX;
}

/* The message at the stream's place; MORE with need 0 if it was passed. */
static enum payload_state
feed_message(struct payload_found *found, struct payload_stream *stream,
			 const struct payload_input *in)
{
	uint8_t		message[HELLO_MESSAGE_MAX];
	struct place end = {stream->pos, stream->skip};
	size_t		wanted = MESSAGE_HEAD_LEN;
	size_t		got = gather(in, &end, message, wanted);
	enum payload_state state;
	size_t		len;
	bool		is_all;

	while (got == wanted && wanted_len(message, got) > got)
	{
		wanted = wanted_len(message, got);
		got += gather(in, &end, message + got, wanted - got);
	}
	is_all = in->is_last || is_cut(in, &end);
	if (got < wanted && (!is_all || got < MESSAGE_HEAD_LEN ||
						 message[0] != MESSAGE_CERTIFICATE))
		return is_cut(in, &end) ? PAYLOAD_OTHER :
			wait_for(stream, in, wanted - got);
	state = take_message(found, stream, message[0], message + MESSAGE_HEAD_LEN,
						 got - MESSAGE_HEAD_LEN);
	if (state != PAYLOAD_MORE)
		return state;
	len = MESSAGE_HEAD_LEN + ((size_t) message[1] << 16 |
							  (size_t) message[2] << 8 | message[3]);
	got += gather(in, &end, NULL, len - got);
	if (got < len)
		return is_cut(in, &end) ? PAYLOAD_OTHER :
			wait_for(stream, in, len - got);
	stream->pos = (uint16_t) end.pos;
	stream->skip = (uint16_t) end.skip;
	stream->need = 0;
	return PAYLOAD_MORE;
}

/* A record that is no handshake; as feed_message. */
static enum payload_state
feed_other(struct payload_stream *stream, const struct payload_input *in,
		   const struct record *record)
{
	size_t		end = stream->pos + RECORD_HEAD_LEN + record->len;

	if (record->type == RECORD_DATA ||
		(record->type == RECORD_CHANGE_CIPHER && stream->step == STEP_SETTLED))
		return PAYLOAD_DONE;
	if (end > in->len)
		return wait_for(stream, in, end - in->len);
	stream->pos = (uint16_t) end;
	stream->skip = 0;
	stream->need = 0;
	return PAYLOAD_MORE;
}

enum payload_state
tls_feed(struct payload_found *found, struct payload_stream *stream,
		 const struct payload_input *in)
{
	enum payload_state state = PAYLOAD_MORE;

	if (stream->step == STEP_START && in->len < SSL2_HEAD_LEN && !in->is_last)
		return wait_for(stream, in, SSL2_HEAD_LEN - in->len);
	if (stream->step == STEP_START && match_ssl2(in) == PAYLOAD_IS)
		return PAYLOAD_DONE;	/* it has none of what is looked for */
	if (stream->step == STEP_START)
		stream->step = STEP_RECORDS;
	stream->need = 0;
	while (state == PAYLOAD_MORE && stream->need == 0)
	{
		struct record record;

		switch (read_record(in, stream->pos, &record))
		{
			case PAYLOAD_IS_NOT:
				return stream->pos == 0 ? PAYLOAD_OTHER : PAYLOAD_DONE;
			case PAYLOAD_IS_UNSURE:
				return wait_for(stream, in, 1);
			case PAYLOAD_IS:
				break;
		}
		if (record.type == RECORD_HANDSHAKE)
			state = feed_message(found, stream, in);
		else
			state = feed_other(stream, in, &record);
	}
	return state;
}

enum payload_match
dtls_datagram(struct payload_found *found, const uint8_t *bytes, size_t len)
{
	struct wire w = wire_open(bytes, len);
	struct hello hello;
	const uint8_t *body;
	uint16_t	version;
	uint8_t		type;
	uint32_t	body_len;

	if (wire_u8(&w) != RECORD_HANDSHAKE)
		return PAYLOAD_IS_NOT;
	version = wire_u16(&w);
	if (version != DTLS_1_0 && version != DTLS_1_2)
		return PAYLOAD_IS_NOT;
	wire_skip(&w, 8);			/* epoch and sequence number */
	wire_limit(&w, wire_u16(&w));
	type = wire_u8(&w);
	body_len = (uint32_t) wire_u8(&w) << 16;
	body_len |= wire_u16(&w);
	wire_skip(&w, 8);			/* message number, fragment */
	body = wire_take(&w, body_len);
	if (body == NULL || !hello_read(&hello, HELLO_DTLS, type, body, body_len))
		return PAYLOAD_IS_UNSURE;
	if (type == HELLO_CLIENT)
		tls_put_client(found, &hello);
	else
		tls_put_server(found, &hello);
	return PAYLOAD_IS;
}
