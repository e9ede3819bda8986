/*-------------------------------------------------------------------------
 *
 * "flowcollectd extract": the packets of a flow, from a ring into a capture
 * file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXTRACT_H
#define COLLECTOR_EXTRACT_H

/*
 * argv[0] is the command.  Returns the exit status: 0 done, 1 nothing found,
 * something of it gone, or failed, with a message; wrong usage ends the
 * process with 2, --help with 0.
 */
extern int	extract_run(int argc, char **argv);

#endif
