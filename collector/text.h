/*-------------------------------------------------------------------------
 *
 * Text of strangers, made fit for a database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_TEXT_H
#define COLLECTOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copy bytes[len] to dst[room] as valid UTF-8 (RFC 3629) and return its
 * length, at most room.  Each byte that is not part of a valid sequence
 * becomes U+FFFD, each control character below 0x20, and DEL, a '?'.  What
 * does not fit is cut off, on a character boundary.  No zero byte is written.
 * Cannot fail.
 */
extern size_t text_clean(const uint8_t *bytes, size_t len, char *dst,
						 size_t room);

#endif
