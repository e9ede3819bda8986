/*-------------------------------------------------------------------------
 *
 * The bytes of items, as src/format/README.md specifies them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_ITEMBYTES_H
#define FS_DIRECTORY_ITEMBYTES_H

#include "postgres.h"

#include "store/extent.h"

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
	uint32		crc;			/* CRC-32C of key and item, this being 0 */
	uint32		zero;
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

StaticAssertDecl(sizeof(FsItemHead) == 16, "FsItemHead has no padding");
StaticAssertDecl(sizeof(FsRowsItem) == 24, "FsRowsItem has no padding");
StaticAssertDecl(sizeof(FsChunkItem) == 56, "FsChunkItem has no padding");
StaticAssertDecl(sizeof(FsDeleteEntry) == 8, "FsDeleteEntry has no padding");
StaticAssertDecl(sizeof(FsDeletesItem) == 24, "FsDeletesItem has no padding");
StaticAssertDecl(sizeof(FsDeletesItem) +
				 FS_DELETES_MAX_ROWS * sizeof(FsDeleteEntry) <=
				 FS_ITEM_MAX_LEN, "the largest DELETES item fits");
StaticAssertDecl(sizeof(FsIndexItem) == 32, "FsIndexItem has no padding");
StaticAssertDecl(sizeof(FsMovedItem) == 48, "FsMovedItem has no padding");
StaticAssertDecl(sizeof(FsItemRun) == 8, "FsItemRun has no padding");
StaticAssertDecl(sizeof(FsChunkItem) + FS_ITEM_MAX_RUNS * sizeof(FsItemRun) <=
				 FS_ITEM_MAX_LEN, "the largest CHUNK item fits");

#endif							/* FS_DIRECTORY_ITEMBYTES_H */
