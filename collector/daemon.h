/*-------------------------------------------------------------------------
 *
 * Receiving through a spool, for ever, exactly once.
 *
 *		threads		sockets, interfaces --datagrams, flows--> spool
 *		this one	spool --records--> decoders --flows--> sinks
 *
 * The database says how far it is; what comes after is decoded again, and the
 * spool keeps it until it is committed.  A database without flow.ingest cannot
 * say: then the position is kept in the spool's directory, and what was written
 * shortly before a kill is written twice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DAEMON_H
#define COLLECTOR_DAEMON_H

#include "collector.h"

/*
 * Run until a stop is requested or a sink fails.  Opens the sinks; who calls
 * closes them.  Failures to begin end the process.
 */
extern void daemon_run(struct collector *collector);

#endif
