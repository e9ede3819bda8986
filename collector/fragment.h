/*-------------------------------------------------------------------------
 *
 * First fragments: which ports do the later ones belong to?
 *
 * Only the first fragment of an IP packet has the transport header.  This
 * table remembers its ports for the rest.  Nothing is reassembled.
 *
 * Memory: FRAGMENT_SLOTS * sizeof(struct fragment) = 4096 * 56 bytes, fixed.
 * In a full set of four the oldest is overwritten.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FRAGMENT_H
#define COLLECTOR_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "flow.h"
#include "hash.h"

#define FRAGMENT_SLOTS	4096
#define FRAGMENT_TIMEOUT_US	(30 * INT64_C(1000000))	/* RFC 1122 3.3.2 asks 60 */

struct fragment_key
{
	struct flow_addr src;
	struct flow_addr dst;
	uint8_t		proto;			/* IPv4 only; 0 for IPv6, RFC 8200 4.5 */
	uint8_t		zero;			/* always 0 */
	uint32_t	id;				/* host order */
};

_Static_assert(sizeof(struct fragment_key) == 40, "hashed as five words");

struct fragment
{
	struct fragment_key key;
	int64_t		time_us;		/* packet time; 0: slot is free */
	uint16_t	src_port;
	uint16_t	dst_port;
	uint8_t		proto;			/* of the transport header */
	bool		is_tunnel;		/* the packet inside was metered */
};

_Static_assert(sizeof(struct fragment) == 56, "the bound above");

struct fragment_table
{
	struct hash_key hash_key;
	struct fragment slots[FRAGMENT_SLOTS];
};

/*
 * Add a first fragment, or replace it if the same is there, and return its
 * place, which is valid until the next fragment_add.  Cannot fail.
 */
extern struct fragment *fragment_add(struct fragment_table *table,
									 const struct fragment *first);

/*
 * The first fragment with this key, seen at most FRAGMENT_TIMEOUT_US away
 * from time_us, or NULL.  Valid until the next fragment_add.
 */
extern const struct fragment *fragment_find(const struct fragment_table *table,
											const struct fragment_key *key,
											int64_t time_us);

#endif
