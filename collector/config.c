/*-------------------------------------------------------------------------
 *
 * The configuration file, line by line.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"

/* The texts that settings point to. */
struct kept_text
{
	struct kept_text *next;
	char		text[];
};

static struct kept_text *kept_texts;

struct reader
{
	const char *path;
	int			line;
	const struct config_target *target;
	bool		in_rule;		/* within a section */
	bool		skips;			/* within a section that is wrong */
	struct exporter_rule rule;
	bool		is_good;
};

static const struct setting rule_settings[] = {
	{"sampling", 0, SETTING_NUMBER, offsetof(struct exporter_rule, sampling), 1, INT32_MAX, NULL},
	{"rate", 0, SETTING_NUMBER, offsetof(struct exporter_rule, rate), 1, UINT32_MAX, NULL},
	{"sensor", 0, SETTING_TEXT, offsetof(struct exporter_rule, sensor), 0, 255, NULL},
	{"refuse", 0, SETTING_ON, offsetof(struct exporter_rule, is_refused), 0, 0, NULL},
	{NULL, 0, SETTING_ON, 0, 0, 0, NULL}
};

static char *
keep(const char *text)
{
	size_t		len = strlen(text) + 1;
	struct kept_text *kept = malloc(sizeof(*kept) + len);

	if (kept == NULL)
		fatalx("out of memory");
	memcpy(kept->text, text, len);
	kept->next = kept_texts;
	kept_texts = kept;
	return kept->text;
}

static void
complain(struct reader *reader, const char *what)
{
	log_warnx("%s, line %d: %s", reader->path, reader->line, what);
	reader->is_good = false;
}

static char *
trim(char *text)
{
	size_t		len;

	while (isspace((unsigned char) *text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char) text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* Take the quotes off.  Returns false if they do not match. */
static bool
unquote(char *text)
{
	char	   *to = text;
	const char *from = text + 1;

	if (*text != '"')
		return true;
	for (; *from != '\0' && *from != '"'; from++)
	{
		if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	if (from[0] != '"' || from[1] != '\0')
		return false;
	*to = '\0';
	return true;
}

static void
end_rule(struct reader *reader)
{
	if (reader->in_rule && !reader->skips &&
		!exporter_rules_add(reader->target->rules, &reader->rule))
		complain(reader, "the section before has the same addresses as another one, or there are more than 256");
	reader->in_rule = reader->skips = false;
}

static void
begin_rule(struct reader *reader, char *line)
{
	static const char word[] = "[exporter ";
	size_t		len = strlen(line);

	end_rule(reader);
	reader->in_rule = true;
	reader->skips = true;
	if (strncmp(line, word, strlen(word)) != 0 || line[len - 1] != ']')
	{
		complain(reader, "a section is [exporter ADDRESS] or [exporter ADDRESS/BITS]");
		return;
	}
	line[len - 1] = '\0';
	if (!exporter_rule_parse(trim(line + strlen(word)), &reader->rule))
		complain(reader, "invalid address of exporters");
	else
		reader->skips = false;
}

static const struct setting *
find_setting(const struct setting *settings, const char *name)
{
	for (; settings->name != NULL; settings++)
		if (strcmp(settings->name, name) == 0)
			return settings;
	return NULL;
}

static void
read_setting(struct reader *reader, char *line)
{
	char		error[SETTING_ERROR_LEN];
	char	   *equals = strchr(line, '=');
	char	   *value = NULL;
	const struct setting *setting;

	if (equals != NULL)
	{
		*equals = '\0';
		value = trim(equals + 1);
		if (!unquote(value))
		{
			complain(reader, "a quote has no end, or something stands behind it");
			return;
		}
		value = keep(value);
	}
	setting = find_setting(reader->in_rule ? rule_settings : reader->target->settings,
						   trim(line));
	if (setting == NULL)
	{
		snprintf(error, sizeof(error), "there is no setting \"%.100s\"%s", trim(line),
				 reader->in_rule ? " of exporters" : "");
		complain(reader, error);
	}
	else if (!setting_set(setting, reader->in_rule ? (void *) &reader->rule : reader->target->options,
						  value, error))
		complain(reader, error);
}

bool
config_read(const char *path, const struct config_target *target)
{
	struct reader reader = {.path = path,.target = target,.is_good = true};
	FILE	   *file = fopen(path, "r");
	char	   *line = NULL;
	size_t		room = 0;

	if (file == NULL)
	{
		log_warn("could not open configuration file \"%s\"", path);
		return false;
	}
	while (getline(&line, &room, file) >= 0)
	{
		char	   *text = trim(line);

		reader.line++;
		if (*text == '\0' || *text == '#')
			continue;
		if (*text == '[')
			begin_rule(&reader, text);
		else if (!reader.skips)
			read_setting(&reader, text);
	}
	end_rule(&reader);
	if (ferror(file))
	{
		log_warn("could not read configuration file \"%s\"", path);
		reader.is_good = false;
	}
	free(line);
	fclose(file);
	return reader.is_good;
}
