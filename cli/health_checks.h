/*-------------------------------------------------------------------------
 *
 * What flow health asks.
 *
 * Each check is a query behind HEALTH_GIVEN.  Its rows are findings: status (0 ok,
 * 1 warning, 2 critical, 3 unknown), what it is about, and a message in which
 * {B:n}, {N:n} and {D:n} stand for n bytes, a number, and n seconds.  No row: there is
 * nothing to say.  An error is the finding that it could not be asked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_HEALTH_CHECKS_H
#define CLI_HEALTH_CHECKS_H

#include <stdbool.h>

struct health_check
{
	const char *what;			/* for errors */
	const char *right;			/* what helps if the role may not ask, or NULL */
	bool		needs_table;	/* left out if there is none */
	const char *sql;
};

/* Parameters of all: table, freshness, loss in percent. */
#define HEALTH_GIVEN \
	"WITH given AS (SELECT $1::oid AS relation, $2::interval AS stale, $3::double precision AS loss) "

/* Ended by a NULL sql. */
extern const struct health_check health_checks[];

/* That of option --check. */
extern const struct health_check health_check_damage;

#endif
