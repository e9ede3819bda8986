/*-------------------------------------------------------------------------
 *
 * What writer and reader of the partition index have in common.
 *
 * The bytes are specified in README.md, section 7.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_LAYOUT_H
#define FS_FORMAT_PINDEX_LAYOUT_H

#include "format/addrmap.h"
#include "format/classed.h"
#include "format/crc.h"
#include "format/cursor.h"
#include "format/lists.h"
#include "format/pindex_write.h"
#include "format/writer.h"

/* "FSPX" read as a little-endian word */
#define FS_PINDEX_MAGIC			0x58505346

#define FS_PINDEX_CRC_OFF		24
#define FS_PINDEX_CRC_END		28
#define FS_PINDEX_ENTRY_LEN		24	/* of a domain or group, less its columns */
#define FS_PINDEX_CRC_LEN		4	/* at the end of each block */

/* values of a block of addresses, keys or lists */
#define FS_PINDEX_BLOCK			FS_LISTS_BLOCK

/* values of a block of strings, and their bytes unless there is only one */
#define FS_PINDEX_STRINGS		1024
#define FS_PINDEX_STRINGS_SIZE	(64 * 1024)

/* longest separator of two blocks of strings */
#define FS_PINDEX_SEPARATOR_MAX	255


/* values of a block of an attribute table */
#define FS_PINDEX_TABLE			FS_VECTOR_ROWS

#define FS_PINDEX_CODEC_STORED	0
#define FS_PINDEX_CODEC_ZSTD	1

static inline uint32
fs_pindex_blocks_of(uint32 n)
{
	return n / FS_PINDEX_BLOCK + (n % FS_PINDEX_BLOCK != 0);
}

/* Blocks of up to FS_PINDEX_BLOCK addresses of one family (pindex_addrs.c). */
#define FS_PINDEX_ADDRS_BOUND	(64 + FS_PINDEX_BLOCK * 40)

extern void fs_pindex_addrs_encode(const FsAddrNumber *values, uint32 n,
								   const FsClassedPlan *gaps,
								   FsScratch *scratch, FsWriter *out);
extern bool fs_pindex_addrs_decode(FsCursor *cursor, uint32 n,
								   const FsAddrNumber *first,
								   const FsClassed *gaps, FsArena *arena,
								   FsAddrNumber *values)
			__attribute__((warn_unused_result));

/* A block of strings: values[n] side by side (pindex_strings.c). */
static inline uint64
fs_pindex_strings_bound(uint64 len)
{
	return 1 + 2 * (64 + 9 * FS_PINDEX_STRINGS) + len;
}

extern void fs_pindex_strings_encode(const uint64 *lens, uint32 n,
									 const uint8 *bytes, FsScratch *scratch,
									 FsWriter *out);

/* What decoding blocks of strings needs. */
typedef struct FsPindexUnpack
{
	FsArena    *temp;			/* of one call */
	FsArena    *arena;
} FsPindexUnpack;

/* lens[n] come from temp, the bytes from arena. */
extern const uint8 *fs_pindex_strings_decode(FsCursor *cursor, uint32 n,
											 FsPindexUnpack *unpack,
											 uint64 **lens);

#endif							/* FS_FORMAT_PINDEX_LAYOUT_H */
