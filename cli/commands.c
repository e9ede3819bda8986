/*-------------------------------------------------------------------------
 *
 * The table of commands, and the options that they share.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "command.h"

const struct command *const command_list[] = {
	&command_top,
	&command_ip,
	&command_rows,
	&command_tail,
	&command_rate,
	&command_hunt,
	&command_detections,
	&command_alerts,
	&command_search,
	&command_hops,
	&command_health,
	&command_load,
	&command_export,
	&command_report,
	&command_tables,
	&command_optimize,
	&command_completion,
	&command_version,
	&command_help,
	NULL
};

static const struct option_spec table_options[] = {
	{'t', "table", "TABLE", "the flow table (default: setting flowstore.default_table, flows)", COMPLETE_TABLES},
	{'d', "dbname", "DBNAME", "database, or a connection string", NULL},
	{'h', "host", "HOST", "host of the server, or folder of its socket", NULL},
	{'p', "port", "PORT", "port of the server", NULL},
	{'U', "username", "NAME", "role to connect as", NULL},
	{'w', "no-password", NULL, "never ask for a password", NULL},
	{'W', "password", NULL, "ask for a password at once", NULL},
	{0, "now", "TIME", "take this for the present, \"newest\" for the time of the newest row", "newest"},
	{0}
};

static const struct option_spec range_options[] = {
	{0, "since", "TIME", "from then on: a time, or a span like -24h, which may stand alone", "-1h -24h -7d"},
	{0, "until", "TIME", "up to then, in the same ways", NULL},
	{0}
};

static const struct option_spec form_options[] = {
	{0, "csv", NULL, "write CSV with a header, quoted as in RFC 4180", NULL},
	{0, "json", NULL, "write a JSON array of objects", NULL},
	{0, "ndjson", NULL, "write a JSON object on each line", NULL},
	{0, "raw", NULL, "write numbers exactly, without units", NULL},
	{0, "exit-code", NULL, "end with status 4 if nothing was found", NULL},
	{0}
};

static const struct option_spec help_options[] = {
	{0, "help", NULL, "show this help", NULL},
	{0}
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; command_list[i] != NULL; i++)
		if (strcmp(command_list[i]->name, name) == 0)
			return command_list[i];
	return NULL;
}

const struct option_spec *
command_option(const struct command *command, size_t n)
{
	const struct option_spec *lists[] = {
		command->options,
		command->groups & GROUP_RANGE ? range_options : NULL,
		command->groups & GROUP_FORM ? form_options : NULL,
		command->groups & GROUP_TABLE ? table_options : NULL,
		help_options
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct option_spec *spec = lists[i]; spec != NULL && spec->name != NULL; spec++)
			if (n-- == 0)
				return spec;
	return NULL;
}
