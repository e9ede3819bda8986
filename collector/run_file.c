/*-------------------------------------------------------------------------
 *
 * Captures of packets, metered, and of exports, replayed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "clock.h"
#include "collector.h"
#include "decode_packet.h"
#include "input_ipfix.h"
#include "input_pcap.h"
#include "input_replay.h"
#include "log.h"
#include "progress.h"
#include "run.h"
#include "sink_ranges.h"

#define FRAMES_PER_TICK		1024

/* A file that is loaded twice counts once, if it can be recognized. */
static void
open_sinks(struct collector *collector, const char *path)
{
	const char *source = collector_name_source(collector, path);

	collector->marks_flows = source != NULL;
	collector_open_text(collector);
	collector_open_copy(collector, source, false);
}

/* What every so many frames of a file is due. */
static void
between_frames(struct collector *collector, const struct capture *capture)
{
	collector_tick(collector);
	(void) collector_answer_signals(collector);
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
	if (collector_stop)
		log_info("\"%s\" is not complete, load it again to go on", path);
	else if (!collector->has_input_failed && !collector->has_sink_failed)
		collector_mark(collector, RANGES_MAX_POSITION);
}

static void
end_frames(struct collector *collector, struct capture *capture,
		   enum capture_result result)
{
	if (collector->options.shows_progress)
		progress_show(input_pcap_percent(capture), &collector->counters);
	if (result == CAPTURE_FAILED && !collector_stop)
		collector->has_input_failed = true;
	input_pcap_close(capture);
}

static void
meter_file(struct collector *collector, struct capture *capture,
		   struct meter *meter)
{
	enum capture_result result = CAPTURE_END;
	struct frame frame;

	while (collector_goes_on(collector) &&
		   (result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
	{
		meter_frame(meter, &frame);
		if (collector->counters.packets % FRAMES_PER_TICK == 0)
		{
			meter_tick(meter, clock_monotonic_us());
			between_frames(collector, capture);
		}
	}

	/* where flows end too early now, the rest of the load has other ones */
	if (!collector_stop || collector->source[0] == '\0')
		meter_flush(meter);
	end_frames(collector, capture, result);
}

/* It may be no capture. */
static bool
run_if_ipfix(struct collector *collector, const char *path)
{
	if (!input_ipfix_is(path))
		return false;
	collector_open_text(collector);
	run_ipfix_file(collector, path);
	return true;
}

void
run_capture(struct collector *collector)
{
	const char *path = collector->options.capture;
	struct capture *capture;
	struct meter_options options = collector_meter_options(collector);
	struct meter *meter;

	collector_drop_rights(collector);
	if (collector->options.ring != NULL && input_ipfix_is(path))
		fatalx("\"ring\" is for packets, and \"%s\" has IPFIX messages", path);
	if (run_if_ipfix(collector, path))
		return;
	capture = input_pcap_open(path, &collector->counters);
	if (capture == NULL)
		exit(1);
	open_sinks(collector, path);
	meter = meter_open(&options);
	if (!meter_open_ring(meter))
		exit(1);
	meter_file(collector, capture, meter);
	if (collector->counters.ip_packets == 0 && !collector->has_sink_failed &&
		!collector->has_input_failed)
		log_info("no IP packets in \"%s\"", path);
	end_source(collector, path);
	meter_close(meter);
}

void
run_replay(struct collector *collector)
{
	struct export_decoder exports;
	const char *path = collector->options.replay;
	struct capture *capture;
	struct packet_decoder *packets;
	enum capture_result result = CAPTURE_END;
	struct frame frame;
	struct datagram datagram;

	collector_drop_rights(collector);
	if (run_if_ipfix(collector, path))
		return;
	capture = input_pcap_open(path, &collector->counters);
	if (capture == NULL)
		exit(1);
	exports = collector_open_exports(collector);
	packets = packet_decoder_open(&collector->counters, collector->hash_key);
	if (packets == NULL)
		fatalx("out of memory");
	open_sinks(collector, path);
	while (collector_goes_on(collector) &&
		   (result = input_pcap_read(capture, &frame)) == CAPTURE_FRAME)
	{
		if (input_replay_datagram(packets, &frame, &datagram))
			decode_export(&exports, &datagram);
		if (collector->counters.packets % FRAMES_PER_TICK == 0)
			between_frames(collector, capture);
	}
	if (collector->counters.datagrams == 0 && result != CAPTURE_FAILED)
		log_info("no UDP datagrams in \"%s\"", path);
	end_frames(collector, capture, result);
	end_source(collector, path);
	packet_decoder_close(packets);
	collector_close_exports(&exports);
}
