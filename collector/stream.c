/*-------------------------------------------------------------------------
 *
 * The first bytes of a TCP stream: a buffer by offset and a short list of the
 * pieces in it that lie behind gaps (RFC 9293, 3.10.7.4).
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define MIN_ROOM 1024

_Static_assert(STREAM_BYTES <= UINT16_MAX, "offsets have 16 bits");

void
stream_clear(struct stream *stream)
{
	free(stream->bytes);
	memset(stream, 0, sizeof(*stream));
}

void
stream_syn(struct stream *stream, uint32_t seq)
{
	if (stream->has_base && stream->base != seq + 1)
		stream_clear(stream);
	stream->base = seq + 1;
	stream->has_base = true;
	stream->has_syn = true;
}

int64_t
stream_offset(struct stream *stream, uint32_t seq)
{
	if (!stream->has_base)
	{
		stream->base = seq;
		stream->has_base = true;
	}
	return (int32_t) (seq - stream->base);
}

static size_t
room_for(const struct stream *stream, size_t end)
{
	size_t		room = stream->room < MIN_ROOM ? MIN_ROOM : stream->room;

	while (room < end)
		room *= 2;
	return room;
}

size_t
stream_growth(const struct stream *stream, int64_t end)
{
	size_t		to = end < 0 ? 0 : end > STREAM_BYTES ? STREAM_BYTES :
		(size_t) end;

	return to <= stream->room ? 0 : room_for(stream, to) - stream->room;
}

static bool
reserve(struct stream *stream, size_t end)
{
	size_t		room = room_for(stream, end);
	uint8_t    *bytes;

	if (end <= stream->room)
		return true;
	bytes = realloc(stream->bytes, room);
	if (bytes == NULL)
		return false;
	stream->bytes = bytes;
	stream->room = (uint16_t) room;
	return true;
}

/* Copy what of [begin, end) no piece and not the prefix covers. */
static void
fill_gaps(struct stream *stream, size_t begin, size_t end, const uint8_t *bytes)
{
	size_t		at = begin;

	for (int i = 0; i <= stream->npieces && at < end; i++)
	{
		size_t		next = i < stream->npieces ? stream->begins[i] : end;

		if (next > end)
			next = end;
		if (at < next)
			memcpy(stream->bytes + at, bytes + (at - begin), next - at);
		if (i < stream->npieces && stream->ends[i] > at)
			at = stream->ends[i];
	}
}

static void
remove_pieces(struct stream *stream, int from, int to)
{
	size_t		ntail = (size_t) (stream->npieces - to);

	memmove(stream->begins + from, stream->begins + to,
			ntail * sizeof(*stream->begins));
	memmove(stream->ends + from, stream->ends + to,
			ntail * sizeof(*stream->ends));
	stream->npieces = (uint8_t) (stream->npieces - (to - from));
}

static void
insert_piece(struct stream *stream, int at, size_t begin, size_t end)
{
	size_t		ntail = (size_t) (stream->npieces - at);

	memmove(stream->begins + at + 1, stream->begins + at,
			ntail * sizeof(*stream->begins));
	memmove(stream->ends + at + 1, stream->ends + at,
			ntail * sizeof(*stream->ends));
	stream->begins[at] = (uint16_t) begin;
	stream->ends[at] = (uint16_t) end;
	stream->npieces++;
}

bool
stream_add(struct stream *stream, int64_t offset, const uint8_t *bytes,
		   size_t len)
{
	int64_t		last = offset + (int64_t) len;
	size_t		begin = offset < stream->len ? stream->len : (size_t) offset;
	size_t		end = last > STREAM_BYTES ? STREAM_BYTES :
		last < 0 ? 0 : (size_t) last;
	int			from = 0;
	int			to;

	if (begin >= end)
		return true;

	/* pieces from .. to - 1 touch the new one */
	while (from < stream->npieces && stream->ends[from] < begin)
		from++;
	to = from;
	while (to < stream->npieces && stream->begins[to] <= end)
		to++;
	if (begin > stream->len && from == to && stream->npieces == STREAM_GAPS)
		return false;
	if (!reserve(stream, end))
		return false;
	fill_gaps(stream, begin, end, bytes + ((int64_t) begin - offset));
	if (from < to)
	{
		if (stream->begins[from] < begin)
			begin = stream->begins[from];
		if (stream->ends[to - 1] > end)
			end = stream->ends[to - 1];
		remove_pieces(stream, from, to);
	}
	if (begin <= stream->len)
		stream->len = (uint16_t) end;
	else
		insert_piece(stream, from, begin, end);
	return true;
}
