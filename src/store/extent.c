/*-------------------------------------------------------------------------
 *
 * Extents.
 *
 * A page of an extent has a standard header; its payload lies between the
 * header and pd_lower, so that full-page images keep it and drop the rest
 * (payload above pd_lower would be zeroes on a standby).  Pages are written
 * through shared buffers and logged whole: writing a reused block past the
 * buffers would let a stale buffer overwrite it.
 *
 * The pages of an extent may only be overwritten after the WAL that removed
 * the item naming it is on disk.  That holds because the image of the new
 * page is logged later than the removal, and a page goes to disk no earlier
 * than its own image.  For the same reason the free list need not be crash
 * safe beyond its page: what it forgets, VACUUM finds again.
 *
 * Lock order: fs_extent_lock(), then either the relation extension lock or
 * the metapage's buffer, each for a moment.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xloginsert.h"
#include "catalog/pg_control.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"

#include "compat.h"
#include "store/extent.h"
#include "store/meta.h"

/* pages that are filled and logged at once, at most XLR_MAX_BLOCK_ID */
#define FILL_BATCH		32

uint32
fs_extent_pages(uint32 len)
{
	return (len + FS_PAGE_BYTES - 1) / FS_PAGE_BYTES;
}

/*
 * The lock is that of a TID which no row can have.  The relation extension
 * lock would not do: no other heavyweight lock may be taken under it, and
 * inserting the item takes the TOAST table's.
 */
static ItemPointerData
lock_tid(void)
{
	ItemPointerData tid;

	ItemPointerSet(&tid, MaxBlockNumber, FirstOffsetNumber);
	return tid;
}

void
fs_extent_lock(Relation rel)
{
	ItemPointerData tid = lock_tid();

	LockTuple(rel, &tid, ExclusiveLock);
}

void
fs_extent_unlock(Relation rel)
{
	ItemPointerData tid = lock_tid();

	UnlockTuple(rel, &tid, ExclusiveLock);
}

FsExtent
fs_extent_reserve(Relation rel, uint32 npages, BufferAccessStrategy strategy)
{
	FsExtent	extent;
	BlockNumber nblocks;

	Assert(npages > 0);
	fs_meta_ensure(rel);
	nblocks = RelationGetNumberOfBlocks(rel);
	if (fs_meta_take_free(rel, npages, MaxBlockNumber, &extent))
	{
		/* after a promotion the file may be shorter than the list knows */
		if (extent.first + npages > nblocks)
			(void) fs_extend_relation(rel, extent.first + npages - nblocks,
									  strategy);
		return extent;
	}

	if (npages > MaxBlockNumber - nblocks)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot extend flowstore table \"%s\" beyond %u blocks",
						RelationGetRelationName(rel), MaxBlockNumber)));
	extent.first = fs_extend_relation(rel, npages, strategy);
	extent.npages = npages;
	return extent;
}

/*
 * Log n pages as they are, in one record; their buffers are locked.  Like
 * log_newpage_range(), which cannot be told of a buffer ring: reading the
 * pages again, it would make the ring's buffers look wanted.
 */
static void
log_pages(Buffer *bufs, int n)
{
	XLogRecPtr	lsn;

	XLogEnsureRecordSpace(FILL_BATCH - 1, 0);
	START_CRIT_SECTION();
	XLogBeginInsert();
	for (int i = 0; i < n; i++)
	{
		MarkBufferDirty(bufs[i]);
		XLogRegisterBuffer(i, bufs[i], REGBUF_FORCE_IMAGE | REGBUF_STANDARD);
	}
	lsn = XLogInsert(RM_XLOG_ID, XLOG_FPI);
	for (int i = 0; i < n; i++)
		PageSetLSN(BufferGetPage(bufs[i]), lsn);
	END_CRIT_SECTION();
}

void
fs_extent_fill(Relation rel, FsExtent extent, const uint8 *bytes, uint32 len,
			   BufferAccessStrategy strategy)
{
	Buffer		bufs[FILL_BATCH];
	int			n = 0;

	Assert(fs_extent_pages(len) == extent.npages);
	for (uint32 i = 0; i < extent.npages; i++)
	{
		uint32		off = i * FS_PAGE_BYTES;
		uint32		nbytes = Min(len - off, FS_PAGE_BYTES);
		Page		page;

		bufs[n] = ReadBufferExtended(rel, MAIN_FORKNUM, extent.first + i,
									 RBM_ZERO_AND_LOCK, strategy);
		page = BufferGetPage(bufs[n]);
		n++;
		PageInit(page, BLCKSZ, 0);
		memcpy((char *) page + SizeOfPageHeaderData, bytes + off, nbytes);
		((PageHeader) page)->pd_lower = SizeOfPageHeaderData + nbytes;
		if (n < FILL_BATCH && i + 1 < extent.npages)
			continue;

		if (RelationNeedsWAL(rel))
			log_pages(bufs, n);
		else
			for (int k = 0; k < n; k++)
				MarkBufferDirty(bufs[k]);
		while (n > 0)
			UnlockReleaseBuffer(bufs[--n]);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Whether the file has so many blocks.  What is remembered of its length may be
 * too much after VACUUM has cut the end off; reading there is core's error.
 */
static bool
is_in_file(Relation rel, uint64 nblocks)
{
	BlockNumber known = RelationGetSmgr(rel)->smgr_cached_nblocks[MAIN_FORKNUM];

	return (known != InvalidBlockNumber && nblocks <= known) ||
		nblocks <= RelationGetNumberOfBlocks(rel);
}

bool
fs_extent_read(Relation rel, FsExtent extent, uint32 off, uint32 len,
			   uint8 *dst, int elevel)
{
	BlockNumber blk = extent.first + off / FS_PAGE_BYTES;
	uint32		at = off % FS_PAGE_BYTES;

	if (extent.first == FS_META_BLKNO || extent.npages == 0 ||
		!is_in_file(rel, (uint64) extent.first + extent.npages) ||
		(uint64) off + len > (uint64) extent.npages * FS_PAGE_BYTES)
	{
		ereport(elevel,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid extent in flowstore table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("Blocks %u to %u, bytes %u to %u; the table has %u blocks.",
						   extent.first, extent.first + extent.npages - 1,
						   off, off + len, RelationGetNumberOfBlocks(rel))));
		return false;
	}
	while (len > 0)
	{
		uint32		n = Min(len, FS_PAGE_BYTES - at);
		Buffer		buf;
		Page		page;
		uint32		end;
		bool		is_short = false;

		buf = ReadBufferExtended(rel, MAIN_FORKNUM, blk, RBM_NORMAL, NULL);
		LockBuffer(buf, BUFFER_LOCK_SHARE);
		page = BufferGetPage(buf);
		end = ((PageHeader) page)->pd_lower;
		if (end >= SizeOfPageHeaderData + at + n && end <= BLCKSZ)
			memcpy(dst, (char *) page + SizeOfPageHeaderData + at, n);
		else
			is_short = true;
		UnlockReleaseBuffer(buf);
		if (is_short)
		{
			ereport(elevel,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("invalid page in block %u of flowstore table \"%s\"",
							blk, RelationGetRelationName(rel)),
					 errdetail("The page ends at byte %u, expected at least %u.",
							   end, (uint32) (SizeOfPageHeaderData + at + n))));
			return false;
		}
		dst += n;
		len -= n;
		blk++;
		at = 0;
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}
