/*-------------------------------------------------------------------------
 *
 * Framing of IPFIX: version and length begin each message.
 *
 * A message has at most 65535 bytes, so the buffer has room for the rest of one
 * that begins at its front; what is left moves there only when less than half is
 * free.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "decode_ipfix.h"
#include "ipfix_stream.h"

_Static_assert(IPFIX_STREAM_ROOM > IPFIX_MAX_LEN, "a message has room");

uint8_t *
ipfix_stream_space(struct ipfix_stream *stream, size_t *room)
{
	if (stream->begin == stream->end)
		stream->begin = stream->end = 0;
	if (stream->begin > 0 && IPFIX_STREAM_ROOM - stream->end < IPFIX_STREAM_ROOM / 2)
	{
		memmove(stream->bytes, stream->bytes + stream->begin,
				stream->end - stream->begin);
		stream->end -= stream->begin;
		stream->begin = 0;
	}
	*room = IPFIX_STREAM_ROOM - stream->end;
	return stream->bytes + stream->end;
}

void
ipfix_stream_added(struct ipfix_stream *stream, size_t len)
{
	stream->end += len;
}

int
ipfix_stream_look(const struct ipfix_stream *stream, const uint8_t **message)
{
	const uint8_t *bytes = stream->bytes + stream->begin;
	size_t		left = stream->end - stream->begin;
	int			length = ipfix_message_length(bytes, left);

	if (length > 0 && (size_t) length > left)
		return 0;
	*message = bytes;
	return length;
}

int
ipfix_stream_next(struct ipfix_stream *stream, const uint8_t **message)
{
	int			length = ipfix_stream_look(stream, message);

	if (length > 0)
		stream->begin += (size_t) length;
	return length;
}

size_t
ipfix_stream_left(const struct ipfix_stream *stream)
{
	return stream->end - stream->begin;
}
