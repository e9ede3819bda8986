/*-------------------------------------------------------------------------
 *
 * Inside of receiving: a socket, and the threads' functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RECEIVE_SOCKET_H
#define COLLECTOR_RECEIVE_SOCKET_H

#include <pthread.h>

#include "log.h"
#include "receive.h"

#define RECEIVE_DRAIN_US	INT64_C(2000000)

struct receive_socket
{
	struct receiver *receiver;
	int			fd;
	bool		is_tcp;
	uint16_t	port;
	uint32_t	lost;			/* the kernel's count at the last datagram */
	struct log_limit error_limit;
	pthread_t	thread;			/* of a UDP socket */
	struct socket_stats stats;
	char		name[SOCKET_NAME_LEN];
};

struct receiver
{
	struct receive_options options;
	struct spool *spool;			/* from receive_start on */
	struct counters *counters;
	int			stop;			/* eventfd, readable when it is time to end */
	int			nsockets;
	struct receive_socket sockets[RECEIVE_MAX_SOCKETS];
	int			nstarted;		/* UDP threads run for so many sockets */
	bool		has_tcp;
	bool		has_tcp_thread;
	pthread_t	tcp_thread;
};

/* Count in stats of a socket, which another thread may read. */
static inline void
receive_count(struct receive_socket *socket, uint64_t datagrams, uint64_t bytes)
{
	counter_add(&socket->stats.datagrams, datagrams);
	counter_add(&socket->stats.bytes, bytes);
	counter_add(&socket->receiver->counters->received_datagrams, datagrams);
	counter_add(&socket->receiver->counters->received_bytes, bytes);
}

/* The thread of one UDP socket, which is its argument. */
extern void *receive_udp(void *arg);

/* The thread of all TCP sockets; its argument is the receiver. */
extern void *receive_tcp(void *arg);

#endif
