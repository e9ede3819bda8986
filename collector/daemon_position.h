/*-------------------------------------------------------------------------
 *
 * The position in the spool, for a database that cannot keep it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DAEMON_POSITION_H
#define COLLECTOR_DAEMON_POSITION_H

#include <stdbool.h>
#include <stdint.h>

/* Start with all zero, which keeps nothing. */
struct daemon_position
{
	char	   *path;			/* NULL: the database keeps it */
	uint64_t	kept;
};

/* Keep it from now on in file "position" of the directory; returns it, or 0. */
extern uint64_t daemon_position_begin(struct daemon_position *position,
									  const char *directory);

/* All before it is written.  A failure is logged: rows may come twice. */
extern void daemon_position_keep(struct daemon_position *position, uint64_t at);
extern void daemon_position_end(struct daemon_position *position);

#endif
