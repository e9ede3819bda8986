/*-------------------------------------------------------------------------
 *
 * A source that is ours alone, and who else has written it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_CLAIM_H
#define COLLECTOR_SINK_CLAIM_H

#include "sink_lane.h"

/* Starts with all zero, when nothing is claimed. */
struct claim
{
	bool		is_claimed;		/* nobody else may write the source */
	struct ranges own;			/* what we may have written, if claimed */
};

/* We, or processes before us, may have written this. */
extern void claim_note(struct claim *claim, uint64_t first, uint64_t end);

/*
 * Does the database have what neither we have written nor one of these lanes is
 * writing?
 */
extern bool claim_is_broken(const struct claim *claim, const struct ranges *known,
							const struct lane *lanes, int nlanes);

#endif
