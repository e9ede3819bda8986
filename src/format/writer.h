/*-------------------------------------------------------------------------
 *
 * Bytes being written, in one piece of memory of known size.
 *
 * What does not fit is dropped and is_full is set, once and for all: an
 * encoder goes on and its caller looks at is_full at the end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_WRITER_H
#define FS_FORMAT_WRITER_H

#include "format/little.h"

typedef struct FsWriter
{
	uint8	   *bytes;			/* [cap] */
	uint32		len;
	uint32		cap;
	bool		is_full;
} FsWriter;

/* Room for len bytes, to be filled by the caller; NULL if it is full. */
static inline uint8 *
fs_writer_reserve(FsWriter *writer, uint64 len)
{
	uint8	   *p = writer->bytes + writer->len;

	if (writer->is_full || len > writer->cap - writer->len)
	{
		writer->is_full = true;
		return NULL;
	}
	writer->len += (uint32) len;
	return p;
}

static inline void
fs_writer_put(FsWriter *writer, const void *bytes, uint64 len)
{
	uint8	   *p = fs_writer_reserve(writer, len);

	if (p && len > 0)
		memcpy(p, bytes, len);
}

/* The low len bytes of x, little endian. */
static inline void
fs_writer_put_int(FsWriter *writer, uint64 x, int len)
{
	uint8	   *p = fs_writer_reserve(writer, len);

	if (p)
		fs_little_put(p, x, len);
}

#endif							/* FS_FORMAT_WRITER_H */
