/*-------------------------------------------------------------------------
 *
 * Options records of NetFlow v9 and IPFIX: what an exporter tells about
 * itself.
 *
 * Learnt are: sampling; names of interfaces (82, else 83), of applications
 * (96, else 94), of enterprise elements (RFC 5610); the time when uptime was
 * 0 (160).  They hold for the flows that follow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_OPTIONS_H
#define COLLECTOR_DECODE_OPTIONS_H

#include "decode_flow.h"

/* The record must have been read with wants_others. */
extern void options_learn(const struct record_context *context,
						  const struct record *record);

#endif
