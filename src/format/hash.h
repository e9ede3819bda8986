/*-------------------------------------------------------------------------
 *
 * Hash functions of the encoders' tables.
 *
 * Values come from strangers, who could aim them at one slot.  Each table
 * therefore takes a seed from its place in memory, which the kernel makes
 * up anew for each process; no byte that is written depends on it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_HASH_H
#define FS_FORMAT_HASH_H

#include "format/little.h"

/* an odd number without pattern: 2^64 divided by the golden ratio */
#define FS_HASH_MULTIPLIER	UINT64CONST(0x9e3779b97f4a7c15)

static inline uint64
fs_hash_mix(uint64 x)
{
	x ^= x >> 32;
	x *= FS_HASH_MULTIPLIER;
	return x ^ (x >> 29);
}

static inline uint64
fs_hash_seed(const void *place)
{
	return fs_hash_mix((uint64) (uintptr_t) place) | 1;
}

/* The high bits are the good ones. */
static inline uint64
fs_hash_int(uint64 key, uint64 seed)
{
	key *= seed;
	return (key ^ (key >> 32)) * FS_HASH_MULTIPLIER;
}

static inline uint64
fs_hash_bytes(const uint8 *bytes, uint32 len, uint64 seed)
{
	uint64		h = seed ^ len;
	uint32		i;

	for (i = 0; i + 8 <= len; i += 8)
		h = fs_hash_mix((h ^ fs_little_get64(bytes + i)) * seed);
	if (i < len && len >= 8)
		h ^= fs_little_get64(bytes + len - 8);
	else if (len > 0)
		h ^= fs_little_get(bytes + i, len - i);
	return fs_hash_int(h, seed);
}

#endif							/* FS_FORMAT_HASH_H */
