/*-------------------------------------------------------------------------
 *
 * Reading the files of a ring, whatever bytes they have, also while they are
 * written.
 *
 * Memory: a buffer of RING_READ_BYTES for a capture file; a block of at most
 * RING_BLOCK_MAX for an index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_READ_H
#define COLLECTOR_RING_READ_H

#include "ring_dir.h"

#define RING_READ_BYTES	(1 << 20)

/* A capture file. */
struct ring_reader
{
	int			fd;
	int			dlt;
	uint8_t    *buffer;			/* buffer[RING_READ_BYTES] */
	uint64_t	at;				/* offset of its first byte in the file */
	size_t		len;			/* of what is in it */
};

struct ring_record
{
	struct frame frame;			/* bytes are valid until the next read */
	uint32_t	offset;
	uint32_t	next;			/* offset of the record behind it */
};

/*
 * Takes the descriptor over.  Returns false if that is no capture file of a
 * ring, or memory is exhausted; *reader needs no closing then.
 */
extern bool ring_reader_open(struct ring_reader *reader, int fd)
			__attribute__((warn_unused_result));
extern void ring_reader_close(struct ring_reader *reader);

/*
 * The record at an offset, with least bytes read around it: few where records
 * lie far from each other.  Returns false if there is no whole one.
 */
extern bool ring_reader_read(struct ring_reader *reader, uint32_t offset, size_t least,
							 struct ring_record *record);

/* An index file. */
struct ring_index
{
	int			fd;
	uint64_t	next;			/* offset of the block behind the current one */
	uint32_t	tunnels;		/* set of those that were opened */
	uint8_t    *bytes;			/* body of the current block */
	size_t		capacity;
	struct ring_block block;
};

/* As ring_reader_open; the index belongs to this file. */
extern bool ring_index_open(struct ring_index *index, int fd, uint32_t file)
			__attribute__((warn_unused_result));
extern void ring_index_close(struct ring_index *index);

/* The header of the next block; false at the end, or at what is none. */
extern bool ring_index_next(struct ring_index *index);

/* The body of the current block; false if it is damaged. */
extern bool ring_index_load(struct ring_index *index);

#endif
