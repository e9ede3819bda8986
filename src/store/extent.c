/*-------------------------------------------------------------------------
 *
 * Extents and the metapage.
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

#include "access/generic_xlog.h"
#include "access/xlog.h"
#include "access/xloginsert.h"
#include "catalog/pg_control.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"

#include "compat.h"
#include "format/layout.h"
#include "store/extent.h"

#define META_BLKNO		0
#define META_MAGIC		0x504d5346	/* "FSMP", little endian */
#define META_MAX_FREE	960

/* pages that are filled and logged at once, at most XLR_MAX_BLOCK_ID */
#define FILL_BATCH		32

/* row numbers are 40 bits wide, see directory/rowno.h */
#define MAX_ROW_NUMBER	((UINT64CONST(1) << 40) - 512)

typedef struct MetaPage
{
	uint32		magic;
	uint16		version;		/* of the format, that wrote last */
	uint16		min_reader;		/* oldest version that may read */
	uint16		min_writer;		/* oldest version that may write */
	uint16		nfree;
	uint32		next_item;		/* wraps */
	uint64		next_row;		/* multiple of 256 */
	FsExtent	free[META_MAX_FREE];	/* largest first when made */
} MetaPage;

StaticAssertDecl(offsetof(MetaPage, free) == 24, "MetaPage has no padding");
StaticAssertDecl(sizeof(MetaPage) <= FS_PAGE_BYTES, "MetaPage fits a page");

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

/* Make block 0 a metapage with all counters at zero. */
static void
init_meta(Relation rel)
{
	Buffer		buf = ReadBuffer(rel, META_BLKNO);
	GenericXLogState *state;
	Page		page;
	MetaPage   *meta;

	LockBuffer(buf, BUFFER_LOCK_EXCLUSIVE);
	state = GenericXLogStart(rel);
	page = GenericXLogRegisterBuffer(state, buf, GENERIC_XLOG_FULL_IMAGE);
	PageInit(page, BLCKSZ, 0);
	meta = (MetaPage *) PageGetContents(page);
	memset(meta, 0, sizeof(MetaPage));
	meta->magic = META_MAGIC;
	meta->version = FS_FORMAT_VERSION;
	meta->min_reader = FS_FORMAT_VERSION;
	meta->min_writer = FS_FORMAT_VERSION;
	((PageHeader) page)->pd_lower = SizeOfPageHeaderData + sizeof(MetaPage);
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
}

/* Lock the metapage; *meta points into it. */
static Buffer
lock_meta(Relation rel, int mode, MetaPage **meta)
{
	Buffer		buf = ReadBuffer(rel, META_BLKNO);

	LockBuffer(buf, mode);
	*meta = (MetaPage *) PageGetContents(BufferGetPage(buf));
	if ((*meta)->magic != META_MAGIC || (*meta)->nfree > META_MAX_FREE)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid metapage in flowstore table \"%s\"",
						RelationGetRelationName(rel))));
	if ((*meta)->min_writer > FS_FORMAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("flowstore table \"%s\" has format version %u",
						RelationGetRelationName(rel), (*meta)->version),
				 errdetail("This library writes versions up to %u.",
						   FS_FORMAT_VERSION),
				 errhint("Install a newer release of flowstore.")));
	return buf;
}

/* False if the metapage was never written; see ensure_meta(). */
static bool
has_meta(Relation rel)
{
	Buffer		buf;
	bool		is_new;

	if (RelationGetNumberOfBlocks(rel) == 0)
		return false;
	buf = ReadBuffer(rel, META_BLKNO);
	LockBuffer(buf, BUFFER_LOCK_SHARE);
	is_new = PageIsNew(BufferGetPage(buf));
	UnlockReleaseBuffer(buf);
	return !is_new;
}

/*
 * Let the metapage exist, under fs_extent_lock().  A crash between growing
 * the file and the first record leaves a zero page, which is begun anew.
 */
static void
ensure_meta(Relation rel)
{
	if (RelationGetNumberOfBlocks(rel) == 0)
		(void) fs_extend_relation(rel, 1, NULL);
	if (!has_meta(rel))
		init_meta(rel);
}

/*
 * The smallest free extent that is large enough, cut to size and taken off
 * the list; false if there is none.
 */
