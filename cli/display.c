/*-------------------------------------------------------------------------
 *
 * Characters and their widths, by the C library's tables (wcwidth).
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "display.h"
#include "memory.h"
#include "terminal.h"
#include "utf8.h"

void
display_escape(struct buffer *buffer, const char *text)
{
	size_t		len = strlen(text);

	buffer_add(buffer, "", 0);
	while (len > 0)
	{
		uint32_t	character;
		size_t		taken = utf8_decode(text, len, &character);

		if (taken == 0)
		{
			buffer_format(buffer, "\\x%02x", (unsigned char) *text);
			taken = 1;
		}
		else if (character < 0x80 && !utf8_is_unseen(character))
			buffer_add(buffer, text, 1);
		else if (character < 0x80)
			buffer_format(buffer, "\\x%02x", (unsigned) character);
		else if (utf8_is_unseen(character) || !terminal_is_utf8() ||
				 wcwidth((wchar_t) character) < 0)
			buffer_format(buffer, character > 0xffff ? "\\U%08x" : "\\u%04x",
						  (unsigned) character);
		else
			buffer_add(buffer, text, taken);
		text += taken;
		len -= taken;
	}
}

const char *
display_safe(const char *text)
{
	struct buffer escaped = {0};
	const char *safe;

	display_escape(&escaped, text);
	safe = memory_copy(escaped.text, escaped.len);
	buffer_free(&escaped);
	return safe;
}

static size_t
character_width(const char *text, size_t len, size_t *taken)
{
	uint32_t	character;
	int			width;

	*taken = utf8_decode(text, len, &character);
	if (*taken == 0)
	{
		*taken = 1;
		return 1;
	}
	width = character < 0x80 ? 1 : wcwidth((wchar_t) character);
	return width < 0 ? 0 : (size_t) width;
}

size_t
display_width(const char *text, size_t len)
{
	size_t		width = 0;

	while (len > 0)
	{
		size_t		taken;

		width += character_width(text, len, &taken);
		text += taken;
		len -= taken;
	}
	return width;
}

void
display_pad(struct buffer *buffer, const char *text, size_t width, int is_right)
{
	size_t		len = strlen(text);
	size_t		has = display_width(text, len);
	const char *dots = terminal_is_utf8() ? "\xe2\x80\xa6" : "~";

	if (has > width)
	{
		size_t		taken;
		size_t		done = 0;
		size_t		end = 0;

		while (end < len)
		{
			size_t		next = character_width(text + end, len - end, &taken);

			if (done + next + 1 > width)
				break;
			done += next;
			end += taken;
		}
		buffer_add(buffer, text, end);
		if (done < width)
		{
			buffer_add_text(buffer, dots);
			done++;
		}
		for (; done < width; done++)
			buffer_add_char(buffer, ' ');
		return;
	}
	if (!is_right)
		buffer_add(buffer, text, len);
	for (; has < width; has++)
		buffer_add_char(buffer, ' ');
	if (is_right)
		buffer_add(buffer, text, len);
}
