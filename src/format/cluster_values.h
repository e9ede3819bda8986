/*-------------------------------------------------------------------------
 *
 * The distinct values of columns of rows that are being clustered.
 *
 * While rows come, values are numbered in the order of first sight; sorting
 * gives each number its code.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLUSTER_VALUES_H
#define FS_FORMAT_CLUSTER_VALUES_H

#include "format/addrmap.h"

/* values of a segment of entries */
#define FS_CLUSTER_SEGMENT	4096

typedef struct FsClusterString
{
	const uint8 *ptr;
	uint32		len;
	uint32		tag;			/* bits of the hash */
} FsClusterString;

typedef struct FsClusterValues
{
	FsArena    *arena;
	uint8		kind;			/* FsKind */
	uint32		count;
	uint64		nbytes;			/* of all strings */
	uint32	   *slots;			/* [1 << bits] number + 1; 0: free */
	int			bits;
	uint64		seed;
	void	  **segments;		/* [nsegments] of FS_CLUSTER_SEGMENT entries of
								 * int64, FsAddrNumber or FsClusterString */
	uint32		nsegments;
	uint32		cap;
	uint8	   *slab;			/* free bytes for strings */
	uint32		slab_left;

	/* once sorted */
	uint32	   *codes;			/* [count] of each number */
	int64	   *ints;			/* [count] by code, of the kind's array */
	FsAddrNumber *addrs;
	const uint8 **ptrs;
	uint32	   *lens;
} FsClusterValues;

extern void fs_cluster_values_init(FsClusterValues *values, uint8 kind,
								   FsArena *arena);

/* The number of a value, which is copied. */
extern uint32 fs_cluster_values_add_int(FsClusterValues *values, int64 value);
extern uint32 fs_cluster_values_add_addr(FsClusterValues *values,
										 const FsAddr *addr);
extern uint32 fs_cluster_values_add_bytes(FsClusterValues *values,
										  const uint8 *ptr, uint32 len);

/* A string by its number. */
static inline const FsClusterString *
fs_cluster_values_string(const FsClusterValues *values, uint32 number)
{
	return (const FsClusterString *) values->segments[number / FS_CLUSTER_SEGMENT] +
		number % FS_CLUSTER_SEGMENT;
}

/*
 * Set codes, and the values by code; no value may be added from then on.
 * temp is not needed afterwards.
 */
extern void fs_cluster_values_sort(FsClusterValues *values, FsArena *temp);

#endif							/* FS_FORMAT_CLUSTER_VALUES_H */
