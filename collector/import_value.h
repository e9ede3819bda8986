/*-------------------------------------------------------------------------
 *
 * Would PostgreSQL take this text for a value of that type?
 *
 * Answered before rows are sent, so that one bad value does not lose the
 * others.  Types that are not checked here are left to the server.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_IMPORT_VALUE_H
#define COLLECTOR_IMPORT_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Types that a column can be guessed to have; narrowest first. */
enum import_guess
{
	GUESS_NOTHING,				/* only nulls were seen */
	GUESS_BOOLEAN,
	GUESS_LONG,
	GUESS_DOUBLE,
	GUESS_TIMESTAMP,
	GUESS_INET,
	GUESS_TEXT
};

/* text[len] is followed by a zero byte. */
extern bool import_value_fits(unsigned type_oid, const char *text, size_t len);

/* The guess after one more value. */
extern enum import_guess import_value_guess(enum import_guess before,
											const char *text, size_t len);

/* The SQL type of a guess. */
extern const char *import_guess_type(enum import_guess guess);

#endif
