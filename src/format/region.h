/*-------------------------------------------------------------------------
 *
 * Bytes of a chunk that are fetched and checked when they are needed.
 *
 * A column, or the frame, is a region.  It is cut into pieces, each with a
 * checksum in the chunk's head, so that who wants one vector fetches and
 * checks the pieces that have it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_REGION_H
#define FS_FORMAT_REGION_H

#include "format/value.h"

/* Bytes of a piece; the last one of a region may be shorter. */
#define FS_REGION_PIECE		3072

/*
 * Where a chunk's bytes come from.  get() returns room for len bytes from
 * offset off of the chunk on, which lives as long as the reader: the bytes
 * themselves if load is NULL; else load() copies some of them to their place.
 * Both fail with NULL or false, and fill *fault or leave it as it was if the
 * failure has been reported already.
 */
typedef struct FsFetch
{
	const uint8 *(*get) (struct FsFetch *fetch, uint32 off, uint32 len,
						 FsFault *fault);
	void	   *state;			/* the owner's */
	bool		(*load) (struct FsFetch *fetch, uint32 off, uint32 len,
						 uint8 *dst, FsFault *fault);
} FsFetch;

typedef struct FsRegion
{
	const uint8 *bytes;			/* [len] */
	uint32		len;
	uint32		off;			/* in the chunk */
	FsFetch    *fetch;			/* NULL: the bytes are there */
	const uint32 *crcs;			/* of each piece */
	uint32		npieces;
	uint32		nloaded;
	uint64	   *is_loaded;		/* [npieces] bits: there, and checked */
	uint32		next;			/* the piece behind the last that was loaded */
	uint32		nlast;			/* pieces loaded last */
} FsRegion;

/* Blocks of len bytes. */
static inline uint32
fs_region_pieces(uint32 len)
{
	return len / FS_REGION_PIECE + (len % FS_REGION_PIECE != 0);
}

/* Checksums of the pieces of bytes[len]: crcs[fs_region_pieces(len)]. */
extern void fs_region_sum(const uint8 *bytes, uint32 len, uint32 *crcs);

/*
 * The region of len bytes from off of the chunk on.  crcs must outlive it.
 * Returns false and fills *fault if there is no room for it.
 */
extern bool fs_region_open(FsFetch *fetch, uint32 off, uint32 len,
						   const uint32 *crcs, FsArena *arena,
						   FsRegion *region, FsFault *fault)
			__attribute__((warn_unused_result));

/* The same of bytes that are in memory; crcs NULL: that were checked. */
extern void fs_region_init(const uint8 *bytes, uint32 len, const uint32 *crcs,
						   FsArena *arena, FsRegion *region);

/* fs_region_need() where not all is loaded. */
extern bool fs_region_load(FsRegion *region, uint32 off, uint32 len,
						   FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * Have bytes off .. off + len, which lie in the region, loaded.  Returns false
 * and fills *fault as FsFetch does, and if a checksum is wrong.
 */
static inline bool
fs_region_need(FsRegion *region, uint32 off, uint32 len, FsFault *fault)
{
	return !region || region->nloaded == region->npieces ||
		fs_region_load(region, off, len, fault);
}

#endif							/* FS_FORMAT_REGION_H */
