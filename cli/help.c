/*-------------------------------------------------------------------------
 *
 * Help: the overview, and one page for each command.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "help.h"
#include "memory.h"

void
help_overview(void)
{
	puts("flow asks a flow table of PostgreSQL.\n\n"
		 "Usage:\n"
		 "  flow COMMAND [OPTION]... [WORD]...\n"
		 "  flow FILTER [OPTION]...        the newest rows that meet a filter: flow src net 10.0.0.0/8 and dst port 443\n\n"
		 "Commands:");
	for (size_t i = 0; command_list[i] != NULL; i++)
		printf("  %-12s %s\n", command_list[i]->name, command_list[i]->summary);
	puts("\n\"flow COMMAND --help\" shows the options of each.  The connection is that of psql: PGHOST, PGDATABASE,\n"
		 "PGSERVICE and so on, or options -h, -p, -U and -d.\n\n"
		 "Exit status: 0 done, also if nothing was found; 1 an error of the server or of a file; 2 wrong usage;\n"
		 "4 nothing was found, with --exit-code.  flow health: 0 healthy, 1 warning, 2 critical, 3 not known.");
}

static void
print_option(const struct option_spec *spec)
{
	char	   *left;

	if (spec->letter != 0)
		left = memory_format("-%c, --%s%s%s", spec->letter, spec->name,
							 spec->argument != NULL ? "=" : "",
							 spec->argument != NULL ? spec->argument : "");
	else
		left = memory_format("    --%s%s%s", spec->name,
							 spec->argument != NULL ? "=" : "",
							 spec->argument != NULL ? spec->argument : "");
	printf("  %-24s %s\n", left, spec->help);
}

void
help_command(const struct command *command)
{
	const struct option_spec *spec;

	printf("flow %s: %s\n\nUsage:\n  flow %s [OPTION]...%s%s\n", command->name,
		   command->summary, command->name, command->words[0] != '\0' ? " " : "",
		   command->words);
	if (command->text != NULL)
		printf("\n%s\n", command->text);
	puts("\nOptions:");
	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
		print_option(spec);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	const struct command *command;

	(void) session;
	arguments_need_words(arguments, 0, 1);
	if (arguments->nwords == 0)
	{
		help_overview();
		return STATUS_DONE;
	}
	command = command_find(arguments->words[0]);
	if (command == NULL)
		usage_fail(NULL, NULL, "command \"%s\" does not exist", arguments->words[0]);
	help_command(command);
	return STATUS_DONE;
}

const struct command command_help = {
	.name = "help",
	.words = "[COMMAND]",
	.summary = "this list, or the options of a command",
	.values = COMPLETE_COMMANDS,
	.run = run
};
