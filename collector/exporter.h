/*-------------------------------------------------------------------------
 *
 * Exporters: what must be remembered between two datagrams of the same one.
 *
 * An exporter is an address and a domain, NetFlow v5's engine type * 256 +
 * engine id.  The state finds missing records by sequence number, and limits
 * log lines about what an exporter sends.
 *
 * Anybody can claim to be an exporter.  Memory: EXPORTER_SLOTS *
 * sizeof(struct exporter) = 4096 * 56 bytes, fixed.  In a full set of four
 * the one that was silent longest is forgotten, and counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXPORTER_H
#define COLLECTOR_EXPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "flow.h"
#include "hash.h"
#include "log.h"

#define EXPORTER_SLOTS 4096

struct exporter_key
{
	struct flow_addr addr;
	uint8_t		version;		/* of the export protocol */
	uint16_t	port;			/* UDP source port, 0 where all are one */
	uint32_t	domain;
};

_Static_assert(sizeof(struct exporter_key) == 24, "hashed as three words");

struct exporter
{
	struct exporter_key key;
	int64_t		seen_us;		/* 0: slot is free */
	struct log_limit log_limit;
	uint32_t	next_sequence;	/* what the next datagram should say */
	uint32_t	uptime_ms;		/* of the datagram before that */
	bool		has_sequence;
	uint8_t		nback;			/* datagrams overtaken in a row */
};

_Static_assert(sizeof(struct exporter) == 56, "the bound above");

struct exporter_table;

/* Returns NULL when memory is exhausted. */
extern struct exporter_table *exporter_table_open(struct counters *counters,
												  struct hash_key key);
extern void exporter_table_close(struct exporter_table *table);

/* What is in slot i of EXPORTER_SLOTS, in no order; seen_us is 0 if nothing. */
extern const struct exporter *exporter_slot(const struct exporter_table *table,
											int i);

/*
 * The state of an exporter, made if need be; cannot fail.  Valid until the
 * next call.  now_us > 0 is any clock that orders datagrams.
 */
extern struct exporter *exporter_get(struct exporter_table *table,
									 const struct exporter_key *key,
									 int64_t now_us);

/*
 * A datagram with this sequence number, counted in records modulo 2^32,
 * nrecords records, and this uptime of the exporter, modulo 2^32, has
 * arrived: count what is missing before it, the records in *missed.  Where
 * datagrams are numbered, nrecords is 1.
 */
extern void exporter_check_sequence(struct exporter *exporter,
									uint32_t sequence, uint32_t nrecords,
									uint32_t uptime_ms,
									struct counters *counters,
									uint64_t *missed);

#endif
