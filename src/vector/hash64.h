/*-------------------------------------------------------------------------
 *
 * Hashes of 64 bits that are the same everywhere and for ever.
 *
 * Sketches that are kept in tables depend on them: no secret goes in, and no
 * property of the machine.  Each step is a bijection of the state, so two
 * words never collide; of longer images, as good as random.
 *
 * Somebody who chooses the values can choose their hashes.
 *
 * Source: the finisher of MurmurHash3 with the constants of Stafford's mix 13
 * (as in SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_HASH64_H
#define FS_VECTOR_HASH64_H

#include "c.h"

static inline uint64
fs_hash64_word(uint64 word)
{
	word += UINT64CONST(0x9e3779b97f4a7c15);
	word = (word ^ (word >> 30)) * UINT64CONST(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64CONST(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

/* Of an image: its length, then its bytes as little-endian words, zero filled. */
static inline uint64
fs_hash64_bytes(const void *image, uint32 len)
{
	const uint8 *p = image;
	uint64		hash = fs_hash64_word(len);

	for (;;)
	{
		uint64		word = 0;
		uint32		n = Min(len, 8);

		for (uint32 i = 0; i < n; i++)
			word |= (uint64) p[i] << (8 * i);
		hash = fs_hash64_word(hash ^ word);
		if (len <= 8)
			return hash;
		p += 8;
		len -= 8;
	}
}

#endif							/* FS_VECTOR_HASH64_H */
