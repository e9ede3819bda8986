/*-------------------------------------------------------------------------
 *
 * The directory in the TOAST table.
 *
 * Three rules keep heap's promises:
 *
 * - Every insert carries HEAP_INSERT_NO_LOGICAL.  Without it logical decoding
 *   takes the item for a piece of a TOASTed value and stops for the whole
 *   database.
 * - Items are never updated: a REPEATABLE READ snapshot would see the old and
 *   its own new version.
 * - heap_insert is allowed in the leader of a parallel operation; heap_update
 *   and heap_delete are not.
 *
 * An item is copied before it is looked at: chunk_data follows a 4-byte
 * header, so its fields are not aligned on the page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_internals.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/toasting.h"
#include "nodes/execnodes.h"
#include "storage/lmgr.h"
#include "storage/predicate.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "directory/directory.h"

bool		fs_directory_has_inserted = false;

struct FsDirectoryScan
{
	Relation	rel;
	Snapshot	snapshot;
	Relation	toast;			/* NULL: no items */
	TableScanDesc inner;		/* all items */
	SysScanDesc range;			/* or those of a range of keys */
	ScanKeyData keys[4];
	int			nkeys;
	int			nindexes;
	Relation   *indexes;
	int			valid;			/* the index that is read */
	char	   *buf;			/* the current item, MAXALIGNed */
	uint32		buf_size;
	MemoryContext cxt;
	bool		is_tolerant;	/* of damaged items */
};

Relation
fs_directory_open(Relation rel, LOCKMODE mode)
{
	Oid			toastid = rel->rd_rel->reltoastrelid;

	return OidIsValid(toastid) ? table_open(toastid, mode) : NULL;
}

void
fs_directory_ensure(Relation rel)
{
	if (OidIsValid(rel->rd_rel->reltoastrelid))
		return;
	if (!CheckRelationLockedByMe(rel, AccessExclusiveLock, true) &&
		rel->rd_createSubid == InvalidSubTransactionId)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("flowstore table \"%s\" has no directory",
						RelationGetRelationName(rel)),
				 errhint("Create it with ALTER TABLE %s SET (fillfactor = 100).",
						 RelationGetRelationName(rel))));
	NewHeapCreateToastTable(RelationGetRelid(rel), (Datum) 0,
							AccessExclusiveLock, InvalidOid);
	CommandCounterIncrement();
}

/* Put a new item into every index that is being kept (REINDEX CONCURRENTLY). */
static void
insert_index_entries(Relation toast, HeapTuple tuple, Datum *values)
{
	Relation   *indexes;
	int			nindexes;
	bool		isnull[3] = {false, false, false};

	(void) toast_open_indexes(toast, RowExclusiveLock, &indexes, &nindexes);
	for (int i = 0; i < nindexes; i++)
	{
		if (!indexes[i]->rd_index->indisready)
			continue;
		index_insert(indexes[i], values, isnull, &tuple->t_self, toast,
					 indexes[i]->rd_index->indisunique ?
					 UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, NULL);
	}
	toast_close_indexes(indexes, nindexes, NoLock);
}

void
fs_directory_seal(uint32 id, uint32 number, char *bytes, uint32 len)
{
	FsItemHead	head;
	char		aligned[FS_ITEM_MAX_LEN];

	memcpy(aligned, bytes, len);
	head = *(FsItemHead *) aligned;
	head.crc = fs_item_crc(id, number, (FsItemHead *) aligned, len);
	memcpy(bytes, &head, sizeof(head));
}

