/*-------------------------------------------------------------------------
 *
 * Writing in network byte order; each function returns the new end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_WIRE_H
#define GEN_WIRE_H

#include <stdint.h>
#include <string.h>

static inline uint8_t *
put16(uint8_t *p, uint32_t x)
{
	*p++ = (uint8_t) (x >> 8);
	*p++ = (uint8_t) x;
	return p;
}

static inline uint8_t *
put32(uint8_t *p, uint32_t x)
{
	return put16(put16(p, x >> 16), x & 0xffff);
}

static inline uint8_t *
put_bytes(uint8_t *p, const void *src, size_t len)
{
	memcpy(p, src, len);
	return p + len;
}

#endif
