/*-------------------------------------------------------------------------
 *
 * Addresses to listen on by TCP.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_TCP_LISTEN_H
#define COLLECTOR_TCP_LISTEN_H

#include <stdbool.h>

/*
 * Listen on "host:port", "[host]:port" or ":port", which is 127.0.0.1.
 * Addresses other than loopback only if may_be_remote.  Returns a socket that
 * does not block, or -1 after a message.
 */
extern int	tcp_listen(const char *address, bool may_be_remote);

/* The port of a socket, or -1. */
extern int	tcp_port_of(int fd);

#endif
