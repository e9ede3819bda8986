/*-------------------------------------------------------------------------
 *
 * Memory: a list of blocks that goes when the process ends, and buffers.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct block
{
	struct block *next;
	_Alignas(16) char bytes[];
};

static struct block *blocks;

static void
free_all(void)
{
	while (blocks != NULL)
	{
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

void
memory_exhausted(void)
{
	fputs("flow: out of memory\n", stderr);
	exit(1);
}

void *
memory_get(size_t size)
{
	struct block *block = calloc(1, sizeof(struct block) + size);

	if (block == NULL)
		memory_exhausted();
	if (blocks == NULL)
		atexit(free_all);
	block->next = blocks;
	blocks = block;
	return block->bytes;
}

char *
memory_copy(const char *text, size_t len)
{
	char	   *copy = memory_get(len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *
memory_format(const char *format, ...)
{
	struct buffer buffer = {0};
	va_list		args;
	char	   *copy;
	int			len;

	va_start(args, format);
	len = vasprintf(&buffer.text, format, args);
	va_end(args);
	if (len < 0)
		memory_exhausted();
	copy = memory_copy(buffer.text, (size_t) len);
	free(buffer.text);
	return copy;
}

void
buffer_add(struct buffer *buffer, const char *text, size_t len)
{
	if (buffer->room - buffer->len < len + 1)
	{
		size_t		room = buffer->room < 64 ? 64 : buffer->room;

		while (room - buffer->len < len + 1)
			room *= 2;
		buffer->text = realloc(buffer->text, room);
		if (buffer->text == NULL)
			memory_exhausted();
		buffer->room = room;
	}
	memcpy(buffer->text + buffer->len, text, len);
	buffer->len += len;
	buffer->text[buffer->len] = '\0';
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_add_char(struct buffer *buffer, char byte)
{
	buffer_add(buffer, &byte, 1);
}

void
buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list		args;
	char	   *text;
	int			len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		memory_exhausted();
	buffer_add(buffer, text, (size_t) len);
	free(text);
}

void
buffer_clear(struct buffer *buffer)
{
	buffer->len = 0;
	if (buffer->text != NULL)
		buffer->text[0] = '\0';
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer) {0};
}
