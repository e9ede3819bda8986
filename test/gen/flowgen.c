/*-------------------------------------------------------------------------
 *
 * flowgen: made-up but plausible flow rows, the same for the same arguments
 * on every machine.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attacks.h"
#include "destination.h"
#include "export.h"
#include "output.h"
#include "timeline.h"
#include "traffic.h"

#define HOURS_MAX		(24 * 366)
#define ROWS_MAX		UINT64_C(100000000000)
#define RATE_MAX		100000000
#define LATE_S			300		/* the last flows end after the time covered */
#define BOOT_S			3600	/* before the time covered, of all exporters */
#define EXIT_USAGE		2

struct settings
{
	uint64_t	rows;
	uint64_t	seed;
	int64_t		start_s;		/* since 1970 */
	uint32_t	hours;
	enum attack_set attacks;
	int			columns;
	bool		has_start;
	bool		is_binary;
	bool		is_export;		/* of export_format */
	bool		is_ddl;
	enum export_format export_format;
	const char *send;			/* URL, or NULL */
	const char *pcap;			/* path, or NULL */
	int			exporters;
	uint64_t	rate;			/* records a second; 0: as fast as possible */
	uint32_t	template_s;
	const char *labels;			/* path, or NULL */
};

static const char help[] =
"flowgen writes flow rows for COPY to standard output, or sends them to a collector.\n"
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
"      --attacks=SET    usual (default), all or none\n"
"      --labels=FILE    write what was planted to FILE\n"
"      --format=FORMAT  text (default) or binary; with --send or --pcap:\n"
"                       netflow5, netflow9, ipfix or sflow\n"
"      --ddl            print the column list for CREATE TABLE and exit\n"
"\n"
"Instead of rows:\n"
"      --send=URL       send datagrams to udp://HOST:PORT, print counts at the end;\n"
"                       without --start, the time covered ends now\n"
"      --pcap=FILE      write the datagrams to a capture file, print counts\n"
"      --exporters=N    sources of datagrams, 1 to 1024 (default 1)\n"
"      --rate=N         records a second (default 0: as fast as possible)\n"
"      --templates=N    seconds until templates are sent again (default 60)\n"
"\n"
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

static void
set_format(struct settings *settings, const char *text)
{
	static const char *const names[EXPORT_FORMATS] = {
		[EXPORT_NETFLOW5] = "netflow5", [EXPORT_NETFLOW9] = "netflow9",
		[EXPORT_IPFIX] = "ipfix", [EXPORT_SFLOW] = "sflow"
	};

	settings->is_binary = strcmp(text, "binary") == 0;
	settings->is_export = false;
	if (settings->is_binary || strcmp(text, "text") == 0)
		return;
	for (int i = 0; i < EXPORT_FORMATS; i++)
		if (strcmp(text, names[i]) == 0)
		{
			settings->is_export = true;
			settings->export_format = (enum export_format) i;
			return;
		}
	reject("format", text);
}

static enum attack_set
parse_attacks(const char *text)
{
	static const char *const names[] = {
		[ATTACKS_USUAL] = "usual", [ATTACKS_ALL] = "all", [ATTACKS_NONE] = "none"
	};

	for (int i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum attack_set) i;
	reject("set of attacks", text);
	return ATTACKS_NONE;
}

static const struct option long_options[] = {
	{"rows", required_argument, NULL, 'n'},
	{"seed", required_argument, NULL, 's'},
	{"start", required_argument, NULL, 't'},
	{"hours", required_argument, NULL, 'h'},
	{"groups", required_argument, NULL, 'g'},
	{"wide", no_argument, NULL, 'w'},
	{"attacks", required_argument, NULL, 'a'},
	{"labels", required_argument, NULL, 'l'},
	{"format", required_argument, NULL, 'f'},
	{"ddl", no_argument, NULL, 'd'},
	{"send", required_argument, NULL, 'S'},
	{"pcap", required_argument, NULL, 'P'},
	{"exporters", required_argument, NULL, 'e'},
	{"rate", required_argument, NULL, 'r'},
	{"templates", required_argument, NULL, 'T'},
	{"help", no_argument, NULL, '?' + 128},
	{NULL, 0, NULL, 0}
};

