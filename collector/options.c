/*-------------------------------------------------------------------------
 *
 * The options: one table for the command line and the configuration file.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "config.h"
#include "decode_tunnel.h"
#include "enrich.h"
#include "feed.h"
#include "input_socket.h"
#include "log.h"
#include "options.h"
#include "ring_format.h"
#include "sink_copy.h"

#ifndef FLOWCOLLECTD_VERSION
#error "the Makefile defines FLOWCOLLECTD_VERSION"
#endif

#define SECOND		INT64_C(1000000)
#define DAY			(86400 * SECOND)
#define TERABYTE	(UINT64_C(1) << 40)
#define AT(field)	offsetof(struct options, field)

static const char *const stats_forms[] = {"text", "none", "json", NULL};

static const char *const kafka_formats[] = {"json", "datagram", NULL};
static const char *const spool_fulls[] = {"drop", "refuse", NULL};
static const char *const spool_syncs[] = {"never", "interval", "each", NULL};

static const struct setting settings[] = {
	{"read", 'r', SETTING_TEXT, AT(capture), 0, 0, NULL},
	{"capture", 0, SETTING_LIST, AT(devices), 0, 0, NULL},
	{"filter", 0, SETTING_TEXT, AT(live.filter), 0, 0, NULL},
	{"snaplen", 0, SETTING_NUMBER, AT(live.snaplen), 64, 262144, NULL},
	{"buffer", 0, SETTING_NUMBER, AT(live.buffer_bytes), 65536, 1 << 30, NULL},
	{"no-promiscuous", 0, SETTING_OFF, AT(live.is_promiscuous), 0, 0, NULL},
	{"replay", 0, SETTING_TEXT, AT(replay), 0, 0, NULL},
	{"listen", 'l', SETTING_LIST, AT(urls), 0, 0, NULL},
	{"spool", 0, SETTING_TEXT, AT(spool), 0, 0, NULL},
	{"spool-bytes", 0, SETTING_NUMBER, AT(spool_bytes), 1 << 20, TERABYTE, NULL},
	{"spool-age", 0, SETTING_SECONDS, AT(spool_age_us), SECOND, 366 * DAY, NULL},
	{"spool-keep", 0, SETTING_NUMBER, AT(spool_grace_bytes), 0, TERABYTE, NULL},
	{"spool-full", 0, SETTING_CHOICE, AT(spool_full), 0, 0, spool_fulls},
	{"spool-sync", 0, SETTING_CHOICE, AT(spool_sync), 0, 0, spool_syncs},
	{"receive-threads", 0, SETTING_NUMBER, AT(receive_threads), 1, 16, NULL},
	{"tcp-idle", 0, SETTING_SECONDS, AT(tcp_idle_us), SECOND, DAY, NULL},
	{"influx", 0, SETTING_TEXT, AT(influx), 0, 0, NULL},
	{"user", 0, SETTING_TEXT, AT(user), 0, 0, NULL},
	{"kafka", 0, SETTING_TEXT, AT(kafka), 0, 0, NULL},
	{"kafka-topic", 0, SETTING_TEXT, AT(kafka_topic), 0, 249, NULL},
	{"kafka-format", 0, SETTING_CHOICE, AT(kafka_format), 0, 0, kafka_formats},
	{"kafka-set", 0, SETTING_LIST, AT(kafka_settings), 0, 0, NULL},
	{"load", 0, SETTING_LIST, AT(loads), 0, 0, NULL},
	{"watch", 0, SETTING_LIST, AT(watches), 0, 0, NULL},
	{"watch-positions", 0, SETTING_TEXT, AT(watch_positions), 0, 0, NULL},
	{"format", 0, SETTING_CHOICE, AT(format), 0, 0, feed_format_names},
	{"bad-lines", 0, SETTING_TEXT, AT(bad_lines), 0, 0, NULL},
	{"active-timeout", 'a', SETTING_SECONDS, AT(active_us), 1000, DAY, NULL},
	{"idle-timeout", 'i', SETTING_SECONDS, AT(idle_us), 1000, DAY, NULL},
	{"max-flows", 'm', SETTING_NUMBER, AT(max_flows), 1, CACHE_MAX_FLOWS, NULL},
	{"tunnels", 0, SETTING_TEXT, AT(tunnel_list), 0, 0, NULL},
	{"details", 0, SETTING_ON, AT(has_details), 0, 0, NULL},
	{"payload", 0, SETTING_ON, AT(has_payload), 0, 0, NULL},
	{"payload-stats", 0, SETTING_ON, AT(has_profile), 0, 0, NULL},
	{"payload-flows", 0, SETTING_NUMBER, AT(max_payloads), 1, CACHE_MAX_FLOWS, NULL},
	{"ring", 0, SETTING_TEXT, AT(ring), 0, 0, NULL},
	{"ring-bytes", 0, SETTING_NUMBER, AT(ring_bytes), 2 << 20, TERABYTE, NULL},
	{"ring-file-bytes", 0, SETTING_NUMBER, AT(ring_file_bytes), 1 << 20, 1 << 30, NULL},
	{"ring-file-seconds", 0, SETTING_SECONDS, AT(ring_file_us), SECOND, DAY, NULL},
	{"ring-snap", 0, SETTING_NUMBER, AT(ring_snap), 64, RING_MAX_SNAP, NULL},
	{"sensor", 0, SETTING_TEXT, AT(sensor), 0, 255, NULL},
	{"max-skew", 0, SETTING_SECONDS, AT(max_skew_us), 1000, 2000000000 * SECOND, NULL},
	{"output", 'o', SETTING_TEXT, AT(output), 0, 0, NULL},
	{"columns", 0, SETTING_TEXT, AT(column_list), 0, 0, NULL},
	{"no-header", 0, SETTING_OFF, AT(has_header), 0, 0, NULL},
	{"database", 'd', SETTING_TEXT, AT(conninfo), 0, 0, NULL},
	{"table", 't', SETTING_TEXT, AT(table), 0, 0, NULL},
	{"batch-rows", 0, SETTING_NUMBER, AT(batch_rows), 1, 10000000, NULL},
	{"batch-age", 0, SETTING_SECONDS, AT(batch_age_us), 1000, DAY, NULL},
	{"queue-bytes", 0, SETTING_NUMBER, AT(queue_bytes), 1, TERABYTE, NULL},
	{"connections", 0, SETTING_NUMBER, AT(connections), 1, COPY_MAX_CONNECTIONS, NULL},
	{"rejected", 0, SETTING_TEXT, AT(rejected), 0, 0, NULL},
	{"again", 0, SETTING_ON, AT(loads_again), 0, 0, NULL},
	{"networks", 0, SETTING_LIST, AT(networks), 0, 0, NULL},
	{"networks-override", 0, SETTING_ON, AT(networks_override), 0, 0, NULL},
	{"interfaces", 0, SETTING_TEXT, AT(interfaces), 0, 0, NULL},
	{"name", 0, SETTING_TEXT, AT(name), 0, 255, NULL},
	{"http", 0, SETTING_TEXT, AT(http), 0, 0, NULL},
	{"http-read-token-file", 0, SETTING_TEXT, AT(http_read_token), 0, 0, NULL},
	{"http-write-token-file", 0, SETTING_TEXT, AT(http_write_token), 0, 0, NULL},
	{"query-db", 0, SETTING_TEXT, AT(query_conninfo), 0, 0, NULL},
	{"query-role", 0, SETTING_TEXT, AT(query_role), 0, 0, NULL},
	{"health-after", 0, SETTING_SECONDS, AT(health_us), SECOND / 10, DAY, NULL},
	{"hash-seed", 0, SETTING_NUMBER, AT(hash_seed), 0, UINT64_MAX, NULL},
	{"stats", 0, SETTING_CHOICE, AT(stats), 0, 0, stats_forms},
	{"progress", 0, SETTING_ON, AT(shows_progress), 0, 0, NULL},
	{NULL, 0, SETTING_ON, 0, 0, 0, NULL}
};

#define SETTING_COUNT	((int) (sizeof(settings) / sizeof(settings[0])) - 1)

enum other_option
{
	OPTION_CONFIG = 1000,
	OPTION_CHECK_CONFIG
};

static const char help[] =
"flowcollectd turns packets and NetFlow into rows of a flow table.\n"
"\n"
"Usage:\n"
"  flowcollectd INPUT OUTPUT... [OPTION]...\n"
"  flowcollectd --config=FILE [OPTION]...\n"
"  flowcollectd extract --ring=DIR -o FILE ...   (see extract --help)\n"
"\n"
"Input, one of:\n"
"  -r, --read=FILE            meter the packets of a capture file (- is stdin),\n"
"                             or decode a file of IPFIX messages\n"
"  -l, --listen=URL           receive NetFlow, IPFIX, sFlow at udp://HOST:PORT; repeatable\n"
"      --replay=FILE          receive the UDP datagrams of a capture file\n"
"      --capture=DEVICE       meter the packets of a network interface; repeatable\n"
"      --kafka=BROKERS        read a topic of Kafka\n"
"      --load=FILE...         flows as text, also .gz and .zst (- is stdin)\n"
"      --watch=DIR[:PATTERN]  such files as they come and grow; repeatable\n"
"      --influx=URL           receive lines of InfluxDB at tcp://HOST:PORT, also with -l\n"
"\n"
"Receiving through a spool, exactly once:\n"
"      --spool=DIR            keep what is received on disk until it is written\n"
"      --spool-bytes=N[kMG]   of disk, at most (8G)\n"
"      --spool-age=SEC        older files are dropped (no limit)\n"
"      --spool-keep=N[kMG]    kept after it was written, for a failover (64M)\n"
"      --spool-full=WHAT      drop the oldest, or refuse what arrives (drop)\n"
"      --spool-sync=WHEN      fsync: never, interval of 1 s, each write (never)\n"
"      --receive-threads=N    for each address to listen at (1)\n"
"      --tcp-idle=SEC         close TCP connections after this silence (600)\n"
"      --user=NAME            become this user when sockets are open\n"
"\n"
"Capturing:\n"
"      --filter=BPF           only the packets that this lets through\n"
"      --snaplen=BYTES        of each packet (262144)\n"
"      --buffer=N[kMG]        packets that may wait in the kernel (64M)\n"
"      --no-promiscuous       only what is meant for this machine\n"
"\n"
"Kafka:\n"
"      --kafka-topic=NAME     the topic\n"
"      --kafka-format=FORMAT  json, or datagram: what exporters sent (json)\n"
"      --kafka-set=NAME=VALUE a setting of librdkafka; repeatable\n"
"\n"
"Flows as text:\n"
"      --format=FORMAT        auto, zeek, json, csv, nfdump or text (auto)\n"
"      --watch-positions=FILE where watched files were left, if the database\n"
"                             has no extension flowstore to keep it\n"
"      --bad-lines=FILE       append lines that are no flows to this file\n"
"\n"
"Metering:\n"
"  -a, --active-timeout=SEC   end a flow after this time (60)\n"
"  -i, --idle-timeout=SEC     end a flow after this silence (15)\n"
"  -m, --max-flows=N          flows in memory at once (1000000)\n"
"      --tunnels=LIST         open these: gre, ipip, vxlan, geneve, gtpu, erspan,\n"
"                             teredo, mpls, all or none (none)\n"
"      --details              columns vlan, min_ttl ... end_reason, active_ms ...\n"
"      --payload              columns sni ... dns_rcode\n"
"      --payload-stats        columns entropy ... splt_times\n"
"      --payload-flows=N      flows whose payload is kept at one time (32768)\n"
"      --sensor=NAME          value of column \"sensor\"\n"
"      --max-skew=SEC         how far an exporter's clock may be off (86400)\n"
"\n"
"Keeping packets, so that rows get pcap_ref and extract finds them:\n"
"      --ring=DIR             keep the packets of -r or --capture in this directory\n"
"      --ring-bytes=N[kMG]    of disk, at most; the oldest file goes first (8G)\n"
"      --ring-file-bytes=N[kMG]   of a file (64M)\n"
"      --ring-file-seconds=SEC    from a file's first packet to its last (3600)\n"
"      --ring-snap=BYTES      of each packet (262144)\n"
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
"      --connections=N        that write side by side, at most (2)\n"
"      --rejected=FILE        append rows that the server refuses\n"
"      --again                load a file even if it has been loaded\n"
"\n"
"What is known of addresses and interfaces:\n"
"      --networks=FILE        CSV, or MaxMind DB (.mmdb), read again at SIGHUP; repeatable\n"
"      --interfaces=FILE      CSV: exporter,if_index,name\n"
"      --networks-override    even if an exporter says something else\n"
"\n"
"Watching the collector:\n"
"      --http=[HOST]:PORT     metrics, health, queries and imports by HTTP\n"
"      --http-read-token-file=FILE   who has this token may read; without, all of\n"
"                             this machine\n"
"      --http-write-token-file=FILE  may import, over --database; without, nobody\n"
"      --query-db=CONNINFO    answer queries from this database\n"
"      --query-role=NAME      as this role, which should be able to read only\n"
"      --health-after=SEC     trouble that lasts makes /health say 503 (60)\n"
"      --name=NAME            in flow.collectors (host name)\n"
"\n"
"Other:\n"
"      --config=FILE          read settings from a file, named as here; what is\n"
"                             given here counts more\n"
"      --check-config         say what is wrong with the settings, then exit\n"
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

static bool
has_tcp(const struct setting_list *urls)
{
	for (int i = 0; i < urls->n; i++)
		if (input_socket_is_tcp(urls->items[i]))
			return true;
	return false;
}

static bool
receives(const struct options *options)
{
	return options->urls.n > 0 || options->influx != NULL;
}

/* How many kinds of input; what goes through a spool is one. */
static int
count_inputs(const struct options *options)
{
	bool		captures = options->devices.n > 0;
	int			nlive = options->spool != NULL ? receives(options) || captures :
		receives(options) + captures;

	return nlive + (options->capture != NULL) + (options->replay != NULL) +
		(options->loads.n > 0) + (options->watches.n > 0) + (options->kafka != NULL);
}

