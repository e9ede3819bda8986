/*-------------------------------------------------------------------------
 *
 * A cursor over bytes that are not to be trusted.
 *
 * It never reads at or after end; of a region it loads what it reads.  The first failure is kept, with its
 * offset, in *fault; from then on the cursor is failed, numbers read as 0
 * and fs_cursor_take() gives NULL.  So a parser may read several fields and
 * look at `failed` once, before it uses a length or a pointer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CURSOR_H
#define FS_FORMAT_CURSOR_H

#include "format/column.h"
#include "format/little.h"
#include "format/region.h"

typedef struct FsCursor
{
	const uint8 *bytes;			/* [end] */
	uint32		off;			/* of the next byte */
	uint32		end;
	bool		failed;
	FsFault    *fault;
	FsRegion   *region;			/* or NULL: all bytes are there */
} FsCursor;

extern void fs_cursor_init(FsCursor *cursor, const uint8 *bytes, uint32 len,
						   FsFault *fault);

/* Over a region, from its first byte to its last. */
extern void fs_cursor_init_region(FsCursor *cursor, FsRegion *region,
								  FsFault *fault);

/* Note a failure at the cursor's place, unless there is one; gives false. */
extern bool fs_cursor_fail(FsCursor *cursor, const char *fmt,...)
			pg_attribute_printf(2, 3);

/* The same without a cursor. */
extern bool fs_fault_set(FsFault *fault, uint32 off, const char *fmt,...)
			pg_attribute_printf(3, 4);

/* The next len bytes, or NULL if there are not as many. */
extern const uint8 *fs_cursor_take(FsCursor *cursor, uint64 len);

/* The same, not loaded: who reads them needs them first (region.h). */
extern const uint8 *fs_cursor_skip(FsCursor *cursor, uint64 len);

/* Fails unless every byte was read; gives false if the cursor is failed. */
extern bool fs_cursor_finish(FsCursor *cursor)
			__attribute__((warn_unused_result));

static inline uint8
fs_cursor_get8(FsCursor *cursor)
{
	const uint8 *p = fs_cursor_take(cursor, 1);

	return p ? *p : 0;
}

static inline uint16
fs_cursor_get16(FsCursor *cursor)
{
	const uint8 *p = fs_cursor_take(cursor, 2);

	return p ? fs_little_get16(p) : 0;
}

static inline uint32
fs_cursor_get32(FsCursor *cursor)
{
	const uint8 *p = fs_cursor_take(cursor, 4);

	return p ? fs_little_get32(p) : 0;
}

static inline uint64
fs_cursor_get64(FsCursor *cursor)
{
	const uint8 *p = fs_cursor_take(cursor, 8);

	return p ? fs_little_get64(p) : 0;
}

#endif							/* FS_FORMAT_CURSOR_H */