void
fs_directory_insert(Relation rel, Relation toast, FsPartition partition,
					uint32 number, const FsItemHead *item, uint32 len,
					CommandId cid)
{
	Datum		values[3];
	bool		isnull[3] = {false, false, false};
	bytea	   *data;
	HeapTuple	tuple;

	Assert(len <= FS_ITEM_MAX_LEN);
	Assert(fs_item_fault(item, len) == NULL);

	data = palloc(VARHDRSZ + len);
	SET_VARSIZE(data, VARHDRSZ + len);
	memcpy(VARDATA(data), item, len);
	fs_directory_seal(partition, number, VARDATA(data), len);
	values[0] = ObjectIdGetDatum(partition);
	values[1] = Int32GetDatum((int32) number);
	values[2] = PointerGetDatum(data);
	tuple = heap_form_tuple(RelationGetDescr(toast), values, isnull);

	fs_directory_has_inserted = true;
	heap_insert(toast, tuple, cid, HEAP_INSERT_NO_LOGICAL, NULL);
	insert_index_entries(toast, tuple, values);

	heap_freetuple(tuple);
	pfree(data);
}

/* Fill *item from a tuple of the TOAST table, copying its bytes to buf. */
static void
read_item(Relation toast, HeapTuple tuple, char *buf, const bytea *data,
		  FsItem *item)
{
	bool		isnull;
	TupleDesc	desc = RelationGetDescr(toast);

	item->partition =
		DatumGetObjectId(fastgetattr(tuple, 1, desc, &isnull));
	item->number = (uint32)
		DatumGetInt32(fastgetattr(tuple, 2, desc, &isnull));
	item->xmin = HeapTupleHeaderGetXmin(tuple->t_data);
	item->cmin = HeapTupleHeaderGetRawCommandId(tuple->t_data);
	item->tid = tuple->t_self;
	item->len = VARSIZE_ANY_EXHDR(data);
	memcpy(buf, VARDATA_ANY(data), item->len);
	item->head = (const FsItemHead *) buf;
	if (item->len < sizeof(FsItemHead) ||
		item->head->crc != fs_item_crc(item->partition, item->number,
									   item->head, item->len))
		item->fault = "the checksum of an item is wrong";
	else
		item->fault = fs_item_fault(item->head, item->len);
}

static void
refuse_damaged(Relation rel, const FsItem *item)
{
	if (item->fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid directory of flowstore table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("Partition %u, item %u: %s.",
						   item->partition, item->number, item->fault)));
}

/* The bytes of a tuple's item; never toasted nor compressed. */
static const bytea *
item_data(Relation toast, HeapTuple tuple)
{
	bool		isnull;
	Datum		data = fastgetattr(tuple, 3, RelationGetDescr(toast), &isnull);
	const char *p = DatumGetPointer(data);

	if (isnull || VARATT_IS_EXTERNAL(p) || VARATT_IS_COMPRESSED(p) ||
		VARSIZE_ANY(p) > (char *) tuple->t_data + tuple->t_len - p)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid item in directory \"%s\"",
						RelationGetRelationName(toast)),
				 errdetail("Tuple (%u,%u) does not hold an item.",
						   ItemPointerGetBlockNumber(&tuple->t_self),
						   ItemPointerGetOffsetNumber(&tuple->t_self))));
	return (const bytea *) p;
}

static FsDirectoryScan *
create_scan(Relation rel, Snapshot snapshot)
{
	FsDirectoryScan *scan = palloc0(sizeof(FsDirectoryScan));

	scan->rel = rel;
	scan->cxt = CurrentMemoryContext;
	scan->snapshot = snapshot;
	scan->toast = fs_directory_open(rel, AccessShareLock);
	if (snapshot != NULL && IsMVCCSnapshot(snapshot))
		PredicateLockRelation(rel, snapshot);
	return scan;
}

FsDirectoryScan *
fs_directory_begin(Relation rel, Snapshot snapshot,
				   ParallelTableScanDesc pscan)
{
	FsDirectoryScan *scan = create_scan(rel, snapshot);

	if (scan->toast != NULL)
		scan->inner = heap_beginscan(scan->toast, snapshot, 0, NULL, pscan,
									 SO_TYPE_SEQSCAN | SO_ALLOW_STRAT |
									 SO_ALLOW_PAGEMODE);
	return scan;
}

