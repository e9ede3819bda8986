/*-------------------------------------------------------------------------
 *
 * Items: what the directory says exists.
 *
 * An item is one tuple of the TOAST table:
 *
 *		chunk_id	the partition, FsPartition
 *		chunk_seq	the item number, unique in its partition
 *		chunk_data	the item, in the layouts below
 *
 * Items are inserted and deleted, never updated.  A ROWS item holds a few
 * rows in row form; a CHUNK item names an extent of the main fork.  The byte
 * layouts are specified in src/format/README.md.
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
 * A time bucket of the table, as the chunk_id of its items.  Values below
 * FS_PARTITION_FIRST are reserved for other kinds of item.
 */
typedef uint32 FsPartition;

#define FS_PARTITION_NONE	4096	/* the table has no time column */
#define FS_PARTITION_NULL	4097	/* rows whose time is null */
#define FS_PARTITION_FIRST	4098	/* earliest bucket, and all before it */
#define FS_PARTITION_LAST	(PG_UINT32_MAX - 1)

typedef enum FsItemKind
{
	FS_ITEM_ROWS = 1,
	FS_ITEM_CHUNK = 2
} FsItemKind;

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
	uint32		time_att;		/* attribute number of the column whose bounds
								 * follow; 0 if there is none */
	int64		min_us;			/* microseconds since 2000; nulls aside */
	int64		max_us;
} FsChunkItem;

typedef struct FsItemRun
{
	uint32		first_lo;		/* first row number, low and high word */
	uint16		first_hi;
	uint16		n_less_1;		/* numbers in the run, minus one */
} FsItemRun;

StaticAssertDecl(sizeof(FsItemHead) == 8, "FsItemHead has no padding");
StaticAssertDecl(sizeof(FsRowsItem) == 16, "FsRowsItem has no padding");
StaticAssertDecl(sizeof(FsChunkItem) == 40, "FsChunkItem has no padding");
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
	uint32		len;
	union
	{
		const FsItemHead *head;
		const FsRowsItem *rows;
		const FsChunkItem *chunk;
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

/* Place of a row number in an item, or -1 if the item has no such row. */
extern int32 fs_item_find_row(const FsItem *item, uint64 rowno);

#endif							/* FS_DIRECTORY_ITEM_H */
