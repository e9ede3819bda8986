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

#include "access/tableam.h"
#include "catalog/storage.h"

#include "am/changes.h"
#include "am/ddl.h"
#include "am/deleted.h"
#include "am/fetch.h"
#include "am/pending.h"
#include "directory/numbers.h"

/* A new file takes the rows from a table that is there already. */
static void
note_truncated(Relation rel)
{
	const char *column;

	if (fs_changes_is_watched(rel, &column))
		fs_changes_note_whole(RelationGetRelid(rel));
}

void
fs_ddl_new_file(Relation rel, const FsFileLocator *locator, char persistence,
				TransactionId *freeze_xid, MultiXactId *min_multi)
{
	const TableAmRoutine *heap = GetHeapamTableAmRoutine();

	fs_pending_flush(rel);
	note_truncated(rel);
	heap->relation_set_new_filelocator(rel, locator, persistence, freeze_xid,
									   min_multi);
}

void
fs_ddl_truncate(Relation rel)
{
	fs_pending_discard(rel);
	fs_deleted_discard(rel);
	fs_numbers_forget(RelationGetRelid(rel));
	fs_fetch_forget();
	note_truncated(rel);
	RelationTruncate(rel, 0);
}

void
fs_ddl_copy_data(Relation rel, const FsFileLocator *locator)
{
	fs_pending_flush(rel);
	GetHeapamTableAmRoutine()->relation_copy_data(rel, locator);
}
