/*-------------------------------------------------------------------------
 *
 * Orders of rows: ranks, z-order, and a sort by cells and words.
 *
 * A z-order over raw values follows their skew; over ranks of a few bits,
 * which are ranges of about as many rows each, its cells are about even.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ORDER_H
#define FS_FORMAT_ORDER_H

#include "format/radix.h"
#include "format/value.h"

/* most cells there can be */
#define FS_ORDER_MAX_CELLS	65536

/*
 * Ranks below 2^bits, bits <= 8, that ascend with the codes, of n codes that
 * occur counts[i] times: each has about as many rows as the others.
 */
extern void fs_order_ranks(const uint32 *counts, uint32 n, int bits,
						   uint8 *ranks);

/* The bits of n ranks in turn, highest first, the first rank's leading. */
extern uint32 fs_order_interleave(const uint8 *ranks, int n, int bits);

/*
 * What rows are compared by: first the cell, then words, unsigned, the first
 * of them most significant.  word() sets the keys of items[n] for the rows
 * that their index names.
 */
typedef struct FsOrderInput
{
	uint32		nrows;
	const uint16 *cells;		/* [nrows] */
	int			nwords;
	void		(*word) (void *arg, int word, FsRadixItem *items, uint32 n);
	void	   *arg;
} FsOrderInput;

/* Set rows[nrows] to the rows in order; equal ones in ascending order. */
extern void fs_order_sort(const FsOrderInput *in, FsArena *arena,
						  uint32 *rows);

#endif							/* FS_FORMAT_ORDER_H */
