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
#include "format/units.h"
#include "store/arena.h"
#include "store/chunkio.h"

/* What can be had of a column in the current vector. */
typedef enum FsReadResult
{
	FS_READ_STORED,				/* a vector of stored values */
	FS_READ_DATUMS,				/* Datums only: another form, or no column */
	FS_READ_DAMAGED				/* nothing: leave the vector out */
} FsReadResult;

/* A column of the scan; arrays are made when it is first asked for. */
typedef struct FsScanColumn
{
	FsTypeMap	map;
	bool		is_open;		/* in this chunk */
	bool		is_damaged;		/* in this chunk, and to be skipped */
	bool		is_read;		/* vec is this vector's, all of it */
	bool		is_decoded;		/* values are, of all its rows */
	FsOrder		stored_order;
	FsColumnReader *reader;		/* NULL: the chunk has no such column */
	FsVector	vec;
	Datum	   *dict;			/* Datums by code, built on demand */
	bool	   *dict_built;
	Datum	   *values;			/* [FS_VECTOR_ROWS] */
	bool	   *isnull;			/* [FS_VECTOR_ROWS] */
	const bool *nulls;			/* isnull, or the reader's own */
} FsScanColumn;

/*
 * All columns, and the vector they are decoded for.  chunk_cxt holds the Datums
 * of dictionaries and what else is known of the item, vector_cxt the Datums of
 * the current vector that are in no dictionary.
 */
typedef struct FsScanColumns
{
	TupleDesc	desc;
	MemoryContext cxt;
	MemoryContext chunk_cxt;
	MemoryContext vector_cxt;
	FsPool	   *pool;			/* what the open chunk is in */
	const FsItem *item;
	FsStoredChunk *chunk;		/* NULL: a ROWS item */
	uint32		vector;
	uint32		nrows;			/* of the vector */
	FsScanColumn *cols;			/* [natts] */
	const int  *view;			/* see fs_scan_view() */
	bool		is_picked;		/* few rows of a vector were read alone */
	uint64		nfetched;		/* columns fetched so far, of all chunks */
} FsScanColumns;

/* Allocates in the current memory context. */
extern void fs_scancolumn_init(FsScanColumns *cols, TupleDesc desc);
extern void fs_scancolumn_free(FsScanColumns *cols);

/*
 * Forget what belongs to the item at hand, or to its vector.  Its chunk is kept
 * for the next scan if is_kept says so, or if few rows of a vector were wanted.
 */
extern void fs_scancolumn_leave_item(FsScanColumns *cols, bool is_kept);
extern void fs_scancolumn_enter_vector(FsScanColumns *cols, uint32 vector,
									   uint32 nrows);

/*
 * Read attribute att of the current vector into its vec, unless the chunk has
 * no such column.  False if it is damaged, which was reported.
 */
extern bool fs_scancolumn_load(FsScanColumns *cols, int att);

/* The same of rows[n] only, ascending; vec has others, too, if it was there. */
extern bool fs_scancolumn_load_rows(FsScanColumns *cols, int att,
									const uint16 *rows, uint32 n);

/* As the functions of scan.h with the same names. */
extern FsReadResult fs_scancolumn_vector(FsScanColumns *cols, int att,
										 const FsVector **vec);
extern bool fs_scancolumn_dict(FsScanColumns *cols, int att,
							   FsClusterDict *dict);
extern uint16 fs_scancolumn_domain(const FsScanColumns *cols, int att,
								   const uint32 **codes);
extern bool fs_scancolumn_addrs(FsScanColumns *cols, int att,
								const uint32 *codes, uint32 n, FsAddr *addrs);
extern bool fs_scancolumn_bytes(FsScanColumns *cols, int att,
								const uint32 *codes, uint32 n,
								const uint8 **ptrs, uint32 *lens);
extern bool fs_scancolumn_find_net(FsScanColumns *cols, int att,
								   const FsAddr *net, bool *is_known,
								   uint32 *first, uint32 *end);
extern bool fs_scancolumn_find_addr(FsScanColumns *cols, int att,
									const FsAddr *addr, uint32 *code);
extern bool fs_scancolumn_units(FsScanColumns *cols, int att,
								FsUnits *units);
extern void fs_scancolumn_fault(FsScanColumns *cols, int att,
								const FsFault *fault);
extern const FsColumnMeta *fs_scancolumn_chunk_meta(FsScanColumns *cols,
													int att);
extern bool fs_scancolumn_chunk_zone(FsScanColumns *cols, int att,
									 FsZone *zone);
extern bool fs_scancolumn_vector_zone(FsScanColumns *cols, int att,
									  FsZone *zone);

/* As fs_scan_pick() and fs_scan_codes(). */
extern bool fs_scandatum_pick(FsScanColumns *cols, int att,
							  const uint16 *rows, uint32 n,
							  const Datum **values, const bool **isnull);
extern bool fs_scandatum_codes(FsScanColumns *cols, int att,
							   const uint32 *codes, uint32 n,
							   const Datum **dict);

#endif							/* FS_AM_SCANCOLUMN_H */
