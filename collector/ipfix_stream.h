/*-------------------------------------------------------------------------
 *
 * A stream of bytes to IPFIX messages: TCP (RFC 7011, 10.4), files (RFC 5655).
 *
 *		read into ipfix_stream_space(), tell ipfix_stream_added(), then take
 *		messages with ipfix_stream_next() until there is none
 *
 * Memory: sizeof(struct ipfix_stream), 64 kB, for each stream.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_IPFIX_STREAM_H
#define COLLECTOR_IPFIX_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPFIX_STREAM_ROOM (64 * 1024)

/* Start with begin and end 0. */
struct ipfix_stream
{
	size_t		begin;			/* of what was not taken yet */
	size_t		end;
	uint8_t		bytes[IPFIX_STREAM_ROOM];
};

/*
 * Where to put bytes, and in *room how many; at least one if there is no whole
 * message.
 */
extern uint8_t *ipfix_stream_space(struct ipfix_stream *stream, size_t *room);

/* So many bytes were put there. */
extern void ipfix_stream_added(struct ipfix_stream *stream, size_t len);

/*
 * The next whole message, valid until the next call of ipfix_stream_space.
 * Returns its length; 0 if there is none yet; -1 if the stream is not IPFIX,
 * and must be closed.
 */
extern int	ipfix_stream_next(struct ipfix_stream *stream,
							  const uint8_t **message);

/* The same, but the next call has it again. */
extern int	ipfix_stream_look(const struct ipfix_stream *stream,
							  const uint8_t **message);

/* Bytes that were not taken, at the end those of a message that is cut. */
extern size_t ipfix_stream_left(const struct ipfix_stream *stream);

#endif
