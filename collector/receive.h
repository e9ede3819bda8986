/*-------------------------------------------------------------------------
 *
 * Receiving: threads that own sockets and only copy, into the spool.
 *
 * Each UDP address has nthreads sockets and as many threads; the kernel chooses
 * by addresses and ports, so one exporter's datagrams stay in order.  All TCP
 * addresses, IPFIX messages (RFC 7011, 10.3), have one thread; a record of the
 * spool is one message.  When the spool has no room, datagrams are refused and
 * counted, connections wait.
 *
 *		received_datagrams = received_not_allowed + received_over_rate +
 *			spool_records_appended + spool_records_refused
 *
 * where nobody else appends;
 * receive_lines.h and receive_capture.h are about those who may.
 * What the spool refuses only when it is written is counted in both its counters.
 *
 * Memory: for each UDP socket 256 datagrams of 64 kB (landing.h), and a
 * burst of 256 kB; for each connection 64 kB.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RECEIVE_H
#define COLLECTOR_RECEIVE_H

#include "admit.h"
#include "input_socket.h"
#include "spool.h"

#define RECEIVE_MAX_SOCKETS		64
#define RECEIVE_MAX_CONNECTIONS	256

struct receive_options
{
	const char *const *urls;	/* [nurls], as input_socket_open has it */
	int			nurls;
	int			nthreads;		/* for each UDP address, >= 1 */
	bool		inherits;		/* also take sockets of systemd */
	int			max_connections;	/* <= RECEIVE_MAX_CONNECTIONS */
	int64_t		idle_us;		/* a connection is closed after this silence */
	struct admit *admit;		/* or NULL: all may */
	struct counters *counters;
};

struct receiver;

/*
 * Bind all sockets, and take those that are inherited.  Nothing is read yet:
 * now is the time to drop privileges.  Returns NULL, having logged why.
 */
extern struct receiver *receive_open(const struct receive_options *options) MUST_CHECK;

/* Start the threads, which append to the spool; false, having logged why, if that is not possible. */
extern bool receive_start(struct receiver *receiver, struct spool *spool) MUST_CHECK;

/*
 * Append what the kernel has taken already, and end the threads.  They stop
 * after 2 s also if more keeps coming.
 */
extern void receive_stop(struct receiver *receiver);

/* Close the sockets; the threads must not run. */
extern void receive_close(struct receiver *receiver);

/* Fill stats[RECEIVE_MAX_SOCKETS]; names stay as long as the receiver.  Returns how many. */
extern int	receive_get_stats(const struct receiver *receiver,
							  struct socket_stats *stats);

#endif
