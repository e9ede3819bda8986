/*-------------------------------------------------------------------------
 *
 * Numbers that every byte on disk depends on.
 *
 * src/format/README.md is the specification; this header only names its
 * constants.  A change here is a change of format version.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_LAYOUT_H
#define FS_FORMAT_LAYOUT_H

#include "c.h"

/* the version that this code writes, and the oldest that it reads */
#define FS_FORMAT_VERSION			1
#define FS_FORMAT_VERSION_OLDEST	1

/* no release will have a greater one: such a number is damage */
#define FS_FORMAT_VERSION_MAX		255

/* "FSCK" read as a little-endian word: the first bytes of a chunk */
#define FS_CHUNK_MAGIC				0x4b435346

/* rows of one column that are decoded together */
#define FS_VECTOR_ROWS				1024

/* most rows of a chunk; a row's place in its chunk fits 16 bits */
#define FS_CHUNK_MAX_ROWS			65536

#define FS_CHUNK_MAX_VECTORS		(FS_CHUNK_MAX_ROWS / FS_VECTOR_ROWS)

/* longest value bound that a zone map keeps; longer ones are cut */
#define FS_ZONE_MAX_LEN				32

/* largest chunk in bytes; a row that does not fit alone is refused */
#define FS_CHUNK_MAX_BYTES			((uint32) 0x40000000)

#endif							/* FS_FORMAT_LAYOUT_H */
