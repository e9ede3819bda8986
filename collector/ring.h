/*-------------------------------------------------------------------------
 *
 * The ring: packets on disk, as capture files with an index, the oldest of
 * which make room for new ones.
 *
 *		ring_add --chunks of RING_CHUNK_BYTES--> a thread that writes
 *
 * Adding only copies.  What the thread cannot take is dropped and counted,
 * unless who adds can wait.  When the disk fails, what is on its way is
 * dropped too, and a new file is tried after RING_RETRY_US.  A chunk that is
 * not full is handed on by ring_tick.
 *
 * Memory: RING_CHUNKS * (RING_CHUNK_BYTES + 16 * RING_CHUNK_PACKETS) = 23 MB,
 * touched as needed, and 2 MB for an index block.
 * Disk: max_bytes, index included, in at most RING_MAX_FILES files; the newest
 * file never goes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_H
#define COLLECTOR_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "decode_packet.h"
#include "ring_format.h"

#define RING_CHUNKS			4
#define RING_CHUNK_BYTES	(4 << 20)
#define RING_CHUNK_PACKETS	(RING_CHUNK_BYTES / 36)	/* a header and addresses at least */
#define RING_MAX_FILES		65536
#define RING_RETRY_US		INT64_C(1000000)
#define RING_SEAL_US		INT64_C(500000)

struct ring_options
{
	const char *path;			/* NULL: no ring */
	uint64_t	max_bytes;		/* >= 2 * file_bytes */
	uint64_t	file_bytes;		/* of a capture file, 1 MB .. 1 GB */
	int64_t		file_us;		/* packet time from its first packet on */
	uint64_t	snap;			/* bytes of each packet, 64 .. RING_MAX_SNAP */
	uint32_t	tunnels;		/* set of those that are opened */
	bool		can_wait;		/* for the disk, before a packet is dropped */
	struct counters *counters;
};

struct ring;

/*
 * Make or open the directory, repair what a crash has left, start the thread.
 * Returns NULL, having logged why.
 */
extern struct ring *ring_open(const struct ring_options *options);

/* Write everything, and stop. */
extern void ring_close(struct ring *ring);

/*
 * Keep a frame; key is that of its flow, NULL if it belongs to none.  Returns
 * its position, or 0 if it is not kept: it was dropped, or has no bytes.
 */
extern uint64_t ring_add(struct ring *ring, const struct frame *frame,
						 const struct flow_key *key);

/* Hand on what has waited for RING_SEAL_US by this monotonic clock. */
extern void ring_tick(struct ring *ring, int64_t now_us);

/* Of the ring, RING_ID_LEN digits; lives as long as the ring. */
extern const char *ring_id(const struct ring *ring);

#endif
