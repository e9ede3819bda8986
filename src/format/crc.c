/*-------------------------------------------------------------------------
 *
 * The checksum of everything on disk.
 *
 * The processor's instruction takes one step of eight bytes a cycle but gives
 * its result after three, so three streams run side by side.  Streams are
 * joined by moving a checksum over the bytes that follow it as if they were
 * zero: it is linear, so four tables of a byte each do that for LANE bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "port/pg_crc32c.h"

#include "format/crc.h"
#include "format/kernel.h"
#include "format/little.h"

#ifdef FS_HAS_AVX2

#include <nmmintrin.h>

#define LANE	1024

static struct
{
	bool		is_made;
	uint32		tables[4][256];
}			moves;

#define FS_CRC	__attribute__((target("sse4.2")))

FS_CRC static uint32
move_slowly(uint32 crc)
{
	uint64		state = crc;
	uint32		i;

	for (i = 0; i < LANE; i += 8)
		state = _mm_crc32_u64(state, 0);
	return (uint32) state;
}

static void
make_moves(void)
{
	uint32		i;
	uint32		byte;
	int			t;

	for (t = 0; t < 4; t++)
	{
		uint32		bits[8];

		for (i = 0; i < 8; i++)
			bits[i] = move_slowly((uint32) 1 << (8 * t + i));
		for (byte = 0; byte < 256; byte++)
		{
			moves.tables[t][byte] = 0;
			for (i = 0; i < 8; i++)
				moves.tables[t][byte] ^= byte >> i & 1 ? bits[i] : 0;
		}
	}
	moves.is_made = true;
}

static inline uint32
move(uint32 crc)
{
	return moves.tables[0][crc & 0xff] ^ moves.tables[1][crc >> 8 & 0xff] ^
		moves.tables[2][crc >> 16 & 0xff] ^ moves.tables[3][crc >> 24];
}

/* Three lanes at a time; gives how many bytes were taken. */
FS_CRC static size_t
add_lanes(uint32 *crc, const uint8 *bytes, size_t len)
{
	size_t		done;
	uint32		i;

	if (len >= 3 * LANE && !moves.is_made)
		make_moves();
	for (done = 0; len - done >= 3 * LANE; done += 3 * LANE, bytes += 3 * LANE)
	{
		uint64		a = *crc;
		uint64		b = 0;
		uint64		c = 0;

		for (i = 0; i < LANE; i += 8)
		{
			a = _mm_crc32_u64(a, fs_little_get64(bytes + i));
			b = _mm_crc32_u64(b, fs_little_get64(bytes + LANE + i));
			c = _mm_crc32_u64(c, fs_little_get64(bytes + 2 * LANE + i));
		}
		*crc = move(move((uint32) a) ^ (uint32) b) ^ (uint32) c;
	}
	return done;
}

#endif

uint32
fs_crc_of_two(const uint8 *a, size_t alen, const uint8 *b, size_t blen)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, a, alen);
#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
	{
		size_t		done = add_lanes(&crc, b, blen);

		b += done;
		blen -= done;
	}
#endif
	COMP_CRC32C(crc, b, blen);
	FIN_CRC32C(crc);
	return crc;
}

uint32
fs_crc_of(const uint8 *bytes, size_t len)
{
	return fs_crc_of_two(bytes, 0, bytes, len);
}
