/*-------------------------------------------------------------------------
 *
 * The values of some rows, side by side.
 *
 * dst[i] = src[rows[i]] for i < m.  rows[m] ascends strictly (as from
 * fs_bits_list); dst and src do not overlap.  Cannot fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_COMPACT_H
#define FS_VECTOR_COMPACT_H

#include "format/value.h"

extern void fs_compact_int64(const int64 *src, const uint16 *rows, uint32 m,
							 int64 *dst);
extern void fs_compact_uint32(const uint32 *src, const uint16 *rows, uint32 m,
							  uint32 *dst);
extern void fs_compact_addrs(const FsAddr *src, const uint16 *rows, uint32 m,
							 FsAddr *dst);
extern void fs_compact_ptrs(const uint8 *const *src, const uint16 *rows,
							uint32 m, const uint8 **dst);

#endif							/* FS_VECTOR_COMPACT_H */
