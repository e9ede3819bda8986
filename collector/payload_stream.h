/*-------------------------------------------------------------------------
 *
 * One direction of a TCP stream as its parser sees it.
 *
 * A parser is called again and again with a longer prefix of the stream.  It
 * keeps its place here, so that bytes it is done with are not read again, and
 * says how long the prefix must be before another call is of use.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_STREAM_H
#define COLLECTOR_PAYLOAD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More of a direction of a TCP stream is never looked at. */
#define PAYLOAD_PREFIX_BYTES 16384

/* What became of one direction of a conversation. */
enum payload_state
{
	PAYLOAD_MORE,				/* more bytes may tell more */
	PAYLOAD_DONE,				/* it has said all that is looked for */
	PAYLOAD_OTHER				/* none of the protocols, or not legible */
};

/* The parser's own; all zero at first. */
struct payload_stream
{
	uint16_t	pos;			/* everything before is dealt with */
	uint16_t	skip;			/* of the record or line at pos, as well */
	uint16_t	need;			/* no progress with a shorter prefix */
	uint8_t		step;
};

/* The bytes of one call. */
struct payload_input
{
	const uint8_t *bytes;		/* bytes[len], len <= PAYLOAD_PREFIX_BYTES */
	size_t		len;
	bool		is_last;		/* there will be no longer prefix */
};

/* What a parser says of a beginning; UNSURE only while more may come. */
enum payload_match
{
	PAYLOAD_IS_NOT,
	PAYLOAD_IS_UNSURE,
	PAYLOAD_IS
};

#endif
