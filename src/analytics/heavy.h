/*-------------------------------------------------------------------------
 *
 * The heaviest values and about their weights, in bounded memory.
 *
 * Of capacity k: a value's weight is at least weight - error and at most
 * weight, a value that is not there has at most bound, and
 *
 *		error <= bound <= total / (k + 1)
 *
 * always, whatever the order of rows and merging.  As long as there are no
 * more than 2k values, all weights are exact and all errors 0.  Beyond, which
 * values are there depends on the order of the rows.
 *
 * At most 2k values are kept, in slots of 24 bytes of which up to 3/4 are
 * used, and a copy of each value that is longer than seven bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_HEAVY_H
#define FS_ANALYTICS_HEAVY_H

#include "postgres.h"

#include "analytics/value.h"

#define FS_HEAVY_MAX_CAPACITY	1000000

typedef struct FsHeavyEntry
{
	uint64		key;			/* see analytics/value.h */
	int64		weight;			/* 0: the slot is free */
	int64		error;
} FsHeavyEntry;

typedef struct FsHeavy
{
	const FsValueType *type;
	MemoryContext context;
	FsHeavyEntry *slots;		/* [1 << slot_bits] */
	uint32		n;				/* slots used */
	uint8		slot_bits;
	int32		capacity;
	int64		total;			/* of all weights */
	int64		bound;
} FsHeavy;

/* type must live at least as long. */
extern FsHeavy *fs_heavy_create(const FsValueType *type, int32 capacity,
								MemoryContext context);

/*
 * Add a weight to a value.  Reports INVALID_PARAMETER_VALUE for a negative
 * weight and NUMERIC_VALUE_OUT_OF_RANGE if the total is not in bigint.
 */
extern void fs_heavy_add(FsHeavy *heavy, Datum datum, int64 weight);

/*
 * Put in an entry of another table as it is, to be merged with what there is
 * of its value.  False if the value was there.  Between these calls and
 * fs_heavy_settle() there may be more than 2k.
 */
extern bool fs_heavy_put(FsHeavy *heavy, const FsValue *value, int64 weight,
						 int64 error);

/* Keep the k heaviest if there are more than 2k. */
extern void fs_heavy_settle(FsHeavy *heavy);

/* Add all of src, of the same type and capacity. */
extern void fs_heavy_merge(FsHeavy *dst, const FsHeavy *src);

/* The entries, the heaviest first, in no order where weights are equal. */
extern FsHeavyEntry *fs_heavy_sorted(const FsHeavy *heavy);

#endif							/* FS_ANALYTICS_HEAVY_H */
