/*-------------------------------------------------------------------------
 *
 * Is only a number of groups wanted that come first by an aggregate?
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGLIMIT_H
#define FS_EXEC_AGGLIMIT_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/* Only the first groups by an aggregate are wanted. */
typedef struct FsFlowAggHints
{
	int			limit;			/* -1: all groups */
	int			agg;			/* which, 0-based */
	bool		is_descending;
	double		slack;			/* groups may come first whose aggregate is worse
								 * by so much than that of the last which does */
} FsFlowAggHints;

/*
 * Tell by a query's ORDER BY, LIMIT and HAVING.  What is sorted by may be a
 * function of the aggregate that never falls while it rises: a conversion,
 * round(), a product with a constant above 0 and the like.  HAVING may ask that
 * the aggregate is above a constant; with any other all groups are wanted.
 */
extern void fs_agglimit_find(PlannerInfo *root, List *aggregates, List *having,
							 FsFlowAggHints *hints);

#endif							/* FS_EXEC_AGGLIMIT_H */
