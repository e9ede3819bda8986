/*-------------------------------------------------------------------------
 *
 * If this goes, a name with odd bytes may make the database refuse a row.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "text.h"

/* Clean bytes[len] in an allocation of that size into room bytes. */
static void
gives(const char *bytes, size_t len, size_t room, const char *expected,
	  const char *name)
{
	uint8_t    *copy = malloc(len + 1);
	char	   *dst = malloc(room + 1);
	size_t		n;

	memcpy(copy + 1, bytes, len);
	n = text_clean(copy + 1, len, dst, room);
	ok(n == strlen(expected) && memcmp(dst, expected, n) == 0, name);
	free(copy);
	free(dst);
}

#define R "\xef\xbf\xbd"

int
main(void)
{
	gives("eth0", 4, 10, "eth0", "ASCII stays");
	gives("eth0", 4, 3, "eth", "is cut");
	gives("a\0b\n\x7f", 5, 10, "a?b??", "control characters");
	gives("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, 9,
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "two, three and four bytes");
	gives("\xc3\xa4\xe2\x82\xac", 5, 4, "\xc3\xa4", "is cut on a boundary");
	gives("\xe2\x82", 2, 10, R R, "a sequence that is cut off");
	gives("\xc3(", 2, 10, R "(", "a byte that does not go on");
	gives("\xc0\x80", 2, 10, R R, "an overlong zero");
	gives("\xe0\x80\x80", 3, 20, R R R, "three bytes, overlong");
	gives("\xed\xa0\x80", 3, 20, R R R, "a surrogate");
	gives("\xf4\x90\x80\x80", 4, 20, R R R R, "above U+10FFFF");
	gives("\xf4\x8f\xbf\xbf", 4, 20, "\xf4\x8f\xbf\xbf", "U+10FFFF");
	gives("\xff\xff", 2, 5, R, "no half of a replacement");
	gives("", 0, 0, "", "nothing");
	return tap_failed;
}
