/*-------------------------------------------------------------------------
 *
 * Help on standard output, from the tables of commands.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

struct command;

/* What commands there are. */
extern void help_overview(void);

/* One of them, with all of its options. */
extern void help_command(const struct command *command);

#endif
