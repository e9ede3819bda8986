/*-------------------------------------------------------------------------
 *
 * Radix sort of 64-bit keys, each with the number of what it belongs to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_RADIX_H
#define FS_FORMAT_RADIX_H

#include "c.h"

typedef struct FsRadixItem
{
	uint64		key;
	uint32		index;
} FsRadixItem;

/* Sort items[n] by key, stably; spare[n] is overwritten. */
extern void fs_radix_sort(FsRadixItem *items, FsRadixItem *spare, uint32 n);

#endif							/* FS_FORMAT_RADIX_H */