FsDirectoryScan *
fs_directory_begin_sample(Relation rel, BlockNumber nblocks, BlockNumber *nall)
{
	FsDirectoryScan *scan = create_scan(rel, SnapshotAny);

	*nall = 0;
	if (scan->toast == NULL)
		return scan;
	*nall = RelationGetNumberOfBlocks(scan->toast);
	scan->inner = heap_beginscan(scan->toast, SnapshotAny, 0, NULL, NULL,
								 SO_TYPE_SEQSCAN);
	heap_setscanlimits(scan->inner, 0, Min(nblocks, *nall));
	return scan;
}

static void
begin_range(FsDirectoryScan *scan, int nkeys)
{
	scan->range = systable_beginscan_ordered(scan->toast,
											 scan->indexes[scan->valid],
											 scan->snapshot, nkeys,
											 scan->keys);
}

FsDirectoryScan *
fs_directory_begin_range(Relation rel, Snapshot snapshot,
						 const FsKeyRange *range)
{
	FsDirectoryScan *scan = create_scan(rel, snapshot);

	if (scan->toast == NULL)
		return scan;
	scan->valid = toast_open_indexes(scan->toast, AccessShareLock,
									 &scan->indexes, &scan->nindexes);
	ScanKeyInit(&scan->keys[0], 1, BTGreaterEqualStrategyNumber, F_OIDGE,
				ObjectIdGetDatum(range->first_id));
	ScanKeyInit(&scan->keys[1], 1, BTLessEqualStrategyNumber, F_OIDLE,
				ObjectIdGetDatum(range->last_id));
	ScanKeyInit(&scan->keys[2], 2, BTGreaterEqualStrategyNumber, F_INT4GE,
				Int32GetDatum((int32) range->first_seq));
	ScanKeyInit(&scan->keys[3], 2, BTLessEqualStrategyNumber, F_INT4LE,
				Int32GetDatum((int32) range->last_seq));
	scan->nkeys = range->last_seq == 0 ? 2 : 4;
	begin_range(scan, scan->nkeys);
	return scan;
}

/* The two keys of one item. */
static void
set_probe_keys(ScanKey keys, FsPartition partition, uint32 number)
{
	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(partition));
	ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum((int32) number));
}

FsDirectoryScan *
fs_directory_begin_probe(Relation rel, Snapshot snapshot)
{
	FsDirectoryScan *scan = create_scan(rel, snapshot);

	if (scan->toast == NULL)
		return scan;
	scan->valid = toast_open_indexes(scan->toast, AccessShareLock,
									 &scan->indexes, &scan->nindexes);
	scan->nkeys = 2;
	set_probe_keys(scan->keys, 0, 0);
	begin_range(scan, scan->nkeys);
	return scan;
}

void
fs_directory_tolerate(FsDirectoryScan *scan)
{
	scan->is_tolerant = true;
}

void
fs_directory_rescan(FsDirectoryScan *scan)
{
	if (scan->inner != NULL)
		heap_rescan(scan->inner, NULL, false, false, false, false);
	if (scan->range != NULL)
	{
		systable_endscan_ordered(scan->range);
		begin_range(scan, scan->nkeys);
	}
}

void
fs_directory_end(FsDirectoryScan *scan)
{
	if (scan->inner != NULL)
		heap_endscan(scan->inner);
	if (scan->range != NULL)
	{
		systable_endscan_ordered(scan->range);
		toast_close_indexes(scan->indexes, scan->nindexes, NoLock);
	}
	if (scan->toast != NULL)
		table_close(scan->toast, NoLock);
	if (scan->buf != NULL)
		pfree(scan->buf);
	pfree(scan);
}

