/*-------------------------------------------------------------------------
 *
 * Decompressing zstd frames.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_DECOMPRESS_H
#define FS_FORMAT_DECOMPRESS_H

#include "c.h"

/*
 * Decompress the frame src[src_len], which must give exactly len bytes, to
 * dst[len].  Returns NULL, or what is wrong with it.
 */
extern const char *fs_decompress(const uint8 *src, size_t src_len, uint8 *dst,
								 size_t len);

#endif							/* FS_FORMAT_DECOMPRESS_H */
