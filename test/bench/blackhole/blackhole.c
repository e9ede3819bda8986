/*-------------------------------------------------------------------------
 *
 * A table access method that throws its rows away.
 *
 * COPY into such a table costs reading, splitting and converting its input,
 * and what core does around multi_insert: the time that no access method can
 * go below.  The table is always empty.  Whatever needs a row is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/multixact.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/storage.h"
#include "catalog/storage_xlog.h"
#include "commands/vacuum.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "storage/smgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(blackhole_handler);

/* the newest spelling is used */
#if PG_VERSION_NUM < 160000
#define RelFileLocator RelFileNode
#define relation_set_new_filelocator relation_set_new_filenode
#define TU_UpdateIndexes bool
#endif

static void
refuse(Relation rel, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s is not supported on blackhole table \"%s\"",
					what, RelationGetRelationName(rel))));
}

static const TupleTableSlotOps *
slot_callbacks(Relation rel)
{
	return &TTSOpsVirtual;
}

/* --- scans, which find nothing ------------------------------------------- */

static TableScanDesc
scan_begin(Relation rel, Snapshot snapshot, int nkeys, struct ScanKeyData *key,
		   ParallelTableScanDesc pscan, uint32 flags)
{
	TableScanDesc scan = palloc0(sizeof(TableScanDescData));

	RelationIncrementReferenceCount(rel);
	scan->rs_rd = rel;
	scan->rs_snapshot = snapshot;
	scan->rs_nkeys = nkeys;
	scan->rs_flags = flags;
	scan->rs_parallel = pscan;
	return scan;
}

static void
scan_end(TableScanDesc scan)
{
	if (scan->rs_flags & SO_TEMP_SNAPSHOT)
		UnregisterSnapshot(scan->rs_snapshot);
	RelationDecrementReferenceCount(scan->rs_rd);
	pfree(scan);
}

static void
scan_rescan(TableScanDesc scan, struct ScanKeyData *key, bool set_params,
			bool allow_strat, bool allow_sync, bool allow_pagemode)
{
}

static bool
scan_getnextslot(TableScanDesc scan, ScanDirection direction,
				 TupleTableSlot *slot)
{
	ExecClearTuple(slot);
	return false;
}

static bool
scan_sample_next_block(TableScanDesc scan, struct SampleScanState *state)
{
	return false;
}

static bool
scan_sample_next_tuple(TableScanDesc scan, struct SampleScanState *state,
					   TupleTableSlot *slot)
{
	return false;
}

/* --- rows in, and gone ----------------------------------------------------- */

static void
forget(Relation rel, TupleTableSlot *slot)
{
	slot->tts_tableOid = RelationGetRelid(rel);
	ItemPointerSetInvalid(&slot->tts_tid);
}

static void
tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
			 struct BulkInsertStateData *bistate)
{
	forget(rel, slot);
}

static void
multi_insert(Relation rel, TupleTableSlot **slots, int n, CommandId cid,
			 int options, struct BulkInsertStateData *bistate)
{
	for (int i = 0; i < n; i++)
		forget(rel, slots[i]);
}

static void
tuple_insert_speculative(Relation rel, TupleTableSlot *slot, CommandId cid,
						 int options, struct BulkInsertStateData *bistate,
						 uint32 token)
{
	refuse(rel, "ON CONFLICT");
}

static void
tuple_complete_speculative(Relation rel, TupleTableSlot *slot, uint32 token,
						   bool succeeded)
{
	refuse(rel, "ON CONFLICT");
}

static TM_Result
tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot,
			 Snapshot crosscheck, bool wait, TM_FailureData *tmfd,
			 bool changing_part)
{
	refuse(rel, "DELETE");
	return TM_Invisible;
}

static TM_Result
tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot,
			 CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait,
			 TM_FailureData *tmfd, LockTupleMode *lockmode,
			 TU_UpdateIndexes *update_indexes)
{
	refuse(rel, "UPDATE");
	return TM_Invisible;
}

static TM_Result
tuple_lock(Relation rel, ItemPointer tid, Snapshot snapshot,
		   TupleTableSlot *slot, CommandId cid, LockTupleMode mode,
		   LockWaitPolicy wait_policy, uint8 flags, TM_FailureData *tmfd)
{
	refuse(rel, "locking rows");
	return TM_Invisible;
}

/* --- rows by TID: there are none ------------------------------------------- */

static bool
tuple_fetch_row_version(Relation rel, ItemPointer tid, Snapshot snapshot,
						TupleTableSlot *slot)
{
	return false;
}

static bool
tuple_tid_valid(TableScanDesc scan, ItemPointer tid)
{
	return false;
}

static void
tuple_get_latest_tid(TableScanDesc scan, ItemPointer tid)
{
}

static bool
tuple_satisfies_snapshot(Relation rel, TupleTableSlot *slot, Snapshot snapshot)
{
	return false;
}