/* Give a tuple out as an item, copied to the scan's memory. */
static void
take_tuple(FsDirectoryScan *scan, HeapTuple tuple, FsItem *item)
{
	const bytea *data = item_data(scan->toast, tuple);
	uint32		len = VARSIZE_ANY_EXHDR(data);

	if (len > scan->buf_size)
	{
		if (scan->buf != NULL)
			pfree(scan->buf);
		scan->buf_size = Max(len, 2 * FS_ITEM_MAX_LEN);
		scan->buf = MemoryContextAlloc(scan->cxt, scan->buf_size);
	}
	read_item(scan->toast, tuple, scan->buf, data, item);
	if (!scan->is_tolerant)
		refuse_damaged(scan->rel, item);
}

bool
fs_directory_next(FsDirectoryScan *scan, ScanDirection direction, FsItem *item)
{
	HeapTuple	tuple;

	if (scan->toast == NULL)
		return false;
	if (scan->range != NULL)
		tuple = systable_getnext_ordered(scan->range, direction);
	else
		tuple = heap_getnext(scan->inner, direction);
	if (tuple == NULL)
		return false;
	take_tuple(scan, tuple, item);
	return true;
}

bool
fs_directory_probe(FsDirectoryScan *scan, FsPartition partition, uint32 number,
				   FsItem *item)
{
	HeapTuple	tuple;
	bool		found;

	if (scan->toast == NULL)
		return false;
	set_probe_keys(scan->keys, partition, number);
	index_rescan(scan->range->iscan, scan->keys, scan->nkeys, NULL, 0);
	tuple = systable_getnext_ordered(scan->range, ForwardScanDirection);
	found = tuple != NULL;
	if (found)
		take_tuple(scan, tuple, item);
	ExecClearTuple(scan->range->slot);
	index_rescan(scan->range->iscan, scan->keys, scan->nkeys, NULL, 0);
	return found;
}

Size
fs_directory_parallel_size(void)
{
	return sizeof(ParallelBlockTableScanDescData);
}

/*
 * The scan runs over the TOAST table's blocks but belongs to the parent: core
 * asserts that phs_relid names the table whose AM is asked.
 */
Size
fs_directory_parallel_init(Relation rel, ParallelTableScanDesc pscan)
{
	Relation	toast = fs_directory_open(rel, AccessShareLock);
	Size		size = sizeof(ParallelBlockTableScanDescData);

	if (toast != NULL)
	{
		size = table_block_parallelscan_initialize(toast, pscan);
		table_close(toast, NoLock);
	}
	else
		memset(pscan, 0, size);
	FsParallelScanSetRelation(pscan, rel);
	pscan->phs_syncscan = false;
	return size;
}

bool
fs_directory_fetch(Relation rel, FsPartition partition, uint32 number,
				   Snapshot snapshot, FsItem *item)
{
	Relation	toast = fs_directory_open(rel, AccessShareLock);
	Relation   *indexes;
	int			nindexes;
	int			valid;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	if (toast == NULL)
		return false;
	valid = toast_open_indexes(toast, AccessShareLock, &indexes, &nindexes);
	set_probe_keys(keys, partition, number);
	scan = systable_beginscan_ordered(toast, indexes[valid], snapshot, 2, keys);
	tuple = systable_getnext_ordered(scan, ForwardScanDirection);
	if (tuple != NULL)
	{
		const bytea *data = item_data(toast, tuple);

		read_item(toast, tuple, palloc(VARSIZE_ANY_EXHDR(data)), data, item);
		refuse_damaged(rel, item);
	}
	systable_endscan_ordered(scan);
	toast_close_indexes(indexes, nindexes, NoLock);
	table_close(toast, NoLock);
	return tuple != NULL;
}

bool
fs_directory_has(Relation rel, uint32 id, uint32 number)
{
	FsItem		item;

	if (!fs_directory_fetch(rel, id, number, SnapshotAny, &item))
		return false;
	pfree((void *) item.head);
	return true;
}

bool
fs_directory_is_empty(Relation rel)
{
	FsDirectoryScan *scan = fs_directory_begin(rel, SnapshotAny, NULL);
	FsItem		item;
	bool		is_empty = !fs_directory_next(scan, ForwardScanDirection,
											  &item);

	fs_directory_end(scan);
	return is_empty;
}
