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

/* The parser's own; all zero at first. */
struct payload_stream
{
	uint16_t	pos;			/* everything before is dealt with */
	uint16_t	skip;			/* of the record at pos: dealt with, too */
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
