/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_ADDR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ADDRS_H
#define FS_FORMAT_ADDRS_H

#include "format/encoder.h"
#include "format/seq.h"

typedef struct FsAddrs
{
	uint8		encoding;		/* CONSTANT, DICT or PLAIN */
	uint32		count;			/* of the dictionary; 0 if PLAIN */
	uint32		count4;
	FsAddr	   *dict;			/* [count] */
	FsSeq		codes;			/* DICT only */
	uint8		family;			/* PLAIN only, with the next three */
	FsSeq		hi;				/* IPv6 only */
	FsSeq		lo;
	FsSeq		missing;
	bool		has_zones;		/* with the next one or two */
	uint32		mins[FS_CHUNK_MAX_VECTORS]; /* DICT: codes */
	uint32		maxs[FS_CHUNK_MAX_VECTORS];
	const uint8 *zones;			/* PLAIN: address bytes */
} FsAddrs;

/* Bytes that a column takes at most, without its nulls. */
static inline uint64
fs_addrs_bound(uint32 nvecs)
{
	return 64 + (uint64) nvecs * 48 + 5 * fs_seq_bound(nvecs);
}

/* As for FS_KIND_INT in ints.h. */
extern void fs_addrs_encode(FsEncoder *encoder, const FsColumnValues *values,
							FsColumnMeta *meta);
extern bool fs_addrs_open(FsCursor *cursor, const FsColumnMeta *meta,
						  const FsShape *shape, FsArena *arena,
						  FsAddrs *addrs)
			__attribute__((warn_unused_result));

/*
 * Set the bounds of a column whose distinct values, n > 0 and ascending, are
 * these; none if a prefix length is not full.
 */
extern void fs_addrs_set_bounds(const FsAddr *addrs, uint32 n, FsZone *zone);

/* PLAIN: decode vector v to values[its count]. */
extern bool fs_addrs_read(const FsAddrs *addrs, uint32 v, FsAddr *values,
						  FsFault *fault)
			__attribute__((warn_unused_result));

/* Bounds of vector v, which has values; only if addrs->has_zones. */
extern void fs_addrs_zone(const FsAddrs *addrs, uint32 v, FsAddr *min,
						  FsAddr *max);

#endif							/* FS_FORMAT_ADDRS_H */
