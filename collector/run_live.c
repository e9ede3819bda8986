/*-------------------------------------------------------------------------
 *
 * Sockets and interfaces, one thread, without a spool.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "admit.h"
#include "clock.h"
#include "collector.h"
#include "input_lines.h"
#include "input_udp.h"
#include "live_meter.h"
#include "log.h"
#include "notify.h"
#include "run.h"

#define BURSTS_PER_TICK		16
#define DRAIN_STEPS			256 /* of that many bursts, when stopping */

/* What run_listen reads from; datagrams or lines may be NULL. */
struct inputs
{
	struct collector *collector;
	struct admit *admit;
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
	inputs->admit = admit_open(collector->hash_key, &collector->counters);
	if (inputs->admit == NULL)
		fatalx("out of memory");
	admit_set_rules(inputs->admit, &options->rules);
	if (options->urls.n > 0)
		inputs->datagrams = input_udp_open(options->urls.items, options->urls.n,
										   inputs->admit, &collector->counters);
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
	admit_close(inputs->admit);
	collector_close_exports(&inputs->exports);
	influx_close(inputs->line_decoder);
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

/* For who asks how we are. */
static void
describe(void *arg, struct report_source *source)
{
	struct inputs *inputs = arg;
	struct socket_stats stats[UDP_MAX_SOCKETS];
	struct status_receive *receive = &inputs->collector->receive;

	(void) source;
	if (inputs->datagrams != NULL)
		status_receive_sockets(receive, stats, input_udp_get_stats(inputs->datagrams, stats));
	status_receive_rules(receive, inputs->admit);
}

void
run_listen(struct collector *collector)
{
	int			naddresses = collector->options.urls.n + (collector->options.influx != NULL);
	struct inputs inputs;
	sigset_t	mask;

	open_inputs(&inputs, collector);
	collector_drop_rights(collector);
	collector_open_report(collector, describe, &inputs);
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
		if (collector_answer_signals(collector))
			admit_set_rules(inputs.admit, &collector->options.rules);
	}

	/* what the kernel has accepted for us already is not thrown away */
	collector_begin_drain(collector);
	for (int step = 0; step < DRAIN_STEPS && read_inputs(&inputs); step++)
		continue;
	describe(&inputs, NULL);
	collector->describe = NULL;
	close_inputs(&inputs);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void
run_live(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct meter_options meter = collector_meter_options(collector);
	struct live_meter *live = live_meter_open(options->devices.items, options->devices.n,
											  &options->live, &meter);
	struct pollfd fds[LIVE_METER_MAX + COLLECTOR_MAX_SINKS];
	sigset_t	mask;
	int			timeout_ms;
	int			step = 0;

	if (live == NULL)
		exit(1);
	collector_drop_rights(collector);
	if (!live_meter_open_ring(live))
		exit(1);
	collector_open_report(collector, NULL, NULL);
	collector_open_text(collector);
	collector_open_copy(collector, NULL, false);
	collector_block_signals(&mask);
	collector_tick(collector);
	notify_ready();
	for (int i = 0; i < options->devices.n; i++)
		log_info("capturing from interface \"%s\"", options->devices.items[i]);
	while (collector_goes_on(collector))
	{
		int			n = live_meter_poll(live, fds, &timeout_ms);

		collector_wait(collector, fds, n, timeout_ms, &mask);
		if (collector_stop)
			break;
		(void) live_meter_read(live);
		collector_tick(collector);
		(void) collector_answer_signals(collector);
	}
	collector_begin_drain(collector);
	while (step++ < DRAIN_STEPS && live_meter_read(live))
		collector_tick(collector);
	live_meter_close(live);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
