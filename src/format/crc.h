/*-------------------------------------------------------------------------
 *
 * The checksum of everything on disk: CRC-32C, as WAL and pages of ours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CRC_H
#define FS_FORMAT_CRC_H

#include "c.h"
#include "port/pg_crc32c.h"

/* Of a[alen] and b[blen], one after the other. */
static inline uint32
fs_crc_of_two(const uint8 *a, size_t alen, const uint8 *b, size_t blen)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, a, alen);
	COMP_CRC32C(crc, b, blen);
	FIN_CRC32C(crc);
	return crc;
}

static inline uint32
fs_crc_of(const uint8 *bytes, size_t len)
{
	return fs_crc_of_two(bytes, len, bytes, 0);
}

/* A fuzzer cannot guess checksums, so in its build they are all right. */
static inline bool
fs_crc_is_right(uint32 computed, uint32 stored)
{
#ifdef FS_FUZZING
	return true;
#else
	return computed == stored;
#endif
}

#endif							/* FS_FORMAT_CRC_H */
