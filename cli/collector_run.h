/*-------------------------------------------------------------------------
 *
 * flowcollectd as a child: loads one file into the table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_COLLECTOR_RUN_H
#define CLI_COLLECTOR_RUN_H

#include <stdbool.h>

struct session;

struct collector_result
{
	bool		is_good;		/* it ended with status 0 */
	long long	written;		/* rows */
	long long	known;			/* that the table had already */
	long long	left_out;		/* lines or records that are no flows */
};

/* The program: beside this one, in its build tree, or in the PATH; NULL if it is not there. */
extern const char *collector_find(void);

/*
 * Run the program with these arguments, ended by NULL, and those for the table
 * and the connection of the session, which it gets by its environment, so that no
 * password shows.  What it says goes to stderr; its progress into one line
 * there, if that is a terminal.  False, reported, if it could not be run.
 */
extern bool collector_run(struct session *session, const char *program,
						  const char *const *arguments,
						  struct collector_result *result);

#endif
