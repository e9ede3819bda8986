/*-------------------------------------------------------------------------
 *
 * The distinct byte strings of a column, and a code for each value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_BYTEMAP_H
#define FS_FORMAT_BYTEMAP_H

#include "format/encoder.h"

typedef struct FsByteEntry
{
	uint32		off;			/* in the column's bytes */
	uint32		len;
} FsByteEntry;

typedef struct FsByteMap
{
	uint32		count;
	FsByteEntry *entries;		/* [count], where each was seen first */
	uint64	   *codes;			/* [values that are not null] */
} FsByteMap;

/*
 * Build the map, in order of first sight.  Returns false, early if possible,
 * when more than half of the values are distinct and there are two or more.
 */
extern bool fs_bytemap_build(FsEncoder *encoder, const FsColumnValues *values,
							 FsByteMap *map);

#endif							/* FS_FORMAT_BYTEMAP_H */
