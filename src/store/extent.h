/*-------------------------------------------------------------------------
 *
 * Extents: runs of neighbouring pages of the main fork.
 *
 * Bytes are put into an extent once and never changed.  Block 0 is the
 * metapage (meta.h).
 *
 *		first	first page, >= 1
 *		npages	>= 1
 *
 * Reserve, then fill: between fs_extent_lock() and fs_extent_unlock() a
 * writer reserves an extent and puts the item that names it into the
 * directory; then it fills the pages.  An extent that no item names is free.
 *
 * Locking: fs_extent_lock() is a heavyweight lock; the relation extension lock
 * and the metapage's buffer lock are taken inside it for moments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_EXTENT_H
#define FS_STORE_EXTENT_H

#include "postgres.h"

#include "storage/block.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

typedef struct FsExtent
{
	BlockNumber first;
	uint32		npages;
} FsExtent;

/* Payload bytes of a page, behind the standard page header. */
#define FS_PAGE_BYTES	(BLCKSZ - SizeOfPageHeaderData)

/* Pages that len > 0 bytes need; cannot fail. */
extern uint32 fs_extent_pages(uint32 len);

/* The lock that serialises reserving and freeing. */
extern void fs_extent_lock(Relation rel);
extern void fs_extent_unlock(Relation rel);

/*
 * Reserve npages pages, from the free extents or by growing the file, under
 * the lock.  Raises an error if the disk is full.  If the transaction aborts
 * the pages stay unused until VACUUM finds them.  strategy is that of a bulk
 * write, or NULL.
 */
extern FsExtent fs_extent_reserve(Relation rel, uint32 npages,
								  BufferAccessStrategy strategy);

/* Write len bytes into a reserved extent, and log them if the table is. */
extern void fs_extent_fill(Relation rel, FsExtent extent,
						   const uint8 *bytes, uint32 len,
						   BufferAccessStrategy strategy);

/*
 * Copy len bytes from byte off of an extent to dst[len].  Reports
 * DATA_CORRUPTED at elevel and returns false if the extent does not lie in
 * the file or a page holds fewer bytes than it must.
 */
extern bool fs_extent_read(Relation rel, FsExtent extent,
						   uint32 off, uint32 len, uint8 *dst, int elevel);

#endif							/* FS_STORE_EXTENT_H */
