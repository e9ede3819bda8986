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

/*
 * The first character of text[len], which is not empty, and its length; a
 * length of 0 if it is no UTF-8 (RFC 3629).
 */
static size_t
decode(const char *text, size_t len, uint32_t *character)
{
	const unsigned char *bytes = (const unsigned char *) text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t		need = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 :
		bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf5 ? 4 : 0;
	uint32_t	value;

	if (need == 0 || need > len)
		return 0;
	value = need == 1 ? bytes[0] : bytes[0] & (0x7fu >> need);
	for (size_t i = 1; i < need; i++)
	{
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < least[need] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*character = value;
	return need;
}

/* Characters that move the cursor or turn text around, and those unseen. */
static bool
is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
		character == 0xad || character == 0x061c || character == 0xfeff ||
		(character >= 0x200b && character <= 0x200f) ||
		(character >= 0x2028 && character <= 0x202e) ||
		(character >= 0x2060 && character <= 0x206f) ||
		(character >= 0xfff9 && character <= 0xfffb) ||
		(character >= 0xe0000 && character <= 0xe0fff);
}

void
display_escape(struct buffer *buffer, const char *text)
{
	size_t		len = strlen(text);

	buffer_add(buffer, "", 0);
	while (len > 0)
	{
		uint32_t	character;
		size_t		taken = decode(text, len, &character);

		if (taken == 0)
		{
			buffer_format(buffer, "\\x%02x", (unsigned char) *text);
			taken = 1;
		}
		else if (character < 0x80 && !is_control(character))
			buffer_add(buffer, text, 1);
		else if (character < 0x80)
			buffer_format(buffer, "\\x%02x", (unsigned) character);
		else if (is_control(character) || !terminal_is_utf8() ||
				 wcwidth((wchar_t) character) < 0)
			buffer_format(buffer, character > 0xffff ? "\\U%08x" : "\\u%04x",
						  (unsigned) character);
		else
			buffer_add(buffer, text, taken);
		text += taken;
		len -= taken;
	}
}

static size_t
character_width(const char *text, size_t len, size_t *taken)
{
	uint32_t	character;
	int			width;

	*taken = decode(text, len, &character);
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
