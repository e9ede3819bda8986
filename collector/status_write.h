/*-------------------------------------------------------------------------
 *
 * A thread that keeps the rows of flow.collectors and flow.exporters, over a
 * connection of its own.
 *
 * It writes every STATUS_WRITE_S, and once more at the end if it is connected.
 * Failures are logged once a minute, and tried again; a database that lacks the
 * tables, or does not permit it, is told of once and left alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_STATUS_WRITE_H
#define COLLECTOR_STATUS_WRITE_H

#include "status.h"

#define STATUS_WRITE_S	10

struct status_write;

/*
 * Start the thread; fill is called by it, with *status all zero, and may return
 * false if there is nothing to say yet.  conninfo stays.  NULL after a message.
 */
extern struct status_write *status_write_open(const char *conninfo,
											  bool (*fill) (void *arg, struct status *status),
											  void *arg);

/* Takes 2 s at most, and what looking up the server's name does. */
extern void status_write_close(struct status_write *writer);

#endif
