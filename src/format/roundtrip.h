/*-------------------------------------------------------------------------
 *
 * Proof that a chunk gives back what went in, for builds with assertions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ROUNDTRIP_H
#define FS_FORMAT_ROUNDTRIP_H

#include "format/chunk.h"

#ifdef USE_ASSERT_CHECKING
#define FS_CHECK_ROUNDTRIP
#endif

/*
 * Decode bytes[len] and compare.  Returns false and says in *fault which
 * column differs; needs memory for all columns' readers.
 */
extern bool fs_roundtrip_check(const FsChunkInput *in, const uint8 *bytes,
							   uint32 len, FsArena *arena, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_ROUNDTRIP_H */
