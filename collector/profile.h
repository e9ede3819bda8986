/*-------------------------------------------------------------------------
 *
 * The profile of a flow's payload: how often each byte came, and lengths and
 * times of the first packets that had any.
 *
 * Every captured byte of payload is counted; fragments and what the capture
 * cut off are missing in the counts, not in the lengths.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PROFILE_H
#define COLLECTOR_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"

#define PROFILE_PACKETS 20

/* Start with all zero. */
struct profile
{
	int64_t		last_us;		/* time of the last packet with payload */
	uint32_t	byte_counts[256];
	int32_t		lengths[PROFILE_PACKETS];	/* payload bytes on the wire */
	int32_t		times[PROFILE_PACKETS];	/* microseconds since the one before */
	uint32_t	npackets;		/* in lengths and times */
	bool		has_bytes;		/* in byte_counts */
};

/* One packet's payload: bytes[len] were captured, wirelen > 0 were sent. */
extern void profile_add(struct profile *profile, const uint8_t *bytes,
						size_t len, size_t wirelen, int64_t time_us);

/*
 * Put ENTROPY to SPLT_TIMES into *extra, which points into *profile then.
 * Counts above 2^31 - 1 become that.
 */
extern void profile_extra(struct profile *profile, struct flow_extra *extra);

#endif
