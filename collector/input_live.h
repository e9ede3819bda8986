/*-------------------------------------------------------------------------
 *
 * Live capture: a network interface to frames, by libpcap.
 *
 * Opening needs CAP_NET_RAW; reading does not.  An interface that goes down
 * is read again when it comes back, and one that was removed is opened again
 * when there is one of its name, if the rights to do so are still there; both
 * are tried once a second, and logged.
 *
 * Memory: the ring that the kernel fills, buffer_bytes.  What does not fit is
 * dropped by the kernel, and counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_LIVE_H
#define COLLECTOR_INPUT_LIVE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "decode_packet.h"

/* Frames wait in the ring for so long at most. */
#define LIVE_DELAY_US	INT64_C(100000)

struct live_options
{
	const char *filter;			/* in libpcap's language; NULL: everything */
	uint64_t	snaplen;		/* bytes of each frame, 64 .. 262144 */
	uint64_t	buffer_bytes;	/* 64 kB .. 1 GB */
	bool		is_promiscuous;
};

struct live;

struct frame_out
{
	void		(*put) (void *arg, const struct frame *frame);
	void	   *arg;
};

/*
 * Device "any" is all of them.  It and *options must outlive what is opened.
 * Returns NULL, having logged why, if the interface or the filter is none, or
 * the rights are missing.
 */
extern struct live *input_live_open(const char *device, const struct live_options *options,
									struct counters *counters);
extern void input_live_close(struct live *live);

/*
 * Fill in what to wait for (fd -1: nothing) and return in how many
 * milliseconds input_live_read is due at the latest; -1 means never.
 */
extern int	input_live_poll(const struct live *live, struct pollfd *fd,
							int64_t now_us);

/*
 * Hand on at most max frames, without waiting.  Returns true if there may be
 * more.  now_us is a monotonic clock.
 */
extern bool input_live_read(struct live *live, int max, struct frame_out out,
							int64_t now_us);

#endif
