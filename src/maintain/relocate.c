/*-------------------------------------------------------------------------
 *
 * Relocating extents.
 *
 * A relocated item keeps its key and its row numbers: the old tuple ends and
 * the new one begins in one transaction.  So row numbers, deletions and places
 * that others have noted stay true, and nobody who follows them is in the way.
 * Readers with older snapshots find the old extent until VACUUM takes it.
 *
 * Lock order: table, fs_extent_lock().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "directory/directory.h"
#include "directory/life.h"
#include "maintain/relocate.h"
#include "store/extent.h"
#include "store/meta.h"

/* worth it if so many pages, and a third of the file, are free */
#define MIN_FREE_PAGES	1024
#define FREE_FRACTION	3

/* An item that names an extent. */
typedef struct Tenant
{
	FsPartition partition;
	uint32		number;
	FsExtent	extent;
} Tenant;

typedef struct Tenants
{
	Tenant	   *list;			/* [n], by extent, last one first */
	uint32		n;
	uint64		npages;			/* of all */
} Tenants;

static int
from_the_end(const void *a, const void *b)
{
	BlockNumber x = ((const Tenant *) a)->extent.first;
	BlockNumber y = ((const Tenant *) b)->extent.first;

	return x > y ? -1 : x < y ? 1 : 0;
}

static Tenants
find_tenants(Relation rel, Snapshot snapshot)
{
	FsDirectoryScan *dir = fs_directory_begin(rel, snapshot, NULL);
	Tenants		tenants = {0};
	uint32		cap = 256;
	FsItem		item;

	tenants.list = palloc(sizeof(Tenant) * cap);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		Tenant		tenant = {item.partition, item.number};
		uint32		len;

		if (!fs_item_extent(item.head, &tenant.extent, &len))
			continue;
		if (tenants.n == cap)
		{
			cap *= 2;
			tenants.list = repalloc_huge(tenants.list, sizeof(Tenant) * cap);
		}
		tenants.list[tenants.n++] = tenant;
		tenants.npages += tenant.extent.npages;
	}
	fs_directory_end(dir);
	qsort(tenants.list, tenants.n, sizeof(Tenant), from_the_end);
	return tenants;
}

/* Let the item's bytes lie in another extent, which was taken for them. */
static void
move_item(Relation rel, const FsItem *item, FsExtent from, FsExtent to,
		  uint32 len)
{
	Relation	toast = fs_directory_open(rel, RowExclusiveLock);
	FsItemHead *moved = palloc(item->len);
	uint8	   *bytes = palloc_extended(len, MCXT_ALLOC_HUGE);

	memcpy(moved, item->head, item->len);
	fs_item_set_extent(moved, to);
	fs_directory_insert(rel, toast, item->partition, item->number, moved,
						item->len, GetCurrentCommandId(true));
	fs_extent_unlock(rel);
	(void) fs_extent_read(rel, from, 0, len, bytes, ERROR);
	fs_extent_fill(rel, to, bytes, len, NULL);
	table_close(toast, NoLock);
	pfree(bytes);
	pfree(moved);
}

/* Relocate an item, if it is alive and there is room in front of it. */
static uint64
relocate(Relation rel, const Tenant *tenant, Snapshot snapshot)
{
	FsItem		item;
	FsExtent	from;
	FsExtent	to;
	uint32		len;

	if (!fs_directory_fetch(rel, tenant->partition, tenant->number, snapshot,
							&item) ||
		!fs_item_extent(item.head, &from, &len) ||
		from.first != tenant->extent.first)
		return 0;
	fs_extent_lock(rel);
	if (!fs_meta_take_free(rel, from.npages, from.first, &to))
	{
		fs_extent_unlock(rel);
		return 0;
	}
	if (!fs_life_end_item(rel, &item))
	{
		/* the extent is lost until VACUUM finds it */
		fs_extent_unlock(rel);
		return 0;
	}
	move_item(rel, &item, from, to, len);
	return (uint64) from.npages * BLCKSZ;
}

/* Relocate from the end on what lies behind the pages that are needed. */
static uint64
relocate_all(Relation rel, const Tenants *tenants, Snapshot snapshot,
			 uint64 max_bytes, const FsPace *pace)
{
	uint64		written = 0;

	for (uint32 i = 0; i < tenants->n && written < max_bytes; i++)
	{
		uint64		n;

		CHECK_FOR_INTERRUPTS();
		if (tenants->list[i].extent.first <= tenants->npages)
			break;
		n = relocate(rel, &tenants->list[i], snapshot);
		written += n;
		if (!fs_pace_step(pace, 0, n))
			break;
	}
	return written;
}

uint64
fs_relocate_tail(Relation rel, uint64 max_bytes, const FsPace *pace)
{
	MemoryContext cxt;
	MemoryContext old;
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	uint64		nfree = fs_meta_free_pages(rel);
	uint64		written;
	Snapshot	snapshot;
	Tenants		tenants;

	if (nfree < MIN_FREE_PAGES || nfree * FREE_FRACTION < nblocks)
		return 0;
	cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore relocation",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	PushActiveSnapshot(snapshot);
	tenants = find_tenants(rel, snapshot);
	written = relocate_all(rel, &tenants, snapshot, max_bytes, pace);
	fs_meta_count(rel, FS_COUNT_BYTES_REWRITTEN, written);
	PopActiveSnapshot();
	UnregisterSnapshot(snapshot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return written;
}
