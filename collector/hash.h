/*-------------------------------------------------------------------------
 *
 * Keyed hashing for tables that strangers fill.
 *
 * With a random key nobody outside can choose flows that meet in one bucket.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HASH_H
#define COLLECTOR_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key
{
	uint64_t	k[2];
};

/* A key from the kernel's random numbers; exits if there are none. */
extern struct hash_key hash_key_random(void);

/* The same key for the same seed, for repeatable tests. */
extern struct hash_key hash_key_seeded(uint64_t seed);

/* Hash of data[len].  len must be a multiple of 8.  Cannot fail. */
extern uint64_t hash_words(const struct hash_key *key, const void *data,
						   size_t len);

#endif
