/*-------------------------------------------------------------------------
 *
 * Text of strangers on a terminal: no control character gets there raw.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_DISPLAY_H
#define CLI_DISPLAY_H

#include <stddef.h>

struct buffer;

/*
 * Append text, which should be UTF-8, so that it does nothing but show: control
 * characters, also those of Unicode that turn the direction of writing,
 * and bytes that are no UTF-8 become \x1b or \u202e.  Where the locale is not
 * UTF-8 every character beyond ASCII does.
 */
extern void display_escape(struct buffer *buffer, const char *text);

/* The same as a text that lives until the process ends, for messages. */
extern const char *display_safe(const char *text);

/* The columns of the terminal that escaped text[len] takes. */
extern size_t display_width(const char *text, size_t len);

/*
 * Append escaped text in exactly width columns: cut off, with an ellipsis for
 * the rest, or filled with blanks on the right, or on the left.
 */
extern void display_pad(struct buffer *buffer, const char *text, size_t width,
						int is_right);

#endif
