/*-------------------------------------------------------------------------
 *
 * The bytes of a ring: names of its files, records, index blocks, references.
 *
 * A ring is a directory.  NUMBER.pcap is an ordinary capture file (pcap, times
 * in nanoseconds, one link type), NUMBER.index says where the packets of each
 * flow are in it; "id" holds the ring's name and the key of its hashes.
 * Numbers begin at 1 and are never used again.  A position in the ring is
 *
 *		file number << 32 | offset of the record in the file,	0: none
 *
 * All integers are in host order, as those of capture files are; who reads
 * the files of a machine with the other order gets errors, no wrong packets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_FORMAT_H
#define COLLECTOR_RING_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode_packet.h"

#define RING_FILE_HEADER	24
#define RING_RECORD_HEADER	16
#define RING_MAX_SNAP		262144	/* more of a frame is never kept */
#define RING_ID_LEN			8	/* hexadecimal digits */
#define RING_NAME_LEN		24
#define RING_REF_LEN		64	/* text of a reference with its zero */
#define RING_INDEX_HEADER	16
#define RING_BLOCK_HEADER	56
#define RING_BLOCK_MAX		(4 << 20)	/* bytes of a block's body; who reads refuses more */

/* The file name of a number, in name[RING_NAME_LEN]; suffix "pcap" or "index". */
extern void ring_name(uint32_t file, const char *suffix, char *name);

/* Reads such a name.  Returns false if it is none. */
extern bool ring_name_parse(const char *name, const char *suffix, uint32_t *file);

static inline uint64_t
ring_position(uint32_t file, uint32_t offset)
{
	return (uint64_t) file << 32 | offset;
}

/* bytes[RING_FILE_HEADER] of a capture file. */
extern void ring_file_header(uint8_t *bytes, int dlt, uint32_t snap);
extern bool ring_file_header_read(const uint8_t *bytes, int *dlt);

/* bytes[RING_RECORD_HEADER]; frame->bytes and dlt are not looked at. */
extern void ring_record_header(uint8_t *bytes, const struct frame *frame);

/* Fills in *frame but for bytes and dlt; false: that is no record's header. */
extern bool ring_record_header_read(const uint8_t *bytes, struct frame *frame);

/*
 * A reference: the first and the last packet of a flow, "ID:FILE.OFFSET", and
 * for the last "-OFFSET", or "-FILE.OFFSET" in another file.  All packets of
 * its key between these two, and no others, are the flow's.
 */
struct ring_ref
{
	char		id[RING_ID_LEN + 1];
	uint64_t	first;
	uint64_t	last;			/* >= first */
};

/* Returns the length of text[RING_REF_LEN]. */
extern size_t ring_ref_format(const struct ring_ref *ref, char *text);
extern bool ring_ref_parse(const char *text, struct ring_ref *ref);

/* A packet that the index knows. */
struct ring_entry
{
	uint64_t	hash;			/* of its flow's key */
	uint32_t	offset;			/* of its record in the file */
	uint32_t	zero;			/* always 0 */
};

/* A block of the index: what it says of one range of the file. */
struct ring_block
{
	uint32_t	begin;			/* range of the file */
	uint32_t	end;
	uint32_t	nrecords;		/* in it; not all are packets of flows */
	uint32_t	nflows;
	uint32_t	npackets;
	uint32_t	body_bytes;
	uint32_t	body_crc;
	int64_t		min_us;			/* times of its records */
	int64_t		max_us;
	const uint8_t *body;		/* body[body_bytes], not owned */
};

/* bytes[RING_INDEX_HEADER] of an index file; tunnels: those that were opened. */
extern void ring_index_header(uint8_t *bytes, uint32_t file, uint32_t tunnels);
extern bool ring_index_header_read(const uint8_t *bytes, uint32_t file,
								   uint32_t *tunnels);

/* Room that a block of n entries needs, header included. */
extern size_t ring_block_bound(size_t n);

/*
 * Sort entries[n], whose offsets lie in *block's range and ascend, and write
 * the block to bytes[ring_block_bound(n)]; begin, end, nrecords and times of
 * *block are given.  Returns the block's length with its header.
 */
extern size_t ring_block_encode(const struct ring_block *block,
								struct ring_entry *entries, size_t n, uint8_t *bytes);

/* The header of a block; false if that is none.  body is not set. */
extern bool ring_block_header_read(const uint8_t *bytes, struct ring_block *block);

/*
 * Its body is in bytes[body_bytes], which *block points to from now on.
 * Returns false if it is damaged.
 */
extern bool ring_block_open(struct ring_block *block, const uint8_t *bytes);

/* The records of one flow in a block, in the order of the file. */
struct ring_list
{
	const uint8_t *pos;
	const uint8_t *end;
	uint32_t	offset;			/* of the one before */
	uint32_t	limit;			/* end of the block's range */
};

extern bool ring_block_find(const struct ring_block *block, uint64_t hash,
							struct ring_list *list);
extern bool ring_list_next(struct ring_list *list, uint32_t *offset);

/* The hash that the packet at offset has; false if it is none of a flow's. */
extern bool ring_block_hash_at(const struct ring_block *block, uint32_t offset,
							   uint64_t *hash);

#endif
