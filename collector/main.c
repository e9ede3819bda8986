/*-------------------------------------------------------------------------
 *
 * flowcollectd: packets and flow exports in, rows out.
 *
 *		input_* --bytes--> decode_* --struct flow--> cache --struct flow--> sink_*
 *
 * One thread.  Records of exporters are flows already and go from the decoder
 * to the sinks; packets go through the cache.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cache.h"
#include "clock.h"
#include "counter.h"
#include "decode_export.h"
#include "decode_packet.h"
#include "exporter.h"
#include "input_digest.h"
#include "input_pcap.h"
#include "input_replay.h"
#include "input_udp.h"
#include "log.h"
#include "options.h"
#include "progress.h"
#include "sink_copy.h"
#include "sink_ranges.h"
#include "sink_text.h"

#define MAX_SINKS			2
#define FRAMES_PER_TICK		1024
#define BURSTS_PER_TICK		16
#define DRAIN_STEPS			256 /* of that many bursts, when stopping */

struct collector
{
	struct options options;
	struct counters counters;
	struct hash_key hash_key;
	struct sink *sinks[MAX_SINKS];
	int			nsinks;
	char		source[sizeof("replay:") + DIGEST_HEX_LEN]; /* of the file, or empty */
	uint64_t	position;		/* flows put, of a source */
	bool		has_sink_failed;	/* one at least, and has said why */
	bool		has_input_failed;	/* what was read before is good */
};

static volatile sig_atomic_t stop_requested;
static volatile sig_atomic_t stats_requested;

static void
on_signal(int signo)
{
	if (signo == SIGUSR1)
		stats_requested = 1;
	else if (stop_requested)
		_exit(128 + signo);
	else
		stop_requested = 1;
}

static void
install_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void
print_stats(const struct collector *collector, int form)
{
	if (form == STATS_JSON)
		counter_print_json(&collector->counters, stderr);
	else if (form == STATS_TEXT)
		counter_print(&collector->counters, stderr);
}

static void
answer_stats_request(struct collector *collector)
{
	if (!stats_requested)
		return;
	stats_requested = 0;
	print_stats(collector, collector->options.stats == STATS_JSON ?
				STATS_JSON : STATS_TEXT);
}

static bool
goes_on(const struct collector *collector)
{
	return !stop_requested && !collector->has_sink_failed;
}

static void
note_result(struct collector *collector, struct sink *sink, bool is_good)
{
	if (is_good)
		return;
	sink->has_failed = true;
	collector->has_sink_failed = true;
}

static void
mark_sinks(struct collector *collector, uint64_t position)
{
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->mark(sink, position));
	}
}

/* The last stage of every pipeline. */
static void
put_to_sinks(void *arg, const struct flow *flow)
{
	struct collector *collector = arg;

	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->put(sink, flow));
	}
	if (collector->source[0] != '\0')
		mark_sinks(collector, ++collector->position);
}

static void
tick_sinks(struct collector *collector, int64_t now_us)
{
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->tick(sink, now_us));
	}
}

static void
add_sink(struct collector *collector, struct sink *sink)
{
	if (sink == NULL)
		exit(1);				/* it has said why */
	collector->sinks[collector->nsinks++] = sink;
}

/* A file that is loaded twice counts once, if it can be recognized. */
static void
name_source(struct collector *collector)
{
	const struct options *options = &collector->options;
	const char *path = options->capture != NULL ? options->capture : options->replay;
	char		hex[DIGEST_HEX_LEN + 1];

	if (path != NULL && options->conninfo != NULL && !options->loads_again &&
		input_digest(path, &stop_requested, hex))
		snprintf(collector->source, sizeof(collector->source), "%s:%s",
				 options->capture != NULL ? "file" : "replay", hex);
}

static void
open_sinks(struct collector *collector)
{
	const struct options *options = &collector->options;

	if (options->output != NULL)
		add_sink(collector, sink_text_open(options->output, &options->columns,
										   options->has_header, options->batch_age_us,
										   &collector->counters));
	if (options->conninfo != NULL)
	{
		struct copy_options copy = {
			.conninfo = options->conninfo,
			.table = options->table,
			.sensor = options->sensor,
			.source = collector->source[0] == '\0' ? NULL : collector->source,
			.rejected = options->rejected,
			.connections = (int) options->connections,
			.batch_rows = options->batch_rows,
			.queue_bytes = options->queue_bytes,
			.max_age_us = options->batch_age_us,
			.is_live = options->urls.n > 0,
			.stop_requested = &stop_requested,
			.counters = &collector->counters
		};

		add_sink(collector, sink_copy_open(&copy));
	}
}

