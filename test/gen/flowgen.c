/*-------------------------------------------------------------------------
 *
 * flowgen: made-up but plausible flow rows, the same for the same arguments
 * on every machine.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "attacks.h"
#include "timeline.h"
#include "traffic.h"

#define HOURS_MAX		(24 * 366)
#define ROWS_MAX		UINT64_C(100000000000)
#define EXIT_USAGE		2

struct settings
{
	uint64_t	rows;
	uint64_t	seed;
	int64_t		start_s;		/* since 1970 */
	uint32_t	hours;
	int			columns;
	bool		is_binary;
	bool		is_ddl;
	const char *labels;			/* path, or NULL */
};

static const char help[] =
"flowgen writes flow rows for COPY to standard output.\n"
"\n"
"Usage:\n"
"  flowgen [OPTION]...\n"
"\n"
"  -n, --rows=N         number of rows (default 1000000)\n"
"      --seed=N         another seed gives other rows (default 1)\n"
"      --start=TIME     'YYYY-MM-DD HH:MM:SS+00', UTC (default 2025-01-01 00:00:00+00)\n"
"      --hours=N        time covered (default 24)\n"
"      --groups=LIST    more columns: tls,dns,http,payload\n"
"      --wide           the 19 columns of the benchmark instead\n"
"      --labels=FILE    write what was planted to FILE\n"
"      --format=FORMAT  text (default) or binary\n"
"      --ddl            print the column list for CREATE TABLE and exit\n"
"      --help           show this help and exit\n";

static void
reject(const char *what, const char *value)
{
	fprintf(stderr, "flowgen: invalid %s \"%s\", try --help\n", what, value);
	exit(EXIT_USAGE);
}

static uint64_t
parse_number(const char *what, const char *text, uint64_t lo, uint64_t hi)
{
	char	   *end;
	uint64_t	x = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || x < lo || x > hi)
		reject(what, text);
	return x;
}

static int64_t
parse_time(const char *text)
{
	int			year,
				month,
				day,
				hour,
				minute,
				second,
				len = 0;
	int64_t		days;

	if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
			   &second, &len) != 6 ||
		(text[len] != '\0' && strcmp(text + len, "+00") != 0) ||
		year < 2000 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		reject("time", text);

	/* a year that begins in March ends with its leap day */
	if (month <= 2)
	{
		year--;
		month += 12;
	}
	days = INT64_C(365) * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 +
		day - 719469;
	return days * 86400 + hour * 3600 + minute * 60 + second;
}

static int
parse_groups(const char *text)
{
	static const struct
	{
		const char *name;
		int			columns;
	} groups[] = {
		{"tls", COLUMNS_TLS}, {"dns", COLUMNS_DNS}, {"http", COLUMNS_HTTP},
		{"payload", COLUMNS_PAYLOAD}
	};
	const char *at = text;
	int			columns = COLUMNS_BASE;

	for (;;)
	{
		size_t		len = strcspn(at, ",");
		int			found = 0;

		for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
			if (strlen(groups[i].name) == len && strncmp(groups[i].name, at, len) == 0)
				found = groups[i].columns;
		if (found == 0)
			reject("list of groups", text);
		columns |= found;
		if (at[len] == '\0')
			return columns;
		at += len + 1;
	}
}

static const struct option long_options[] = {
	{"rows", required_argument, NULL, 'n'},
	{"seed", required_argument, NULL, 's'},
	{"start", required_argument, NULL, 't'},
	{"hours", required_argument, NULL, 'h'},
	{"groups", required_argument, NULL, 'g'},
	{"wide", no_argument, NULL, 'w'},
	{"labels", required_argument, NULL, 'l'},
	{"format", required_argument, NULL, 'f'},
	{"ddl", no_argument, NULL, 'd'},
	{"help", no_argument, NULL, '?' + 128},
	{NULL, 0, NULL, 0}
};

