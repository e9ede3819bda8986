/*-------------------------------------------------------------------------
 *
 * What an accumulator holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_ACCSTATE_H
#define FS_GROUP_ACCSTATE_H

#include "group/accumulator.h"
#include "group/called.h"
#include "group/columnkey.h"
#include "group/entropy.h"
#include "group/topk.h"
#include "vector/group.h"
#include "vector/ids.h"
#include "vector/pairset.h"
#include "vector/wide.h"

struct FsAccumulator
{
	const Aggref *agg;
	FsAggKind	kind;
	Oid			type;			/* of the argument */
	bool		is_float;
	FsKeyInput	in;
	int			att;			/* the argument is this column; -1: expression */
	ExprState  *state;			/* of the argument */
	Bitmapset  *atts;			/* that the expression needs, 0-based */
	FsFilter   *filter;			/* NULL: all rows */
	FsColumnKey *values;		/* COUNT_DISTINCT, ENTROPY, TOPK */
	FsEntropy  *entropy;		/* ENTROPY, TOPK */
	int			weight_att;		/* of these: the column of weights; -1: none */
	FsTopk	   *topk;			/* TOPK */
	FsCalled   *called;			/* CALLED */
	FsPairSet  *pairs;			/* COUNT_DISTINCT: of group and value */

	/* the rows that count, of the vector at hand */
	uint32		m;
	bool		is_all;			/* all rows of the list: value i is place i */
	uint16		places[FS_VECTOR_ROWS]; /* in the list of rows, unless is_all */
	const int64 *v;				/* [m] integers: ints, or the vector's own */
	bool		is_mapped;		/* these are floats as stored, floats are not set */
	int64		ints[FS_VECTOR_ROWS];
	double		floats[FS_VECTOR_ROWS];
	uint32		ids[FS_VECTOR_ROWS];

	/* by group */
	uint32		cap;
	uint32		n;
	int64	   *counts;			/* rows that count; NULL if has tells enough */
	FsInt128   *sums;
	FsUint192  *squares;
	int64	   *best;			/* MIN, MAX, BIT_AND, BIT_OR of integers */
	double	   *fsums;			/* sum, mean; MIN, MAX of floats */
	double	   *fsquares;		/* sum of squared differences */
	uint8	   *has;			/* a row counts; NULL: in each group that was met */
	bool		is_watched;		/* SUM: values below 0 are noticed */
	bool		has_negative;	/* one of them was */
	bool		has_first;		/* group 0 was met while has is NULL */

	/* COUNT_DISTINCT, while groups are put into records */
	uint32	   *listed;			/* [pairs] ids of values, by group */
	uint32	   *ends;			/* [n] in listed, of each group */
};

/* Is the result one of the values, or as long: best, or fsums? */
static inline bool
fs_accumulator_is_best(const FsAccumulator *acc)
{
	return acc->kind >= FS_AGG_MIN && acc->kind <= FS_AGG_BIT_OR;
}

/* What best[] holds of a group without a value. */
static inline int64
fs_accumulator_best_start(FsAggKind kind)
{
	return kind == FS_AGG_MIN ? FS_GROUP_MIN_START
		: kind == FS_AGG_MAX ? FS_GROUP_MAX_START
		: kind == FS_AGG_BIT_AND ? -1 : 0;
}

/* Is the number of rows needed, or only whether there is one? */
static inline bool
fs_accumulator_counts(const FsAccumulator *acc)
{
	return acc->is_float || !(acc->kind == FS_AGG_SUM ||
							  fs_accumulator_is_best(acc));
}

/* Rows of the group that count; 1 for any number where that suffices. */
static inline int64
fs_accumulator_count(const FsAccumulator *acc, uint32 group)
{
	if (group >= acc->n)
		return 0;
	if (fs_accumulator_counts(acc))
		return acc->counts[group];
	return acc->has != NULL ? acc->has[group] : group > 0 || acc->has_first;
}

/* Add the floats at hand, value i to group g[i] (accfloat.c). */
extern void fs_accumulator_add_floats(FsAccumulator *acc, const uint32 *g);

/*
 * From now on rows do not all count: tell apart groups in which one does.
 * met[n] says which had a row so far; NULL: group 0 alone, or none.
 */
extern void fs_accumulator_begin_has(FsAccumulator *acc, const uint8 *met);

#endif							/* FS_GROUP_ACCSTATE_H */
