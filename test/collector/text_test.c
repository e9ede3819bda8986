/*-------------------------------------------------------------------------
 *
 * If this goes, a stranger's bytes may make the database refuse rows.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tap.h"
#include "text.h"

static void
check(const char *bytes, size_t len, size_t room, const char *expected,
	  const char *name)
{
	char		dst[64];
	size_t		got;

	memset(dst, '#', sizeof(dst));
	got = text_clean((const uint8_t *) bytes, len, dst, room);
	ok(got == strlen(expected) && memcmp(dst, expected, got) == 0 &&
	   dst[got] == '#', name);
}

#define CHECK(bytes, room, expected, name) \
	check(bytes, sizeof(bytes) - 1, room, expected, name)
#define WRONG "\xef\xbf\xbd"

int
main(void)
{
	CHECK("", 60, "", "nothing");
	CHECK("abc \x7f", 60, "abc ?", "ASCII");
	CHECK("a\0b\n\x1f", 60, "a?b??", "control characters");
	CHECK("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 60,
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "two, three and four bytes");
	CHECK("\xf4\x8f\xbf\xbf", 60, "\xf4\x8f\xbf\xbf", "the last character");
	CHECK("\xf4\x90\x80\x80", 60, WRONG WRONG WRONG WRONG, "behind the last");
	CHECK("\xc0\x80", 60, WRONG WRONG, "overlong zero");
	CHECK("\xe0\x9f\xbf", 60, WRONG WRONG WRONG, "overlong in three bytes");
	CHECK("\xf0\x8f\xbf\xbf", 60, WRONG WRONG WRONG WRONG, "overlong in four");
	CHECK("\xed\xa0\x80", 60, WRONG WRONG WRONG, "a surrogate");
	CHECK("\xed\x9f\xbf\xee\x80\x80", 60, "\xed\x9f\xbf\xee\x80\x80",
		  "beside the surrogates");
	CHECK("\x80x\xff", 60, WRONG "x" WRONG, "stray bytes");
	CHECK("x\xe2\x82", 60, "x" WRONG WRONG, "cut in the source");
	CHECK("\xe2\x28\xa1", 60, WRONG "(" WRONG, "broken by an ordinary one");
	CHECK("ab\xe2\x82\xac", 4, "ab", "cut at a boundary");
	CHECK("ab\xe2\x82\xac", 5, "ab\xe2\x82\xac", "room for all of it");
	CHECK("a\xff", 3, "a", "no room for the replacement");
	CHECK("abc", 0, "", "no room");
	return tap_failed;
}
