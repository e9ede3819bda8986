/*-------------------------------------------------------------------------
 *
 * Characters of UTF-8 (RFC 3629).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The first character of text[len], len > 0, and the bytes it takes; 0 bytes
 * if it is no UTF-8, with *character left as it was.
 */
extern size_t utf8_decode(const char *text, size_t len, uint32_t *character);

/*
 * Whether a character shows nothing of itself, but moves the cursor, turns
 * text around or hides in it: controls, marks of direction, zero widths, tags.
 */
extern bool utf8_is_unseen(uint32_t character);

#endif
