/*-------------------------------------------------------------------------
 *
 * Text of strangers made fit for PostgreSQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_TEXT_H
#define COLLECTOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copies bytes[len] to dst[room] as valid UTF-8 (RFC 3629) and returns the
 * length, which is cut between characters.  Each byte of an invalid sequence
 * becomes U+FFFD, each control character below 0x20 a question mark.  dst is
 * not terminated.
 */
extern size_t text_clean(const uint8_t *bytes, size_t len, char *dst,
						 size_t room);

#endif
