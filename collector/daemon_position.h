/*-------------------------------------------------------------------------
 *
 * Positions in the spool: for a database that cannot keep it, and where that began
 * of which no database has said yet that it was not written.
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
	char	   *begin_path;
	uint64_t	begin;			/* what comes after was never written */
};

/* Read file "position" of the directory.  One that cannot be read is fatal. */
extern void daemon_position_open(struct daemon_position *position,
								 const char *directory);

/* All before it is written.  A failure is logged: rows may come twice. */
extern void daemon_position_keep(struct daemon_position *position, uint64_t at);

/* The database has it: remove the file. */
extern void daemon_position_forget(struct daemon_position *position);

/*
 * What is received from now on comes after this position.  Sets "begin": this, or
 * that of an earlier start since which the database has not been asked, as file
 * "unconfirmed" has it, which is written if there is none.
 */
extern void daemon_position_begin(struct daemon_position *position, uint64_t at);

/*
 * The database has nothing after "begin": its file goes, for good before anything
 * is written.  Returns false, having logged why, if it cannot be removed.
 */
extern bool daemon_position_confirm(struct daemon_position *position)
			__attribute__((warn_unused_result));
extern void daemon_position_close(struct daemon_position *position);

#endif