/* --- indexes ---------------------------------------------------------------- */

static struct IndexFetchTableData *
index_fetch_begin(Relation rel)
{
	refuse(rel, "an index scan");
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
	return false;
}

static TransactionId
index_delete_tuples(Relation rel, TM_IndexDeleteOp *delstate)
{
	refuse(rel, "deleting from an index");
	return InvalidTransactionId;
}

static double
index_build_range_scan(Relation rel, Relation index, IndexInfo *info,
					   bool allow_sync, bool anyvisible, bool progress,
					   BlockNumber start, BlockNumber nblocks,
					   IndexBuildCallback callback, void *state,
					   TableScanDesc scan)
{
	refuse(rel, "CREATE INDEX");
	return 0;
}

static void
index_validate_scan(Relation rel, Relation index, IndexInfo *info,
					Snapshot snapshot, ValidateIndexState *state)
{
	refuse(rel, "CREATE INDEX");
}

/* --- the table as a whole ---------------------------------------------------- */

static void
new_file(Relation rel, const RelFileLocator *locator, char persistence,
		 TransactionId *freeze_xid, MultiXactId *min_multi)
{
	SMgrRelation srel;

	*freeze_xid = RecentXmin;
	*min_multi = GetOldestMultiXactId();
	srel = RelationCreateStorage(*locator, persistence, true);
	if (persistence == RELPERSISTENCE_UNLOGGED)
	{
		smgrcreate(srel, INIT_FORKNUM, false);
		log_smgrcreate(locator, INIT_FORKNUM);
	}
	smgrclose(srel);
}

static void
nontransactional_truncate(Relation rel)
{
	RelationTruncate(rel, 0);
}

/* an empty file moves by being made anew */
static void
copy_data(Relation rel, const RelFileLocator *locator)
{
	SMgrRelation to = RelationCreateStorage(*locator,
											rel->rd_rel->relpersistence, true);

	if (rel->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED)
	{
		smgrcreate(to, INIT_FORKNUM, false);
		log_smgrcreate(locator, INIT_FORKNUM);
	}
	RelationDropStorage(rel);
	smgrclose(to);
}

static void
copy_for_cluster(Relation from, Relation to, Relation index, bool use_sort,
				 TransactionId oldest_xmin, TransactionId *xid_cutoff,
				 MultiXactId *multi_cutoff, double *num_tuples,
				 double *tups_vacuumed, double *tups_recently_dead)
{
	*num_tuples = *tups_vacuumed = *tups_recently_dead = 0;
}

static void
vacuum_table(Relation rel, struct VacuumParams *params,
			 BufferAccessStrategy strategy)
{
}

#if PG_VERSION_NUM >= 170000
static bool
analyze_next_block(TableScanDesc scan, ReadStream *stream)
{
	return false;
}
#else
static bool
analyze_next_block(TableScanDesc scan, BlockNumber blkno,
				   BufferAccessStrategy strategy)
{
	return false;
}
#endif

static bool
analyze_next_tuple(TableScanDesc scan, TransactionId oldest_xmin,
				   double *liverows, double *deadrows, TupleTableSlot *slot)
{
	return false;
}

static bool
needs_toast_table(Relation rel)
{
	return false;
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
	refuse(toastrel, "reading a toasted value");
}

static void
estimate_size(Relation rel, int32 *attr_widths, BlockNumber *pages,
			  double *tuples, double *allvisfrac)
{
	*pages = 0;
	*tuples = 0;
	*allvisfrac = 0;
}

static const TableAmRoutine routine = {
	.type = T_TableAmRoutine,
	.slot_callbacks = slot_callbacks,
	.scan_begin = scan_begin,
	.scan_end = scan_end,
	.scan_rescan = scan_rescan,
	.scan_getnextslot = scan_getnextslot,
	.parallelscan_estimate = table_block_parallelscan_estimate,
	.parallelscan_initialize = table_block_parallelscan_initialize,
	.parallelscan_reinitialize = table_block_parallelscan_reinitialize,
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
	.relation_set_new_filelocator = new_file,
	.relation_nontransactional_truncate = nontransactional_truncate,
	.relation_copy_data = copy_data,
	.relation_copy_for_cluster = copy_for_cluster,
	.relation_vacuum = vacuum_table,
	.scan_analyze_next_block = analyze_next_block,
	.scan_analyze_next_tuple = analyze_next_tuple,
	.index_build_range_scan = index_build_range_scan,
	.index_validate_scan = index_validate_scan,
	.relation_size = table_block_relation_size,
	.relation_needs_toast_table = needs_toast_table,
	.relation_toast_am = toast_am,
	.relation_fetch_toast_slice = fetch_toast_slice,
	.relation_estimate_size = estimate_size,
	.scan_sample_next_block = scan_sample_next_block,
	.scan_sample_next_tuple = scan_sample_next_tuple,
};

Datum
blackhole_handler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(&routine);
}
