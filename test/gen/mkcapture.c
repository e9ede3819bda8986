/*-------------------------------------------------------------------------
 *
 * mkcapture: half an hour of a small office network as a pcap file, the
 * same for the same arguments on every machine.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <stdlib.h>

#include "scenes.h"

#define START_US		INT64_C(1735722000000000)	/* 2025-01-01 09:00 UTC */
#define SPAN_US			INT64_C(1800000000)
#define PACKETS_MAX		10000000
#define EXIT_USAGE		2

static const char help[] =
"mkcapture writes made-up packets to a pcap file.\n"
"\n"
"Usage:\n"
"  mkcapture [OPTION]... FILE\n"
"\n"
"      --packets=N  number of packets (default 18000)\n"
"      --seed=N     another seed gives another half hour (default 1)\n"
"      --help       show this help and exit\n";

static const struct option long_options[] = {
	{"packets", required_argument, NULL, 'p'},
	{"seed", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0}
};

static uint64_t
parse_number(const char *text, uint64_t lo, uint64_t hi)
{
	char	   *end;
	uint64_t	x = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || x < lo || x > hi)
	{
		fprintf(stderr, "mkcapture: invalid number \"%s\", try --help\n", text);
		exit(EXIT_USAGE);
	}
	return x;
}

static bool
write_file(const char *path, uint64_t seed, uint32_t packets)
{
	struct capture *capture = capture_create();
	struct scenes *scenes = scenes_create(capture, seed, START_US, SPAN_US);
	FILE	   *file = fopen(path, "wb");
	bool		is_good = false;

	scenes_play_fixed(scenes);
	while (capture_count(capture) < packets)
		scenes_play_one(scenes);
	if (file != NULL)
	{
		is_good = capture_write(capture, file, packets);
		is_good = fclose(file) == 0 && is_good;
	}
	scenes_free(scenes);
	capture_free(capture);
	return is_good;
}

int
main(int argc, char **argv)
{
	uint64_t	seed = 1;
	uint32_t	packets = 18000;
	int			option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
	{
		switch (option)
		{
			case 'p':
				packets = (uint32_t) parse_number(optarg, 1, PACKETS_MAX);
				break;
			case 's':
				seed = parse_number(optarg, 0, INT64_MAX);
				break;
			case 'h':
				fputs(help, stdout);
				return 0;
			default:
				return EXIT_USAGE;
		}
	}
	if (optind + 1 != argc)
	{
		fprintf(stderr, "mkcapture: one file is needed, try --help\n");
		return EXIT_USAGE;
	}
	if (!write_file(argv[optind], seed, packets))
	{
		perror("mkcapture: could not write the file");
		return 1;
	}
	return 0;
}
