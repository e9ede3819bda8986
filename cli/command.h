/*-------------------------------------------------------------------------
 *
 * Commands: what each is called, which options it takes, and who runs it.
 *
 * Help, completion and the parser follow from these tables alone.  A new
 * command is a struct command in a file of its own, declared below and named
 * in the table of commands.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

struct arguments;
struct session;

/* What an option's argument, or a command's first word, may be completed to. */
#define COMPLETE_COLUMNS	"@columns"
#define COMPLETE_TABLES		"@tables"
#define COMPLETE_FILES		"@files"
#define COMPLETE_COMMANDS	"@commands"
#define COMPLETE_DETECTIONS	"@detections"

struct option_spec
{
	char		letter;			/* or 0 */
	const char *name;			/* without its dashes; NULL ends a list */
	const char *argument;		/* its name in help; NULL: a flag */
	const char *help;			/* one line */
	const char *values;			/* words, a COMPLETE_*, or NULL */
};

/* Options that several commands share. */
enum option_group
{
	GROUP_TABLE = 1,			/* -t; those to connect */
	GROUP_RANGE = 2,			/* --since, --until, and -24h */
	GROUP_FORM = 4				/* --csv, --json, --ndjson, --raw */
};

/* How the process ends. */
enum status
{
	STATUS_DONE = 0,			/* also if nothing was found */
	STATUS_FAILED = 1,			/* the server, a file or a program said no */
	STATUS_USAGE = 2,			/* the command line was wrong */
	STATUS_NOTHING = 4,			/* nothing was found, with --exit-code */
	STATUS_INTERRUPTED = 130
};

struct command
{
	const char *name;
	const char *words;			/* what follows the name in help, or "" */
	const char *summary;		/* one line, without a full stop */
	const char *text;			/* more of it for --help, or NULL */
	const struct option_spec *options;	/* its own, or NULL */
	unsigned	groups;			/* enum option_group, ORed */
	const char *values;			/* completion of its words, or NULL */

	/*
	 * Returns an enum status.  session is not connected yet; the first use
	 * does that.
	 */
	int			(*run) (struct session *session,
						const struct arguments *arguments);
};

/* All of them, ended by NULL, in the order of help. */
extern const struct command *const command_list[];

/* The command of that name, or NULL. */
extern const struct command *command_find(const char *name);

/*
 * The n-th option of a command, its own first, then those of its groups;
 * NULL behind the last.
 */
extern const struct option_spec *command_option(const struct command *command,
												size_t n);

extern const struct command command_alerts;
extern const struct command command_completion;
extern const struct command command_detections;
extern const struct command command_export;
extern const struct command command_health;
extern const struct command command_help;
extern const struct command command_hops;
extern const struct command command_hunt;
extern const struct command command_ip;
extern const struct command command_load;
extern const struct command command_optimize;
extern const struct command command_rate;
extern const struct command command_report;
extern const struct command command_rows;
extern const struct command command_search;
extern const struct command command_tables;
extern const struct command command_tail;
extern const struct command command_top;
extern const struct command command_version;

#endif
