/*-------------------------------------------------------------------------
 *
 * The command line of "flowcollectd extract".
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract_options.h"
#include "input_pcap.h"
#include "scan.h"
#include "setting.h"

#define AT(field)	offsetof(struct extract_options, field)

static const struct setting settings[] = {
	{"ring", 0, SETTING_TEXT, AT(ring), 0, 0, NULL},
	{"output", 'o', SETTING_TEXT, AT(output), 0, 0, NULL},
	{"ref", 0, SETTING_TEXT, AT(ref_text), 0, 0, NULL},
	{"from", 0, SETTING_TEXT, AT(from), 0, 0, NULL},
	{"to", 0, SETTING_TEXT, AT(to), 0, 0, NULL},
	{"src", 0, SETTING_TEXT, AT(src), 0, 0, NULL},
	{"dst", 0, SETTING_TEXT, AT(dst), 0, 0, NULL},
	{"sport", 0, SETTING_TEXT, AT(sport), 0, 0, NULL},
	{"dport", 0, SETTING_TEXT, AT(dport), 0, 0, NULL},
	{"proto", 0, SETTING_TEXT, AT(proto), 0, 0, NULL},
	{"both", 0, SETTING_ON, AT(has_both), 0, 0, NULL},
	{"filter", 0, SETTING_TEXT, AT(filter), 0, 0, NULL},
	{"link-type", 0, SETTING_NUMBER, AT(link_type), 0, 65535, NULL}
};

#define SETTING_COUNT	((int) (sizeof(settings) / sizeof(settings[0])))

static const char help[] =
"flowcollectd extract finds packets in a ring and writes them to a capture file.\n"
"\n"
"Usage:\n"
"  flowcollectd extract --ring=DIR -o FILE [OPTION]...\n"
"\n"
"      --ring=DIR             the ring, which may be in use\n"
"  -o, --output=FILE          pcap with nanoseconds (- is stdout)\n"
"\n"
"What is wanted, at least one of:\n"
"      --ref=PCAP_REF         the packets of the row that has this in pcap_ref\n"
"      --src=ADDRESS, --dst=ADDRESS, --sport=N, --dport=N, --proto=NAME\n"
"                             those of a flow; of ICMP --dport is type * 256 + code\n"
"      --both                 and those of the other direction\n"
"      --from=TIME, --to=TIME from and up to a time (ISO 8601, UTC unless it has a\n"
"                             zone, or seconds since 1970)\n"
"      --filter=BPF           those that this lets through\n"
"      --link-type=N          those of this link type\n"
"\n"
"Exit status: 0 found, 1 not found or not whole, 2 wrong usage.\n";

static void usage_error(const char *fmt,...)
			__attribute__((noreturn, format(printf, 1, 2)));

static void
usage_error(const char *fmt,...)
{
	va_list		args;

	fputs("flowcollectd extract: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\nTry \"flowcollectd extract --help\" for more information.\n", stderr);
	exit(2);
}

static void
parse_command_line(struct extract_options *options, int argc, char **argv)
{
	struct option longs[SETTING_COUNT + 2] = {{0}};
	char		error[SETTING_ERROR_LEN];
	int			option;

	for (int i = 0; i < SETTING_COUNT; i++)
		longs[i] = (struct option) {
			settings[i].name,
			setting_has_value(&settings[i]) ? required_argument : no_argument, NULL, 1000 + i
		};
	longs[SETTING_COUNT] = (struct option) {"help", no_argument, NULL, 'h'};
	optind = 1;
	while ((option = getopt_long(argc, argv, "o:h", longs, NULL)) != -1)
	{
		if (option == 'h')
		{
			fputs(help, stdout);
			exit(0);
		}
		if (option == '?')
		{						/* getopt has printed why */
			fputs("Try \"flowcollectd extract --help\" for more information.\n", stderr);
			exit(2);
		}
		if (!setting_set(&settings[option == 'o' ? 1 : option - 1000], options, optarg, error))
			usage_error("%s", error);
	}
	if (optind < argc)
		usage_error("unexpected argument \"%s\"", argv[optind]);
}

static void
read_time(const char *name, const char *text, int64_t *us)
{
	if (text != NULL && !scan_time(text, strlen(text), SCAN_AUTO, us))
		usage_error("invalid time \"%s\" for \"%s\"", text, name);
}

static void
read_addr(struct extract_options *options, unsigned field, const char *text,
		  struct flow_addr *addr)
{
	if (text == NULL)
		return;
	if (!scan_addr(text, strlen(text), addr))
		usage_error("invalid address \"%s\"", text);
	options->fields |= field;
}

static void
read_port(struct extract_options *options, unsigned field, const char *text, uint16_t *port)
{
	uint64_t	number;

	if (text == NULL)
		return;
	if (!scan_uint(text, strlen(text), UINT16_MAX, &number))
		usage_error("invalid port \"%s\"", text);
	*port = (uint16_t) number;
	options->fields |= field;
}

static bool
has_ports(uint8_t proto)
{
	return proto == FLOW_PROTO_TCP || proto == FLOW_PROTO_UDP || proto == FLOW_PROTO_SCTP;
}

/* Ports that cannot be but 0 need not be given. */
static void
add_zero_ports(struct extract_options *options)
{
	uint8_t		proto = options->key.proto;

	if ((options->fields & RING_PROTO) == 0 || has_ports(proto))
		return;
	options->fields |= RING_SRC_PORT;
	if (proto != FLOW_PROTO_ICMP && proto != FLOW_PROTO_ICMP6)
		options->fields |= RING_DST_PORT;
}

static void
read_texts(struct extract_options *options)
{
	read_time("from", options->from, &options->from_us);
	read_time("to", options->to, &options->to_us);
	read_addr(options, RING_SRC_ADDR, options->src, &options->key.src);
	read_addr(options, RING_DST_ADDR, options->dst, &options->key.dst);
	read_port(options, RING_SRC_PORT, options->sport, &options->key.src_port);
	read_port(options, RING_DST_PORT, options->dport, &options->key.dst_port);
	if (options->proto != NULL)
	{
		if (!scan_proto(options->proto, strlen(options->proto), &options->key.proto))
			usage_error("invalid protocol \"%s\"", options->proto);
		options->fields |= RING_PROTO;
	}
	if (options->ref_text != NULL && !ring_ref_parse(options->ref_text, &options->ref))
		usage_error("\"%s\" is no value of pcap_ref", options->ref_text);
	if (options->link_type != EXTRACT_ANY_LINK_TYPE)
		options->link_type = (uint64_t) input_pcap_dlt((int) options->link_type);
}

void
extract_options_parse(struct extract_options *options, int argc, char **argv)
{
	*options = (struct extract_options) {
		.from_us = INT64_MIN,.to_us = INT64_MAX,.link_type = EXTRACT_ANY_LINK_TYPE
	};
	parse_command_line(options, argc, argv);
	if (options->ring == NULL)
		usage_error("no ring given");
	if (options->output == NULL)
		usage_error("no output given");
	read_texts(options);
	if (options->ref_text == NULL && options->fields == 0 && options->from == NULL &&
		options->to == NULL && options->filter == NULL &&
		options->link_type == EXTRACT_ANY_LINK_TYPE)
		usage_error("nothing is said of what is wanted");
	if (options->has_both && options->ref_text == NULL && options->fields == 0)
		usage_error("\"both\" needs a flow");
	add_zero_ports(options);
	if (options->from_us > options->to_us)
		usage_error("\"from\" is after \"to\"");
}
