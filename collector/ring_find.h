/*-------------------------------------------------------------------------
 *
 * Finding packets in a ring: of a flow by the index, of anything else, and
 * where an index is missing or damaged, by reading the packets.
 *
 * Memory: 16 bytes for each packet that is found, at most RING_MAX_HITS.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_FIND_H
#define COLLECTOR_RING_FIND_H

#include "ring_dir.h"

#define RING_MAX_HITS	(1 << 25)

/* Bits of fields: this part of the key must be equal. */
#define RING_SRC_ADDR	0x01
#define RING_DST_ADDR	0x02
#define RING_SRC_PORT	0x04
#define RING_DST_PORT	0x08
#define RING_PROTO		0x10
#define RING_WHOLE_KEY	0x1f

/* What is looked for: packets for which all of this holds. */
struct ring_side
{
	bool		has_hash;		/* the flow's key has this hash; fields is not used */
	uint64_t	hash;
	unsigned	fields;			/* RING_*; 0: also what is of no flow */
	struct flow_key key;
	uint64_t	first;			/* positions, inclusive */
	uint64_t	last;
	int64_t		from_us;		/* times, inclusive */
	int64_t		to_us;
};

struct ring_query
{
	struct ring_side sides[2];	/* sides[nsides]: of any of them */
	int			nsides;
	const char *filter;			/* in libpcap's language, or NULL */
	int			dlt;			/* link type, or -1: any */
};

struct ring_hit
{
	uint64_t	position;
	int64_t		time_ns;		/* since 1970 */
};

struct ring_hits
{
	struct ring_hit *items;		/* items[n]; for free() */
	size_t		n;
	size_t		capacity;
	int			dlt;			/* of the first one */
	int			other_dlt;		/* another one among them, or -1 */
	size_t		ngone;			/* files that were removed meanwhile */
};

/*
 * Add to *hits, which begins with all zero; the files are those of dir's list.
 * Returns false, having logged why: too many, out of memory, a bad filter.
 */
extern bool ring_find(const struct ring_dir *dir, const struct ring_query *query,
					  struct ring_hits *hits) __attribute__((warn_unused_result));

/* Sort by time, and leave each packet in once. */
extern void ring_hits_sort(struct ring_hits *hits);

/* The hash of the flow that a packet belongs to; false if there is none. */
extern bool ring_hash_at(const struct ring_dir *dir, uint64_t position, uint64_t *hash);

/* The key with this hash, from the packets that were found; false if no packet tells. */
extern bool ring_key_of(const struct ring_dir *dir, const struct ring_hits *hits,
						uint64_t hash, struct flow_key *key);

/* Make it that of the other direction, for ICMP of the answer; false: it has none. */
extern bool ring_reverse_key(struct flow_key *key);

#endif
