/*-------------------------------------------------------------------------
 *
 * Addresses to listen on by TCP.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HTTP_LISTEN_H
#define COLLECTOR_HTTP_LISTEN_H

#include <stdbool.h>

#include "http_parse.h"

/*
 * Listen on "host:port", "[host]:port" or ":port", which is 127.0.0.1.
 * Addresses other than loopback only if may_be_remote.  Returns a socket that
 * does not block, or -1 after a message.
 */
extern int	http_listen(const char *address, bool may_be_remote);

/* The port of a socket, or -1. */
extern int	http_port_of(int fd);

/* Is a Host header "localhost" or an IP address, with or without a port? */
extern bool http_host_is_local(struct http_text host);

#endif
