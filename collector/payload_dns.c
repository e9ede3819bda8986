/*-------------------------------------------------------------------------
 *
 * DNS: RFC 1035 section 4; over TCP, 4.2.2; mDNS, RFC 6762; LLMNR, RFC 4795,
 * have the same messages.
 *
 *		 2	id								question
 *		 2	response flag, opcode, flags,	n	name
 *			rcode in the lowest 4 bits		2	type
 *		 8	numbers of questions, answers,	2	class; the highest bit is a
 *			authorities, additionals			flag of mDNS
 *
 * There is no magic number.  DNS is taken for what has a known opcode, a zero
 * bit where there must be one, a first question with a name that is well
 * formed and a known class, and behind the questions a record that can be one.
 * NetBIOS names (RFC 1002) look the same, and are told by theirs.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "payload_dns.h"
#include "wire.h"

#define HEADER_LEN		12
#define NAME_MAX_LEN	255		/* as sent, RFC 1035 section 2.3.4 */
#define LABEL_MAX		63
#define POINTER			0xc0
#define JUMPS_MAX		127		/* a name has no more labels */
#define QUESTIONS_MAX	256
#define RECORDS_MAX		4		/* that are looked at */
#define CLASS_MASK		0x7fff
#define TYPE_NETBIOS	32		/* and 33 */
#define NETBIOS_LABEL	32
#define FLAG_RESPONSE	0x8000
#define FLAG_ZERO		0x0040
#define OPCODES			0x75	/* bit per opcode: 0, 2, 4, 5, 6 */

struct header
{
	uint16_t	flags;
	uint16_t	nquestions;
	uint32_t	nrecords;
};

struct name
{
	char		text[PAYLOAD_DNS_MAX];	/* text[len], not terminated */
	size_t		len;
	bool		is_netbios;
};

