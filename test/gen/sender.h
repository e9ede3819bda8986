/*-------------------------------------------------------------------------
 *
 * UDP datagrams to a collector, many per system call, at a given pace.
 *
 * Sources are told apart by their address if the collector is on a loopback
 * address of IPv4, 127.1.0.1 + source, else by their port.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_SENDER_H
#define GEN_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDER_MAX_SOURCES	1024

struct sender;

/*
 * url is "udp://host:port" or "host:port", IPv6 in brackets.  Returns NULL,
 * having said why on stderr.
 */
extern struct sender *sender_open(const char *url, int nsources);

/*
 * Send bytes[len], len <= 65507, from this source, at once or, at the latest,
 * before the next sender_wait or sender_flush.
 */
extern void sender_put(struct sender *sender, int source, const uint8_t *bytes, size_t len);

/* Send all, and wait until ns after sender_open, unless that is in the past. */
extern void sender_wait(struct sender *sender, int64_t ns);

/* Nanoseconds since sender_open. */
extern int64_t sender_elapsed_ns(const struct sender *sender);
extern void sender_flush(struct sender *sender);

/* The number of datagrams that the kernel has taken. */
extern uint64_t sender_count(const struct sender *sender);

/* Flush and free; false, having said why, when any datagram was not taken. */
extern bool sender_close(struct sender *sender);

#endif