/* Options of the second half of the help; false for others. */
static bool
set_export_option(struct settings *settings, int option)
{
	switch (option)
	{
		case 'S':
			settings->send = optarg;
			return true;
		case 'P':
			settings->pcap = optarg;
			return true;
		case 'e':
			settings->exporters = (int) parse_number("number of exporters", optarg, 1,
													 EXPORT_MAX_SOURCES);
			return true;
		case 'r':
			settings->rate = parse_number("rate", optarg, 0, RATE_MAX);
			return true;
		case 'T':
			settings->template_s = (uint32_t) parse_number("number of seconds", optarg, 1, 86400);
			return true;
		default:
			return false;
	}
}

static void
set_option(struct settings *settings, int option)
{
	if (set_export_option(settings, option))
		return;
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
			settings->has_start = true;
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
		case 'a':
			settings->attacks = parse_attacks(optarg);
			break;
		case 'l':
			settings->labels = optarg;
			break;
		case 'f':
			set_format(settings, optarg);
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
generate(const struct settings *settings, struct row_out out, struct attacks *attacks)
{
	struct hosts *hosts = hosts_create(settings->seed);
	struct traffic *traffic = traffic_create(hosts, settings->seed);
	struct queue *queue = queue_create(out, settings->start_s);
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

static void
put_row(void *arg, const struct conv *conv, int side)
{
	output_row(arg, conv, side);
}

static bool
write_rows(const struct settings *settings, struct attacks *attacks)
{
	struct output *output = output_begin(stdout, settings->is_binary, settings->columns);

	generate(settings, (struct row_out) {put_row, output}, attacks);
	if (output_end(output))
		return true;
	perror("flowgen: could not write rows");
	return false;
}

static void
export_put_row(void *arg, const struct conv *conv, int side)
{
	export_row(arg, conv, side);
}

/* A tenth of a second of records, so that a low rate is even. */
static uint32_t
datagram_records(const struct settings *settings)
{
	if (settings->send == NULL || settings->rate == 0 || settings->rate > 10000)
		return UINT32_MAX;
	return settings->rate < 10 ? 1 : (uint32_t) (settings->rate / 10);
}

static bool
send_rows(const struct settings *settings, struct attacks *attacks)
{
	struct destination_options to = {
		.url = settings->send,
		.pcap = settings->pcap,
		.format = settings->export_format,
		.nsources = settings->exporters,
		.rate = settings->rate
	};
	struct destination *destination = destination_open(&to);
	struct export_options options = {
		.format = settings->export_format,
		.nsources = settings->exporters,
		.max_records = datagram_records(settings),
		.boot_ms = (settings->start_s - BOOT_S) * 1000,
		.template_ms = settings->template_s * INT64_C(1000),
		.is_live = settings->send != NULL,
		.put = destination_put,
		.arg = destination
	};
	struct export_counts counts;
	struct export *export;

	if (destination == NULL)
		return false;
	export = export_begin(&options);
	generate(settings, (struct row_out) {export_put_row, export}, attacks);
	counts = export_end(export);
	printf("records %" PRIu64 "\ndatagrams %" PRIu64 "\nbytes %" PRIu64 "\nleft_out %" PRIu64 "\n",
		   counts.records, counts.datagrams, counts.bytes, counts.left_out);
	return destination_close(destination);
}

int
main(int argc, char **argv)
{
	struct settings settings = {
		.rows = 1000000, .seed = 1, .start_s = 1735689600, .hours = 24, .columns = COLUMNS_BASE,
		.exporters = 1, .template_s = 60
	};
	struct attacks *attacks;
	bool		is_good;
	int			option;

	while ((option = getopt_long(argc, argv, "n:", long_options, NULL)) != -1)
		set_option(&settings, option);
	if (optind < argc)
		reject("argument", argv[optind]);
	if (settings.is_export != (settings.send != NULL || settings.pcap != NULL))
		reject("format", settings.is_export ? "without --send or --pcap" : "for --send and --pcap");
	if (settings.is_ddl)
	{
		output_ddl(stdout, settings.columns);
		return 0;
	}
	if (settings.send != NULL && !settings.has_start)
		settings.start_s = (int64_t) time(NULL) - settings.hours * INT64_C(3600) - LATE_S;

	attacks = attacks_create(settings.attacks, settings.seed, settings.rows,
							 settings.start_s * 1000,
							 (settings.start_s + settings.hours * INT64_C(3600)) * 1000);
	is_good = settings.is_export ? send_rows(&settings, attacks) : write_rows(&settings, attacks);
	if (is_good && settings.labels != NULL && !write_labels(settings.labels, attacks))
	{
		perror("flowgen: could not write labels");
		is_good = false;
	}
	attacks_free(attacks);
	return is_good ? 0 : 1;
}
