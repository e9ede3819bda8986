/*-------------------------------------------------------------------------
 *
 * What a scan need not read, and what it counts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_PRUNER_H
#define FS_AM_PRUNER_H

#include "postgres.h"

#include "directory/item.h"
#include "format/pindex.h"

typedef struct FsScan FsScan;

/*
 * What need not be read.  Each test gets arg and says whether rows may match;
 * NULL means all.  Who does not count leaves the notes NULL.  The zones are asked for with fs_scan_chunk_zone() and
 * fs_scan_vector_zone().
 */
typedef struct FsPruner
{
	bool		(*keep_item) (void *arg, const FsItem *item);
	bool		(*keep_chunk) (void *arg, FsScan *scan);
	bool		(*keep_vector) (void *arg, FsScan *scan);

	/* put the vectors of a set that may match into an empty set of them */
	bool		(*keep_listed) (void *arg, FsPindex *index,
								FsVectorSet *vectors, FsArena *arena,
								FsFault *fault);

	/* told of a chunk of the set, or of one of its vectors, that it ruled out */
	void		(*note_chunk) (void *arg, uint32 chunk);
	void		(*note_vector) (void *arg, uint32 vector);
	void	   *arg;
} FsPruner;

/*
 * Who may do without the rows of a chunk, the one that the scan is at: true if
 * its head told enough, and the scan passes over it.
 */
typedef bool (*FsDigest) (void *arg, struct FsScan *scan);

/* All fields are uint64. */
typedef struct FsScanCounters
{
	uint64		chunks;			/* CHUNK items seen */
	uint64		chunks_pruned;
	uint64		chunks_unlisted;	/* of these, by a partition index */
	uint64		chunks_digested;	/* answered by their heads */
	uint64		vectors;		/* vectors of chunks that were kept */
	uint64		vectors_pruned;
	uint64		vectors_unlisted;	/* of these, by a partition index */
	uint64		rows_items;		/* ROWS items read */
	uint64		columns;		/* columns of chunks fetched */
	uint64		bytes;			/* bytes of chunks fetched */
	uint64		index_bytes;	/* bytes of partition indexes fetched */
} FsScanCounters;

#endif							/* FS_AM_PRUNER_H */
