/*-------------------------------------------------------------------------
 *
 * Counts: a hash table from distinct values to their weights.
 *
 * This is the state of flow.entropy and flow.topk.  It is exact, so it grows
 * with the number of distinct values: 16 bytes a slot, at most 3/4 of the
 * slots used, and a copy of each value that is longer than seven bytes.  It
 * does not spill; the sizes of HashAgg see it, because all memory is taken
 * from the context given at creation.
 *
 * Weights are all int64 or all float8.  A value with weight zero is not kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_COUNTS_H
#define FS_ANALYTICS_COUNTS_H

#include "postgres.h"

#include "analytics/value.h"

typedef struct FsCount
{
	uint64		key;			/* see analytics/value.h */
	union
	{
		int64		i;
		float8		f;
		uint64		bits;		/* 0: the slot is free */
	}			weight;
} FsCount;

typedef struct FsCounts
{
	const FsValueType *type;
	MemoryContext context;
	FsCount    *slots;			/* [1 << slot_bits] */
	uint64		n;				/* slots used */
	uint8		slot_bits;
	bool		has_float_weights;
	int32		limit;			/* of flow.topk, else 0 */
} FsCounts;

/* type must live at least as long as the table. */
extern FsCounts *fs_counts_create(const FsValueType *type,
								  bool has_float_weights,
								  MemoryContext context);

/*
 * Add a weight to a value.  Reports INVALID_PARAMETER_VALUE for a negative
 * (or NaN, or infinite) weight and NUMERIC_VALUE_OUT_OF_RANGE if the sum of
 * the weights of this value is not in the range of its type.
 */
extern void fs_counts_add_int(FsCounts *counts, Datum datum, int64 weight);
extern void fs_counts_add_float(FsCounts *counts, Datum datum, float8 weight);

/* Add a prepared value with a valid weight that is not zero. */
extern void fs_counts_add_value(FsCounts *counts, const FsValue *value,
								FsCount count);

/* Add all of src, of the same type and kind of weight, to dst. */
extern void fs_counts_merge(FsCounts *dst, const FsCounts *src);

/* Make room for n values in all, so that adding them does not rehash. */
extern void fs_counts_reserve(FsCounts *counts, uint64 n);

/* Is this what a sum of weights can be? */
extern bool fs_counts_weight_is_valid(const FsCounts *counts, FsCount count);

/* The used slots one by one; start with *pos = 0, NULL is the end. */
extern const FsCount *fs_counts_next(const FsCounts *counts, uint64 *pos);

#endif							/* FS_ANALYTICS_COUNTS_H */