/* An interface that is given twice, or NULL. */
static const char *
find_twice(const struct setting_list *devices)
{
	for (int i = 1; i < devices->n; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(devices->items[i], devices->items[j]) == 0)
				return devices->items[i];
	return NULL;
}

/* Does it run until it is stopped? */
static bool
stays(const struct options *options)
{
	return receives(options) || options->spool != NULL || options->devices.n > 0 ||
		options->watches.n > 0 || options->kafka != NULL;
}

/* What contradicts itself, or is missing, in error[]; true if nothing. */
static bool
check_options(struct options *options, char *error)
{
	int			ninputs = count_inputs(options);
	const char *device = find_twice(&options->devices);
	size_t		min_queue_bytes = 2 * options->batch_rows * COPY_ROW_BYTES;
	const char *unknown;
	int			len;

	error[0] = '\0';
	if (!text_columns_parse(options->column_list, &options->columns, &unknown, &len))
		snprintf(error, SETTING_ERROR_LEN,
				 "\"columns\": \"%.*s\" is no column, or comes twice", len, unknown);
	else if (!tunnel_parse_set(options->tunnel_list, &options->tunnels))
		snprintf(error, SETTING_ERROR_LEN, "\"tunnels\": \"%.100s\" is no list of tunnels",
				 options->tunnel_list);
	else if (options->spool != NULL && options->conninfo == NULL)
		snprintf(error, SETTING_ERROR_LEN, "\"spool\" needs \"database\"");
	else if (options->spool != NULL && !receives(options) && options->devices.n == 0 &&
			 ninputs > 0)
		snprintf(error, SETTING_ERROR_LEN, "\"spool\" is for what is received or captured");
	else if (options->ring != NULL && options->capture == NULL && options->devices.n == 0)
		snprintf(error, SETTING_ERROR_LEN, "\"ring\" is for packets: \"read\" or \"capture\"");
	else if (options->ring != NULL && options->ring_bytes < 2 * options->ring_file_bytes)
		snprintf(error, SETTING_ERROR_LEN, "\"ring-bytes\" must have room for two files of the ring");
	else if ((options->kafka == NULL) != (options->kafka_topic == NULL))
		snprintf(error, SETTING_ERROR_LEN, "\"kafka\" and \"kafka-topic\" need each other");
	else if (options->spool == NULL && has_tcp(&options->urls))
		snprintf(error, SETTING_ERROR_LEN, "to listen at tcp:// needs \"spool\"");
	else if (ninputs == 0 && options->spool == NULL)
		snprintf(error, SETTING_ERROR_LEN, "no input given");
	else if (receives(options) && options->devices.n > 0 && options->spool == NULL)
		snprintf(error, SETTING_ERROR_LEN, "to receive and \"capture\" at once needs \"spool\"");
	else if (device != NULL)
		snprintf(error, SETTING_ERROR_LEN, "\"capture\": \"%.100s\" is given twice", device);
	else if (ninputs > 1)
		snprintf(error, SETTING_ERROR_LEN, "more than one kind of input given");
	else if (options->http != NULL && !stays(options))
		snprintf(error, SETTING_ERROR_LEN, "\"http\" is for what does not end by itself");
	else if (options->networks.n > ENRICH_MAX_FILES)
		snprintf(error, SETTING_ERROR_LEN, "more than %d files of \"networks\"", ENRICH_MAX_FILES);
	else if (options->output == NULL && options->conninfo == NULL)
		snprintf(error, SETTING_ERROR_LEN, "no output given");
	else if (options->conninfo != NULL &&
			 (receives(options) || options->devices.n > 0) &&
			 options->queue_bytes < min_queue_bytes)
		snprintf(error, SETTING_ERROR_LEN,
				 "\"queue-bytes\" must be at least %zu, two batches", min_queue_bytes);
	return error[0] == '\0';
}

