/*-------------------------------------------------------------------------
 *
 * The HTTP interface by itself, for the tests: web_server CONNINFO ROLE.
 *
 * Prints its port, and ends when its input does.  Tokens: "reader" and
 * "writer", or none for reading if NO_READ_TOKEN is set.  With --status it
 * prints the statements that write its snapshot, with psql's :'j' for $1.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "web.h"

static void
fill(void *arg, struct status *status)
{
	const char *problem = arg;
	struct status_exporter *exporter = &status->exporters[0];

	status->name = "test \"one\"";
	status->host = "localhost";
	status->version = "0";
	status->pid = (int) getpid();
	status->started_us = status->now_us = clock_realtime_us();
	status->counters.records = 7;
	status->counters.rows_dropped = 3;
	status->exporters_seen = 1;
	status->nexporters = 1;
	exporter->addr = (struct flow_addr) {FLOW_FAMILY_IP4, {192, 0, 2, 1}};
	exporter->version = 9;
	exporter->domain = 5;
	exporter->records = 7;
	exporter->gaps = 1;
	exporter->missed = 2;
	exporter->last_seen_us = 1700000000500000;
	if (problem != NULL)
		status_problem(status, problem);
}

static void
print_statement(const char *sql, const struct web_buffer *json)
{
	printf("\\set j '%.*s'\n", (int) json->len, json->bytes);
	for (const char *pos = sql; *pos != '\0'; pos++)
	{
		if (pos[0] == '$' && pos[1] == '1')
			fputs(":'j'", stdout);
		else if (pos == sql || pos[-1] != '$')
			putchar(*pos);
	}
	puts(";");
}

static void
print_status(void)
{
	static struct status status;
	struct web_buffer json = {.max = 1024 * 1024};

	fill(NULL, &status);
	status_collector_json(&status, &json);
	print_statement(status_collector_sql, &json);
	web_buffer_clear(&json);
	status_exporters_json(&status, &json);
	print_statement(status_exporters_sql, &json);
	web_buffer_free(&json);
}

int
main(int argc, char **argv)
{
	struct web_options options = {
		.listen = "127.0.0.1:0",
		.read_token = getenv("NO_READ_TOKEN") == NULL ? "reader" : NULL,
		.write_token = "writer",
		.nworkers = 2,
		.max_timeout_ms = 20000,
		.max_body = 4 * 1024 * 1024,
		.fill = fill,
		.fill_arg = getenv("PROBLEM")
	};
	struct web *web;
	char		byte;

	if (argc == 2 && strcmp(argv[1], "--status") == 0)
	{
		print_status();
		return 0;
	}
	if (argc != 3)
		return 2;
	options.query_conninfo = options.import_conninfo = argv[1];
	options.query_role = argv[2];
	web = web_open(&options);
	if (web == NULL)
		return 1;
	printf("%d\n", web_port(web));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	web_close(web);
	return 0;
}
