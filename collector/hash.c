/*-------------------------------------------------------------------------
 *
 * SipHash-1-3: one round a word, three at the end.
 *
 * Words are taken in host byte order, so values differ between machines;
 * nothing stores them.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 *
 *-------------------------------------------------------------------------
 */
#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "hash.h"
#include "log.h"

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

struct hash_key
hash_key_random(void)
{
	struct hash_key key;

	if (getrandom(&key, sizeof(key), 0) != (ssize_t) sizeof(key))
		fatal("could not get random numbers");
	return key;
}

struct hash_key
hash_key_seeded(uint64_t seed)
{
	struct hash_key key = {{seed, ~seed}};

	return key;
}

uint64_t
hash_words(const struct hash_key *key, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t	v[4];

	assert(len % 8 == 0);
	v[0] = key->k[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = key->k[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = key->k[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = key->k[1] ^ UINT64_C(0x7465646279746573);
	for (size_t off = 0; off < len; off += 8)
	{
		uint64_t	word;

		memcpy(&word, p + off, sizeof(word));
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	v[3] ^= (uint64_t) len << 56;
	sip_round(v);
	v[0] ^= (uint64_t) len << 56;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
