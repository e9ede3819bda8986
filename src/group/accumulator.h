/*-------------------------------------------------------------------------
 *
 * Accumulators: one aggregate of every group.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_ACCUMULATOR_H
#define FS_GROUP_ACCUMULATOR_H

#include "postgres.h"

#include "nodes/primnodes.h"

#include "filter/filter.h"
#include "group/key.h"

typedef enum FsAggKind
{
	FS_AGG_COUNT_ROWS,			/* count(*) */
	FS_AGG_COUNT,
	FS_AGG_COUNT_DISTINCT,
	FS_AGG_SUM,
	FS_AGG_AVG,
	FS_AGG_MIN,
	FS_AGG_MAX,
	FS_AGG_BIT_AND,
	FS_AGG_BIT_OR,
	FS_AGG_VARIANCE,			/* variance and stddev, of sample and population */
	FS_AGG_CALLED,				/* by its own functions */
	FS_AGG_ENTROPY,
	FS_AGG_ENTROPY_NORM,
	FS_AGG_TOPK					/* flow.topk and flow.topk_values */
} FsAggKind;

/* values that flow.topk gives at most; see analytics/topk.c */
#define FS_AGG_TOPK_MAX 1000000

/*
 * Tell how an aggregate is computed; false: not here.  *type is that of its
 * first argument, InvalidOid for count(*).
 */
extern bool fs_agg_recognise(const Aggref *agg, FsAggKind *kind, Oid *type);

/* What a state of an aggregate takes at first, where that is more than a number. */
extern int32 fs_agg_state_bytes(const Aggref *agg);

/* True if an aggregate remembers each pair of a group and a value. */
extern bool fs_agg_has_pairs(const Aggref *agg);

typedef struct FsAccumulator FsAccumulator;

/*
 * An aggregate over rows of relation varno; slot, parent and allocator as of a
 * key.  In the current memory context.
 */
extern FsAccumulator *fs_accumulator_create(const Aggref *agg, Index varno,
											const FsKeyInput *input);

extern const Aggref *fs_accumulator_agg(const FsAccumulator *acc);

/* Evaluate the constants of its FILTER. */
extern void fs_accumulator_bind(FsAccumulator *acc);

/*
 * Add rows, of groups[n] below ngroups; bits has the same rows.  Returns false
 * if a column is damaged, which was reported; nothing was added then.
 */
extern bool fs_accumulator_prepare(FsAccumulator *acc, const FsGroupRows *rows,
								   const FsBits *bits);
extern void fs_accumulator_add(FsAccumulator *acc, const uint32 *groups,
							   uint32 ngroups);

/* Between these two: the groups that had a row before; NULL without keys. */
extern void fs_accumulator_expect(FsAccumulator *acc, const uint8 *met);

/* True if it counts rows, whatever is in them; then n more of a group. */
extern bool fs_accumulator_is_row_count(const FsAccumulator *acc);
extern void fs_accumulator_add_rows(FsAccumulator *acc, uint32 group,
									uint64 n);

/* Make room for groups below ngroups, which have no rows yet. */
extern void fs_accumulator_reserve(FsAccumulator *acc, uint32 ngroups);

/* The result of a group, in the current memory context. */
extern Datum fs_accumulator_result(FsAccumulator *acc, uint32 group,
								   bool *isnull);

/*
 * A number that orders groups as their results do, or nearly: a greater
 * result never has a smaller number.  False if there is none; NULLs have
 * *isnull.
 */
extern bool fs_accumulator_rank(const FsAccumulator *acc, uint32 group,
								double *rank, bool *isnull);

/*
 * What ranks of a group in parts of its rows say of its rank in all of them.
 */
typedef enum FsRankBound
{
	FS_RANK_FREE,				/* nothing */
	FS_RANK_ADDS,				/* not below any of them, nor above their sum */
	FS_RANK_BEST				/* it is the greatest of them */
} FsRankBound;

/* Of ranks, or if not is_descending of -rank; no value may be below 0. */
extern FsRankBound fs_agg_rank_bound(FsAggKind kind, Oid type,
									 bool is_descending);

/* From now on notice what fs_accumulator_rank_bound() has to know of values. */
extern void fs_accumulator_watch(FsAccumulator *acc);

/* The same of the rows that were added while it was watched. */
extern FsRankBound fs_accumulator_rank_bound(const FsAccumulator *acc,
											 bool is_descending);

extern Size fs_accumulator_bytes(const FsAccumulator *acc);

/* What of it is memory of states, which does not double when it grows. */
extern Size fs_accumulator_state_bytes(const FsAccumulator *acc);
extern void fs_accumulator_reset(FsAccumulator *acc);

#endif							/* FS_GROUP_ACCUMULATOR_H */
