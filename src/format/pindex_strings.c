/*-------------------------------------------------------------------------
 *
 * Blocks of ascending strings.
 *
 *	  size  meaning
 *	     .  sequence of lengths
 *	     1  codec: 0 stored, 1 one zstd frame that states its content size
 *	     .  to the end: the strings, side by side
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "format/pindex_layout.h"
#include "format/seq.h"

#define COMPRESS_MIN_LEN	64
#define COMPRESS_LEVEL		6

/* as for blocks of columns, blocks.c */
#define RATIO_MAX			32768
#ifdef FS_FUZZING
#define DECODED_MAX			(16 * 1024 * 1024)
#else
#define DECODED_MAX			FS_CHUNK_MAX_BYTES
#endif

/* Compress if that saves a tenth; gives whether it did. */
static bool
put_compressed(const uint8 *bytes, uint64 len, FsScratch *scratch,
			   FsWriter *out)
{
	uint64		room;
	size_t		size;
	size_t		result;
	ZSTD_CCtx  *compressor;

	if (len < COMPRESS_MIN_LEN || out->is_full)
		return false;
	size = ZSTD_estimateCCtxSize_usingCParams(ZSTD_getCParams(COMPRESS_LEVEL, len, 0));
	compressor = ZSTD_initStaticCCtx(fs_scratch_alloc(scratch, size), size);
	room = Min(len - len / 10, out->cap - out->len);
	result = ZSTD_compressCCtx(compressor, out->bytes + out->len, room, bytes,
							   len, COMPRESS_LEVEL);
	if (ZSTD_isError(result))
		return false;
	out->len += (uint32) result;
	return true;
}

void
fs_pindex_strings_encode(const uint64 *lens, uint32 n, const uint8 *bytes,
						 FsScratch *scratch, FsWriter *out)
{
	uint64		len = 0;
	uint8	   *codec;
	uint32		i;

	for (i = 0; i < n; i++)
		len += lens[i];
	fs_seq_encode_values(lens, n, scratch, out);
	codec = fs_writer_reserve(out, 1);
	if (!codec)
		return;
	*codec = FS_PINDEX_CODEC_ZSTD;
	if (put_compressed(bytes, len, scratch, out))
		return;
	*codec = FS_PINDEX_CODEC_STORED;
	fs_writer_put(out, bytes, len);
}

static const uint8 *
decompress(FsCursor *cursor, const uint8 *src, uint32 stored_len, uint64 len,
		   FsArena *temp, uint8 *dst)
{
	size_t		size = ZSTD_estimateDCtxSize();
	ZSTD_DCtx  *decompressor = ZSTD_initStaticDCtx(temp->alloc(temp, size), size);
	size_t		result = ZSTD_decompressDCtx(decompressor, dst, len, src, stored_len);

	if (!ZSTD_isError(result) && result == len)
		return dst;
	fs_cursor_fail(cursor, "could not decompress strings: %s",
				   ZSTD_isError(result) ? ZSTD_getErrorName(result) : "too short");
	return NULL;
}

const uint8 *
fs_pindex_strings_decode(FsCursor *cursor, uint32 n, FsArena *temp,
						 FsArena *arena, uint64 **lens)
{
	uint64		len = 0;
	uint8		codec;
	uint32		stored_len;
	const uint8 *src;
	uint8	   *dst;
	uint32		i;

	*lens = fs_seq_load(cursor, n, temp);
	if (!*lens)
		return NULL;
	for (i = 0; i < n && len <= DECODED_MAX; i++)
		len += (*lens)[i] > DECODED_MAX ? (uint64) DECODED_MAX + 1 : (*lens)[i];
	codec = fs_cursor_get8(cursor);
	stored_len = cursor->end - cursor->off;
	src = fs_cursor_take(cursor, stored_len);
	if (!src)
		return NULL;
	if (codec > FS_PINDEX_CODEC_ZSTD || len > DECODED_MAX ||
		(codec == FS_PINDEX_CODEC_STORED && stored_len != len) ||
		(codec == FS_PINDEX_CODEC_ZSTD &&
		 (len > (uint64) stored_len * RATIO_MAX ||
		  ZSTD_getFrameContentSize(src, stored_len) != len)))
	{
		fs_cursor_fail(cursor, "strings of codec %d do not fit their lengths", codec);
		return NULL;
	}
	dst = arena->alloc(arena, Max(len, 1));
	if (codec == FS_PINDEX_CODEC_ZSTD)
		return decompress(cursor, src, stored_len, len, temp, dst);
	memcpy(dst, src, len);
	return dst;
}
