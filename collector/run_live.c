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
#include "input_live.h"
#include "input_udp.h"
#include "log.h"
#include "notify.h"
#include "run.h"

#define FRAMES_PER_TICK		1024
#define BURSTS_PER_TICK		16
#define DRAIN_STEPS			256 /* of that many bursts, when stopping */

/* What the kernel has accepted for us already is not thrown away. */
static void
drain(struct collector *collector, struct udp_input *input,
	  struct export_decoder *exports)
{
	bool		has_more = true;

	collector_begin_drain(collector);
	for (int step = 0; step < DRAIN_STEPS && has_more; step++)
	{
		has_more = false;
		for (int i = 0; i < collector->options.urls.n; i++)
			has_more |= input_udp_receive(input, i, BURSTS_PER_TICK, exports);
		collector_tick(collector);
	}
}

void
run_listen(struct collector *collector)
{
	struct export_decoder exports = collector_open_exports(collector);
	const struct options *options = &collector->options;
	struct udp_input *input = input_udp_open(options->urls.items, options->urls.n,
											 &collector->counters);
	struct pollfd fds[UDP_MAX_SOCKETS + COLLECTOR_MAX_SINKS];
	sigset_t	mask;

	if (input == NULL)
		exit(1);
	collector_drop_rights(collector);
	collector_open_text(collector);
	collector_open_copy(collector, NULL, false);
	collector_block_signals(&mask);
	collector_tick(collector);
	notify_ready();
	log_info("listening on %d address%s", options->urls.n,
			 options->urls.n == 1 ? "" : "es");
	while (collector_goes_on(collector))
	{
		collector_wait(collector, fds, input_udp_poll(input, fds, clock_monotonic_us()),
					  input_udp_timeout(input, clock_monotonic_us()), &mask);
		if (collector_stop)
			break;
		for (int i = 0; i < options->urls.n; i++)
			(void) input_udp_receive(input, i, BURSTS_PER_TICK, &exports);
		collector_tick(collector);
		collector_answer_stats(collector);
	}
	drain(collector, input, &exports);
	input_udp_close(input);
	collector_close_exports(&exports);
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
		collector_answer_stats(collector);
	}
	collector_begin_drain(collector);
	while (step++ < DRAIN_STEPS && read_live(live, meter))
		collector_tick(collector);
	input_live_close(live);
	meter_flush(meter);
	meter_close(meter);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
