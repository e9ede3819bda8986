/*-------------------------------------------------------------------------
 *
 * The command line.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "options.h"

#ifndef FLOWCOLLECTD_VERSION
#error "the Makefile defines FLOWCOLLECTD_VERSION"
#endif

#define SENSOR_MAX_LEN	255
#define MAX_SECONDS		86400
#define MAX_SKEW_SECONDS	2000000000

enum long_option
{
	OPT_REPLAY = 256,
	OPT_SENSOR,
	OPT_MAX_SKEW,
	OPT_NO_HEADER,
	OPT_COLUMNS,
	OPT_BATCH_ROWS,
	OPT_BATCH_AGE,
	OPT_QUEUE_BYTES,
	OPT_HASH_SEED,
	OPT_STATS,
	OPT_PROGRESS
};

static const struct option long_options[] = {
	{"read", required_argument, NULL, 'r'},
	{"replay", required_argument, NULL, OPT_REPLAY},
	{"listen", required_argument, NULL, 'l'},
	{"active-timeout", required_argument, NULL, 'a'},
	{"idle-timeout", required_argument, NULL, 'i'},
	{"max-flows", required_argument, NULL, 'm'},
	{"sensor", required_argument, NULL, OPT_SENSOR},
	{"max-skew", required_argument, NULL, OPT_MAX_SKEW},
	{"output", required_argument, NULL, 'o'},
	{"no-header", no_argument, NULL, OPT_NO_HEADER},
	{"columns", required_argument, NULL, OPT_COLUMNS},
	{"database", required_argument, NULL, 'd'},
	{"table", required_argument, NULL, 't'},
	{"batch-rows", required_argument, NULL, OPT_BATCH_ROWS},
	{"batch-age", required_argument, NULL, OPT_BATCH_AGE},
	{"queue-bytes", required_argument, NULL, OPT_QUEUE_BYTES},
	{"hash-seed", required_argument, NULL, OPT_HASH_SEED},
	{"stats", optional_argument, NULL, OPT_STATS},
	{"progress", no_argument, NULL, OPT_PROGRESS},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}
};

static const char help[] =
"flowcollectd turns packets and NetFlow into rows of a flow table.\n"
"\n"
"Usage:\n"
"  flowcollectd INPUT OUTPUT... [OPTION]...\n"
"\n"
"Input, one of:\n"
"  -r, --read=FILE            meter the packets of a capture file (- is stdin)\n"
"  -l, --listen=URL           receive NetFlow v5 at udp://HOST:PORT; repeatable\n"
"      --replay=FILE          receive the UDP datagrams of a capture file\n"
"\n"
"Metering:\n"
"  -a, --active-timeout=SEC   end a flow after this time (60)\n"
"  -i, --idle-timeout=SEC     end a flow after this silence (15)\n"
"  -m, --max-flows=N          flows in memory at once (1000000)\n"
"      --sensor=NAME          value of column \"sensor\"\n"
"      --max-skew=SEC         how far an exporter's clock may be off (86400)\n"
"\n"
"Output, one or both:\n"
"  -o, --output=FILE          write tab-separated text (- is stdout)\n"
"      --columns=LIST         its columns: names, core or all (core)\n"
"      --no-header            without the line of column names\n"
"  -d, --database=CONNINFO    write to PostgreSQL\n"
"  -t, --table=NAME           the table (flows)\n"
"      --batch-rows=N         rows per transaction (50000)\n"
"      --batch-age=SEC        when receiving, write rows at this age (1)\n"
"      --queue-bytes=N[kMG]   rows kept while the server is away (64M)\n"
"\n"
"Other:\n"
"      --stats[=json]         print all counters to stderr at the end\n"
"      --progress             show progress even if stderr is no terminal\n"
"      --hash-seed=N          do not draw the key of hash tables at random\n"
"  -h, --help                 show this help, then exit\n"
"  -V, --version              show the version, then exit\n";

static void usage_error(const char *fmt,...)
			__attribute__((noreturn, format(printf, 1, 2)));

static void
usage_error(const char *fmt,...)
{
	va_list		args;

	fputs("flowcollectd: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\nTry \"flowcollectd --help\" for more information.\n", stderr);
	exit(2);
}

static void
parse_columns(const char *list, struct text_columns *columns)
{
	const char *unknown;
	int			len;

	if (!text_columns_parse(list, columns, &unknown, &len))
		usage_error("--columns: \"%.*s\" is no column, or comes twice", len, unknown);
}

static uint64_t
parse_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char	   *end;
	unsigned long long value;
	uint64_t	unit = 1;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (end == text || errno != 0 || text[0] == '-')
		usage_error("invalid value \"%s\" for option \"%s\"", text, option);
	if (*end == 'k' || *end == 'M' || *end == 'G')
	{
		unit = *end == 'k' ? 1024 : *end == 'M' ? 1024 * 1024 : 1 << 30;
		end++;
	}
	if (*end != '\0')
		usage_error("invalid value \"%s\" for option \"%s\"", text, option);
	if (value > max / unit || value * unit < min)
		usage_error("value %s is out of range for option \"%s\" (%llu .. %llu)",
					text, option, (unsigned long long) min,
					(unsigned long long) max);
	return value * unit;
}

/* Seconds, also fractions, to microseconds. */
static int64_t
parse_seconds(const char *option, const char *text, int max)
{
	char	   *end;
	double		seconds = strtod(text, &end);

	if (end == text || *end != '\0')
		usage_error("invalid value \"%s\" for option \"%s\"", text, option);
	if (!(seconds >= 0.001 && seconds <= max))
		usage_error("value %s is out of range for option \"%s\" (0.001 .. %d)",
					text, option, max);
	return (int64_t) (seconds * 1e6);
}

