/*-------------------------------------------------------------------------
 *
 * Byte strings in blocks.
 *
 *	   size  meaning
 *	      .  sequence of lengths (seq.c)
 *	      2  B: blocks, 1 .. V
 *	    6*B  of each block:
 *				1  vectors in it, not 0; they add up to V
 *				1  codec: 0 stored, 1 zstd frame with its content size
 *				4  bytes in the file
 *	      .  the blocks
 *
 *	  "dns" "http"  ->  02 01 01 03 02  01 00  01 00 07 00 00 00
 *						64 6e 73 68 74 74 70
 *
 * A block ends before the vector that would make it longer than 64 KiB; a
 * longer vector is a block of its own.  The length of a decompressed block
 * is the sum of its values' lengths, at most FS_CHUNK_MAX_BYTES.
 * Invalid: another codec; a block that has or gives another length; a ratio
 * over 32768, more than a zstd frame can have, since a block of 128 KiB in
 * it takes four bytes (RFC 8878, 3.1.1.2).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

/* for contexts in memory of ours: no malloc, nothing to free on an error */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "format/blocks.h"
#include "format/decompress.h"

#define BLOCK_SIZE			(64 * 1024)
#define BLOCK_HEAD_LEN		6
#define COMPRESS_MIN_LEN	64
#define COMPRESS_LEVEL		1
#define RATIO_MAX			32768

#define CODEC_STORED		0
#define CODEC_ZSTD			1
#define CODEC_LAST			CODEC_ZSTD

/* A fuzzer's inputs are small; what they claim to hold shall be, too. */
#ifdef FS_FUZZING
#define DECODED_MAX			(16 * 1024 * 1024)
#else
#define DECODED_MAX			FS_CHUNK_MAX_BYTES
#endif

static uint64
sum_lens(const uint64 *lens, const FsShape *shape, uint32 v)
{
	uint64		sum = 0;
	uint32		i;

	for (i = shape->start[v]; i < shape->start[v + 1]; i++)
		sum += lens[i];
	return sum;
}

/* Write one block; gives its codec.  Compressed it must save a tenth. */
static uint8
encode_block(const uint8 *bytes, uint64 len, ZSTD_CCtx *compressor,
			 FsWriter *out)
{
	uint64		room = Min(len - len / 10, out->cap - out->len);
	size_t		result;

	if (len >= COMPRESS_MIN_LEN && !out->is_full)
	{
		result = ZSTD_compressCCtx(compressor, out->bytes + out->len, room,
								   bytes, len, COMPRESS_LEVEL);
		if (!ZSTD_isError(result))
		{
			out->len += (uint32) result;
			return CODEC_ZSTD;
		}
	}
	fs_writer_put(out, bytes, len);
	return CODEC_STORED;
}

/* Vectors from v on that make up one block, and their bytes. */
static uint32
cut_block(const uint64 *lens, const FsShape *shape, uint32 v, uint64 *len)
{
	uint32		first = v;

	*len = sum_lens(lens, shape, v++);
	for (; v < shape->nvecs; v++)
	{
		uint64		more = sum_lens(lens, shape, v);

		if (*len + more > BLOCK_SIZE)
			break;
		*len += more;
	}
	return v - first;
}

void
fs_blocks_encode(const uint8 *bytes, const uint64 *lens,
				 const FsShape *shape, FsScratch *scratch, FsWriter *out)
{
	FsSeqInput	in = {lens, 0, shape, NULL, false};
	size_t		size = ZSTD_estimateCCtxSize(COMPRESS_LEVEL);
	ZSTD_CCtx  *compressor = ZSTD_initStaticCCtx(fs_scratch_alloc(scratch, size), size);
	uint8	   *head;
	uint32		count = 0;
	uint32		v;
	uint64		len;

	fs_seq_encode(&in, scratch, out);
	for (v = 0; v < shape->nvecs; count++)
		v += cut_block(lens, shape, v, &len);
	fs_writer_put_int(out, count, 2);
	head = fs_writer_reserve(out, count * BLOCK_HEAD_LEN);
	if (!head)
		return;
	for (v = 0; v < shape->nvecs; head += BLOCK_HEAD_LEN)
	{
		uint32		start;

		head[0] = cut_block(lens, shape, v, &len);
		v += head[0];
		start = out->len;
		head[1] = encode_block(bytes, len, compressor, out);
		fs_little_put32(head + 2, out->len - start);
		bytes += len;
	}
}