static void
close_sinks(struct collector *collector)
{
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->finish(sink));
	}
	for (int i = 0; i < collector->nsinks; i++)
		collector->sinks[i]->ops->close(collector->sinks[i]);
}

/* What every so many frames of a file is due. */
static void
between_frames(struct collector *collector, const struct capture *capture)
{
	tick_sinks(collector, clock_monotonic_us());
	answer_stats_request(collector);
	if (collector->options.shows_progress && progress_is_due())
		progress_show(input_pcap_percent(capture), &collector->counters);
}

/*
 * The file is complete, so no row of it will be new, whatever the options are
 * under which it is read again.
 */
static void
end_source(struct collector *collector, const char *path)
{
	if (collector->source[0] == '\0')
		return;
	if (stop_requested)
		log_info("\"%s\" is not complete, load it again to go on", path);
	else if (!collector->has_input_failed && !collector->has_sink_failed)
		mark_sinks(collector, RANGES_MAX_POSITION);
}

static void
end_frames(struct collector *collector, struct capture *capture,
		   enum capture_result result)
{
	if (collector->options.shows_progress)
		progress_show(input_pcap_percent(capture), &collector->counters);
	if (result == CAPTURE_FAILED && !stop_requested)
		collector->has_input_failed = true;
	input_pcap_close(capture);
}

static void
meter_file(struct collector *collector, struct capture *capture,
		   struct packet_decoder *decoder, struct cache *cache)
{
	enum capture_result result = CAPTURE_END;
	struct frame frame;
	struct packet packet;

