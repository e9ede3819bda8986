/*-------------------------------------------------------------------------
 *
 * A row buffer: rows of one partition, column by column, not yet written.
 *
 * Rows are added until the buffer is full (FS_CHUNK_MAX_ROWS rows or
 * FS_BUFFER_MAX_BYTES) and then become one chunk, or a few ROWS items if they
 * are few.  Memory is that of the columns' arrays, which double as they fill:
 * at most twice (8 bytes an integer, 18 an address, 4 + length a byte string)
 * a row, and 8 kB for the buffer itself.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_BUFFER_H
#define FS_AM_BUFFER_H

#include "postgres.h"

#include "executor/tuptable.h"

#include "am/typemap.h"
#include "directory/item.h"
#include "store/extent.h"
#include "store/meta.h"

/* a buffer is written when it holds so many bytes, however few its rows */
#define FS_BUFFER_MAX_BYTES		((Size) 32 * 1024 * 1024)

/* from so many rows or bytes on, rows become a chunk */
#define FS_BUFFER_CHUNK_ROWS	64
#define FS_BUFFER_CHUNK_BYTES	8192

/* How a column's Datums become values, in the order of frequency. */
typedef enum FsIntake
{
	FS_INTAKE_INT2,
	FS_INTAKE_INT4,
	FS_INTAKE_INT8,
	FS_INTAKE_ADDR,
	FS_INTAKE_BYTES,
	FS_INTAKE_OTHER				/* other by-value types */
} FsIntake;

/* What the columns of a table's buffers have in common. */
typedef struct FsBufferLayout
{
	TupleDesc	desc;			/* a copy */
	int			ncols;			/* attributes that are not dropped */
	FsTypeMap  *maps;			/* [ncols] */
	uint8	   *intake;			/* [ncols], FsIntake */
	FsColumnSpec *specs;		/* [ncols] */
	int			time_col;		/* index into maps, or -1 */
	Size		row_bytes;		/* of a row without its byte strings */
} FsBufferLayout;

typedef struct FsBuffer FsBuffer;

/*
 * Describe the columns of desc in cxt; time_att is the time column or 0.
 * Cannot fail.
 */
extern FsBufferLayout *fs_buffer_layout(TupleDesc desc, AttrNumber time_att,
										MemoryContext cxt);

extern FsBuffer *fs_buffer_create(const FsBufferLayout *layout,
								  FsPartition partition, MemoryContext parent);
extern void fs_buffer_destroy(FsBuffer *buffer);

/* The level of the chunk that the buffer becomes; FS_LEVEL_FRESH unless set. */
extern void fs_buffer_set_level(FsBuffer *buffer, FsLevel level);

/* What its bytes are counted as; FS_COUNT_BYTES_LOADED unless set. */
extern void fs_buffer_set_counter(FsBuffer *buffer, FsCounter counter);

extern FsPartition fs_buffer_partition(const FsBuffer *buffer);

/* The earliest and the latest time of its rows; false if none has one. */
extern bool fs_buffer_times(const FsBuffer *buffer, int64 *min_us,
							int64 *max_us);
extern uint32 fs_buffer_nrows(const FsBuffer *buffer);

/* Memory that the buffer takes, in bytes. */
extern Size fs_buffer_memory(const FsBuffer *buffer);

/* True if no further row should be added before the buffer is written. */
extern bool fs_buffer_is_full(const FsBuffer *buffer);

/*
 * Add the row in slot and set its TID.  expect is how many more rows are
 * likely to follow at once, so that their numbers are neighbours.  The row's
 * values must be detoasted (plain, perhaps with short headers).
 */
extern void fs_buffer_add(FsBuffer *buffer, Relation rel,
						  TupleTableSlot *slot, uint32 expect);

/* Add a row whose number is given by fs_buffer_set_runs(). */
extern void fs_buffer_add_numbered(FsBuffer *buffer, TupleTableSlot *slot);

/* The numbers of all rows, in their order. */
extern void fs_buffer_set_runs(FsBuffer *buffer, const FsRowRun *runs,
							   int nruns);

/*
 * Encode all rows as one chunk in the current memory context, and form its
 * item, whose extent is still unset, at item[FS_ITEM_MAX_LEN].  Returns the
 * item's length.  Raises PROGRAM_LIMIT_EXCEEDED if a row is too big.
 */
extern uint32 fs_buffer_form_chunk(FsBuffer *buffer, Relation rel,
								   FsChunkItem *item, uint8 **bytes);

/*
 * Write all rows into the table as command cid; the buffer stays as it is.
 * Large chunks go through the ring of a bulk write, which is made in *ring and
 * the current memory context if it is NULL.  Returns the bytes of the items or
 * the chunk.
 */
extern uint32 fs_buffer_write(FsBuffer *buffer, Relation rel, CommandId cid,
							BufferAccessStrategy *ring);

/* Give back row numbers that were reserved for rows that did not come. */
extern void fs_buffer_release_numbers(FsBuffer *buffer, Relation rel);

#endif							/* FS_AM_BUFFER_H */
