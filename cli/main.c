/*-------------------------------------------------------------------------
 *
 * flow: questions to a flow table, from the command line.
 *
 *		arguments --> command --> session --> grid --> standard output
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "grid.h"
#include "help.h"
#include "session.h"
#include "terminal.h"

/* Words that a filter may begin with; some are complete filters. */
static bool
begins_filter(const char *word)
{
	static const char *const words[] = {
		"src", "dst", "host", "net", "port", "as", "in", "out", "if", "exporter", "proto",
		"flags", "tos", "sensor", "bytes", "packets", "duration", "bpp", "bps", "pps",
		"any", "inet", "inet6", "ipv4", "ipv6", "not", NULL
	};

	if (strpbrk(word, " ()!") != NULL)
		return true;
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcasecmp(words[i], word) == 0)
			return true;
	return false;
}

/*
 * The command that the words ask for, and its arguments in argv[*argc] then.
 * Options may stand before it, as of psql; a filter without a command asks for
 * its rows.
 */
static const struct command *
choose_command(int *argc, char **argv)
{
	const struct command *command;
	int			at = arguments_leading(&command_rows, *argc, argv);
	const char *word = at < *argc ? argv[at] : NULL;

	if (*argc == 0)
		usage_fail(NULL, NULL, "a command or a filter is missing");
	if (word == NULL || word[0] == '-')
		return &command_rows;
	command = command_find(word);
	if (command == NULL && begins_filter(word))
		return &command_rows;
	if (command == NULL)
		usage_fail(NULL, "\"flow --help\" lists them; a filter begins like \"src net 10.0.0.0/8\".",
				   "command \"%s\" does not exist", word);
	memmove(argv + at, argv + at + 1, (size_t) (*argc - at - 1) * sizeof(char *));
	(*argc)--;
	return command;
}

/*
 * A standard stream that is closed must not become the socket of the server, to
 * which rows would be sent then: what takes its place cannot be used that way.
 */
static void
keep_standard_streams(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		if (fcntl(stream, F_GETFD) < 0 &&
			open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR) != stream)
			_exit(STATUS_FAILED);
}

/* Written so far, or an error: a full disk must not look like an answer. */
static int
finish(struct session *session, int status)
{
	session_close(session);
	if (fflush(stdout) != 0 || ferror(stdout))
	{
		/* Ctrl-C may have ended a write */
		if (!session_is_interrupted())
			perror("flow: could not write to standard output");
		if (status == STATUS_DONE || status == STATUS_NOTHING)
			status = STATUS_FAILED;
	}
	if (session_is_interrupted() && status != STATUS_DONE)
	{
		signal(SIGINT, SIG_DFL);
		raise(SIGINT);
	}
	return status;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	struct arguments arguments = {0};
	struct session *session;

	keep_standard_streams();
	terminal_init();
	session = session_new(&arguments);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
	{
		help_overview();
		return finish(session, STATUS_DONE);
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
	{
		puts("flow (flowstore) " FLOW_VERSION);
		return finish(session, STATUS_DONE);
	}
	argc--;
	argv++;
	command = choose_command(&argc, argv);
	arguments_parse(&arguments, command, argc, argv);
	if (arguments_has(&arguments, "help"))
	{
		help_command(command);
		return finish(session, STATUS_DONE);
	}
	/* forms that exclude each other are told before anything is asked */
	grid_wants_words(&arguments);
	return finish(session, command->run(session, &arguments));
}
