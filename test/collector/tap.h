/*-------------------------------------------------------------------------
 *
 * The little TAP that the unit tests need: a line per check.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_TAP_H
#define TEST_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static int	tap_failed;

static inline void
ok(bool is_true, const char *name)
{
	printf("%s %s\n", is_true ? "ok" : "not ok", name);
	if (!is_true)
		tap_failed = 1;
}

static inline void
is(int64_t got, int64_t expected, const char *name)
{
	ok(got == expected, name);
	if (got != expected)
		printf("# got %" PRId64 ", expected %" PRId64 "\n", got, expected);
}

#endif