static void
put_char(struct name *name, uint8_t c)
{
	char	   *at = name->text + name->len;

	if (c > 0x20 && c < 0x7f)
	{
		if (c == '.' || c == '\\')
		{
			*at++ = '\\';
			name->len++;
		}
		*at = (char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
		name->len++;
		return;
	}
	at[0] = '\\';
	at[1] = (char) ('0' + c / 100);
	at[2] = (char) ('0' + c / 10 % 10);
	at[3] = (char) ('0' + c % 10);
	name->len += 4;
}

static bool
is_netbios(const uint8_t *label, size_t len)
{
	if (len != NETBIOS_LABEL)
		return false;
	for (size_t i = 0; i < len; i++)
		if (label[i] < 'A' || label[i] > 'P')
			return false;
	return true;
}

/*
 * Read a name; w is behind it then.  Labels may go on at a smaller offset of
 * the message, whose start is given.  Sets has_failed if it is not well formed.
 */
static void
read_name(struct wire *w, const uint8_t *start, struct name *name)
{
	struct wire at = *w;
	size_t		total = 0;
	int			njumps = 0;

	name->len = 0;
	name->is_netbios = false;
	for (;;)
	{
		uint8_t		len = wire_u8(&at);
		const uint8_t *label;

		if (len >= POINTER)
		{
			size_t		off = (size_t) (len & ~POINTER) << 8 | wire_u8(&at);

			if (at.has_failed || ++njumps > JUMPS_MAX ||
				off < HEADER_LEN || start + off >= at.pos - 2)
				break;
			if (njumps == 1)
				*w = at;
			at.pos = start + off;
			continue;
		}
		label = wire_take(&at, len);
		total += 1 + len;
		if (label == NULL || len > LABEL_MAX || total > NAME_MAX_LEN)
			break;
		if (len == 0)
		{
			if (njumps == 0)
				*w = at;
			if (name->len == 0)
				name->text[name->len++] = '.';
			return;
		}
		if (name->len > 0)
			name->text[name->len++] = '.';
		else
			name->is_netbios = is_netbios(label, len);
		for (uint8_t i = 0; i < len; i++)
			put_char(name, label[i]);
	}
	w->has_failed = true;
}

static bool
is_class(uint16_t number)
{
	number &= CLASS_MASK;
	return number == 1 || number == 3 || number == 4 || number == 254 ||
		number == 255;
}

/* Are these the records behind the questions, as far as they were captured? */
static bool
are_records(struct wire *w, const uint8_t *start, const struct header *h)
{
	struct name name;

	for (uint32_t i = 0; i < h->nrecords && i < RECORDS_MAX; i++)
	{
		struct wire before = *w;

		read_name(w, start, &name);
		if (w->has_failed)
			return wire_left(&before) <= NAME_MAX_LEN &&
				(i > 0 || h->nquestions > 0);
		if (wire_left(w) < 10)
			return true;
		if (wire_u16(w) == 0)
			return false;
		wire_skip(w, 6);		/* class, which EDNS has its own, and TTL */
		wire_skip(w, wire_u16(w));
		if (w->has_failed)
			return true;
	}
	return true;
}

static bool
read_header(struct wire *w, struct header *h)
{
	wire_skip(w, 2);
	h->flags = wire_u16(w);
	h->nquestions = wire_u16(w);
	h->nrecords = wire_u16(w);
	h->nrecords += wire_u16(w);
	h->nrecords += wire_u16(w);
	return !w->has_failed && (h->flags & FLAG_ZERO) == 0 &&
		(OPCODES >> (h->flags >> 11 & 15) & 1) != 0 &&
		h->nquestions <= QUESTIONS_MAX &&
		(h->nquestions > 0 ||
		 ((h->flags & FLAG_RESPONSE) != 0 && h->nrecords > 0));
}

/* Put the first question, if there is one. */
static bool
read_questions(struct wire *w, const struct header *h, const uint8_t *start,
			   struct payload_found *found)
{
	struct name name;
	uint16_t	type;

	if (h->nquestions == 0)
		return wire_left(w) > 0 && are_records(w, start, h);
	read_name(w, start, &name);
	type = wire_u16(w);
	if (!is_class(wire_u16(w)) || w->has_failed || type == 0 ||
		(name.is_netbios && (type == TYPE_NETBIOS || type == TYPE_NETBIOS + 1)))
		return false;
	if (h->nquestions == 1 && wire_left(w) > 0 &&
		!are_records(w, start, h))
		return false;
	if (!payload_has_number(found, PAYLOAD_DNS_TYPE))
	{
		payload_put_number(found, PAYLOAD_DNS_TYPE, type);
		payload_put_text(found, FLOW_DNS_NAME, name.text, name.len,
						 PAYLOAD_DNS_MAX);
	}
	return true;
}

bool
dns_message(struct payload_found *found, const uint8_t *bytes, size_t len)
{
	struct wire w = wire_open(bytes, len);
	struct header h;

	if (!read_header(&w, &h) || !read_questions(&w, &h, bytes, found))
		return false;
	if ((h.flags & FLAG_RESPONSE) != 0 &&
		!payload_has_number(found, PAYLOAD_DNS_RCODE))
		payload_put_number(found, PAYLOAD_DNS_RCODE, h.flags & 15);
	return true;
}

/* Can these len bytes, which are not enough, begin a message? */
static bool
begins_header(const uint8_t *bytes, size_t len)
{
	uint8_t		header[HEADER_LEN] = {[5] = 1,[HEADER_LEN - 1] = 1};
	struct wire w = wire_open(header, sizeof(header));
	struct header h;

	/* half a number of questions would not do */
	memcpy(header, bytes, len == 5 ? 4 : len);
	return read_header(&w, &h);
}

enum payload_state
dns_feed(struct payload_found *found, struct payload_stream *stream,
		 const struct payload_input *in)
{
	struct wire w = wire_open(in->bytes, in->len);
	size_t		len = wire_u16(&w);
	struct wire body = w;
	struct header h;

	if (wire_left(&w) < HEADER_LEN && !in->is_last)
		return begins_header(w.pos, wire_left(&w)) ?
			PAYLOAD_MORE : PAYLOAD_OTHER;
	if (len <= HEADER_LEN || !read_header(&w, &h))
		return PAYLOAD_OTHER;
	if (wire_left(&body) < len && !in->is_last)
	{
		stream->need = (uint16_t) (len < UINT16_MAX - 2 ? len + 2 : UINT16_MAX);
		return PAYLOAD_MORE;
	}
	wire_limit(&body, len);
	return dns_message(found, body.pos, wire_left(&body)) ?
		PAYLOAD_DONE : PAYLOAD_OTHER;
}
