/*-------------------------------------------------------------------------
 *
 * Network interfaces to flows: they are read in turns.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "clock.h"
#include "live_meter.h"
#include "log.h"

#define FRAMES_PER_TURN	1024
#define TURNS			16

struct live_meter
{
	struct meter *meter;
	int			nlives;
	struct live *lives[LIVE_METER_MAX];
};

static void
put_frame(void *arg, const struct frame *frame)
{
	meter_frame(arg, frame);
}

static void
close_lives(struct live_meter *live)
{
	for (int i = 0; i < live->nlives; i++)
		input_live_close(live->lives[i]);
	live->nlives = 0;
}

struct live_meter *
live_meter_open(const char *const *devices, int ndevices,
				const struct live_options *options, const struct meter_options *meter)
{
	struct live_meter *live = calloc(1, sizeof(*live));

	if (live == NULL)
		fatalx("out of memory");
	for (int i = 0; i < ndevices; i++)
	{
		live->lives[i] = input_live_open(devices[i], options, meter->counters);
		if (live->lives[i] == NULL)
		{
			close_lives(live);
			free(live);
			return NULL;
		}
		live->nlives++;
	}
	live->meter = meter_open(meter);
	return live;
}

bool
live_meter_open_ring(struct live_meter *live)
{
	return meter_open_ring(live->meter);
}

int
live_meter_poll(const struct live_meter *live, struct pollfd *fds, int *timeout_ms)
{
	int64_t		now_us = clock_monotonic_us();

	*timeout_ms = -1;
	for (int i = 0; i < live->nlives; i++)
	{
		int			ms = input_live_poll(live->lives[i], &fds[i], now_us);

		if (ms >= 0 && (*timeout_ms < 0 || ms < *timeout_ms))
			*timeout_ms = ms;
	}
	return live->nlives;
}

bool
live_meter_read(struct live_meter *live)
{
	struct frame_out out = {put_frame, live->meter};
	bool		has_more = true;

	for (int turn = 0; turn < TURNS && has_more; turn++)
	{
		has_more = false;
		for (int i = 0; i < live->nlives; i++)
			has_more |= input_live_read(live->lives[i], FRAMES_PER_TURN, out,
										clock_monotonic_us());
	}
	meter_tick(live->meter, clock_monotonic_us());
	if (!has_more)
		meter_advance(live->meter, clock_realtime_us() - 2 * LIVE_DELAY_US);
	return has_more;
}

void
live_meter_close(struct live_meter *live)
{
	close_lives(live);
	meter_flush(live->meter);
	meter_close(live->meter);
	free(live);
}
