/*-------------------------------------------------------------------------
 *
 * flowcollectd as a child.
 *
 * Its counters come as one line of JSON behind all else (--stats=json).
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector_run.h"
#include "display.h"
#include "memory.h"
#include "session.h"
#include "terminal.h"

#define MAX_ARGUMENTS 32

static const char *
executable(const char *directory, const char *name)
{
	const char *path = memory_format("%s/%s", directory, name);

	return access(path, X_OK) == 0 ? path : NULL;
}

const char *
collector_find(void)
{
	static const char *const places[] = {
		"flowcollectd", "../sbin/flowcollectd", "../../collector/build/flowcollectd"
	};
	char		own[PATH_MAX];
	ssize_t		len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	const char *path = getenv("PATH");
	const char *found = NULL;
	const char *list;

	if (len > 0)
	{
		const char *directory;

		own[len] = '\0';
		directory = dirname(own);
		for (size_t i = 0; found == NULL && i < sizeof(places) / sizeof(places[0]); i++)
			found = executable(directory, places[i]);
	}
	list = memory_format("%s:/usr/local/sbin:/usr/sbin", path != NULL ? path : "");
	while (found == NULL && *list != '\0')
	{
		size_t		n = strcspn(list, ":");

		if (n > 0)
			found = executable(memory_copy(list, n), "flowcollectd");
		list += n + (list[n] == ':');
	}
	return found;
}

/* The settings of the connection as variables; those of the caller must not mix in. */
static void
export_connection(struct session *session)
{
	PQconninfoOption *options = PQconninfo(session_connection(session));

	for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
	{
		if (option->envvar == NULL)
			continue;
		if (option->val != NULL && option->val[0] != '\0')
			setenv(option->envvar, option->val, 1);
		else
			unsetenv(option->envvar);
	}
	PQconninfoFree(options);
	unsetenv("PGSERVICE");
	setenv("PGAPPNAME", "flow load", 1);
}

static void
run_child(struct session *session, const char *program,
		  const char *const *arguments, int error_pipe)
{
	char	   *all[MAX_ARGUMENTS + 8];
	int			n = 0;

	all[n++] = memory_format("%s", program);
	for (int i = 0; arguments[i] != NULL && n < MAX_ARGUMENTS; i++)
		all[n++] = memory_format("%s", arguments[i]);
	all[n++] = memory_format("--database=");
	all[n++] = memory_format("--table=%s", session_table(session));
	all[n++] = memory_format("--stats=json");
	all[n++] = memory_format("--progress");
	all[n] = NULL;
	export_connection(session);
	if (dup2(error_pipe, STDERR_FILENO) >= 0)
		execv(program, all);
	_exit(127);
}

static long long
counter(const char *json, const char *name)
{
	const char *place = strstr(json, memory_format("\"%s\": ", name));

	return place != NULL ? atoll(place + strlen(name) + 4) : 0;
}

static bool
is_progress(const char *line)
{
	const char *percent = line + strspn(line, "0123456789");

	return (percent > line && strncmp(percent, " %, ", 4) == 0) ||
		(percent > line && strncmp(percent, " packets, ", 10) == 0);
}

/* One line that the program has written. */
static void
take_line(const char *line, struct collector_result *result)
{
	struct buffer text = {0};

	if (line[0] == '{')
	{
		result->written = counter(line, "rows_written");
		result->known = counter(line, "rows_known");
		result->left_out = counter(line, "feed_malformed") + counter(line, "feed_bad_values") +
			counter(line, "feed_incomplete") + counter(line, "feed_long_lines") +
			counter(line, "rows_rejected");
		return;
	}
	display_escape(&text, line);
	if (!is_progress(line))
		fprintf(stderr, "%s\n", text.text);
	else if (terminal_has_progress())
		fprintf(stderr, "\r%s\033[K\r", text.text);
	buffer_free(&text);
}

static void
read_lines(int from, struct collector_result *result)
{
	FILE	   *stream = fdopen(from, "r");
	char	   *line = NULL;
	size_t		room = 0;

	if (stream == NULL)
		return;
	while (getline(&line, &room, stream) >= 0)
	{
		line[strcspn(line, "\n")] = '\0';
		take_line(line, result);
	}
	if (terminal_has_progress())
		fputs("\033[K", stderr);
	free(line);
	fclose(stream);
}

bool
collector_run(struct session *session, const char *program,
			  const char *const *arguments, struct collector_result *result)
{
	int			ends[2];
	int			status;
	pid_t		child;

	*result = (struct collector_result) {0};
	if (session_table(session) == NULL)
		return false;
	fflush(NULL);
	if (pipe(ends) != 0 || (child = fork()) < 0)
	{
		perror("flow: could not start flowcollectd");
		return false;
	}
	if (child == 0)
	{
		close(ends[0]);
		run_child(session, program, arguments, ends[1]);
	}
	close(ends[1]);
	read_lines(ends[0], result);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	result->is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		fprintf(stderr, "flow: could not run \"%s\"\n", program);
	return true;
}
