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

#include "clock.h"
#include "counter.h"
#include "decode_export.h"
#include "decode_packet.h"
#include "decode_sflow.h"
#include "export_memory.h"
#include "exporter.h"
#include "input_digest.h"
#include "input_live.h"
#include "input_pcap.h"
#include "input_replay.h"
#include "input_udp.h"
#include "input_watch.h"
#include "load.h"
#include "log.h"
#include "meter.h"
#include "options.h"
#include "progress.h"
#include "sink_copy.h"
#include "sink_ranges.h"
#include "sink_text.h"

#define MAX_SINKS			2
#define FRAMES_PER_TICK		1024
#define BURSTS_PER_TICK		16
#define LINES_PER_TICK		4096
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
			.is_live = options->urls.n > 0 || options->live.device != NULL ||
				options->watches.n > 0,
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
		   struct meter *meter)
{
	enum capture_result result = CAPTURE_END;
	struct frame frame;

	while (goes_on(collector) &&
		   (result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
	{
		meter_frame(meter, &frame);
		if (collector->counters.packets % FRAMES_PER_TICK == 0)
			between_frames(collector, capture);
	}

	/* where flows end too early now, the rest of the load has other ones */
	if (!stop_requested || collector->source[0] == '\0')
		meter_flush(meter);
	end_frames(collector, capture, result);
}

static struct meter *
open_meter(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct meter_options meter = {
		.max_flows = (uint32_t) options->max_flows,
		.active_us = options->active_us,
		.idle_us = options->idle_us,
		.tunnels = options->tunnels,
		.has_details = options->has_details,
		.has_payload = options->has_payload,
		.has_profile = options->has_profile,
		.max_payloads = (uint32_t) options->max_payloads,
		.sensor = options->sensor,
		.hash_key = collector->hash_key,
		.out = {put_to_sinks, collector},
		.counters = &collector->counters
	};

	return meter_open(&meter);
}

static void
run_capture(struct collector *collector)
{
	const char *path = collector->options.capture;
	struct capture *capture = input_pcap_open(path, &collector->counters);
	struct meter *meter;

	if (capture == NULL)
		exit(1);
	meter = open_meter(collector);
	meter_file(collector, capture, meter);
	if (collector->counters.ip_packets == 0 && !collector->has_sink_failed &&
		!collector->has_input_failed)
		log_info("no IP packets in \"%s\"", path);
	end_source(collector, path);
	meter_close(meter);
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

/*
 * Wait for fds[nfds], which has room for the sinks, for these, for
 * timeout_ms (-1: for ever), or for a signal, which mask lets in.
 */
static void
wait_for_work(struct collector *collector, struct pollfd *fds, int nfds,
			  int timeout_ms, const sigset_t *mask)
{
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
		fatal("could not wait for input");
}

static void
block_signals(sigset_t *before)
{
	sigset_t	blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, before);
}

static void
begin_drain(struct collector *collector)
{
	for (int i = 0; i < collector->nsinks; i++)
		collector->sinks[i]->ops->begin_drain(collector->sinks[i]);
}

/* What the kernel has accepted for us already is not thrown away. */
static void
drain(struct collector *collector, struct udp_input *input,
	  struct export_decoder *exports)
{
	bool		has_more = true;

	begin_drain(collector);
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
	struct pollfd fds[UDP_MAX_SOCKETS + MAX_SINKS];
	sigset_t	mask;

	if (input == NULL)
		exit(1);
	block_signals(&mask);
	tick_sinks(collector, clock_monotonic_us());
	log_info("listening on %d address%s", options->urls.n,
			 options->urls.n == 1 ? "" : "es");
	while (goes_on(collector))
	{
		wait_for_work(collector, fds, input_udp_poll(input, fds, clock_monotonic_us()),
					  input_udp_timeout(input, clock_monotonic_us()), &mask);
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

/* A table may have any column. */
static bool
wants_fields(const struct options *options)
{
	if (options->conninfo != NULL)
		return true;
	for (int i = 0; i < options->columns.n; i++)
	{
		if (options->columns.ids[i] == COLUMN_CORE_COUNT + FLOW_FIELDS)
			return true;
	}
	return false;
}

static void
meter_live_frame(void *arg, const struct frame *frame)
{
	meter_frame(arg, frame);
}

/* Read what waits now; then end the flows that are idle by the clock. */
static bool
read_live(struct live *live, struct meter *meter)
{
	struct frame_out out = {meter_live_frame, meter};
	bool		has_more = true;

	for (int i = 0; i < BURSTS_PER_TICK && has_more; i++)
		has_more = input_live_read(live, FRAMES_PER_TICK, out,
								   clock_monotonic_us());
	if (!has_more)
		meter_advance(meter, clock_realtime_us() - 2 * LIVE_DELAY_US);
	return has_more;
}

static void
run_live(struct collector *collector)
{
	const struct live_options *options = &collector->options.live;
	struct live *live = input_live_open(options, &collector->counters);
	struct pollfd fds[1 + MAX_SINKS];
	struct meter *meter;
	sigset_t	mask;
	int			step = 0;

	if (live == NULL)
		exit(1);
	meter = open_meter(collector);
	block_signals(&mask);
	tick_sinks(collector, clock_monotonic_us());
	log_info("capturing from interface \"%s\"", options->device);
	while (goes_on(collector))
	{
		wait_for_work(collector, fds, 1,
					  input_live_poll(live, &fds[0], clock_monotonic_us()), &mask);
		if (stop_requested)
			break;
		(void) read_live(live, meter);
		tick_sinks(collector, clock_monotonic_us());
		answer_stats_request(collector);
	}
	begin_drain(collector);
	while (step++ < DRAIN_STEPS && read_live(live, meter))
		tick_sinks(collector, clock_monotonic_us());
	input_live_close(live);
	meter_flush(meter);
	meter_close(meter);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
run_exports(struct collector *collector)
{
	struct export_decoder exports = {
		.counters = &collector->counters,
		.exporters = exporter_table_open(&collector->counters,
										 collector->hash_key),
		.sflow = sflow_decoder_open(&collector->counters, collector->hash_key),
		.memory = export_memory_open(&collector->counters, collector->hash_key),
		.want_fields = wants_fields(&collector->options),
		.out = {put_to_sinks, collector},
		.sensor = collector->options.sensor,
		.max_skew_us = collector->options.max_skew_us
	};

	if (exports.exporters == NULL || exports.sflow == NULL || exports.memory == NULL)
		fatalx("out of memory");
	if (collector->options.replay != NULL)
		run_replay(collector, &exports);
	else
		run_listen(collector, &exports);
	sflow_decoder_close(exports.sflow);
	exporter_table_close(exports.exporters);
	export_memory_close(exports.memory);
}

static bool
is_column_written(const struct options *options, enum column_id id)
{
	for (int i = 0; options->output != NULL && i < options->columns.n; i++)
		if (options->columns.ids[i] == id)
			return true;
	return options->conninfo != NULL;
}

/* What every so many lines of a feed is due. */
static bool
between_lines(void *arg, const char *source, uint64_t position)
{
	struct collector *collector = arg;

	(void) source;
	(void) position;
	tick_sinks(collector, clock_monotonic_us());
	answer_stats_request(collector);
	return goes_on(collector);
}

static struct load_options
load_options(struct collector *collector)
{
	const struct options *options = &collector->options;

	return (struct load_options) {
		.feed = {
			.format = (enum feed_format) options->format,
			.wants_fields = is_column_written(options, COLUMN_CORE_COUNT + FLOW_FIELDS),
			.sensor = options->sensor,
			.out = {put_to_sinks, collector},
			.counters = &collector->counters
		},
		.rejected = options->bad_lines,
		.mark = between_lines,
		.arg = collector
	};
}

static void
run_load(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct load_options load_with = load_options(collector);
	struct load *load = load_open(&load_with);

	if (load == NULL)
		exit(1);
	for (int i = 0; i < options->loads.n && goes_on(collector); i++)
		if (!load_file(load, options->loads.items[i]))
			collector->has_input_failed = true;
	for (int i = 0; i < options->nmore_loads && goes_on(collector); i++)
		if (!load_file(load, options->more_loads[i]))
			collector->has_input_failed = true;
	if (!load_close(load))
		collector->has_input_failed = true;
}

/* Wait for files, for the sinks, or for a signal, which mask lets in. */
static void
wait_for_files(struct collector *collector, struct input_watch *watch, const sigset_t *mask)
{
	struct pollfd fds[1 + MAX_SINKS];
	int			timeout_ms = input_watch_poll(watch, &fds[0], clock_monotonic_us());
	struct timespec timeout;

	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];
		int			ms = sink->ops->poll(sink, &fds[1 + i], clock_monotonic_us());

		if (ms >= 0 && ms < timeout_ms)
			timeout_ms = ms;
	}
	timeout.tv_sec = timeout_ms / 1000;
	timeout.tv_nsec = (long) (timeout_ms % 1000) * 1000000;
	if (ppoll(fds, (nfds_t) (1 + collector->nsinks), &timeout, mask) < 0 && errno != EINTR)
		fatal("could not wait for files");
}

static void
run_watch(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct load_options load_with = load_options(collector);
	struct load *load = load_open(&load_with);
	struct input_watch *watch = load == NULL ? NULL :
		input_watch_open(options->watches.items, options->watches.n, load, &load_with);
	sigset_t	blocked;
	sigset_t	mask;

	if (watch == NULL)
		exit(1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &mask);
	for (int i = 0; i < collector->nsinks; i++)
		collector->sinks[i]->ops->begin_drain(collector->sinks[i]);
	while (goes_on(collector))
	{
		wait_for_files(collector, watch, &mask);
		if (stop_requested)
			break;
		(void) input_watch_read(watch, LINES_PER_TICK, clock_monotonic_us());
		tick_sinks(collector, clock_monotonic_us());
		answer_stats_request(collector);
	}
	input_watch_close(watch);
	if (!load_close(load))
		collector->has_input_failed = true;
	sigprocmask(SIG_SETMASK, &mask, NULL);
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
	else if (collector.options.live.device != NULL)
		run_live(&collector);
	else if (collector.options.loads.n > 0)
		run_load(&collector);
	else if (collector.options.watches.n > 0)
		run_watch(&collector);
	else
		run_exports(&collector);
	close_sinks(&collector);
	if (collector.counters.rows_known > 0)
		log_info("%llu rows were in the table already",
				 (unsigned long long) collector.counters.rows_known);
	print_stats(&collector, collector.options.stats);
	return collector.has_sink_failed || collector.has_input_failed ? 1 : 0;
}
