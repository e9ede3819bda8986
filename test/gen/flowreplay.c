/*-------------------------------------------------------------------------
 *
 * flowreplay: sends the UDP datagrams that a capture recorded to a collector.
 *
 * The capture is read into memory first, so that reading does not slow down
 * the sending.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode_packet.h"
#include "input_pcap.h"
#include "input_replay.h"
#include "sender.h"

#define EXIT_USAGE		2
#define SPEED_MAX		0.0		/* no waiting */
#define LOOPS_MAX		1000000
#define SLEEP_MIN_NS	100000	/* shorter waits are not worth a system call */
#define US_PER_SECOND	1000000

struct recorded
{
	int64_t		time_us;
	size_t		off;			/* into bytes */
	uint32_t	len;
	int			source;
};

struct recording
{
	struct recorded *datagrams;
	size_t		n;
	size_t		capacity;
	uint8_t    *bytes;
	size_t		nbytes;
	size_t		bytes_capacity;
	struct flow_addr exporters[SENDER_MAX_SOURCES];
	int			nexporters;
	uint64_t	nleft_out;		/* fragmented */
};

struct settings
{
	double		speed;			/* SPEED_MAX, or times the original pace */
	int			loops;
	bool		keeps_apart;
	const char *capture;
	const char *url;
};

static const char help[] =
"flowreplay sends the UDP datagrams of a capture file to a collector.\n"
"\n"
"Usage:\n"
"  flowreplay [OPTION]... FILE udp://HOST:PORT\n"
"\n"
"      --speed=X  X times the original pace (default 1), or max\n"
"      --loop=N   send all of it N times (default 1)\n"
"      --apart    each exporter of the capture sends from an address of its own,\n"
"                 127.1.0.1 and following, or, to another host, a port of its own\n"
"      --help     show this help and exit\n"
"\n"
"At the end it prints how much was sent.  Later loops repeat the sequence numbers.\n";

static void
reject(const char *what, const char *value)
{
	fprintf(stderr, "flowreplay: invalid %s \"%s\", try --help\n", what, value);
	exit(EXIT_USAGE);
}

static void
parse_speed(struct settings *settings, const char *text)
{
	char	   *end;

	settings->speed = SPEED_MAX;
	if (strcmp(text, "max") == 0)
		return;
	settings->speed = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(settings->speed) ||
		settings->speed < 0.001 || settings->speed > 1e6)
		reject("speed", text);
}

static void
parse_options(struct settings *settings, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"speed", required_argument, NULL, 's'},
		{"loop", required_argument, NULL, 'l'},
		{"apart", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}
	};
	int			option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
	{
		char	   *end;

		switch (option)
		{
			case 's':
				parse_speed(settings, optarg);
				break;
			case 'l':
				settings->loops = (int) strtol(optarg, &end, 10);
				if (*end != '\0' || settings->loops < 1 || settings->loops > LOOPS_MAX)
					reject("number of loops", optarg);
				break;
			case 'a':
				settings->keeps_apart = true;
				break;
			case 'h':
				fputs(help, stdout);
				exit(0);
			default:
				exit(EXIT_USAGE);
		}
	}
	if (argc - optind != 2)
	{
		fprintf(stderr, "flowreplay: a file and an address are needed, try --help\n");
		exit(EXIT_USAGE);
	}
	settings->capture = argv[optind];
	settings->url = argv[optind + 1];
}

