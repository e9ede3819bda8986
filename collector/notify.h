/*-------------------------------------------------------------------------
 *
 * Telling the service manager how it stands (sd_notify(3), the protocol).
 *
 * A datagram of "NAME=value" lines to the socket that $NOTIFY_SOCKET names;
 * without one nothing is sent.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_NOTIFY_H
#define COLLECTOR_NOTIFY_H

#include <stdint.h>

/* Keep the name of the socket, and take it out of the environment. */
extern void notify_init(void);

/* Inputs are open: what is sent from now on is received. */
extern void notify_ready(void);

/* Settings are read again; notify_ready() ends it. */
extern void notify_reloading(void);
extern void notify_stopping(void);

/* A line for people, at most 200 bytes. */
extern void notify_status(const char *status);

/*
 * Half of the time within which the manager wants to hear that we live, in
 * microseconds; 0: it does not.
 */
extern int64_t notify_watchdog_us(void);
extern void notify_alive(void);

#endif