static void
set_defaults(struct options *options)
{
	*options = (struct options) {
		.live = {
			.snaplen = 262144,
			.buffer_bytes = 64 * 1024 * 1024,
			.is_promiscuous = true
		},
		.ring_bytes = UINT64_C(8) << 30,
		.ring_file_bytes = 64 << 20,
		.ring_file_us = 3600 * SECOND,
		.ring_snap = RING_MAX_SNAP,
		.tunnel_list = "none",
		.max_payloads = 32768,
		.max_flows = 1000000,
		.active_us = 60 * SECOND,
		.idle_us = 15 * SECOND,
		.max_skew_us = DAY,
		.has_header = true,
		.column_list = "core",
		.table = "flows",
		.spool_bytes = UINT64_C(8) << 30,
		.spool_grace_bytes = 64 << 20,
		.receive_threads = 1,
		.tcp_idle_us = 600 * SECOND,
		.batch_rows = 50000,
		.batch_age_us = SECOND,
		.queue_bytes = 64 * 1024 * 1024,
		.connections = 2,
		.health_us = 60 * SECOND,
		.hash_seed = OPTIONS_NO_SEED,
		.stats = STATS_NONE,
		.shows_progress = isatty(STDERR_FILENO) != 0
	};
}

/* The tables that getopt_long wants, of settings[]. */
static void
make_getopt(struct option *longs, char *shorts)
{
	static const struct option others[] = {
		{"config", required_argument, NULL, OPTION_CONFIG},
		{"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0}
	};

	for (int i = 0; i < SETTING_COUNT; i++)
	{
		const struct setting *setting = &settings[i];

		longs[i].name = setting->name;
		longs[i].has_arg = setting->kind == SETTING_CHOICE ? optional_argument :
			setting_has_value(setting) ? required_argument : no_argument;
		longs[i].flag = NULL;
		longs[i].val = OPTION_CHECK_CONFIG + 1 + i;
		if (setting->letter != 0)
			shorts += sprintf(shorts, "%c:", setting->letter);
	}
	memcpy(&longs[SETTING_COUNT], others, sizeof(others));
	strcpy(shorts, "hV");
}

static const struct setting *
setting_of(int option)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (option == OPTION_CHECK_CONFIG + 1 + i || option == settings[i].letter)
			return &settings[i];
	return NULL;
}

