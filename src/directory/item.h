/*-------------------------------------------------------------------------
 *
 * Items: what the directory says exists.
 *
 * An item is one tuple of the TOAST table:
 *
 *		chunk_id	where it belongs, see below
 *		chunk_seq	ROWS, CHUNK, INDEX, MOVED: the item number
 *		chunk_data	the item, in the layouts below
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

#include "directory/rowno.h"
#include "store/extent.h"

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

typedef enum FsItemKind
{
	FS_ITEM_ROWS = 1,
	FS_ITEM_CHUNK = 2,
	FS_ITEM_DELETES = 3,
	FS_ITEM_INDEX = 4,
	FS_ITEM_MOVED = 5
} FsItemKind;

/* How far a chunk has come. */
typedef enum FsLevel
{
	FS_LEVEL_FRESH = 0,			/* as it was written */
	FS_LEVEL_MERGED = 1,		/* joined from smaller items, arrival order */
	FS_LEVEL_CLUSTERED = 2		/* in z-order, with a partition index */
} FsLevel;

/* Most bytes of an item: four of them fill a page of the TOAST table. */
#define FS_ITEM_MAX_LEN		1980

/* Runs of row numbers that a chunk may be made of. */
#define FS_ITEM_MAX_RUNS	128

/* Header of every item. */
typedef struct FsItemHead
{
	uint8		kind;
	uint8		version;		/* FS_FORMAT_VERSION */
	uint16		n;				/* ROWS: rows; CHUNK: runs */
	uint32		nrows;
} FsItemHead;

/* Followed by MAXALIGNed MinimalTuples; the row numbers are neighbours. */
typedef struct FsRowsItem
{
	FsItemHead	head;
	uint64		first_row;
} FsRowsItem;

/* Followed by head.n FsItemRun. */
typedef struct FsChunkItem
{
	FsItemHead	head;
	FsExtent	extent;
	uint32		len;			/* bytes of the chunk */
	uint16		time_att;		/* attribute number of the column whose bounds
								 * follow; 0 if there is none */
	uint8		level;			/* FsLevel */
	uint8		zero;
	uint32		index_number;	/* clustered: number of its INDEX item */
	uint16		ordinal;		/* clustered: place in the set, from 0 */
	uint16		zero2;
	int64		min_us;			/* microseconds since 2000; nulls aside */
	int64		max_us;
} FsChunkItem;

typedef struct FsItemRun
{
	uint32		first_lo;		/* first row number, low and high word */
	uint16		first_hi;
	uint16		n_less_1;		/* numbers in the run, minus one */
} FsItemRun;

/* A deleted row of a DELETES item. */
typedef enum FsDeleteKind
{
	FS_DELETE_ONLY = 0,
	FS_DELETE_SUCCESSOR = 1,	/* updated: successor is the new row */
	FS_DELETE_ELSEWHERE = 2		/* updated into another table */
} FsDeleteKind;

typedef struct FsDeleteEntry
{
	uint8		offset;			/* row number modulo 256 */
	uint8		kind;			/* FsDeleteKind */
	uint16		successor_hi;	/* row number, or 0 */
	uint32		successor_lo;
} FsDeleteEntry;

/*
 * Followed by head.n entries of rows in the block of 256 that the item's key
 * names, ascending: FsDeleteEntry if is_long, else their offsets alone.
 */
typedef struct FsDeletesItem
{
	FsItemHead	head;			/* nrows is n */
	uint32		block;			/* row number / 256 */
	uint32		is_long;		/* 0 or 1 */
} FsDeletesItem;

/* Most rows of a DELETES item. */
#define FS_DELETES_MAX_ROWS		240

/* The partition index of a set of chunks that were clustered together. */
typedef struct FsIndexItem
{
	FsItemHead	head;			/* n: chunks of the set; nrows: its rows */
	FsExtent	extent;
	uint32		len;			/* bytes of the index */
	uint32		zero;
} FsIndexItem;

/*
 * Where rows went that were written again.  The extent holds a chunk of two
 * INT columns: 1 the old row number, ascending, 2 the new one.
 */
typedef struct FsMovedItem
{
	FsItemHead	head;			/* n is 0; nrows: rows that moved */
	FsExtent	extent;
	uint32		len;			/* bytes of the chunk */
	uint32		zero;
	uint64		min_row;		/* bounds of the old row numbers */
	uint64		max_row;
} FsMovedItem;

StaticAssertDecl(sizeof(FsItemHead) == 8, "FsItemHead has no padding");
StaticAssertDecl(sizeof(FsRowsItem) == 16, "FsRowsItem has no padding");
StaticAssertDecl(sizeof(FsChunkItem) == 48, "FsChunkItem has no padding");
StaticAssertDecl(sizeof(FsDeleteEntry) == 8, "FsDeleteEntry has no padding");
StaticAssertDecl(sizeof(FsDeletesItem) == 16, "FsDeletesItem has no padding");
StaticAssertDecl(sizeof(FsDeletesItem) +
				 FS_DELETES_MAX_ROWS * sizeof(FsDeleteEntry) <=
				 FS_ITEM_MAX_LEN, "the largest DELETES item fits");
StaticAssertDecl(sizeof(FsIndexItem) == 24, "FsIndexItem has no padding");
StaticAssertDecl(sizeof(FsMovedItem) == 40, "FsMovedItem has no padding");
StaticAssertDecl(sizeof(FsItemRun) == 8, "FsItemRun has no padding");
StaticAssertDecl(sizeof(FsChunkItem) + FS_ITEM_MAX_RUNS * sizeof(FsItemRun) <=
				 FS_ITEM_MAX_LEN, "the largest CHUNK item fits");

/* An item as the directory hands it out. */
typedef struct FsItem
{
	FsPartition partition;
	uint32		number;
	TransactionId xmin;			/* raw: frozen or aborted is not looked at */
	CommandId	cmin;			/* raw command id of that transaction */
	ItemPointerData tid;		/* in the TOAST table */
	uint32		len;
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
