/*-------------------------------------------------------------------------
 *
 * Row number <-> TID.
 *
 * A row number is 40 bits wide.  256 of them make a virtual block, so that
 * the offset stays within what TID bitmaps accept (291):
 *
 *		block = number / 256, offset = number % 256 + 1
 *
 * The blocks of TIDs have nothing to do with the blocks of the file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_ROWNO_H
#define FS_DIRECTORY_ROWNO_H

#include "postgres.h"

#include "storage/itemptr.h"

#define FS_ROWNO_PER_BLOCK	256

/* Neighbouring row numbers. */
typedef struct FsRowRun
{
	uint64		first;
	uint32		n;
} FsRowRun;

static inline void
fs_rowno_to_tid(uint64 rowno, ItemPointer tid)
{
	ItemPointerSet(tid, (BlockNumber) (rowno / FS_ROWNO_PER_BLOCK),
				   (OffsetNumber) (rowno % FS_ROWNO_PER_BLOCK + 1));
}

/* False if no row of a flowstore table can have this TID. */
static inline bool
fs_rowno_from_tid(const ItemPointerData *tid, uint64 *rowno)
{
	OffsetNumber off = ItemPointerGetOffsetNumberNoCheck(tid);

	if (off < 1 || off > FS_ROWNO_PER_BLOCK)
		return false;
	*rowno = (uint64) ItemPointerGetBlockNumberNoCheck(tid) *
		FS_ROWNO_PER_BLOCK + off - 1;
	return true;
}

#endif							/* FS_DIRECTORY_ROWNO_H */
