/*-------------------------------------------------------------------------
 *
 * The first bytes of one direction of a TCP connection, put in order.
 *
 * The stream begins behind the SYN, or where the first segment that was seen
 * begins if there was none before it.  Of bytes that come twice the first
 * ones stay.  STREAM_GAPS pieces behind gaps are kept; further ones are not,
 * and come again if the sender is not told of them.
 *
 * Memory: at most STREAM_BYTES a stream, nothing before stream_add.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_STREAM_H
#define COLLECTOR_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_BYTES	16384
#define STREAM_GAPS		8

/* Start with all zero. */
struct stream
{
	uint8_t    *bytes;			/* bytes[room] */
	uint16_t	room;
	uint16_t	len;			/* the first len of them are there, gapless */
	uint16_t	begins[STREAM_GAPS];	/* pieces behind gaps, in order, */
	uint16_t	ends[STREAM_GAPS];	/* not touching each other; end exclusive */
	uint8_t		npieces;
	bool		has_base;
	bool		has_syn;
	uint32_t	base;			/* sequence number of byte 0 */
};

/*
 * A SYN with this sequence number.  A stream that began elsewhere begins
 * anew: it is another connection.
 */
extern void stream_syn(struct stream *stream, uint32_t seq);

/*
 * Where bytes with this sequence number belong, counted from the beginning;
 * without a beginning, it is here.  Negative: before it.
 */
extern int64_t stream_offset(struct stream *stream, uint32_t seq);

/*
 * How much room bytes up to this offset need, 0 if they fit.  What is beyond
 * STREAM_BYTES needs none.
 */
extern size_t stream_growth(const struct stream *stream, int64_t end);

/*
 * Keep bytes[len] at this offset; what lies outside the stream's first bytes
 * is left out.  Returns false if memory is exhausted or there are too many
 * gaps; the stream is as it was then.
 */
extern bool stream_add(struct stream *stream, int64_t offset,
					   const uint8_t *bytes, size_t len)
			__attribute__((warn_unused_result));

/* Forget everything; cannot fail. */
extern void stream_clear(struct stream *stream);

#endif
