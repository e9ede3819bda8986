/*-------------------------------------------------------------------------
 *
 * What a command was told: options by name, and the other words.
 *
 * Options may stand anywhere, "--" ends them, long ones may be shortened as
 * long as one fits.  The last of several counts.  A word like -24h is the
 * option --since.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

struct given;

struct arguments
{
	const struct command *command;
	struct given *given;		/* given[ngiven], in their order */
	int			ngiven;
	const char **words;			/* words[nwords], ended by NULL */
	int			nwords;
};

/*
 * Parse argv[argc], without the name of the command, for the command.  Wrong
 * usage ends the process with STATUS_USAGE, and --help waits for the caller.
 */
extern void arguments_parse(struct arguments *arguments,
							const struct command *command, int argc,
							char **argv);

/*
 * How many of argv[argc] are options of the command, with their arguments, that
 * stand before the first other word; those that it does not know end them.
 */
extern int	arguments_leading(const struct command *command, int argc,
							  char **argv);

/* Whether an option, named without its dashes, was given. */
extern bool arguments_has(const struct arguments *arguments, const char *name);

/* Its argument, or NULL if it was not given. */
extern const char *arguments_value(const struct arguments *arguments,
								   const char *name);

/* Its argument as a whole number from lowest on, or usual if not given; else usage_fail. */
extern int64_t arguments_number(const struct arguments *arguments,
								const char *name, int64_t usual,
								int64_t lowest);

/* Ends with usage_fail unless there are lowest to highest words; -1 is no bound. */
extern void arguments_need_words(const struct arguments *arguments, int lowest,
								 int highest);

/* The words from first on, with blanks between; NULL if there are none. */
extern const char *arguments_join(const struct arguments *arguments, int first);

/*
 * Says on stderr what is wrong and where help is, and ends the process with
 * STATUS_USAGE.  command may be NULL, hint too.
 */
extern void usage_fail(const struct command *command, const char *hint,
					   const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#endif
