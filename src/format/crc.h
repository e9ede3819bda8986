/*-------------------------------------------------------------------------
 *
 * The checksum of everything on disk: CRC-32C, as WAL and pages of ours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CRC_H
#define FS_FORMAT_CRC_H

#include "c.h"

/* Of a[alen] and b[blen], one after the other. */
extern uint32 fs_crc_of_two(const uint8 *a, size_t alen,
							const uint8 *b, size_t blen);

extern uint32 fs_crc_of(const uint8 *bytes, size_t len);

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