/*
 * One pass over the command line: the first looks for what is to be done and
 * for the file, the second sets what is given, after the file was read.
 */
static void
parse_command_line(struct options *options, int argc, char **argv, bool is_first)
{
	struct option longs[SETTING_COUNT + 5];
	char		shorts[2 * SETTING_COUNT + 3];
	char		error[SETTING_ERROR_LEN];
	int			option;

	make_getopt(longs, shorts);
	optind = 1;
	while ((option = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
	{
		const struct setting *setting = setting_of(option);

		if (option == 'h')
		{
			fputs(help, stdout);
			exit(0);
		}
		if (option == 'V')
		{
			puts("flowcollectd " FLOWCOLLECTD_VERSION);
			exit(0);
		}
		if (option == '?')
		{						/* getopt has printed why */
			fputs("Try \"flowcollectd --help\" for more information.\n", stderr);
			exit(2);
		}
		if (option == OPTION_CONFIG)
			options->config = optarg;
		else if (option == OPTION_CHECK_CONFIG)
			options->checks_config = true;
		else if (!is_first && !setting_set(setting, options, optarg, error))
			usage_error("%s", error);
	}
	if (!is_first && options->loads.n > 0)
	{
		options->more_loads = argv + optind;
		options->nmore_loads = argc - optind;
	}
	else if (optind < argc && !is_first)
		usage_error("unexpected argument \"%s\"", argv[optind]);
}

static bool
read_config(struct options *options)
{
	struct config_target target = {settings, options, &options->rules};

	return options->config == NULL || config_read(options->config, &target);
}

void
options_parse(struct options *options, int argc, char **argv)
{
	char		error[SETTING_ERROR_LEN];
	bool		is_good;

	set_defaults(options);
	parse_command_line(options, argc, argv, true);
	is_good = read_config(options);
	parse_command_line(options, argc, argv, false);
	if (!check_options(options, error))
	{
		if (options->config == NULL)
			usage_error("%s", error);
		log_warnx("%s", error);
		is_good = false;
	}
	if (!is_good)
		exit(1);
	if (!options->checks_config)
		return;
	log_info("the settings are good");
	exit(0);
}

bool
options_reload(struct options *options, int argc, char **argv)
{
	struct options *fresh = malloc(sizeof(*fresh));
	char		error[SETTING_ERROR_LEN] = "";
	bool		is_good;

	if (fresh == NULL)
		return false;
	set_defaults(fresh);
	fresh->config = options->config;
	is_good = read_config(fresh);
	if (is_good)
	{
		parse_command_line(fresh, argc, argv, false);
		is_good = check_options(fresh, error);
	}
	if (is_good)
	{
		for (int i = 0; i < SETTING_COUNT; i++)
			if (!setting_is_same(&settings[i], options, fresh))
				log_warnx("\"%s\" takes effect when flowcollectd is started again",
						  settings[i].name);
		options->rules = fresh->rules;
	}
	else
		log_warnx("the settings stay as they were%s%s", error[0] == '\0' ? "" : ": ", error);
	free(fresh);
	return is_good;
}
