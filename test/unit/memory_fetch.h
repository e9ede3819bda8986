/*-------------------------------------------------------------------------
 *
 * A partition index that lies in memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_MEMORY_FETCH_H
#define FS_TEST_MEMORY_FETCH_H

#include "format/pindex.h"

typedef struct MemoryFetch
{
	FsPindexFetch fetch;
	const uint8 *bytes;
	uint32		len;
} MemoryFetch;

static inline bool
memory_fetch_get(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
				 FsFault *fault)
{
	MemoryFetch *memory = (MemoryFetch *) fetch;

	if (off > memory->len || len > memory->len - off)
		abort();				/* the reader must know better */
	memcpy(dst, memory->bytes + off, len);
	return true;
}

static inline MemoryFetch
memory_fetch(const uint8 *bytes, uint32 len)
{
	MemoryFetch memory = {{memory_fetch_get}, bytes, len};

	return memory;
}

#endif							/* FS_TEST_MEMORY_FETCH_H */
