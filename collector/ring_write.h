/*-------------------------------------------------------------------------
 *
 * From chunks to the files of a ring: the part of it that waits for the disk.
 *
 * All but ring_writer_open and ring_writer_close is for one thread.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_WRITE_H
#define COLLECTOR_RING_WRITE_H

#include "log.h"
#include "ring.h"
#include "ring_dir.h"

/* Records that stand together in a file. */
struct ring_chunk
{
	uint8_t    *bytes;			/* bytes[RING_CHUNK_BYTES] */
	struct ring_entry *entries; /* entries[RING_CHUNK_PACKETS] */
	size_t		nentries;
	uint32_t	file;
	int			dlt;
	struct ring_block block;	/* begin, end, nrecords and times */
};

struct ring_writer
{
	struct ring_options options;
	struct ring_dir dir;
	uint32_t	file;			/* that is open, or the last one */
	uint32_t	failed;			/* nothing more is written to this file */
	int			data_fd;		/* -1: none is open */
	int			index_fd;
	uint64_t	index_bytes;
	uint8_t    *block;			/* block[ring_block_bound(RING_CHUNK_PACKETS)] */
	struct log_limit limit;
};

/* Returns false, having logged why; *writer needs no closing then. */
extern bool ring_writer_open(struct ring_writer *writer, const struct ring_options *options)
			__attribute__((warn_unused_result));
extern void ring_writer_close(struct ring_writer *writer);

/*
 * Write a chunk, whose entries are sorted on the way.  Returns false if it
 * could not be written; nothing more of that file is then.
 */
extern bool ring_writer_put(struct ring_writer *writer, struct ring_chunk *chunk)
			__attribute__((warn_unused_result));

#endif
