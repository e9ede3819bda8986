/*-------------------------------------------------------------------------
 *
 * The table of callbacks.
 *
 * Callbacks that exist only because core insists on them refuse: a stub that
 * reports success would let foreign keys and row locks be silently unsafe.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#if PG_VERSION_NUM >= 170000
#include "storage/read_stream.h"
#endif

#include "am/ddl.h"
#include "am/deleted.h"
#include "am/fetch.h"
#include "am/full.h"
#include "am/handler.h"
#include "am/modify.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "am/slot.h"
#include "am/tablescan.h"
#include "am/vacuum.h"
#include "compat.h"
#include "directory/directory.h"

static const TupleTableSlotOps *
slot_callbacks(Relation rel)
{
	return &fs_slot_ops;
}

/* --- rows in ------------------------------------------------------------ */

static void
tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
			 struct BulkInsertStateData *bistate)
{
	fs_pending_add(rel, &slot, 1, cid);
	pgstat_count_heap_insert(rel, 1);
}

static void
multi_insert(Relation rel, TupleTableSlot **slots, int nslots, CommandId cid,
			 int options, struct BulkInsertStateData *bistate)
{
	fs_pending_add(rel, slots, nslots, cid);
	pgstat_count_heap_insert(rel, nslots);
}

static void
finish_bulk_insert(Relation rel, int options)
{
	/* a table that was rewritten without a row needs its directory, too */
	fs_directory_ensure(rel);
	fs_pending_flush(rel);
}

static void
tuple_insert_speculative(Relation rel, TupleTableSlot *slot, CommandId cid,
						 int options, struct BulkInsertStateData *bistate,
						 uint32 token)
{
	fs_refuse_command(RelationGetRelationName(rel), "ON CONFLICT");
}

static void
tuple_complete_speculative(Relation rel, TupleTableSlot *slot, uint32 token,
						   bool succeeded)
{
	fs_refuse_command(RelationGetRelationName(rel), "ON CONFLICT");
}

/* --- rows changed ------------------------------------------------------- */

static TM_Result
tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot,
			 Snapshot crosscheck, bool wait, TM_FailureData *tmfd,
			 bool changing_part)
{
	FsModify	modify = {rel, cid, crosscheck, wait, tmfd};

	return fs_modify_delete(&modify, tid, changing_part);
}

static TM_Result
tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot,
			 CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait,
			 TM_FailureData *tmfd, LockTupleMode *lockmode,
			 TU_UpdateIndexes *update_indexes)
{
	FsModify	modify = {rel, cid, crosscheck, wait, tmfd};

	*lockmode = LockTupleExclusive;
	*update_indexes = TU_None;
	return fs_modify_update(&modify, otid, slot);
}

static TM_Result
tuple_lock(Relation rel, ItemPointer tid, Snapshot snapshot,
		   TupleTableSlot *slot, CommandId cid, LockTupleMode mode,
		   LockWaitPolicy wait_policy, uint8 flags, TM_FailureData *tmfd)
{
	FsModify	modify = {rel, cid, InvalidSnapshot, true, tmfd};

	return fs_modify_lock(&modify, tid, slot, mode, wait_policy, flags);
}

/* --- rows by TID -------------------------------------------------------- */

static bool
tuple_fetch_row_version(Relation rel, ItemPointer tid, Snapshot snapshot,
						TupleTableSlot *slot)
{
	return fs_fetch_row(rel, tid, snapshot, slot);
}

static bool
tuple_tid_valid(TableScanDesc scan, ItemPointer tid)
{
	uint64		rowno;

	return fs_rowno_from_tid(tid, &rowno);
}

static void
tuple_get_latest_tid(TableScanDesc scan, ItemPointer tid)
{
	fs_fetch_latest(scan->rs_rd, tid, scan->rs_snapshot);
}

static bool
tuple_satisfies_snapshot(Relation rel, TupleTableSlot *slot, Snapshot snapshot)
{
	/* SnapshotSelf sees what this command has deleted */
	fs_deleted_flush(RelationGetRelid(rel));
	return fs_fetch_is_visible(rel, &slot->tts_tid, snapshot);
}

/* --- indexes ------------------------------------------------------------ */

static void
refuse_indexes(Relation rel)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("indexes are not supported on flowstore table \"%s\"",
					RelationGetRelationName(rel)),
			 errhint("Drop the table's indexes first.")));
}

static struct IndexFetchTableData *
index_fetch_begin(Relation rel)
{
	refuse_indexes(rel);
	return NULL;
}

static void
index_fetch_nothing(struct IndexFetchTableData *data)
{
}

