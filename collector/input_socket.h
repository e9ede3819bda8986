/*-------------------------------------------------------------------------
 *
 * Sockets of exporters: addresses, options, and those that systemd hands over.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_SOCKET_H
#define COLLECTOR_INPUT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "flow.h"

#define SOCKET_RECEIVE_BUFFER	(32 * 1024 * 1024)
#define SOCKET_NAME_LEN			256

/* What came in at a socket. */
struct socket_stats
{
	const char *name;
	uint64_t	datagrams;		/* or messages of its connections */
	uint64_t	bytes;
	uint64_t	lost;			/* by the kernel, receive buffer full */
};

/*
 * Bind a socket to "udp://host:port", "tcp://host:port", "host:port" (UDP),
 * "[ipv6]:port" or ":port", which is all addresses of both families; a TCP one
 * listens.  is_shared: others of ours may bind to the same (SO_REUSEPORT).  It
 * does not block.  Returns -1, having logged why.
 */
extern int	input_socket_open(const char *url, bool is_shared);

/* Does the address begin with "tcp://"? */
extern bool input_socket_is_tcp(const char *url);

/*
 * A receive buffer of SOCKET_RECEIVE_BUFFER, if the system lets us, counts of
 * what the kernel dropped, and no blocking; name is for the log.
 */
extern void input_socket_prepare(int fd, const char *name);

/*
 * The sockets that were inherited by LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES,
 * first .. first + n - 1; returns n, 0 if there are none for this process.
 */
extern int	input_socket_inherited(int *first);

/* The name of the i-th of them, or "inherited i", to name[size]. */
extern void input_socket_inherited_name(int i, char *name, size_t size);

/* IPv4 addresses that are mapped into IPv6 are IPv4. */
extern struct flow_addr input_socket_addr(const struct sockaddr_storage *addr);
extern uint16_t input_socket_port(const struct sockaddr_storage *addr);

/* The port that a socket is bound to, 0 if it cannot be told. */
extern uint16_t input_socket_local_port(int fd);

#endif
