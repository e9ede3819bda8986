/*-------------------------------------------------------------------------
 *
 * The values of some rows, side by side.
 *
 * Rows without a gap are copied at once.  Gather instructions are no faster
 * than loads here: the source is in the first cache, and the list is read in
 * order.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/compact.h"

static inline bool
has_no_gap(const uint16 *rows, uint32 m)
{
	return (uint32) (rows[m - 1] - rows[0]) == m - 1;
}

#define COMPACT(name, type) \
void \
name(const type *src, const uint16 *rows, uint32 m, type *dst) \
{ \
	uint32		i; \
	if (m == 0) \
		return; \
	if (has_no_gap(rows, m)) \
	{ \
		memcpy(dst, src + rows[0], m * sizeof(type)); \
		return; \
	} \
	for (i = 0; i + 4 <= m; i += 4) \
	{ \
		type		a = src[rows[i]]; \
		type		b = src[rows[i + 1]]; \
		type		c = src[rows[i + 2]]; \
		type		d = src[rows[i + 3]]; \
		dst[i] = a; \
		dst[i + 1] = b; \
		dst[i + 2] = c; \
		dst[i + 3] = d; \
	} \
	for (; i < m; i++) \
		dst[i] = src[rows[i]]; \
}

typedef const uint8 *Pointer8;

COMPACT(fs_compact_int64, int64)
COMPACT(fs_compact_uint32, uint32)
COMPACT(fs_compact_addrs, FsAddr)
COMPACT(fs_compact_ptrs, Pointer8)
