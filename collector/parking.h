/*-------------------------------------------------------------------------
 *
 * Data sets that wait for their template.
 *
 * A set waits for PARKING_US by the clock of received_us, then it is given up.
 * Memory: PARKING_MAX_BYTES in all; what waits longest makes room.  One
 * exporter's address gets PARKING_MAX_EXPORTER_BYTES, shared with the others
 * that hash to the same one of PARKING_SHARES; beyond that new sets are
 * dropped.  Everything is counted: parked = unparked + expired + evicted +
 * what waits; and dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PARKING_H
#define COLLECTOR_PARKING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "counter.h"
#include "export_message.h"
#include "hash.h"
#include "template.h"

#define PARKING_US					(1800 * INT64_C(1000000))
#define PARKING_MAX_BYTES			(16 << 20)
#define PARKING_MAX_EXPORTER_BYTES	(4 << 20)
#define PARKING_SHARES				1024
#define PARKING_BUCKETS				4096

struct parked_set
{
	TAILQ_ENTRY(parked_set) order;	/* of arrival, or of the taken list */
	TAILQ_ENTRY(parked_set) bucket;
	struct template_key key;
	struct export_message message;
	size_t		len;
	uint8_t		bytes[];		/* bytes[len], without the set's header */
};

TAILQ_HEAD(parked_list, parked_set);

struct parking;

/* Returns NULL when memory is exhausted. */
extern struct parking *parking_open(struct counters *counters,
									struct hash_key key);
extern void parking_close(struct parking *parking);

/* Keep a set, or count why not. */
extern void parking_put(struct parking *parking,
						const struct export_message *message,
						const struct template_key *key,
						const uint8_t *bytes, size_t len);

/* Move the sets of a template to the list, in order; the caller frees them. */
extern void parking_take(struct parking *parking,
						 const struct template_key *key,
						 struct parked_list *taken);

/* Give up what has waited too long. */
extern void parking_expire(struct parking *parking, int64_t now_us);

/* All that wait, in order of arrival. */
extern const struct parked_list *parking_all(const struct parking *parking);

#endif
