/*-------------------------------------------------------------------------
 *
 * flow completion: what a shell needs to complete command lines.
 *
 * The scripts are written from the tables of commands.  Names of columns and
 * tables are asked from the server, by "flow completion columns" and "tables",
 * which say nothing if it cannot be reached.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "memory.h"
#include "session.h"

/* Bash code that completes what an option or a word may be. */
static void
print_bash_values(const char *values)
{
	if (strcmp(values, COMPLETE_FILES) == 0)
		fputs("COMPREPLY=($(compgen -f -- \"$cur\"))", stdout);
	else if (strcmp(values, COMPLETE_COLUMNS) == 0)
		fputs("_flow_list columns", stdout);
	else if (strcmp(values, COMPLETE_TABLES) == 0)
		fputs("_flow_list tables", stdout);
	else if (strcmp(values, COMPLETE_DETECTIONS) == 0)
		fputs("_flow_list detections", stdout);
	else if (strcmp(values, COMPLETE_COMMANDS) == 0)
		fputs("COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\"))", stdout);
	else
		printf("COMPREPLY=($(compgen -W '%s' -- \"$cur\"))", values);
}

static void
print_bash_command(const struct command *command)
{
	const struct option_spec *spec;

	printf("\t%s)\n\t\tcase $prev in\n", command->name);
	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
	{
		if (spec->argument == NULL)
			continue;
		fputs("\t\t", stdout);
		if (spec->letter != 0)
			printf("-%c | ", spec->letter);
		printf("--%s)\n\t\t\t", spec->name);
		if (spec->values != NULL)
			print_bash_values(spec->values);
		else
			fputs(":", stdout);
		puts("\n\t\t\treturn\n\t\t\t;;");
	}
	fputs("\t\tesac\n\t\toptions='", stdout);
	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
		printf("%s--%s%s", i > 0 ? " " : "", spec->name, spec->argument != NULL ? "=" : "");
	puts("'");
	if (command->values != NULL)
	{
		fputs("\t\tif [[ $cur != -* ]]; then ", stdout);
		print_bash_values(command->values);
		puts("; return; fi");
	}
	puts("\t\t;;");
}

static void
print_bash(void)
{
	fputs("# bash completion of flow, written by \"flow completion bash\"\n"
		  "_flow_list()\n{\n"
		  "\tlocal before=''\n"
		  "\t[[ $cur != *,* ]] || before=${cur%,*},\n"
		  "\tCOMPREPLY=($(compgen -P \"$before\" -W \"$(\"${COMP_WORDS[0]}\" completion \"$1\" \"${flow_options[@]}\" 2>/dev/null)\""
		  " -- \"${cur##*,}\"))\n"
		  "\tcompopt -o nospace 2>/dev/null || :\n}\n\n"
		  "_flow()\n{\n"
		  "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options='' i\n"
		  "\tlocal -a flow_options=()\n"
		  "\tlocal commands='", stdout);
	for (size_t i = 0; command_list[i] != NULL; i++)
		printf("%s%s", i > 0 ? " " : "", command_list[i]->name);
	/* bash takes "=" for a word of its own; the connection is that of the line so far */
	puts("'\n"
		 "\tif [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
		 "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
		 "\t\tcase ${COMP_WORDS[i - 1]} in\n"
		 "\t\t-d | -h | -p | -U | -t) flow_options+=(\"${COMP_WORDS[i - 1]}\" \"${COMP_WORDS[i]}\") ;;\n"
		 "\t\tesac\n"
		 "\tdone\n"
		 "\tCOMPREPLY=()\n"
		 "\tif ((COMP_CWORD == 1)); then\n"
		 "\t\tCOMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$cur\"))\n"
		 "\t\treturn\n"
		 "\tfi\n"
		 "\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; command_list[i] != NULL; i++)
		print_bash_command(command_list[i]);
	puts("\tesac\n"
		 "\tif [[ $cur == -* ]]; then\n"
		 "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
		 "\t\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null || :\n"
		 "\tfi\n}\n\n"
		 "complete -F _flow flow");
}

/* Text within '...' and [...] of _arguments. */
static void
print_zsh_text(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text) != NULL)
			printf("\\%c", *text);
		else
			putchar(*text);
}

static void
print_zsh_values(const char *values)
{
	if (values == NULL)
		fputs(":", stdout);
	else if (strcmp(values, COMPLETE_FILES) == 0)
		fputs(":_files", stdout);
	else if (strcmp(values, COMPLETE_COMMANDS) == 0)
		fputs(":_flow_commands", stdout);
	else if (values[0] == '@')
		printf(":_flow_list %s", values + 1);
	else
		printf(":(%s)", values);
}

