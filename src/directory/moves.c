/*-------------------------------------------------------------------------
 *
 * Moves.
 *
 * A MOVED item names a chunk of two integer columns, old and new row number.
 * The old ones ascend, and the new ones mostly do, so that delta encoding
 * leaves little of an order-preserving move; a permutation costs about two
 * bytes a row while it is kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "directory/directory.h"
#include "directory/life.h"
#include "directory/moves.h"
#include "directory/numbers.h"
#include "format/chunk.h"
#include "store/arena.h"
#include "store/chunkio.h"

#define OLD_COLUMN	1
#define NEW_COLUMN	2

static int
by_from(const void *a, const void *b)
{
	uint64		x = ((const FsMove *) a)->from;
	uint64		y = ((const FsMove *) b)->from;

	return x < y ? -1 : x > y ? 1 : 0;
}

static uint8 *
encode(const FsMove *moves, uint32 n, uint32 *len)
{
	FsArena		arena;
	FsColumnSpec specs[2] = {{0}};
	FsColumnValues values[2] = {{0}};
	int64	   *numbers = palloc(sizeof(int64) * 2 * n);

	for (uint32 i = 0; i < n; i++)
	{
		numbers[i] = moves[i].from;
		numbers[n + i] = moves[i].to;
	}
	for (int i = 0; i < 2; i++)
	{
		specs[i].id = i == 0 ? OLD_COLUMN : NEW_COLUMN;
		specs[i].kind = FS_KIND_INT;
		specs[i].order = FS_ORDER_INT;
		specs[i].width = sizeof(int64);
		values[i].ints = numbers + i * n;
	}
	fs_arena_init(&arena, CurrentMemoryContext);
	return fs_chunk_encode(specs, values, 2, n, &arena, len);
}

static void
insert_part(Relation rel, const FsMove *moves, uint32 n,
			BufferAccessStrategy strategy)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore moves",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	FsMovedItem item = {{0}};
	uint32		number = fs_numbers_take_item(rel, FS_KEY_MOVED);
	uint8	   *bytes = encode(moves, n, &item.len);
	Relation	toast = fs_directory_open(rel, RowExclusiveLock);

	item.head.kind = FS_ITEM_MOVED;
	item.head.version = FS_FORMAT_VERSION;
	item.head.nrows = n;
	item.min_row = moves[0].from;
	item.max_row = moves[n - 1].from;
	fs_extent_lock(rel);
	item.extent = fs_extent_reserve(rel, fs_extent_pages(item.len), strategy);
	fs_directory_insert(rel, toast, FS_KEY_MOVED, number, &item.head,
						sizeof(item), GetCurrentCommandId(true));
	fs_extent_unlock(rel);
	fs_extent_fill(rel, item.extent, bytes, item.len, strategy);
	table_close(toast, NoLock);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
}

void
fs_moves_insert(Relation rel, FsMove *moves, uint32 n,
				BufferAccessStrategy strategy)
{
	qsort(moves, n, sizeof(FsMove), by_from);
	for (uint32 i = 0; i < n; i += FS_CHUNK_MAX_ROWS)
		insert_part(rel, moves + i, Min(n - i, FS_CHUNK_MAX_ROWS), strategy);
}

/* Open a map in the current memory context. */
static FsStoredChunk *
open_map(Relation rel, const FsMovedItem *item)
{
	FsArena		arena;

	fs_arena_init(&arena, CurrentMemoryContext);
	return fs_chunkio_open(rel, item->extent, item->len, NULL, &arena, ERROR);
}

/* All values of a column of a map, in the current memory context. */
static int64 *
load_column(FsStoredChunk *chunk, uint16 id)
{
	uint32		nrows = fs_chunkio_head(chunk)->nrows;
	int64	   *values = palloc(sizeof(int64) * nrows);
	FsColumnReader *reader = fs_chunkio_column(chunk, id);
	FsVector	vec;
	FsFault		fault = {"the column is missing", 0};

	for (uint32 v = 0; v * FS_VECTOR_ROWS < nrows; v++)
	{
		if (reader == NULL || !fs_column_read(reader, v, &vec, &fault) ||
			vec.ints == NULL)
		{
			fs_chunkio_fault(chunk, id, &fault);
			elog(ERROR, "could not read the moves of a flowstore table");
		}
		memcpy(values + v * FS_VECTOR_ROWS, vec.ints,
			   vec.nrows * sizeof(int64));
	}
	return values;
}

/*
 * Maps that were read last, until the transaction ends: a command whose rows
 * move while it runs asks for one after the other.
 */
#define NMAPS	4

typedef struct Map
{
	Oid			relid;			/* invalid: nothing is here */
	FsFileNumber file;
	uint32		number;
	FsExtent	extent;
	uint32		nrows;
	int64	   *olds;			/* [nrows] */
	int64	   *news;			/* [nrows] */
} Map;

