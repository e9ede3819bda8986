/*-------------------------------------------------------------------------
 *
 * Which values groups were given lately.
 *
 * For aggregates that are not changed by a value they have had: what is told
 * as seen was seen; what is not may have been.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_SEEN_H
#define FS_GROUP_SEEN_H

#include "postgres.h"

#include "am/scanvalue.h"

typedef struct FsSeen FsSeen;

/* In the current memory context. */
extern FsSeen *fs_seen_create(void);

/*
 * Of rows[m] of the scan's vector, a vector of attribute att with codes or
 * integers, those with a value that their group g[m] was perhaps not given
 * yet: places[] in rows.  They count as given.  Returns how many.
 */
extern uint32 fs_seen_fresh(FsSeen *seen, FsScan *scan, int att,
							const FsVector *vec, const uint16 *rows,
							const uint32 *g, uint32 m, uint16 *places);

/* Groups are others from now on. */
extern void fs_seen_reset(FsSeen *seen);

#endif							/* FS_GROUP_SEEN_H */
