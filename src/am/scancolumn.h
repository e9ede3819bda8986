/*-------------------------------------------------------------------------
 *
 * The columns of a scan: decoded when they are asked for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SCANCOLUMN_H
#define FS_AM_SCANCOLUMN_H

#include "postgres.h"

#include "access/tupdesc.h"

#include "am/typemap.h"
#include "directory/item.h"
#include "format/cluster.h"
#include "store/chunkio.h"

/* A column of the scan; arrays are made when it is first asked for. */
typedef struct FsScanColumn
{
	FsTypeMap	map;
	bool		is_open;		/* in this chunk */
	bool		is_decoded;		/* in this vector */
	bool		is_damaged;		/* in this chunk, and to be skipped */
	FsOrder		stored_order;
	FsColumnReader *reader;		/* NULL: the chunk has no such column */
	Datum	   *dict;			/* Datums by code, built on demand */
	bool	   *dict_built;
	Datum	   *values;			/* [FS_VECTOR_ROWS] */
	bool	   *isnull;			/* [FS_VECTOR_ROWS] */
	const bool *nulls;			/* isnull, or the reader's own */
} FsScanColumn;

/*
 * All columns, and the vector they are decoded for.  chunk_cxt holds the open
 * chunk, its columns and the Datums of dictionaries, vector_cxt the Datums of
 * the current vector that are in no dictionary.
 */
typedef struct FsScanColumns
{
	TupleDesc	desc;
	MemoryContext cxt;
	MemoryContext chunk_cxt;
	MemoryContext vector_cxt;
	const FsItem *item;
	FsStoredChunk *chunk;		/* NULL: a ROWS item */
	uint32		vector;
	uint32		nrows;			/* of the vector */
	FsScanColumn *cols;			/* [natts] */
	uint64		nfetched;		/* columns fetched so far, of all chunks */
} FsScanColumns;

/* Allocates in the current memory context. */
extern void fs_scancolumn_init(FsScanColumns *cols, TupleDesc desc);
extern void fs_scancolumn_free(FsScanColumns *cols);

/* Forget what belongs to the item at hand, or to its vector. */
extern void fs_scancolumn_leave_item(FsScanColumns *cols);
extern void fs_scancolumn_enter_vector(FsScanColumns *cols, uint32 vector,
									   uint32 nrows);

/*
 * As fs_scan_column(), fs_scan_stored(), fs_scan_chunk_zone() and
 * fs_scan_vector_zone().
 */
extern bool fs_scancolumn_read(FsScanColumns *cols, int att,
							   const Datum **values, const bool **isnull);
extern bool fs_scancolumn_stored(FsScanColumns *cols, int att,
								 FsVector *vector, FsClusterDict *dict);
extern bool fs_scancolumn_chunk_zone(FsScanColumns *cols, int att,
									 FsZone *zone);
extern bool fs_scancolumn_vector_zone(FsScanColumns *cols, int att,
									  FsZone *zone);

#endif							/* FS_AM_SCANCOLUMN_H */
