/*-------------------------------------------------------------------------
 *
 * Delete sets.
 *
 * The key of a DELETES item is (row number / 1024, row number modulo 1024 of
 * its first row), so the deleted rows of a run are one range of the index,
 * and those that may hold one row lie between the beginning of its block and
 * the row itself.  Two items of a block never have the same key: a row is
 * deleted once, and the unique index takes no notice of aborted tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "directory/deletes.h"
#include "directory/epoch.h"
#include "format/layout.h"

#define ROWS_PER_ID		1024

/* The items that may name a row of the run. */
static FsKeyRange
key_range(FsRowRun run)
{
	uint64		last = run.first + run.n - 1;
	FsKeyRange	range;

	range.first_id = run.first / ROWS_PER_ID;
	range.last_id = last / ROWS_PER_ID;
	range.first_seq = range.last_seq = 0;
	if (range.first_id == range.last_id)
	{
		range.first_seq = (run.first % ROWS_PER_ID) / FS_ROWNO_PER_BLOCK *
			FS_ROWNO_PER_BLOCK;
		range.last_seq = last % ROWS_PER_ID;
	}
	return range;
}

static FsDeletedRow
read_entry(const FsDeletesItem *item, int i)
{
	FsDeleteEntry entry = fs_item_delete(item, i);
	FsDeletedRow row;

	row.rowno = (uint64) item->block * FS_ROWNO_PER_BLOCK + entry.offset;
	row.kind = entry.kind;
	row.successor = (uint64) entry.successor_hi << 32 | entry.successor_lo;
	return row;
}

void
fs_deletes_insert(Relation rel, const FsDeletedRow *rows, int n, CommandId cid)
{
	union
	{
		FsDeletesItem item;
		char		bytes[FS_ITEM_MAX_LEN];
	}			out;
	FsDeleteEntry *entries = (FsDeleteEntry *) (&out.item + 1);
	uint8	   *offsets = (uint8 *) (&out.item + 1);
	Relation	toast = fs_directory_open(rel, RowExclusiveLock);
	uint32		len;

	memset(&out.item, 0, sizeof(FsDeletesItem));
	out.item.head.kind = FS_ITEM_DELETES;
	out.item.head.version = FS_FORMAT_VERSION;
	out.item.head.n = n;
	out.item.head.nrows = n;
	out.item.block = rows[0].rowno / FS_ROWNO_PER_BLOCK;
	for (int i = 0; i < n; i++)
		if (rows[i].kind != FS_DELETE_ONLY)
			out.item.is_long = 1;
	for (int i = 0; i < n; i++)
	{
		uint8		offset = rows[i].rowno % FS_ROWNO_PER_BLOCK;

		Assert(rows[i].rowno / FS_ROWNO_PER_BLOCK == out.item.block);
		if (!out.item.is_long)
		{
			offsets[i] = offset;
			continue;
		}
		entries[i].offset = offset;
		entries[i].kind = rows[i].kind;
		entries[i].successor_hi = (uint16) (rows[i].successor >> 32);
		entries[i].successor_lo = (uint32) rows[i].successor;
	}
	len = sizeof(FsDeletesItem) +
		n * (out.item.is_long ? sizeof(FsDeleteEntry) : 1);
	fs_directory_insert(rel, toast, rows[0].rowno / ROWS_PER_ID,
						rows[0].rowno % ROWS_PER_ID, &out.item.head, len, cid);
	fs_epoch_advance(rel);
	table_close(toast, NoLock);
}

bool
fs_deletes_exist(Relation rel)
{
	FsKeyRange	range = {0, FS_KEY_DELETES_END - 1, 0, 0};
	FsDirectoryScan *scan;
	FsItem		item;
	bool		found;

	scan = fs_directory_begin_range(rel, SnapshotAny, &range);
	found = fs_directory_next(scan, ForwardScanDirection, &item);
	fs_directory_end(scan);
	return found;
}