static void
set_option(struct settings *settings, int option)
{
	switch (option)
	{
		case 'n':
			settings->rows = parse_number("number of rows", optarg, 0, ROWS_MAX);
			break;
		case 's':
			settings->seed = parse_number("seed", optarg, 0, INT64_MAX);
			break;
		case 't':
			settings->start_s = parse_time(optarg);
			break;
		case 'h':
			settings->hours = (uint32_t) parse_number("number of hours", optarg, 1, HOURS_MAX);
			break;
		case 'g':
			settings->columns = parse_groups(optarg);
			break;
		case 'w':
			settings->columns = COLUMNS_WIDE;
			break;
		case 'l':
			settings->labels = optarg;
			break;
		case 'f':
			if (strcmp(optarg, "text") != 0 && strcmp(optarg, "binary") != 0)
				reject("format", optarg);
			settings->is_binary = optarg[0] == 'b';
			break;
		case 'd':
			settings->is_ddl = true;
			break;
		case '?' + 128:
			fputs(help, stdout);
			exit(0);
		default:
			exit(EXIT_USAGE);
	}
}

static uint64_t
count_directions(const struct conv *conv)
{
	return (conv->directions & FORTH ? 1 : 0) + (conv->directions & BACK ? 1 : 0);
}

/* one conversation in twelve has its other direction sent a little later */
static void
add(struct queue *queue, struct rng *rng, const struct conv *conv)
{
	uint32_t	draw = rng_below(rng, 12000);
	struct conv part = *conv;

	if (draw >= 1000 || conv->directions != (FORTH | BACK))
	{
		queue_add(queue, conv, draw % 1000);
		return;
	}
	part.directions = FORTH;
	queue_add(queue, &part, draw);
	part.directions = BACK;
	queue_add(queue, &part, draw + 1000);
}

static void
generate(const struct settings *settings, struct output *output, struct attacks *attacks)
{
	struct hosts *hosts = hosts_create(settings->seed);
	struct traffic *traffic = traffic_create(hosts, settings->seed);
	struct queue *queue = queue_create(output, settings->start_s);
	struct rng	rng;
	struct curve curve;
	struct conv conv;
	uint32_t	seconds = settings->hours * 3600;
	uint64_t	made = 0;

	rng_seed(&rng, rng_hash(settings->seed) + 1);
	curve_begin(&curve, settings->start_s, seconds, settings->rows);
	for (uint32_t i = 0; i < seconds; i++)
	{
		int64_t		now_ms = (settings->start_s + i) * 1000;
		uint64_t	due = curve_next(&curve);

		while (attacks_next(attacks, now_ms + 1000, settings->rows - made, &conv))
		{
			made += count_directions(&conv);
			add(queue, &rng, &conv);
		}
		while (made < due)
		{
			traffic_next(traffic, now_ms + rng_below(&rng, 1000), &conv);
			if (count_directions(&conv) > settings->rows - made)
				conv.directions = FORTH;
			made += count_directions(&conv);
			add(queue, &rng, &conv);
		}
		queue_release(queue);
	}
	queue_end(queue);
	traffic_free(traffic);
	hosts_free(hosts);
}

static bool
write_labels(const char *path, const struct attacks *attacks)
{
	FILE	   *file = fopen(path, "w");
	bool		is_good;

	if (file == NULL)
		return false;
	is_good = attacks_write_labels(attacks, file);
	return fclose(file) == 0 && is_good;
}

int
main(int argc, char **argv)
{
	struct settings settings = {
		.rows = 1000000, .seed = 1, .start_s = 1735689600, .hours = 24, .columns = COLUMNS_BASE
	};
	struct output *output;
	struct attacks *attacks;
	int			option;

	while ((option = getopt_long(argc, argv, "n:", long_options, NULL)) != -1)
		set_option(&settings, option);
	if (optind < argc)
		reject("argument", argv[optind]);
	if (settings.is_ddl)
	{
		output_ddl(stdout, settings.columns);
		return 0;
	}

	output = output_begin(stdout, settings.is_binary, settings.columns);
	attacks = attacks_create(settings.seed, settings.rows, settings.start_s * 1000,
							 (settings.start_s + settings.hours * INT64_C(3600)) * 1000);
	generate(&settings, output, attacks);
	if (!output_end(output))
	{
		perror("flowgen: could not write rows");
		return 1;
	}
	if (settings.labels != NULL && !write_labels(settings.labels, attacks))
	{
		perror("flowgen: could not write labels");
		return 1;
	}
	attacks_free(attacks);
	return 0;
}
