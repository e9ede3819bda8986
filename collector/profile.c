/*-------------------------------------------------------------------------
 *
 * The profile of a flow's payload.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_entropy.h"
#include "profile.h"

static int32_t
clamp(int64_t n)
{
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int32_t) n;
}

void
profile_add(struct profile *profile, const uint8_t *bytes, size_t len,
			size_t wirelen, int64_t time_us)
{
	if (profile->npackets < PROFILE_PACKETS)
	{
		uint32_t	i = profile->npackets++;

		profile->lengths[i] = clamp((int64_t) wirelen);
		profile->times[i] = i == 0 ? 0 : clamp(time_us - profile->last_us);
	}
	profile->last_us = time_us;
	payload_count_bytes(profile->byte_counts, bytes, len);
	profile->has_bytes = profile->has_bytes || len > 0;
}

static void
put_ints(struct flow_extra *extra, enum flow_extra_id id, const void *ints,
		 uint32_t n)
{
	flow_extra_put_text(extra, id, ints, n * (uint32_t) sizeof(int32_t));
}

void
profile_extra(struct profile *profile, struct flow_extra *extra)
{
	if (profile->npackets == 0)
		return;
	if (profile->has_bytes)
	{
		flow_extra_put(extra, FLOW_ENTROPY)->real =
			payload_entropy(profile->byte_counts);
		put_ints(extra, FLOW_BYTE_COUNTS, profile->byte_counts, 256);
	}
	put_ints(extra, FLOW_SPLT_LENGTHS, profile->lengths, profile->npackets);
	put_ints(extra, FLOW_SPLT_TIMES, profile->times, profile->npackets);
}
