/*-------------------------------------------------------------------------
 *
 * HTML: the only way of text into a page is escaped.
 *
 * Numbers do not go through printf, whose decimal point is the locale's.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "utf8.h"

static const char *
entity(uint32_t character)
{
	switch (character)
	{
		case '&':
			return "&amp;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '"':
			return "&quot;";
		case '\'':
			return "&#39;";
		default:
			return NULL;
	}
}

void
html_text(struct buffer *to, const char *text)
{
	size_t		len = strlen(text);

	while (len > 0)
	{
		uint32_t	character = 0;
		size_t		taken = utf8_decode(text, len, &character);

		if (taken == 0)
		{
			buffer_format(to, "\\x%02x", (unsigned char) *text);
			taken = 1;
		}
		else if (entity(character) != NULL)
			buffer_add_text(to, entity(character));
		else if (character == '\n')
			buffer_add(to, text, taken);
		/* U+FFFE and U+FFFF and their like are no characters of XML */
		else if (utf8_is_unseen(character) || (character & 0xfffe) == 0xfffe)
			buffer_format(to, character > 0xffff ? "\\U%08x" : "\\u%04x",
						  (unsigned) character);
		else
			buffer_add(to, text, taken);
		text += taken;
		len -= taken;
	}
}

void
html_number(struct buffer *to, double value, int decimals)
{
	static const double power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
	long long	scaled;
	long long	unit = (long long) power[decimals];

	if (!isfinite(value) || fabs(value) > 1e12)
		value = value > 0 ? 1e12 : value < 0 ? -1e12 : 0;
	scaled = llround(value * power[decimals]);
	if (scaled < 0)
		buffer_add_char(to, '-');
	buffer_format(to, "%lld", llabs(scaled) / unit);
	if (decimals > 0)
		buffer_format(to, ".%0*lld", decimals, llabs(scaled) % unit);
}

/* What follows a '%' at form, from the arguments; returns what is behind it. */
static const char *
put_argument(struct buffer *to, const char *form, va_list *arguments)
{
	if (*form == 's')
		html_text(to, va_arg(*arguments, const char *));
	else if (*form == 'd')
		buffer_format(to, "%d", va_arg(*arguments, int));
	else if (*form == '%')
		buffer_add_char(to, '%');
	else if (form[0] == 'z' && form[1] == 'u')
	{
		buffer_format(to, "%zu", va_arg(*arguments, size_t));
		form++;
	}
	else if (form[0] == '.' && form[1] >= '0' && form[1] <= '6' && form[2] == 'f')
	{
		html_number(to, va_arg(*arguments, double), form[1] - '0');
		form += 2;
	}
	else
		abort();
	return form + 1;
}

void
html_put(struct buffer *to, const char *form, ...)
{
	va_list		arguments;

	va_start(arguments, form);
	while (*form != '\0')
	{
		size_t		plain = strcspn(form, "%");

		buffer_add(to, form, plain);
		form += plain;
		if (*form == '%')
			form = put_argument(to, form + 1, &arguments);
	}
	va_end(arguments);
}
