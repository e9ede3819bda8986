/*-------------------------------------------------------------------------
 *
 * Comparisons of integers before they are rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FILTER_UNITS_H
#define FS_FILTER_UNITS_H

#include "postgres.h"

#include "vector/bits.h"

struct FsFilterNode;
struct FsFilterTask;

/* Which entries of a dictionary match. */
typedef struct FsCodeMatch
{
	uint32		dict_n;			/* 0: not known yet */
	uint8	   *matches;		/* [dict_n] 1 or 0 */
	uint32		n;				/* how many do */
	uint32		low;			/* the first and the last of them */
	uint32		high;
} FsCodeMatch;

/*
 * Rows whose integer is in the node's range or set, without making rows of
 * the column.  Sets *is_known false where that cannot be had, or does not pay.
 * Returns false on damage, which was reported.
 */
extern bool fs_filter_find_units(struct FsFilterTask *task,
								 struct FsFilterNode *node,
								 FsBits *found, bool *is_known);

#endif							/* FS_FILTER_UNITS_H */
