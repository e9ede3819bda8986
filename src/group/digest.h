/*-------------------------------------------------------------------------
 *
 * What the head of a chunk says of an aggregate of all its rows.
 *
 * It knows how many rows there are and how many are null, the least and the
 * greatest of a column's integers, and their sum: no value need be read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_DIGEST_H
#define FS_GROUP_DIGEST_H

#include "postgres.h"

#include "group/accumulator.h"

/* False if heads never tell enough. */
extern bool fs_accumulator_can_digest(const FsAccumulator *acc);

/* Whether that of the scan's chunk does. */
extern bool fs_accumulator_knows_chunk(const FsAccumulator *acc, FsScan *scan);

/*
 * Then: add its rows to a group below ngroups, after all aggregates were told
 * which groups had been met (as fs_accumulator_expect()) and it was noted.
 */
extern void fs_accumulator_expect_chunk(FsAccumulator *acc, FsScan *scan,
										const uint8 *met);
extern void fs_accumulator_add_chunk(FsAccumulator *acc, FsScan *scan,
									 uint32 group, uint32 ngroups);

#endif							/* FS_GROUP_DIGEST_H */
