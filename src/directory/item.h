/*-------------------------------------------------------------------------
 *
 * Items: what the directory says exists.
 *
 * An item is one tuple of the TOAST table:
 *
 *		chunk_id	where it belongs, see below
 *		chunk_seq	ROWS, CHUNK, INDEX, MOVED: the item number
 *		chunk_data	the item, laid out as in itembytes.h
 *
 *		chunk_id			items
 *		0 .. 2^30-1			DELETES of row numbers 1024 * id and following;
 *							chunk_seq is the first of its rows modulo 1024
 *		FS_KEY_MOVED		MOVED
 *		FS_PARTITION_*		ROWS, CHUNK and INDEX of a partition
 *
 * so that a partition's items are neighbours, partitions ascend in time, and
 * whether a row is deleted is one probe.  Items are inserted and deleted, never
 * updated.  The byte layouts are specified in src/format/README.md.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_ITEM_H
#define FS_DIRECTORY_ITEM_H

#include "postgres.h"

#include "access/htup_details.h"

#include "directory/itembytes.h"
#include "directory/rowno.h"

/*
 * A time bucket of the table, as the chunk_id of its items: its beginning in
 * minutes since 2000-01-01, biased, so that partitions of different lengths
 * can stand side by side.
 */
typedef uint32 FsPartition;

#define FS_KEY_DELETES_END	((uint32) 1 << 30)	/* below: DELETES */
#define FS_KEY_MOVED		FS_KEY_DELETES_END

#define FS_PARTITION_NONE	((uint32) 1 << 31)	/* the table has no time column */
#define FS_PARTITION_NULL	(FS_PARTITION_NONE + 1) /* rows whose time is null */
#define FS_PARTITION_FIRST	(FS_PARTITION_NONE + 2) /* earliest bucket, and all
													 * before it */
#define FS_PARTITION_BIAS	((uint32) 3 << 30)	/* begins at 2000-01-01 */
#define FS_PARTITION_LAST	(PG_UINT32_MAX - 1)

/* An item as the directory hands it out. */
typedef struct FsItem
{
	FsPartition partition;
	uint32		number;
	TransactionId xmin;			/* raw: frozen or aborted is not looked at */
	CommandId	cmin;			/* raw command id of that transaction */
	ItemPointerData tid;		/* in the TOAST table */
	uint32		len;
	const char *fault;			/* NULL, but in scans that tolerate damage:
								 * then the rest is of no use */
	union
	{
		const FsItemHead *head;
		const FsRowsItem *rows;
		const FsChunkItem *chunk;
		const FsDeletesItem *deletes;
		const FsIndexItem *index;
		const FsMovedItem *moved;
	};							/* MAXALIGNed, lives until the next call */
} FsItem;

/* Checksum of an item under its key, whatever the item says it is. */
extern uint32 fs_item_crc(uint32 id, uint32 number, const FsItemHead *item,
						  uint32 len);

/*
 * Check an item's bytes against its layout.  Returns NULL, or the reason why
 * they are not valid.
 */
extern const char *fs_item_fault(const FsItemHead *item, uint32 len);

/* Run i of a CHUNK item, 0 <= i < head.n; cannot fail. */
extern FsRowRun fs_item_run(const FsChunkItem *item, int i);

/* Run i as it is stored; n is 1 .. 65536, first below 2^40. */
extern FsItemRun fs_item_make_run(FsRowRun run);

/* Row i of a ROWS item and the next one; cannot fail on a valid item. */
static inline MinimalTuple
fs_item_first_row(const FsRowsItem *item)
{
	return (MinimalTuple) (item + 1);
}

static inline MinimalTuple
fs_item_next_row(MinimalTuple row)
{
	return (MinimalTuple) ((char *) row + MAXALIGN(row->t_len));
}

/* True if the item holds rows of the table: ROWS or CHUNK. */
static inline bool
fs_item_has_rows(const FsItem *item)
{
	return item->head->kind == FS_ITEM_ROWS ||
		item->head->kind == FS_ITEM_CHUNK;
}

/* The extent that an item names and the bytes in it; false if it names none. */
extern bool fs_item_extent(const FsItemHead *item, FsExtent *extent,
						   uint32 *len);

/* The same item with another extent, for VACUUM FULL; item names one. */
extern void fs_item_set_extent(FsItemHead *item, FsExtent extent);

/* Entry i of a DELETES item, 0 <= i < head.n; cannot fail. */
extern FsDeleteEntry fs_item_delete(const FsDeletesItem *item, int i);

/* Row runs of a ROWS or CHUNK item, whatever its kind; cannot fail. */
extern int	fs_item_nruns(const FsItem *item);
extern FsRowRun fs_item_row_run(const FsItem *item, int i);

/* Place of a row number in an item, or -1 if the item has no such row. */
extern int32 fs_item_find_row(const FsItem *item, uint64 rowno);

#endif							/* FS_DIRECTORY_ITEM_H */
