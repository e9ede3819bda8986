/*-------------------------------------------------------------------------
 *
 * Sockets and interfaces, one thread, without a spool.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "clock.h"
#include "collector.h"
#include "input_lines.h"
#include "input_live.h"
#include "input_udp.h"
#include "log.h"
#include "notify.h"
#include "run.h"

#define FRAMES_PER_TICK		1024
#define BURSTS_PER_TICK		16
#define DRAIN_STEPS			256 /* of that many bursts, when stopping */

/* What run_listen reads from; each may be NULL, not both. */
struct inputs
{
	struct collector *collector;
	struct udp_input *datagrams;
	struct line_input *lines;
	struct export_decoder exports;
	struct influx_decoder *line_decoder;
};

static void
put_line(void *arg, const char *bytes, size_t len, const struct flow_addr *from)
{
	struct inputs *inputs = arg;

	influx_decode(inputs->line_decoder, bytes, len, from, clock_realtime_us());
}

static void
open_inputs(struct inputs *inputs, struct collector *collector)
{
	const struct options *options = &collector->options;
	struct line_out out = {put_line, inputs};

	*inputs = (struct inputs) {.collector = collector};
	if (options->urls.n > 0)
		inputs->datagrams = input_udp_open(options->urls.items, options->urls.n,
										   &collector->counters);
	if (options->influx != NULL)
		inputs->lines = input_lines_open(options->influx, &out, &collector->counters);
	if ((options->urls.n > 0 && inputs->datagrams == NULL) ||
		(options->influx != NULL && inputs->lines == NULL))
		exit(1);
	inputs->line_decoder = collector_open_lines(collector);
}

static void
close_inputs(struct inputs *inputs)
{
	if (inputs->datagrams != NULL)
		input_udp_close(inputs->datagrams);
	if (inputs->lines != NULL)
		input_lines_close(inputs->lines);
	collector_close_exports(&inputs->exports);
	free(inputs->line_decoder);
}

/* Take what waits; returns whether there may be more. */
static bool
read_inputs(struct inputs *inputs)
{
	bool		has_more = false;

	for (int i = 0; inputs->datagrams != NULL && i < inputs->collector->options.urls.n; i++)
		has_more |= input_udp_receive(inputs->datagrams, i, BURSTS_PER_TICK, &inputs->exports);
	if (inputs->lines != NULL)
		has_more |= input_lines_receive(inputs->lines);
	collector_tick(inputs->collector);
	return has_more;
}

static void
wait_for_inputs(struct inputs *inputs, const sigset_t *mask)
{
	struct pollfd fds[UDP_MAX_SOCKETS + LINES_MAX_POLL + COLLECTOR_MAX_SINKS];
	int64_t		now_us = clock_monotonic_us();
	int			timeout_ms = -1;
	int			n = 0;

	if (inputs->datagrams != NULL)
	{
		n = input_udp_poll(inputs->datagrams, fds, now_us);
		timeout_ms = input_udp_timeout(inputs->datagrams, now_us);
	}
	if (inputs->lines != NULL)
		n += input_lines_poll(inputs->lines, fds + n);
	collector_wait(inputs->collector, fds, n, timeout_ms, mask);
}

void
run_listen(struct collector *collector)
{
	int			naddresses = collector->options.urls.n + (collector->options.influx != NULL);
	struct inputs inputs;
	sigset_t	mask;

	open_inputs(&inputs, collector);
	collector_drop_rights(collector);
	collector_open_report(collector, NULL, NULL);
	inputs.exports = collector_open_exports(collector);
	collector_open_text(collector);
	collector_open_copy(collector, NULL, false);
	collector_block_signals(&mask);
	collector_tick(collector);
	notify_ready();
	log_info("listening on %d address%s", naddresses, naddresses == 1 ? "" : "es");
	while (collector_goes_on(collector))
	{
		wait_for_inputs(&inputs, &mask);
		if (collector_stop)
			break;
		(void) read_inputs(&inputs);
		(void) collector_answer_signals(collector);
	}

	/* what the kernel has accepted for us already is not thrown away */
	collector_begin_drain(collector);
	for (int step = 0; step < DRAIN_STEPS && read_inputs(&inputs); step++)
		continue;
	close_inputs(&inputs);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
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

void
run_live(struct collector *collector)
{
	const struct live_options *options = &collector->options.live;
	struct live *live = input_live_open(options, &collector->counters);
	struct pollfd fds[1 + COLLECTOR_MAX_SINKS];
	struct meter *meter;
	sigset_t	mask;
	int			step = 0;

	if (live == NULL)
		exit(1);
	collector_drop_rights(collector);
	collector_open_report(collector, NULL, NULL);
	collector_open_text(collector);
	collector_open_copy(collector, NULL, false);
	meter = collector_open_meter(collector);
	collector_block_signals(&mask);
	collector_tick(collector);
	notify_ready();
	log_info("capturing from interface \"%s\"", options->device);
	while (collector_goes_on(collector))
	{
		collector_wait(collector, fds, 1,
					  input_live_poll(live, &fds[0], clock_monotonic_us()), &mask);
		if (collector_stop)
			break;
		(void) read_live(live, meter);
		collector_tick(collector);
		(void) collector_answer_signals(collector);
	}
	collector_begin_drain(collector);
	while (step++ < DRAIN_STEPS && read_live(live, meter))
		collector_tick(collector);
	input_live_close(live);
	meter_flush(meter);
	meter_close(meter);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
