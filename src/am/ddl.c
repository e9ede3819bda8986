/*-------------------------------------------------------------------------
 *
 * The life of a table's files.
 *
 * An empty table has no blocks, so making a file, copying one and truncating
 * one are what heap does; only the rows that this backend has pending must be
 * written first, for they belong to the old file: a savepoint may bring it
 * back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "catalog/storage.h"

#include "am/ddl.h"
#include "am/pending.h"
#include "directory/directory.h"
#include "directory/numbers.h"
#include "store/extent.h"

void
fs_ddl_new_file(Relation rel, const FsFileLocator *locator, char persistence,
				TransactionId *freeze_xid, MultiXactId *min_multi)
{
	const TableAmRoutine *heap = GetHeapamTableAmRoutine();

	fs_pending_flush(rel);
#if PG_VERSION_NUM >= 160000
	heap->relation_set_new_filelocator(rel, locator, persistence, freeze_xid,
									   min_multi);
#else
	heap->relation_set_new_filenode(rel, locator, persistence, freeze_xid,
									min_multi);
#endif
}

void
fs_ddl_truncate(Relation rel)
{
	fs_pending_discard(rel);
	fs_numbers_forget(RelationGetRelid(rel));
	RelationTruncate(rel, 0);
}

void
fs_ddl_copy_data(Relation rel, const FsFileLocator *locator)
{
	fs_pending_flush(rel);
	GetHeapamTableAmRoutine()->relation_copy_data(rel, locator);
}

typedef struct Move
{
	Relation	from;
	Relation	to;
	uint8	   *bytes;			/* of the chunk that is being moved */
	Size		size;
} Move;

/* Copy the chunk that the item names into a fresh extent. */
static void
move_item(FsItemHead *item, void *arg)
{
	Move	   *move = arg;
	FsChunkItem *chunk = (FsChunkItem *) item;

	if (item->kind != FS_ITEM_CHUNK)
		return;
	if (chunk->len > move->size)
	{
		if (move->bytes != NULL)
			pfree(move->bytes);
		move->size = chunk->len;
		move->bytes = palloc_extended(move->size, MCXT_ALLOC_HUGE);
	}
	(void) fs_extent_read(move->from, chunk->extent, 0, chunk->len,
						  move->bytes, ERROR);
	fs_extent_lock(move->to);
	chunk->extent = fs_extent_reserve(move->to, chunk->extent.npages);
	fs_extent_unlock(move->to);
	fs_extent_fill(move->to, chunk->extent, move->bytes, chunk->len);
}

void
fs_ddl_rewrite(Relation from, Relation to, Relation old_index, bool use_sort,
			   TransactionId oldest_xmin, TransactionId *freeze_xid,
			   MultiXactId *cutoff_multi, double *live, double *dead,
			   double *recently_dead)
{
	Move		move = {from, to, NULL, 0};

	fs_pending_flush(from);
	fs_extent_copy_numbers(from, to);
	fs_directory_rewrite(from, to, oldest_xmin, *freeze_xid, *cutoff_multi,
						 move_item, &move, live, dead, recently_dead);
	if (move.bytes != NULL)
		pfree(move.bytes);
}
