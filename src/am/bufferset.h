/*-------------------------------------------------------------------------
 *
 * The row buffers of a table, by partition.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_BUFFERSET_H
#define FS_AM_BUFFERSET_H

#include "postgres.h"

#include "utils/hsearch.h"

#include "am/buffer.h"

typedef struct FsBufferSet
{
	MemoryContext cxt;
	uint32		n;
	uint32		cap;
	FsBuffer  **buffers;		/* [n], in no order */
	FsBuffer   *last;			/* the one found last, or NULL */
	HTAB	   *places;			/* of many buffers; NULL while they are few */
} FsBufferSet;

/* An empty set, whose memory comes from cxt. */
extern void fs_bufferset_init(FsBufferSet *set, MemoryContext cxt);

/* The buffer of a partition, or NULL. */
extern FsBuffer *fs_bufferset_find(FsBufferSet *set, FsPartition partition);

/* Add a buffer; its partition has none yet. */
extern void fs_bufferset_add(FsBufferSet *set, FsBuffer *buffer);

/* Take a buffer out; the last one takes its place. */
extern void fs_bufferset_remove(FsBufferSet *set, FsBuffer *buffer);

#endif							/* FS_AM_BUFFERSET_H */
