/*-------------------------------------------------------------------------
 *
 * Who has sent what: counts by exporter, for what a collector says of itself.
 *
 * An exporter is an address, a version and a domain, as its datagrams say.
 * Anybody can claim to be one.  Memory: TALLY_SLOTS * 96 bytes, fixed; in a
 * full set of four the one that was silent longest is forgotten.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_TALLY_H
#define COLLECTOR_TALLY_H

#include "counter.h"
#include "decode_export.h"
#include "hash.h"
#include "status.h"

#define TALLY_SLOTS		4096
#define TALLY_SFLOW		105		/* version of sFlow 5 */

/* Counters that the decoder of a datagram may have raised. */
struct tally_counts
{
	uint64_t	records;
	uint64_t	gaps;
	uint64_t	missed;			/* records, or datagrams where those are numbered */
};

struct tally;

/* Returns NULL when memory is exhausted. */
extern struct tally *tally_open(struct hash_key key);
extern void tally_close(struct tally *tally);

extern struct tally_counts tally_counts_of(const struct counters *counters);

/* A datagram was decoded; before is what was counted until then. */
extern void tally_datagram(struct tally *tally, const struct datagram *datagram,
						   const struct tally_counts *before,
						   const struct counters *counters);

/*
 * Fill in exporters[STATUS_MAX_EXPORTERS] with those that have sent the most
 * records; returns how many, and in *seen how many are known.  Rates are those
 * since the call before; now_us is a monotonic clock.
 */
extern int	tally_busiest(struct tally *tally, struct status_exporter *exporters,
						  uint64_t *seen, int64_t now_us);

#endif
