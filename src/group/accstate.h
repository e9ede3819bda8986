/*-------------------------------------------------------------------------
 *
 * What an accumulator holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_ACCSTATE_H
#define FS_GROUP_ACCSTATE_H

#include "group/accumulator.h"
#include "group/columnkey.h"
#include "vector/ids.h"
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
	FsColumnKey *values;		/* COUNT_DISTINCT */
	FsPairIds  *pairs;			/* of group and value */

	/* the rows that count, of the vector at hand */
	uint32		m;
	bool		is_all;			/* rows[i] of the vector is place i */
	uint16		places[FS_VECTOR_ROWS]; /* in the list of rows */
	int64		ints[FS_VECTOR_ROWS];
	double		floats[FS_VECTOR_ROWS];
	uint32		ids[FS_VECTOR_ROWS];

	/* by group */
	uint32		cap;
	uint32		n;
	int64	   *counts;			/* rows that count */
	FsInt128   *sums;
	FsUint192  *squares;
	int64	   *best;			/* MIN, MAX of integers */
	double	   *fsums;			/* sum, mean; MIN, MAX of floats */
	double	   *fsquares;		/* sum of squared differences */
	uint8	   *has;

	/* COUNT_DISTINCT, while groups are put into records */
	uint32	   *listed;			/* [pairs] ids of values, by group */
	uint32	   *ends;			/* [n] in listed, of each group */
};

#endif							/* FS_GROUP_ACCSTATE_H */