static enum stats_form
parse_stats(const char *text)
{
	if (text == NULL || strcmp(text, "text") == 0)
		return STATS_TEXT;
	if (strcmp(text, "json") == 0)
		return STATS_JSON;
	usage_error("invalid value \"%s\" for option \"--stats\"", text);
}

static void
parse_output_option(struct options *options, int option)
{
	switch (option)
	{
		case 'o':
			options->output = optarg;
			break;
		case OPT_NO_HEADER:
			options->has_header = false;
			break;
		case OPT_COLUMNS:
			parse_columns(optarg, &options->columns);
			break;
		case 'd':
			options->conninfo = optarg;
			break;
		case 't':
			options->table = optarg;
			break;
		case OPT_BATCH_ROWS:
			options->batch_rows = parse_number("--batch-rows", optarg, 1,
											   10000000);
			break;
		case OPT_BATCH_AGE:
			options->batch_age_us = parse_seconds("--batch-age", optarg,
												  MAX_SECONDS);
			break;
		case OPT_QUEUE_BYTES:
			options->queue_bytes = parse_number("--queue-bytes", optarg, 1,
												UINT64_C(1) << 40);
			break;
		case OPT_STATS:
			options->stats = parse_stats(optarg);
			break;
		case OPT_PROGRESS:
			options->shows_progress = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		case 'V':
			puts("flowcollectd " FLOWCOLLECTD_VERSION);
			exit(0);
		default:				/* getopt has printed why */
			fputs("Try \"flowcollectd --help\" for more information.\n", stderr);
			exit(2);
	}
}

static void
parse_option(struct options *options, int option)
{
	switch (option)
	{
		case 'r':
			options->capture = optarg;
			break;
		case OPT_REPLAY:
			options->replay = optarg;
			break;
		case 'l':
			if (options->nurls == UDP_MAX_SOCKETS)
				usage_error("too many addresses to listen on, at most %d",
							UDP_MAX_SOCKETS);
			options->urls[options->nurls++] = optarg;
			break;
		case 'a':
			options->active_us = parse_seconds("--active-timeout", optarg,
											   MAX_SECONDS);
			break;
		case 'i':
			options->idle_us = parse_seconds("--idle-timeout", optarg,
											 MAX_SECONDS);
			break;
		case 'm':
			options->max_flows = (uint32_t) parse_number("--max-flows", optarg,
														 1, CACHE_MAX_FLOWS);
			break;
		case OPT_SENSOR:
			if (strlen(optarg) > SENSOR_MAX_LEN)
				usage_error("sensor name is longer than %d bytes",
							SENSOR_MAX_LEN);
			options->sensor = optarg;
			break;
		case OPT_MAX_SKEW:
			options->max_skew_us = parse_seconds("--max-skew", optarg,
												 MAX_SKEW_SECONDS);
			break;
		case OPT_HASH_SEED:
			options->has_hash_seed = true;
			options->hash_seed = parse_number("--hash-seed", optarg, 0,
											  UINT64_MAX);
			break;
		default:
			parse_output_option(options, option);
			break;
	}
}

static void
check_options(const struct options *options)
{
	int			ninputs = (options->capture != NULL) +
		(options->replay != NULL) + (options->nurls > 0);
	size_t		min_queue_bytes = 2 * options->batch_rows * sizeof(struct flow);

	if (ninputs == 0)
		usage_error("no input given");
	if (ninputs > 1)
		usage_error("more than one kind of input given");
	if (options->output == NULL && options->conninfo == NULL)
		usage_error("no output given");
	if (options->conninfo != NULL && options->nurls > 0 &&
		options->queue_bytes < min_queue_bytes)
		usage_error("option \"--queue-bytes\" must be at least %zu, "
					"two batches", min_queue_bytes);
}

void
options_parse(struct options *options, int argc, char **argv)
{
	int			option;

	*options = (struct options) {
		.max_flows = 1000000,
		.active_us = 60 * INT64_C(1000000),
		.idle_us = 15 * INT64_C(1000000),
		.max_skew_us = 86400 * INT64_C(1000000),
		.has_header = true,
		.table = "flows",
		.batch_rows = 50000,
		.batch_age_us = 1000000,
		.queue_bytes = 64 * 1024 * 1024,
		.shows_progress = isatty(STDERR_FILENO) != 0
	};
	parse_columns("core", &options->columns);
	while ((option = getopt_long(argc, argv, "r:l:a:i:m:o:d:t:hV",
								 long_options, NULL)) != -1)
		parse_option(options, option);
	if (optind < argc)
		usage_error("unexpected argument \"%s\"", argv[optind]);
	check_options(options);
}
