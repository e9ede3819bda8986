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

struct daemon_position
{
	char	   *path;
	uint64_t	kept;			/* what is in the file; 0: there is none */
};

/* Read file "position" of the directory.  One that cannot be read is fatal. */
extern void daemon_position_open(struct daemon_position *position,
								 const char *directory);

/* All before it is written.  A failure is logged: rows may come twice. */
extern void daemon_position_keep(struct daemon_position *position, uint64_t at);

/* The database has it: remove the file. */
extern void daemon_position_forget(struct daemon_position *position);
extern void daemon_position_close(struct daemon_position *position);

#endif
