/*-------------------------------------------------------------------------
 *
 * Results of flow.topk and flow.topk_values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_TOPK_H
#define FS_GROUP_TOPK_H

#include "postgres.h"

#include "nodes/primnodes.h"

#include "group/columnkey.h"

typedef struct FsTopk FsTopk;

/* In the current memory context. */
extern FsTopk *fs_topk_create(const Aggref *agg);

/*
 * What the aggregate gives for values ids[n] of a column with weights, of which
 * those with weight 0 do not count.
 */
extern Datum fs_topk_result(FsTopk *topk, const FsColumnKey *values,
							const uint32 *ids, const int64 *weights, uint32 n,
							bool *isnull);

#endif							/* FS_GROUP_TOPK_H */
