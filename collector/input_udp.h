/*-------------------------------------------------------------------------
 *
 * UDP sockets: datagrams of exporters, many per system call.
 *
 * Memory: UDP_BURST datagrams of 64 kB, 4 MB, fixed; plus the kernel's
 * receive buffer of each socket.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_UDP_H
#define COLLECTOR_INPUT_UDP_H

#include <poll.h>

#include "admit.h"
#include "counter.h"
#include "decode_export.h"
#include "input_socket.h"

#define UDP_MAX_SOCKETS		16
#define UDP_BURST			64
#define UDP_RETRY_US		INT64_C(100000)

struct udp_input;

/*
 * Bind one socket for each of urls[nurls], which stay, nurls <= UDP_MAX_SOCKETS, as
 * input_socket_open says.  What admit refuses is not decoded; NULL: nothing.
 * Returns NULL, having logged why.
 */
extern struct udp_input *input_udp_open(const char *const *urls, int nurls,
										struct admit *admit, struct counters *counters);
extern void input_udp_close(struct udp_input *input);

/*
 * Fill fds[UDP_MAX_SOCKETS] and return how many there are.  A socket that has
 * failed is left alone for UDP_RETRY_US: its fd is -1 meanwhile.
 */
extern int	input_udp_poll(const struct udp_input *input, struct pollfd *fds,
						   int64_t now_us);

/* In how many milliseconds such a socket is due again; -1: there is none. */
extern int	input_udp_timeout(const struct udp_input *input, int64_t now_us);

/* Fill stats[UDP_MAX_SOCKETS]; names are the urls.  Returns how many sockets there are. */
extern int	input_udp_get_stats(const struct udp_input *input, struct socket_stats *stats);

/*
 * Take up to max_bursts bursts that wait at socket i, without waiting, and
 * decode them.  Returns whether there may be more.  Failures are counted, and
 * logged once a minute.
 */
extern bool input_udp_receive(struct udp_input *input, int i, int max_bursts,
							  struct export_decoder *decoder);

#endif