static void
print_zsh_option(const struct option_spec *spec)
{
	if (spec->letter != 0)
		printf("\t\t\t'(-%1$c --%2$s)'{-%1$c,--%2$s%3$s}'", spec->letter, spec->name,
			   spec->argument != NULL ? "=" : "");
	else
		printf("\t\t\t'--%s%s", spec->name, spec->argument != NULL ? "=" : "");
	fputs("[", stdout);
	print_zsh_text(spec->help);
	fputs("]", stdout);
	if (spec->argument != NULL)
	{
		printf(":%s", spec->argument);
		print_zsh_values(spec->values);
	}
	puts("' \\");
}

static void
print_zsh(void)
{
	const struct option_spec *spec;

	puts("#compdef flow\n"
		 "# zsh completion of flow, written by \"flow completion zsh\"\n"
		 "_flow_list()\n{\n"
		 "\tlocal -a names\n"
		 "\tnames=(${(f)\"$(flow completion $1 2>/dev/null)\"})\n"
		 "\t_values -s , name $names\n}\n\n"
		 "_flow_commands()\n{\n"
		 "\tlocal -a commands\n"
		 "\tcommands=(");
	for (size_t i = 0; command_list[i] != NULL; i++)
	{
		printf("\t\t'%s:", command_list[i]->name);
		print_zsh_text(command_list[i]->summary);
		puts("'");
	}
	puts("\t)\n"
		 "\t_describe command commands\n}\n\n"
		 "_flow()\n{\n"
		 "\tif ((CURRENT == 2)); then\n"
		 "\t\t_flow_commands\n"
		 "\t\treturn\n"
		 "\tfi\n"
		 "\tlocal command=$words[2]\n"
		 "\tshift words\n"
		 "\t((CURRENT--))\n"
		 "\tcase $command in");
	for (size_t i = 0; command_list[i] != NULL; i++)
	{
		const struct command *command = command_list[i];

		printf("\t%s)\n\t\t_arguments \\\n", command->name);
		for (size_t j = 0; (spec = command_option(command, j)) != NULL; j++)
			print_zsh_option(spec);
		fputs("\t\t\t'*:word", stdout);
		print_zsh_values(command->values);
		puts("'\n\t\t;;");
	}
	puts("\tesac\n}\n\n_flow \"$@\"");
}

/* A name a line, without those that a shell would take for code or several words. */
static int
print_names(struct session *session, const char *sql)
{
	PGresult   *result = session_query(session, sql, 0, NULL);

	if (result == NULL)
		return STATUS_FAILED;
	for (int i = 0; i < PQntuples(result); i++)
	{
		const char *name = PQgetvalue(result, i, 0);

		if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")] == '\0')
			puts(name);
	}
	PQclear(result);
	return STATUS_DONE;
}

static int
print_columns(struct session *session)
{
	const char *relation = session_relation(session);

	if (relation == NULL)
		return STATUS_FAILED;
	return print_names(session,
					   memory_format("SELECT attname FROM pg_attribute WHERE attrelid = %lu AND attnum > 0"
									 " AND NOT attisdropped ORDER BY attnum", strtoul(relation, NULL, 10)));
}

static int
run(struct session *session, const struct arguments *arguments)
{
	const char *what;

	arguments_need_words(arguments, 1, 1);
	what = arguments->words[0];
	if (strcmp(what, "bash") == 0)
		print_bash();
	else if (strcmp(what, "zsh") == 0)
		print_zsh();
	else if (strcmp(what, "columns") == 0)
		return print_columns(session);
	else if (strcmp(what, "tables") == 0)
		return print_names(session, "SELECT CASE schema_name WHEN 'public' THEN '' ELSE schema_name || '.' END"
						   " || table_name FROM flow.tables ORDER BY 1");
	else if (strcmp(what, "detections") == 0)
		return print_names(session, "SELECT detection FROM flow.detections() ORDER BY 1");
	else
		usage_fail(arguments->command, NULL, "completion of \"%s\" does not exist", what);
	return STATUS_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.words = "bash|zsh|columns|tables|detections",
	.summary = "the completion script of a shell, or names that it asks for",
	.groups = GROUP_TABLE,
	.values = "bash zsh columns tables detections",
	.run = run
};
