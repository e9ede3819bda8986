/*-------------------------------------------------------------------------
 *
 * The first groups by an aggregate, where rows of a group are spread over the
 * participants of a parallel plan.
 *
 * Most groups cannot be among the first: each participant tells the rank that
 * so many of its groups have as are wanted; the greatest of these, the floor,
 * is not above that of the last wanted group.  If a group's rank is at most the
 * sum of its ranks with the p participants, a wanted group has the p-th part
 * of the floor with one of them at least.  So each names its groups of this
 * rank, and only named ones are exchanged.
 *
 * Source: Cao, Wang, PODC 2004 (TPUT), its first two rounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGBOUND_H
#define FS_EXEC_AGGBOUND_H

#include "postgres.h"

#include "storage/s_lock.h"

#include "exec/aggstate.h"

/* groups that can be named */
#define FS_AGG_NAMED 2048

/* In shared memory; what it holds is to be read when all have written. */
typedef struct FsAggBound
{
	slock_t		mutex;
	uint32		nparts;			/* participants that have told */
	bool		is_useless;		/* nothing is known of all groups */
	bool		has_floor;
	double		floor;
	bool		is_full;		/* too many groups were named */
	uint32		n;
	uint64		named[FS_AGG_NAMED];	/* hashes of groups' keys */
} FsAggBound;

extern void fs_aggbound_init(FsAggBound *bound);

/* All rows have been taken: tell of the groups at hand. */
extern void fs_aggbound_tell(FlowAggState *state, FsAggBound *bound);

/* All have told: is there something to name? */
extern bool fs_aggbound_is_used(const FsAggBound *bound);

/* Name groups at hand, and from now on look for no others. */
extern void fs_aggbound_name(FlowAggState *state, FsAggBound *bound);

/* All have named: [n] which groups at hand were; NULL: take it that all were. */
extern uint8 *fs_aggbound_find(FlowAggState *state, const FsAggBound *bound);

#endif							/* FS_EXEC_AGGBOUND_H */