bool
fs_blocks_open(FsCursor *cursor, const FsShape *shape, FsArena *arena,
			   FsBlocks *blocks)
{
	uint32		b;

	memset(blocks, 0, offsetof(FsBlocks, vec_off));
	blocks->arena = arena;
	blocks->loaded = -1;
	if (!fs_seq_open(cursor, shape, arena, &blocks->lens))
		return false;
	blocks->count = fs_cursor_get16(cursor);
	if (blocks->count > shape->nvecs)
		return fs_cursor_fail(cursor, "%u blocks of %u vectors",
							  blocks->count, shape->nvecs);
	for (b = 0; b < blocks->count; b++)
	{
		uint32		nvecs = fs_cursor_get8(cursor);
		uint32		len;

		blocks->codecs[b] = fs_cursor_get8(cursor);
		len = fs_cursor_get32(cursor);
		if (nvecs == 0 || nvecs > shape->nvecs - blocks->first_vec[b])
			return fs_cursor_fail(cursor, "block of %u vectors", nvecs);
		if (blocks->codecs[b] > CODEC_LAST)
			return fs_cursor_fail(cursor, "unknown codec %d", blocks->codecs[b]);
		if (len > cursor->end - blocks->off[b])
			return fs_cursor_fail(cursor, "block of %u bytes is too long", len);
		blocks->first_vec[b + 1] = blocks->first_vec[b] + nvecs;
		blocks->off[b + 1] = blocks->off[b] + len;
	}
	if (!cursor->failed && blocks->first_vec[b] != shape->nvecs)
		return fs_cursor_fail(cursor, "blocks do not hold all vectors");
	blocks->payload_off = cursor->off;
	blocks->region = cursor->region;
	blocks->payload = fs_cursor_skip(cursor, blocks->off[b]);
	return !cursor->failed;
}

/*
 * Decode the lengths of vector v to lens and add them to *sum, which must
 * not pass the limit.
 */
static bool
read_lens(FsBlocks *blocks, uint32 v, uint32 *lens, uint64 *sum,
		  FsFault *fault)
{
	uint32		n = fs_shape_count(blocks->lens.shape, v);
	uint32		i;

	if (!fs_seq_read32(&blocks->lens, v, DECODED_MAX + 1, lens, fault))
		return false;
	for (i = 0; i < n; i++)
		*sum += lens[i];
	if (*sum > DECODED_MAX)
		return fs_fault_set(fault, blocks->payload_off,
							"block exceeds %u bytes", (uint32) DECODED_MAX);
	return true;
}

/* Load block b, and check that it may have len bytes, before memory is taken. */
static bool
check_block(FsBlocks *blocks, uint32 b, uint64 len, FsFault *fault)
{
	uint64		stored_len = blocks->off[b + 1] - blocks->off[b];
	const uint8 *src = blocks->payload + blocks->off[b];
	uint32		off = blocks->payload_off + blocks->off[b];

	if (!fs_region_need(blocks->region, off, (uint32) stored_len, fault))
		return false;
	if (blocks->codecs[b] == CODEC_STORED)
		return stored_len == len ||
			fs_fault_set(fault, off, "block length does not fit its values");
	if (len > stored_len * RATIO_MAX ||
		ZSTD_getFrameContentSize(src, stored_len) != len)
		return fs_fault_set(fault, off, "compressed length does not fit its values");
	return true;
}

