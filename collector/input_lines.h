/*-------------------------------------------------------------------------
 *
 * Lines over TCP.
 *
 * Complete lines, without their ends, are handed on, and counted in
 * received_lines, but for empty ones; a line longer than LINES_MAX_LEN, and one
 * that the end of its connection cuts, is dropped and counted in lines_cut.  When all connections are in use, the one that was
 * silent longest is closed for a new one, and counted.
 *
 * Memory: LINES_MAX_CONNECTIONS * LINES_MAX_LEN = 64 * 64 kB, touched as
 * needed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_LINES_H
#define COLLECTOR_INPUT_LINES_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "flow.h"

#define LINES_MAX_CONNECTIONS	64
#define LINES_MAX_LEN			(64 * 1024)
#define LINES_MAX_POLL			(LINES_MAX_CONNECTIONS + 1)

struct line_input;

/* Where lines go; bytes[len], len <= LINES_MAX_LEN, stays during the call only. */
struct line_out
{
	void		(*put) (void *arg, const char *bytes, size_t len,
						const struct flow_addr *from);
	void	   *arg;
};

/*
 * Listen on "tcp://host:port", or the same without tcp://; without a host, on
 * loopback.  Returns NULL after a message.
 */
extern struct line_input *input_lines_open(const char *url,
										   const struct line_out *out,
										   struct counters *counters);
extern void input_lines_close(struct line_input *input);

/* Fill in fds[LINES_MAX_POLL]; returns how many. */
extern int	input_lines_poll(struct line_input *input, struct pollfd *fds);

/*
 * Accept, and read up to LINES_MAX_LEN bytes of each connection, without
 * waiting.  Returns whether any had something.
 */
extern bool input_lines_receive(struct line_input *input);

extern int	input_lines_port(const struct line_input *input);

#endif
