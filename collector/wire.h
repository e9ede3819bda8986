/*-------------------------------------------------------------------------
 *
 * Reading bytes off the wire: a bounded cursor with a sticky error.
 *
 * Integers are big-endian (network order).  A read past the end returns 0,
 * consumes nothing and sets has_failed, which stays set: read a whole header
 * first, ask once.  No function here reads outside [pos, end).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WIRE_H
#define COLLECTOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire
{
	const uint8_t *pos;
	const uint8_t *end;			/* exclusive */
	bool		has_failed;
};

static inline struct wire
wire_open(const uint8_t *bytes, size_t len)
{
	struct wire w = {bytes, bytes + len, false};

	return w;
}

static inline size_t
wire_left(const struct wire *w)
{
	return (size_t) (w->end - w->pos);
}

/* The next n bytes, or NULL after a failure. */
static inline const uint8_t *
wire_take(struct wire *w, size_t n)
{
	const uint8_t *p = w->pos;

	if (w->has_failed || n > wire_left(w))
	{
		w->has_failed = true;
		return NULL;
	}
	w->pos += n;
	return p;
}

static inline void
wire_skip(struct wire *w, size_t n)
{
	(void) wire_take(w, n);
}

static inline uint8_t
wire_u8(struct wire *w)
{
	const uint8_t *p = wire_take(w, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t
wire_u16(struct wire *w)
{
	const uint8_t *p = wire_take(w, 2);

	return p == NULL ? 0 : (uint16_t) (p[0] << 8 | p[1]);
}

static inline uint32_t
wire_u32(struct wire *w)
{
	const uint8_t *p = wire_take(w, 4);

	return p == NULL ? 0 : (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
		(uint32_t) p[2] << 8 | p[3];
}

/* Copy n bytes to dst[n]; after a failure dst is set to zero. */
static inline void
wire_copy(struct wire *w, uint8_t *dst, size_t n)
{
	const uint8_t *p = wire_take(w, n);

	if (p == NULL)
		memset(dst, 0, n);
	else
		memcpy(dst, p, n);
}

/* Shorten what is left to at most n bytes. */
static inline void
wire_limit(struct wire *w, size_t n)
{
	if (n < wire_left(w))
		w->end = w->pos + n;
}

#endif
