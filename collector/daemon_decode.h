/*-------------------------------------------------------------------------
 *
 * From records of the spool to the sinks: the decoders and what is done with
 * their flows on the way.
 *
 * What comes out depends on the records and the state alone, so that decoding
 * again gives the same rows in the same order.  The rules for exporters and the
 * tables for enrichment are as they are now: they change values, not rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DAEMON_DECODE_H
#define COLLECTOR_DAEMON_DECODE_H

#include <stddef.h>

#include "collector.h"
#include "spool_format.h"

struct daemon_decode;

/* Ends the process when memory is exhausted, or a table cannot be read. */
extern struct daemon_decode *daemon_decode_open(struct collector *collector);
extern void daemon_decode_close(struct daemon_decode *decode);

/* Put the flows of a record; if is_replay, only learn from it. */
extern void daemon_decode_record(struct daemon_decode *decode,
								 const struct spool_record *record,
								 bool is_replay);

/* As consume_callbacks have it. */
extern size_t daemon_decode_save(struct daemon_decode *decode, void **bytes);
extern void daemon_decode_load(struct daemon_decode *decode, const void *bytes,
							   size_t len);

#endif
