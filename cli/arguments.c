/*-------------------------------------------------------------------------
 *
 * The command line: options by the tables of the command.
 *
 * getopt is not used, for it would ask for the list twice, in its own form,
 * and takes -24h for three options.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "display.h"
#include "memory.h"
#include "range.h"

struct given
{
	const struct option_spec *spec;
	const char *value;			/* NULL of a flag */
};

/* argv while it is parsed. */
struct reader
{
	struct arguments *arguments;
	char	  **argv;
	int			argc;
	int			at;				/* the next word */
};

void
usage_fail(const struct command *command, const char *hint,
		   const char *format, ...)
{
	struct buffer text = {0};
	char	   *message;
	va_list		args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	display_escape(&text, message != NULL ? message : "out of memory");
	fprintf(stderr, "flow: %s\n", text.text);
	if (hint != NULL)
	{
		buffer_clear(&text);
		display_escape(&text, hint);
		fprintf(stderr, "HINT:  %s\n", text.text);
	}
	else if (command != NULL)
		fprintf(stderr, "HINT:  Try \"flow %s --help\".\n", command->name);
	else
		fprintf(stderr, "HINT:  Try \"flow --help\".\n");
	buffer_free(&text);
	free(message);
	exit(STATUS_USAGE);
}

static const struct option_spec *
find_letter(const struct command *command, char letter)
{
	const struct option_spec *spec;

	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
		if (spec->letter == letter)
			return spec;
	usage_fail(command, NULL, "unrecognized option \"-%c\"", letter);
}

/* By its name[len] or the beginning of it. */
static const struct option_spec *
find_name(const struct command *command, const char *name, size_t len)
{
	const struct option_spec *spec;
	const struct option_spec *found = NULL;
	int			nfound = 0;

	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
	{
		if (strncmp(spec->name, name, len) != 0)
			continue;
		if (spec->name[len] == '\0')
			return spec;
		found = spec;
		nfound++;
	}
	if (nfound == 0)
		usage_fail(command, NULL, "unrecognized option \"--%.*s\"", (int) len, name);
	if (nfound > 1)
		usage_fail(command, NULL, "option \"--%.*s\" is ambiguous", (int) len, name);
	return found;
}

static int64_t
parse_number(const struct arguments *arguments, const char *name,
			 const char *text)
{
	char	   *end;
	long long	number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || isspace((unsigned char) text[0]))
		usage_fail(arguments->command, NULL,
				   "\"%s\" is no whole number for option \"--%s\"", text, name);
	return number;
}

/* An argument that is called N is a number, which is known before anything is asked. */
static void
add_given(struct arguments *arguments, const struct option_spec *spec,
		  const char *value)
{
	if (spec->argument != NULL && strcmp(spec->argument, "N") == 0)
		parse_number(arguments, spec->name, value);
	arguments->given[arguments->ngiven++] = (struct given) {spec, value};
}

/* The argument of an option: what is attached, or the next word. */
static const char *
option_argument(struct reader *reader, const struct option_spec *spec,
				const char *attached)
{
	if (attached != NULL)
		return attached;
	if (reader->at >= reader->argc)
		usage_fail(reader->arguments->command, NULL,
				   "option \"--%s\" needs an argument", spec->name);
	return reader->argv[reader->at++];
}

static void
parse_long(struct reader *reader, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t		len = equals != NULL ? (size_t) (equals - text) : strlen(text);
	const struct option_spec *spec = find_name(reader->arguments->command, text, len);

	if (spec->argument != NULL)
		add_given(reader->arguments, spec,
				  option_argument(reader, spec, equals != NULL ? equals + 1 : NULL));
	else if (equals != NULL)
		usage_fail(reader->arguments->command, NULL,
				   "option \"--%s\" takes no argument", spec->name);
	else
		add_given(reader->arguments, spec, NULL);
}

/* Letters behind one dash: flags, the last one may have an argument. */
static void
parse_letters(struct reader *reader, const char *text)
{
	while (*text != '\0')
	{
		const struct option_spec *spec = find_letter(reader->arguments->command, *text++);

		if (spec->argument != NULL)
		{
			add_given(reader->arguments, spec,
					  option_argument(reader, spec, *text != '\0' ? text : NULL));
			return;
		}
		add_given(reader->arguments, spec, NULL);
	}
}

