/*-------------------------------------------------------------------------
 *
 * Accumulators' states as records, and merged again.
 *
 * States of the same group, of other rows, add up to what one accumulator
 * would have of all rows: exactly, but for sums of floats, which depend on the
 * order as they do in PostgreSQL's parallel plans.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_TRANSFER_H
#define FS_GROUP_TRANSFER_H

#include "postgres.h"

#include "group/accumulator.h"
#include "group/record.h"

/* True if aggregates of this kind have what follows. */
extern bool fs_agg_can_transfer(FsAggKind kind);

/*
 * Around the putting of groups, none of which may change meanwhile; of those
 * with only[group] if it is not NULL.
 */
extern void fs_accumulator_begin_put(FsAccumulator *acc, const uint8 *only);
extern void fs_accumulator_end_put(FsAccumulator *acc);

/*
 * Append part 0, 1, .. of a group's state to a record.  Returns true if there
 * are more; parts beyond the last one may be put, and add nothing.
 */
extern bool fs_accumulator_put(FsAccumulator *acc, uint32 group, uint32 part,
							   StringInfo out);

/*
 * Take one part from each of records[n] and merge it into groups[n], which
 * are below ngroups.
 */
extern void fs_accumulator_take(FsAccumulator *acc, FsRecord *records,
								const uint32 *groups, uint32 n,
								uint32 ngroups);

/* Distinct values that are remembered. */
extern uint32 fs_accumulator_n_values(const FsAccumulator *acc);

#endif							/* FS_GROUP_TRANSFER_H */
