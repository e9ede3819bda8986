/*-------------------------------------------------------------------------
 *
 * flow completion: what a shell needs to complete command lines.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "command.h"

static int
run(struct session *session, const struct arguments *arguments)
{
	(void) session;
	arguments_need_words(arguments, 1, 1);
	return STATUS_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.words = "bash|zsh",
	.summary = "the completion script of a shell",
	.values = "bash zsh",
	.run = run
};