uint32
fs_deletes_count_runs(Relation rel, uint32 max)
{
	const uint32 nids = FS_DELETES_RUN / ROWS_PER_ID;
	FsKeyRange	range = {0, FS_KEY_DELETES_END - 1, 0, 0};
	FsDirectoryScan *scan;
	FsItem		item;
	bool		found;
	uint32		n = 0;

	while (n < max && range.first_id <= range.last_id)
	{
		scan = fs_directory_begin_range(rel, SnapshotAny, &range);
		found = fs_directory_next(scan, ForwardScanDirection, &item);
		fs_directory_end(scan);
		if (!found)
			break;
		range.first_id = (item.partition / nids + 1) * nids;
		n++;
	}
	return n;
}

void
fs_deletes_visit(Relation rel, Snapshot snapshot, FsRowRun run,
				 FsDeletesVisitor visit, void *arg)
{
	FsKeyRange	range = key_range(run);
	FsDirectoryScan *scan = fs_directory_begin_range(rel, snapshot, &range);
	FsItem		item;

	while (fs_directory_next(scan, ForwardScanDirection, &item))
	{
		for (int i = 0; i < item.head->n; i++)
		{
			FsDeletedRow row = read_entry(item.deletes, i);

			if (row.rowno >= run.first && row.rowno - run.first < run.n)
				visit(arg, &item, &row);
		}
	}
	fs_directory_end(scan);
}

/* What a dirty look at one row has found. */
typedef struct Probe
{
	SnapshotData dirty;
	FsDeletion *deletion;
	bool		found;
} Probe;

static void
note_deletion(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	Probe	   *probe = arg;

	probe->found = true;
	probe->deletion->row = *row;
	probe->deletion->xid = item->xmin;
	probe->deletion->cid = item->cmin;
	probe->deletion->in_progress = TransactionIdIsValid(probe->dirty.xmin);
}

bool
fs_deletes_probe(Relation rel, uint64 rowno, FsDeletion *deletion)
{
	Probe		probe;
	FsRowRun	run = {rowno, 1};

	InitDirtySnapshot(probe.dirty);
	probe.deletion = deletion;
	probe.found = false;
	fs_deletes_visit(rel, &probe.dirty, run, note_deletion, &probe);
	return probe.found;
}

static void
note_taken(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	uint8	   *taken = arg;
	uint32		i = row->rowno % FS_ROWNO_PER_BLOCK;

	taken[i / 8] |= 1 << i % 8;
}

void
fs_deletes_taken(Relation rel, uint64 rowno, uint8 *taken)
{
	FsRowRun	run = {rowno - rowno % FS_ROWNO_PER_BLOCK, FS_ROWNO_PER_BLOCK};
	SnapshotData dirty;

	InitDirtySnapshot(dirty);
	memset(taken, 0, FS_ROWNO_PER_BLOCK / 8);
	fs_deletes_visit(rel, &dirty, run, note_taken, taken);
}

typedef struct Marking
{
	Snapshot	snapshot;
	uint8	   *bitmap;			/* NULL: no row so far */
	uint32		nrows;
	uint32		count;
	uint64		first;			/* row number and place of the run at hand */
	uint32		place;
	TransactionId deleter;
} Marking;

static void
mark_row(void *arg, const FsItem *item, const FsDeletedRow *row)
{
	Marking    *marking = arg;
	uint32		i = marking->place + (row->rowno - marking->first);

	if (marking->snapshot->snapshot_type == SNAPSHOT_DIRTY &&
		TransactionIdIsValid(marking->snapshot->xmin))
	{
		marking->deleter = marking->snapshot->xmin;
		return;
	}
	if (marking->bitmap == NULL)
		marking->bitmap = palloc0((marking->nrows + 7) / 8);
	if ((marking->bitmap[i / 8] & (1 << i % 8)) == 0)
		marking->count++;
	marking->bitmap[i / 8] |= 1 << i % 8;
}

uint8 *
fs_deletes_bitmap(Relation rel, Snapshot snapshot, const FsItem *item,
				  uint32 *count, TransactionId *deleter)
{
	Marking		marking = {snapshot};

	marking.nrows = item->head->nrows;
	for (int i = 0; i < fs_item_nruns(item); i++)
	{
		FsRowRun	run = fs_item_row_run(item, i);

		marking.first = run.first;
		fs_deletes_visit(rel, snapshot, run, mark_row, &marking);
		marking.place += run.n;
	}
	*count = marking.count;
	*deleter = marking.deleter;
	return marking.bitmap;
}