static bool
take_free(Relation rel, uint32 npages, FsExtent *extent)
{
	MetaPage   *meta;
	Buffer		buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	int			best = -1;
	GenericXLogState *state;
	FsExtent   *slot;

	for (int i = 0; i < meta->nfree; i++)
		if (meta->free[i].npages >= npages &&
			(best < 0 || meta->free[i].npages < meta->free[best].npages))
			best = i;
	if (best < 0)
	{
		UnlockReleaseBuffer(buf);
		return false;
	}

	state = GenericXLogStart(rel);
	meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
	slot = &meta->free[best];
	extent->first = slot->first;
	extent->npages = npages;
	slot->first += npages;
	slot->npages -= npages;
	if (slot->npages == 0)
	{
		meta->nfree--;
		memmove(slot, slot + 1, (meta->nfree - best) * sizeof(FsExtent));
	}
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
	return true;
}

FsExtent
fs_extent_reserve(Relation rel, uint32 npages, BufferAccessStrategy strategy)
{
	FsExtent	extent;
	BlockNumber nblocks;

	Assert(npages > 0);
	ensure_meta(rel);
	nblocks = RelationGetNumberOfBlocks(rel);
	if (take_free(rel, npages, &extent))
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

bool
fs_extent_read(Relation rel, FsExtent extent, uint32 off, uint32 len,
			   uint8 *dst, int elevel)
{
	BlockNumber blk = extent.first + off / FS_PAGE_BYTES;
	uint32		at = off % FS_PAGE_BYTES;

	if (extent.first == META_BLKNO || extent.npages == 0 ||
		(uint64) extent.first + extent.npages > RelationGetNumberOfBlocks(rel) ||
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

static int
by_pages_desc(const void *a, const void *b)
{
	uint32		x = ((const FsExtent *) a)->npages;
	uint32		y = ((const FsExtent *) b)->npages;

	return x < y ? 1 : x > y ? -1 : 0;
}

void
fs_extent_set_free(Relation rel, FsExtent *extents, int n)
{
	MetaPage   *meta;
	Buffer		buf;
	GenericXLogState *state;

	ensure_meta(rel);
	qsort(extents, n, sizeof(FsExtent), by_pages_desc);
	n = Min(n, META_MAX_FREE);
	buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	if (n != meta->nfree ||
		memcmp(meta->free, extents, n * sizeof(FsExtent)) != 0)
	{
		state = GenericXLogStart(rel);
		meta = (MetaPage *)
			PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
		memcpy(meta->free, extents, n * sizeof(FsExtent));
		meta->nfree = n;
		GenericXLogFinish(state);
	}
	UnlockReleaseBuffer(buf);
}

uint64
fs_extent_free_pages(Relation rel)
{
	MetaPage   *meta;
	Buffer		buf;
	uint64		total = 0;

	if (!has_meta(rel))
		return 0;
	buf = lock_meta(rel, BUFFER_LOCK_SHARE, &meta);
	for (int i = 0; i < meta->nfree; i++)
		total += meta->free[i].npages;
	UnlockReleaseBuffer(buf);
	return total;
}

void
fs_extent_take_numbers(Relation rel, uint32 nrows, uint32 nitems,
					   uint64 *first_row, uint32 *first_item)
{
	MetaPage   *meta;
	Buffer		buf;
	GenericXLogState *state;

	if (!has_meta(rel))
	{
		fs_extent_lock(rel);
		ensure_meta(rel);
		fs_extent_unlock(rel);
	}
	nrows = TYPEALIGN(256, nrows);
	buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	if (meta->next_row + nrows > MAX_ROW_NUMBER)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("flowstore table \"%s\" has used up its row numbers",
						RelationGetRelationName(rel)),
				 errhint("Copy its rows into a new table.")));
	state = GenericXLogStart(rel);
	meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
	*first_row = meta->next_row;
	*first_item = meta->next_item;
	meta->next_row += nrows;
	meta->next_item += nitems;
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
}

void
fs_extent_copy_numbers(Relation from, Relation to)
{
	MetaPage   *meta;
	Buffer		buf;
	uint64		next_row;
	uint32		next_item;
	GenericXLogState *state;

	if (!has_meta(from))
		return;
	buf = lock_meta(from, BUFFER_LOCK_SHARE, &meta);
	next_row = meta->next_row;
	next_item = meta->next_item;
	UnlockReleaseBuffer(buf);

	fs_extent_lock(to);
	ensure_meta(to);
	fs_extent_unlock(to);
	buf = lock_meta(to, BUFFER_LOCK_EXCLUSIVE, &meta);
	state = GenericXLogStart(to);
	meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
	meta->next_row = next_row;
	meta->next_item = next_item;
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
}