static bool
index_fetch_tuple(struct IndexFetchTableData *data, ItemPointer tid,
				  Snapshot snapshot, TupleTableSlot *slot, bool *call_again,
				  bool *all_dead)
{
	refuse_indexes(data->rel);
	return false;
}

static TransactionId
index_delete_tuples(Relation rel, TM_IndexDeleteOp *delstate)
{
	refuse_indexes(rel);
	return InvalidTransactionId;
}

static double
index_build_range_scan(Relation rel, Relation index, IndexInfo *info,
					   bool allow_sync, bool anyvisible, bool progress,
					   BlockNumber start, BlockNumber nblocks,
					   IndexBuildCallback callback, void *state,
					   TableScanDesc scan)
{
	refuse_indexes(rel);
	return 0;
}

static void
index_validate_scan(Relation rel, Relation index, IndexInfo *info,
					Snapshot snapshot, ValidateIndexState *state)
{
	refuse_indexes(rel);
}

/* --- the table as a whole ----------------------------------------------- */

static bool
needs_toast_table(Relation rel)
{
	return true;
}

static Oid
toast_am(Relation rel)
{
	return HEAP_TABLE_AM_OID;
}

static void
fetch_toast_slice(Relation toastrel, Oid valueid, int32 attrsize,
				  int32 sliceoffset, int32 slicelength, struct varlena *result)
{
	elog(ERROR, "flowstore tables hold no toasted values");
}

#if PG_VERSION_NUM >= 170000
static bool
analyze_next_block(TableScanDesc scan, ReadStream *stream)
{
	BufferAccessStrategy strategy;
	BlockNumber blkno = read_stream_next_block(stream, &strategy);

	if (!BlockNumberIsValid(blkno))
		return false;
	fs_tablescan_analyze_block(scan, blkno);
	return true;
}
#else
static bool
analyze_next_block(TableScanDesc scan, BlockNumber blkno,
				   BufferAccessStrategy strategy)
{
	fs_tablescan_analyze_block(scan, blkno);
	return true;
}
#endif

static bool
analyze_next_tuple(TableScanDesc scan, TransactionId oldest_xmin,
				   double *liverows, double *deadrows, TupleTableSlot *slot)
{
	return fs_tablescan_analyze_row(scan, liverows, deadrows, slot);
}

static const TableAmRoutine routine = {
	.type = T_TableAmRoutine,

	.slot_callbacks = slot_callbacks,

	.scan_begin = fs_tablescan_begin,
	.scan_end = fs_tablescan_end,
	.scan_rescan = fs_tablescan_rescan,
	.scan_getnextslot = fs_tablescan_next,

	.parallelscan_estimate = fs_tablescan_parallel_estimate,
	.parallelscan_initialize = fs_tablescan_parallel_init,
	.parallelscan_reinitialize = fs_tablescan_parallel_reinit,

	.index_fetch_begin = index_fetch_begin,
	.index_fetch_reset = index_fetch_nothing,
	.index_fetch_end = index_fetch_nothing,
	.index_fetch_tuple = index_fetch_tuple,

	.tuple_fetch_row_version = tuple_fetch_row_version,
	.tuple_tid_valid = tuple_tid_valid,
	.tuple_get_latest_tid = tuple_get_latest_tid,
	.tuple_satisfies_snapshot = tuple_satisfies_snapshot,
	.index_delete_tuples = index_delete_tuples,

	.tuple_insert = tuple_insert,
	.tuple_insert_speculative = tuple_insert_speculative,
	.tuple_complete_speculative = tuple_complete_speculative,
	.multi_insert = multi_insert,
	.tuple_delete = tuple_delete,
	.tuple_update = tuple_update,
	.tuple_lock = tuple_lock,
	.finish_bulk_insert = finish_bulk_insert,

	.relation_set_new_filelocator = fs_ddl_new_file,
	.relation_nontransactional_truncate = fs_ddl_truncate,
	.relation_copy_data = fs_ddl_copy_data,
	.relation_copy_for_cluster = fs_full_rewrite,
	.relation_vacuum = fs_vacuum_table,
	.scan_analyze_next_block = analyze_next_block,
	.scan_analyze_next_tuple = analyze_next_tuple,
	.index_build_range_scan = index_build_range_scan,
	.index_validate_scan = index_validate_scan,

	.relation_size = table_block_relation_size,
	.relation_needs_toast_table = needs_toast_table,
	.relation_toast_am = toast_am,
	.relation_fetch_toast_slice = fetch_toast_slice,
	.relation_estimate_size = fs_vacuum_estimate_size,

	.scan_sample_next_block = fs_tablescan_sample_block,
	.scan_sample_next_tuple = fs_tablescan_sample_row,
};

const TableAmRoutine *
fs_handler_routine(void)
{
	return &routine;
}