static Map	maps[NMAPS];
static int	next_map = 0;
static bool has_callback = false;

static void
at_xact(XactEvent event, void *arg)
{
	/* the memory goes with TopTransactionContext */
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		memset(maps, 0, sizeof(maps));
}

static void
read_map(Relation rel, const FsItem *item, Map *map)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore moves",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	FsStoredChunk *chunk = open_map(rel, item->moved);
	int64	   *olds = load_column(chunk, OLD_COLUMN);
	int64	   *news = load_column(chunk, NEW_COLUMN);
	uint32		nrows = fs_chunkio_head(chunk)->nrows;

	MemoryContextSwitchTo(TopTransactionContext);
	if (map->olds != NULL)
		pfree(map->olds);
	memset(map, 0, sizeof(Map));
	map->olds = palloc(sizeof(int64) * 2 * nrows);
	map->news = map->olds + nrows;
	memcpy(map->olds, olds, sizeof(int64) * nrows);
	memcpy(map->news, news, sizeof(int64) * nrows);
	map->nrows = nrows;
	map->number = item->number;
	map->extent = item->moved->extent;
	map->file = fs_file_number(rel);
	map->relid = RelationGetRelid(rel);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
}

static const Map *
map_of(Relation rel, const FsItem *item)
{
	Map		   *map;

	for (int i = 0; i < NMAPS; i++)
	{
		map = &maps[i];
		if (map->relid == RelationGetRelid(rel) &&
			map->file == fs_file_number(rel) &&
			map->number == item->number &&
			map->extent.first == item->moved->extent.first)
			return map;
	}
	if (!has_callback)
		RegisterXactCallback(at_xact, NULL);
	has_callback = true;
	map = &maps[next_map++ % NMAPS];
	read_map(rel, item, map);
	return map;
}

/* Look a row up in one map. */
static bool
find_in_item(Relation rel, const FsItem *item, uint64 from, uint64 *to)
{
	const Map  *map = map_of(rel, item);
	uint32		lo = 0;
	uint32		hi = map->nrows;

	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if ((uint64) map->olds[mid] < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == map->nrows || (uint64) map->olds[lo] != from)
		return false;
	*to = map->news[lo];
	return true;
}

static bool
find_once(Relation rel, uint64 from, uint64 *to)
{
	FsKeyRange	range = {FS_KEY_MOVED, FS_KEY_MOVED, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, SnapshotSelf,
													 &range);
	FsItem		item;
	bool		found = false;

	while (!found && fs_directory_next(scan, ForwardScanDirection, &item))
		if (from >= item.moved->min_row && from <= item.moved->max_row)
			found = find_in_item(rel, &item, from, to);
	fs_directory_end(scan);
	return found;
}

/*
 * An item that is being relocated has two tuples, of which a scan may meet the
 * new one before that commits and the old one after.  It will not be relocated
 * twice while somebody looks.
 */
bool
fs_moves_find(Relation rel, uint64 from, uint64 *to)
{
	return find_once(rel, from, to) || find_once(rel, from, to);
}

/* Look in one map for the row that became this one. */
static bool
find_origin_in_item(Relation rel, const FsMovedItem *item, uint64 to,
					uint64 *from)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore moves",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	FsStoredChunk *chunk = open_map(rel, item);
	uint32		nrows = fs_chunkio_head(chunk)->nrows;
	int64	   *news = load_column(chunk, NEW_COLUMN);
	uint32		i = 0;

	while (i < nrows && (uint64) news[i] != to)
		i++;
	if (i < nrows)
		*from = load_column(chunk, OLD_COLUMN)[i];
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return i < nrows;
}

bool
fs_moves_find_origin(Relation rel, Snapshot snapshot, uint64 to, uint64 *from)
{
	FsKeyRange	range = {FS_KEY_MOVED, FS_KEY_MOVED, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, SnapshotSelf,
													 &range);
	FsItem		item;
	bool		found = false;

	while (!found && fs_directory_next(scan, ForwardScanDirection, &item))
		if (!TransactionIdIsCurrentTransactionId(item.xmin) &&
			XidInMVCCSnapshot(item.xmin, snapshot))
			found = find_origin_in_item(rel, item.moved, to, from);
	fs_directory_end(scan);
	return found;
}

uint32
fs_moves_forget(Relation rel)
{
	FsKeyRange	range = {FS_KEY_MOVED, FS_KEY_MOVED, 0, 0};
	TransactionId oldest = GetOldestNonRemovableTransactionId(rel);
	FsDirectoryScan *scan = fs_directory_begin_range(rel, SnapshotSelf,
													 &range);
	FsItem		item;
	uint32		n = 0;

	while (fs_directory_next(scan, ForwardScanDirection, &item))
		if (TransactionIdPrecedes(item.xmin, oldest) &&
			fs_life_end_item(rel, &item))
			n++;
	fs_directory_end(scan);
	return n;
}