/* -24h: the span from where on. */
static void
parse_span(struct reader *reader, const char *word)
{
	const struct command *command = reader->arguments->command;

	if ((command->groups & GROUP_RANGE) == 0)
		usage_fail(command, NULL, "\"flow %s\" takes no range of time", command->name);
	if (range_interval(word + 1) == NULL)
		usage_fail(command, "Examples are -24h, -15m and -7d.",
				   "\"%s\" is no span of time", word);
	add_given(reader->arguments, find_name(command, "since", 5), word);
}

/* The option that a word begins with, if it is one; *has_value: its argument is in the word. */
static const struct option_spec *
option_of(const struct command *command, const char *word, bool *has_value)
{
	const struct option_spec *spec;
	size_t		len = strcspn(word, "=");

	*has_value = word[1] == '-' ? word[len] == '=' : word[2] != '\0';
	for (size_t i = 0; (spec = command_option(command, i)) != NULL; i++)
		if (word[1] == '-' ? strlen(spec->name) == len - 2 && strncmp(spec->name, word + 2, len - 2) == 0
			: spec->letter != 0 && spec->letter == word[1])
			return spec;
	return NULL;
}

int
arguments_leading(const struct command *command, int argc, char **argv)
{
	int			at = 0;

	while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0')
	{
		bool		has_value;
		const struct option_spec *spec = option_of(command, argv[at], &has_value);

		if (spec == NULL && !isdigit((unsigned char) argv[at][1]))
			break;
		at++;
		if (spec != NULL && spec->argument != NULL && !has_value && at < argc)
			at++;
	}
	return at;
}

void
arguments_parse(struct arguments *arguments, const struct command *command,
				int argc, char **argv)
{
	struct reader reader = {arguments, argv, argc, 0};
	bool		only_words = false;

	arguments->command = command;
	/* an option of letters is several */
	for (int i = 0; i < argc; i++)
		arguments->ngiven += (int) strlen(argv[i]) + 1;
	arguments->given = memory_get((size_t) arguments->ngiven * sizeof(struct given));
	arguments->ngiven = 0;
	arguments->words = memory_get((size_t) (argc + 1) * sizeof(char *));
	arguments->nwords = 0;

	while (reader.at < argc)
	{
		const char *word = argv[reader.at++];

		if (only_words || word[0] != '-' || word[1] == '\0')
			arguments->words[arguments->nwords++] = word;
		else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (isdigit((unsigned char) word[1]))
			parse_span(&reader, word);
		else if (word[1] == '-')
			parse_long(&reader, word + 2);
		else
			parse_letters(&reader, word + 1);
	}
}

static const struct given *
find_given(const struct arguments *arguments, const char *name)
{
	for (int i = arguments->ngiven - 1; i >= 0; i--)
		if (strcmp(arguments->given[i].spec->name, name) == 0)
			return &arguments->given[i];
	return NULL;
}

bool
arguments_has(const struct arguments *arguments, const char *name)
{
	return find_given(arguments, name) != NULL;
}

const char *
arguments_value(const struct arguments *arguments, const char *name)
{
	const struct given *given = find_given(arguments, name);

	return given != NULL ? given->value : NULL;
}

int64_t
arguments_number(const struct arguments *arguments, const char *name,
				 int64_t usual, int64_t lowest)
{
	const char *text = arguments_value(arguments, name);
	int64_t		number;

	if (text == NULL)
		return usual;
	number = parse_number(arguments, name, text);
	if (number < lowest)
		usage_fail(arguments->command, NULL,
				   "option \"--%s\" must be at least %lld", name, (long long) lowest);
	return number;
}

void
arguments_need_words(const struct arguments *arguments, int lowest, int highest)
{
	const struct command *command = arguments->command;

	if (arguments->nwords < lowest)
		usage_fail(command, NULL, "\"flow %s\" needs %s", command->name, command->words);
	if (highest >= 0 && arguments->nwords > highest)
		usage_fail(command, NULL, "\"flow %s\" does not take \"%s\"", command->name,
				   arguments->words[highest]);
}

const char *
arguments_join(const struct arguments *arguments, int first)
{
	struct buffer text = {0};
	const char *joined;

	if (first >= arguments->nwords)
		return NULL;
	for (int i = first; i < arguments->nwords; i++)
	{
		if (i > first)
			buffer_add_char(&text, ' ');
		buffer_add_text(&text, arguments->words[i]);
	}
	joined = memory_copy(text.text, text.len);
	buffer_free(&text);
	return joined;
}