	while (goes_on(collector) &&
		   (result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
	{
		if (decode_packet(decoder, &frame, &packet))
		{
			packet.flow.sensor = collector->options.sensor;
			cache_advance(cache, frame.time_us);
			cache_add(cache, &packet.flow);
		}
		if (collector->counters.packets % FRAMES_PER_TICK == 0)
			between_frames(collector, capture);
	}

	/* where flows end too early now, the rest of the load has other ones */
	if (!stop_requested || collector->source[0] == '\0')
		cache_flush(cache);
	end_frames(collector, capture, result);
}

static void
run_capture(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct cache_options cache_options = {
		.max_flows = (uint32_t) options->max_flows,
		.active_us = options->active_us,
		.idle_us = options->idle_us,
		.hash_key = collector->hash_key,
		.out = {put_to_sinks, collector},
		.counters = &collector->counters
	};
	struct capture *capture = input_pcap_open(options->capture,
											  &collector->counters);
	struct packet_decoder *decoder = packet_decoder_open(&collector->counters,
														 collector->hash_key);
	struct cache *cache = cache_open(&cache_options);

	if (capture == NULL)
		exit(1);
	if (decoder == NULL || cache == NULL)
		fatalx("out of memory for %u flows", cache_options.max_flows);
	meter_file(collector, capture, decoder, cache);
	if (collector->counters.ip_packets == 0 && !collector->has_sink_failed &&
		!collector->has_input_failed)
		log_info("no IP packets in \"%s\"", options->capture);
	end_source(collector, options->capture);
	cache_close(cache);
	packet_decoder_close(decoder);
}

static void
run_replay(struct collector *collector, struct export_decoder *exports)
{
	const char *path = collector->options.replay;
	struct capture *capture = input_pcap_open(path, &collector->counters);
	struct packet_decoder *packets = packet_decoder_open(&collector->counters,
														 collector->hash_key);
	enum capture_result result = CAPTURE_END;
	struct frame frame;
	struct datagram datagram;

	if (capture == NULL)
		exit(1);
	if (packets == NULL)
		fatalx("out of memory");
	while (goes_on(collector) &&
		   (result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
	{
		if (input_replay_datagram(packets, &frame, &datagram))
			decode_export(exports, &datagram);
		if (collector->counters.packets % FRAMES_PER_TICK == 0)
			between_frames(collector, capture);
	}
	if (collector->counters.datagrams == 0 && result != CAPTURE_FAILED)
		log_info("no UDP datagrams in \"%s\"", path);
	end_frames(collector, capture, result);
	end_source(collector, path);
	packet_decoder_close(packets);
}

/* Wait for datagrams, for the sinks, or for a signal, which mask lets in. */
static void
wait_for_work(struct collector *collector, struct udp_input *input,
			  const sigset_t *mask)
{
	struct pollfd fds[UDP_MAX_SOCKETS + MAX_SINKS];
	int			nfds = input_udp_poll(input, fds, clock_monotonic_us());
	int			timeout_ms = input_udp_timeout(input, clock_monotonic_us());
	struct timespec timeout;

	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];
		int			ms = sink->ops->poll(sink, &fds[nfds++],
										 clock_monotonic_us());

		if (ms >= 0 && (timeout_ms < 0 || ms < timeout_ms))
			timeout_ms = ms;
	}
	timeout.tv_sec = timeout_ms / 1000;
	timeout.tv_nsec = (long) (timeout_ms % 1000) * 1000000;
	if (ppoll(fds, (nfds_t) nfds, timeout_ms < 0 ? NULL : &timeout, mask) < 0 &&
		errno != EINTR)
		fatal("could not wait for datagrams");
}

/* What the kernel has accepted for us already is not thrown away. */
static void
drain(struct collector *collector, struct udp_input *input,
	  struct export_decoder *exports)
{
	bool		has_more = true;

	for (int i = 0; i < collector->nsinks; i++)
		collector->sinks[i]->ops->begin_drain(collector->sinks[i]);
	for (int step = 0; step < DRAIN_STEPS && has_more; step++)
	{
		has_more = false;
		for (int i = 0; i < collector->options.urls.n; i++)
			has_more |= input_udp_receive(input, i, BURSTS_PER_TICK, exports);
		tick_sinks(collector, clock_monotonic_us());
	}
}

static void
run_listen(struct collector *collector, struct export_decoder *exports)
{
	const struct options *options = &collector->options;
	struct udp_input *input = input_udp_open(options->urls.items, options->urls.n,
											 &collector->counters);
	sigset_t	blocked;
	sigset_t	mask;

	if (input == NULL)
		exit(1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &mask);
	tick_sinks(collector, clock_monotonic_us());
	log_info("listening on %d address%s", options->urls.n,
			 options->urls.n == 1 ? "" : "es");
	while (goes_on(collector))
	{
		wait_for_work(collector, input, &mask);
		if (stop_requested)
			break;
		for (int i = 0; i < options->urls.n; i++)
			(void) input_udp_receive(input, i, BURSTS_PER_TICK, exports);
		tick_sinks(collector, clock_monotonic_us());
		answer_stats_request(collector);
	}
	drain(collector, input, exports);
	input_udp_close(input);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
run_exports(struct collector *collector)
{
	struct export_decoder exports = {
		.counters = &collector->counters,
		.exporters = exporter_table_open(&collector->counters,
										 collector->hash_key),
		.out = {put_to_sinks, collector},
		.sensor = collector->options.sensor,
		.max_skew_us = collector->options.max_skew_us
	};

	if (exports.exporters == NULL)
		fatalx("out of memory");
	if (collector->options.replay != NULL)
		run_replay(collector, &exports);
	else
		run_listen(collector, &exports);
	exporter_table_close(exports.exporters);
}

int
main(int argc, char **argv)
{
	static struct collector collector;

	options_parse(&collector.options, argc, argv);
	collector.hash_key = collector.options.hash_seed != OPTIONS_NO_SEED ?
		hash_key_seeded(collector.options.hash_seed) : hash_key_random();
	install_signals();
	name_source(&collector);
	open_sinks(&collector);
	if (collector.options.capture != NULL)
		run_capture(&collector);
	else
		run_exports(&collector);
	close_sinks(&collector);
	if (collector.counters.rows_known > 0)
		log_info("%llu rows were in the table already",
				 (unsigned long long) collector.counters.rows_known);
	print_stats(&collector, collector.options.stats);
	return collector.has_sink_failed || collector.has_input_failed ? 1 : 0;
}
