/*-------------------------------------------------------------------------
 *
 * Blocks of ascending strings.
 *
 *	  size  meaning
 *	     .  sequence of shared lengths: bytes that a string begins with as the
 *			one before does; 0 of the first
 *	     .  sequence of the lengths of what follows in each
 *	     1  codec: 0 stored, 1 one zstd frame that states its content size
 *	     .  to the end: what follows in each, side by side
 *
 * zstd finds what neighbours share, too, but takes three bytes to say it.
 * Invalid: a shared length over that of the string before; more than
 * FS_PINDEX_STRINGS_SIZE bytes in more than one string.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "format/decompress.h"
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

static void
put_numbers(const uint64 *values, uint32 n, FsScratch *scratch, FsWriter *out)
{
	FsShape    *shape = fs_scratch_alloc(scratch, sizeof(FsShape));
	FsSeqInput	in = {values, 0, shape, NULL, false, true};

	fs_shape_init(shape, n);
	fs_seq_encode(&in, scratch, out);
}

static uint64
shared_len(const uint8 *a, uint64 a_len, const uint8 *b, uint64 b_len)
{
	uint64		max = Min(a_len, b_len);
	uint64		len = 0;

	while (len < max && a[len] == b[len])
		len++;
	return len;
}

void
fs_pindex_strings_encode(const uint64 *lens, uint32 n, const uint8 *bytes,
						 FsScratch *scratch, FsWriter *out)
{
	uint64	   *shared = fs_scratch_alloc(scratch, n * sizeof(uint64));
	uint64	   *rests = fs_scratch_alloc(scratch, n * sizeof(uint64));
	uint8	   *dense;
	uint64		len = 0;
	uint64		off = 0;
	uint8	   *codec;
	uint32		i;

	for (i = 0; i < n; i++)
		len += lens[i];
	dense = fs_scratch_alloc(scratch, len + 1);
	len = 0;
	for (i = 0; i < n; off += lens[i++])
	{
		shared[i] = i == 0 ? 0 :
			shared_len(bytes + off - lens[i - 1], lens[i - 1], bytes + off, lens[i]);
		rests[i] = lens[i] - shared[i];
		memcpy(dense + len, bytes + off + shared[i], rests[i]);
		len += rests[i];
	}
	put_numbers(shared, n, scratch, out);
	put_numbers(rests, n, scratch, out);
	codec = fs_writer_reserve(out, 1);
	if (!codec)
		return;
	*codec = FS_PINDEX_CODEC_ZSTD;
	if (put_compressed(dense, len, scratch, out))
		return;
	*codec = FS_PINDEX_CODEC_STORED;
	fs_writer_put(out, dense, len);
}

static const uint8 *
decompress(FsCursor *cursor, const uint8 *src, uint32 stored_len, uint64 len,
		   FsPindexUnpack *unpack)
{
	uint8	   *dst = unpack->temp->alloc(unpack->temp, Max(len, 1));
	const char *wrong = fs_decompress(src, stored_len, dst, len);

	if (!wrong)
		return dst;
	fs_cursor_fail(cursor, "could not decompress strings: %s", wrong);
	return NULL;
}

/* What follows in each string, side by side: len bytes. */
static const uint8 *
decode_rests(FsCursor *cursor, uint64 len, FsPindexUnpack *unpack)
{
	uint8		codec = fs_cursor_get8(cursor);
	uint32		stored_len = cursor->end - cursor->off;
	const uint8 *src = fs_cursor_take(cursor, stored_len);

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
	return codec == FS_PINDEX_CODEC_STORED ? src :
		decompress(cursor, src, stored_len, len, unpack);
}

/* Sum up shared lengths and the rests; the lengths take their place. */
static bool
add_lengths(FsCursor *cursor, const uint64 *shared, uint32 n, uint64 *lens,
			uint64 *rests_len, uint64 *len)
{
	uint32		i;

	*rests_len = 0;
	*len = 0;
	for (i = 0; i < n; i++)
	{
		if (lens[i] > DECODED_MAX || shared[i] > (i == 0 ? 0 : lens[i - 1]))
			return fs_cursor_fail(cursor, "lengths of string %u", i);
		*rests_len += lens[i];
		lens[i] += shared[i];
		*len += lens[i];
		if (*len > (n == 1 ? DECODED_MAX : FS_PINDEX_STRINGS_SIZE))
			return fs_cursor_fail(cursor, "strings are too long for a block");
	}
	return true;
}

const uint8 *
fs_pindex_strings_decode(FsCursor *cursor, uint32 n, FsPindexUnpack *unpack,
						 uint64 **lens)
{
	FsArena    *temp = unpack->temp;
	FsArena    *arena = unpack->arena;
	uint64	   *shared = fs_seq_load(cursor, n, temp);
	uint64		rests_len;
	uint64		len;
	const uint8 *rests;
	uint8	   *bytes;
	uint8	   *dst;
	uint32		i;

	*lens = shared ? fs_seq_load(cursor, n, temp) : NULL;
	if (!*lens || !add_lengths(cursor, shared, n, *lens, &rests_len, &len))
		return NULL;
	rests = decode_rests(cursor, rests_len, unpack);
	if (!rests)
		return NULL;
	dst = bytes = arena->alloc(arena, Max(len, 1));
	for (i = 0; i < n; i++)
	{
		uint64		rest = (*lens)[i] - shared[i];

		if (i > 0)
			memcpy(dst, dst - (*lens)[i - 1], shared[i]);
		memcpy(dst + shared[i], rests, rest);
		dst += (*lens)[i];
		rests += rest;
	}
	return bytes;
}
