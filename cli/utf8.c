/*-------------------------------------------------------------------------
 *
 * Characters of UTF-8: lengths by the first byte, then what is overlong or a
 * surrogate is refused by its value.
 *
 *-------------------------------------------------------------------------
 */
#include "utf8.h"

size_t
utf8_decode(const char *text, size_t len, uint32_t *character)
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

bool
utf8_is_unseen(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
		character == 0xad || character == 0x061c || character == 0xfeff ||
		(character >= 0x200b && character <= 0x200f) ||
		(character >= 0x2028 && character <= 0x202e) ||
		(character >= 0x2060 && character <= 0x206f) ||
		(character >= 0xfff9 && character <= 0xfffb) ||
		(character >= 0xe0000 && character <= 0xe0fff);
}