/* Room for one more element and for len more bytes; exits when out of memory. */
static void
make_room(struct recording *recording, size_t len)
{
	if (recording->n == recording->capacity)
	{
		recording->capacity = recording->capacity * 2 + 1024;
		recording->datagrams = realloc(recording->datagrams,
									   recording->capacity * sizeof(struct recorded));
	}
	if (recording->bytes_capacity - recording->nbytes < len)
	{
		recording->bytes_capacity = recording->bytes_capacity * 2 + len + 65536;
		recording->bytes = realloc(recording->bytes, recording->bytes_capacity);
	}
	if (recording->datagrams == NULL || recording->bytes == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
}

/* The number of an exporter; those beyond the limit share numbers. */
static int
source_of(struct recording *recording, const struct flow_addr *exporter)
{
	static unsigned int overflow;

	for (int i = 0; i < recording->nexporters; i++)
		if (memcmp(&recording->exporters[i], exporter, sizeof(*exporter)) == 0)
			return i;
	if (recording->nexporters == SENDER_MAX_SOURCES)
		return (int) (overflow++ % SENDER_MAX_SOURCES);
	recording->exporters[recording->nexporters] = *exporter;
	return recording->nexporters++;
}

static void
record_datagram(struct recording *recording, const struct datagram *datagram)
{
	make_room(recording, datagram->len);
	recording->datagrams[recording->n++] = (struct recorded) {
		.time_us = datagram->received_us,
		.off = recording->nbytes,
		.len = (uint32_t) datagram->len,
		.source = source_of(recording, &datagram->exporter)
	};
	memcpy(recording->bytes + recording->nbytes, datagram->bytes, datagram->len);
	recording->nbytes += datagram->len;
}

/* Returns false if the capture is damaged; what comes before is there then. */
static bool
read_capture(struct recording *recording, const char *path)
{
	struct counters counters = {0};
	struct capture *capture = input_pcap_open(path, &counters);
	struct packet_decoder *packets = packet_decoder_open(&counters, hash_key_random());
	enum capture_result result;
	struct frame frame;
	struct datagram datagram;

	if (capture == NULL)
		exit(1);
	if (packets == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	while ((result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
		if (input_replay_datagram(packets, &frame, &datagram))
			record_datagram(recording, &datagram);
	recording->nleft_out = counters.datagrams_fragmented;
	packet_decoder_close(packets);
	input_pcap_close(capture);
	return result == CAPTURE_END;
}

/* From the first datagram of a loop to the first of the next one. */
static int64_t
loop_us(const struct recording *recording)
{
	int64_t		first = recording->datagrams[0].time_us;
	int64_t		span = recording->datagrams[recording->n - 1].time_us - first;

	return span <= 0 ? 0 : span + span / (int64_t) recording->n + 1;
}

static void
send_loop(struct sender *sender, const struct recording *recording,
		  const struct settings *settings, int loop)
{
	int64_t		first = recording->datagrams[0].time_us;
	double		begin_us = (double) loop * (double) loop_us(recording);

	for (size_t i = 0; i < recording->n; i++)
	{
		const struct recorded *datagram = &recording->datagrams[i];

		if (settings->speed != SPEED_MAX)
		{
			double		due_us = begin_us + (double) (datagram->time_us - first);
			int64_t		due_ns = (int64_t) (due_us * 1000 / settings->speed);

			if (due_ns > sender_elapsed_ns(sender) + SLEEP_MIN_NS)
				sender_wait(sender, due_ns);
		}
		sender_put(sender, settings->keeps_apart ? datagram->source : 0,
				   recording->bytes + datagram->off, datagram->len);
	}
	sender_flush(sender);
}

int
main(int argc, char **argv)
{
	static struct recording recording;
	struct settings settings = {.speed = 1, .loops = 1};
	struct sender *sender;
	bool		is_good;
	uint64_t	count;
	int64_t		elapsed_us;

	parse_options(&settings, argc, argv);
	is_good = read_capture(&recording, settings.capture);
	sender = sender_open(settings.url,
						 settings.keeps_apart && recording.nexporters > 0 ? recording.nexporters : 1);
	if (sender == NULL)
		return 1;
	for (int loop = 0; loop < settings.loops && recording.n > 0; loop++)
		send_loop(sender, &recording, &settings, loop);
	elapsed_us = sender_elapsed_ns(sender) / 1000;
	count = sender_count(sender);
	is_good &= sender_close(sender);
	printf("datagrams %" PRIu64 "\nbytes %" PRIu64 "\nexporters %d\nleft_out %" PRIu64
		   "\nseconds %" PRId64 ".%03d\n", count, (uint64_t) recording.nbytes *
		   (uint64_t) settings.loops, recording.nexporters,
		   recording.nleft_out * (uint64_t) settings.loops, elapsed_us / US_PER_SECOND,
		   (int) (elapsed_us % US_PER_SECOND / 1000));
	free(recording.datagrams);
	free(recording.bytes);
	return is_good ? 0 : 1;
}
