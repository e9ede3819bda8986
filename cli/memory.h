/*-------------------------------------------------------------------------
 *
 * Memory of a program that runs one command.
 *
 * What memory_* gives lives until the process ends, so nobody frees it; it is
 * for what is needed once.  A buffer is for text that grows, or that is made
 * again for each row.  Without memory the process ends with status 1.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

/* Start with all zero; text is ended by zero once something was added. */
struct buffer
{
	char	   *text;			/* text[len + 1], or NULL */
	size_t		len;
	size_t		room;
};

/* Say that there is none, and end the process. */
extern void memory_exhausted(void) __attribute__((noreturn));

/* size bytes of zero. */
extern void *memory_get(size_t size);

/* A copy of text[len], ended by zero. */
extern char *memory_copy(const char *text, size_t len);

/* What printf would write. */
extern char *memory_format(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

extern void buffer_add(struct buffer *buffer, const char *text, size_t len);
extern void buffer_add_text(struct buffer *buffer, const char *text);
extern void buffer_add_char(struct buffer *buffer, char byte);
extern void buffer_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Empty it; its memory stays for what comes next. */
extern void buffer_clear(struct buffer *buffer);

extern void buffer_free(struct buffer *buffer);

#endif