/* Decompress block b, which check_block() accepted, to dst[len]. */
static bool
decompress_block(FsBlocks *blocks, uint32 b, uint8 *dst, uint64 len,
				 FsFault *fault)
{
	uint32		stored_len = blocks->off[b + 1] - blocks->off[b];
	const uint8 *src = blocks->payload + blocks->off[b];
	const char *wrong;

	if (blocks->codecs[b] == CODEC_STORED)
	{
		memcpy(dst, src, len);
		return true;
	}
	wrong = fs_decompress(src, stored_len, dst, len);
	return !wrong || fs_fault_set(fault, blocks->payload_off + blocks->off[b],
								  "could not decompress block: %s", wrong);
}

/* Make block b the loaded one. */
static bool
load_block(FsBlocks *blocks, uint32 b, FsFault *fault)
{
	uint32		lens[FS_VECTOR_ROWS];
	uint64		sum = 0;
	uint32		v;

	blocks->loaded = -1;
	for (v = blocks->first_vec[b]; v < blocks->first_vec[b + 1]; v++)
	{
		blocks->vec_off[v] = sum;
		if (!read_lens(blocks, v, lens, &sum, fault))
			return false;
	}
	if (!check_block(blocks, b, sum, fault))
		return false;
	if (blocks->codecs[b] == CODEC_STORED)
		blocks->bytes = unconstify(uint8 *, blocks->payload + blocks->off[b]);
	else
	{
		if (!blocks->buffer || blocks->cap < sum)
		{
			blocks->cap = Max(sum, BLOCK_SIZE);
			blocks->buffer = blocks->arena->alloc(blocks->arena, blocks->cap);
		}
		blocks->bytes = blocks->buffer;
		if (!decompress_block(blocks, b, blocks->buffer, sum, fault))
			return false;
	}
	blocks->loaded = (int) b;
	return true;
}

static uint32
find_block(const FsBlocks *blocks, uint32 v)
{
	uint32		b = 0;

	while (blocks->first_vec[b + 1] <= v)
		b++;
	return b;
}

/* ptrs[n]: values of these lengths side by side; gives the end of the last. */
static const uint8 *
set_ptrs(const uint8 *bytes, const uint32 *lens, uint32 n, const uint8 **ptrs)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		ptrs[i] = bytes;
		bytes += lens[i];
	}
	return bytes;
}

bool
fs_blocks_read(FsBlocks *blocks, uint32 v, const uint8 **ptrs, uint32 *lens,
			   FsFault *fault)
{
	uint32		b = find_block(blocks, v);
	uint64		sum = 0;

	if (blocks->loaded != (int) b && !load_block(blocks, b, fault))
		return false;
	if (!read_lens(blocks, v, lens, &sum, fault))
		return false;
	set_ptrs(blocks->bytes + blocks->vec_off[v], lens,
			 fs_shape_count(blocks->lens.shape, v), ptrs);
	return true;
}

bool
fs_blocks_read_all(FsBlocks *blocks, const uint8 **ptrs, uint32 *lens,
				   FsFault *fault)
{
	const FsShape *shape = blocks->lens.shape;
	uint64		ends[FS_CHUNK_MAX_VECTORS];
	uint64		sum = 0;
	uint8	   *bytes;
	uint32		v = 0;
	uint32		b;

	for (b = 0; b < blocks->count; b++)
	{
		uint64		start = sum;

		for (; v < blocks->first_vec[b + 1]; v++)
			if (!read_lens(blocks, v, lens + shape->start[v], &sum, fault))
				return false;
		if (!check_block(blocks, b, sum - start, fault))
			return false;
		ends[b] = sum;
	}
	bytes = blocks->arena->alloc(blocks->arena, Max(sum, 1));
	for (b = 0; b < blocks->count; b++)
	{
		uint64		start = b > 0 ? ends[b - 1] : 0;

		if (!decompress_block(blocks, b, bytes + start, ends[b] - start, fault))
			return false;
	}
	set_ptrs(bytes, lens, fs_shape_n(shape), ptrs);
	return true;
}
