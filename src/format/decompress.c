/*-------------------------------------------------------------------------
 *
 * Decompressing zstd frames.
 *
 * Preparing a context costs as much as decompressing a small block, so there
 * is one for all, in memory of ours: no malloc, nothing to free on an error.
 * Nothing of a frame is left in it for the next.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "format/decompress.h"

/* more than the context of any release so far takes */
#define CONTEXT_SIZE	(192 * 1024)

static struct
{
	ZSTD_DCtx  *context;		/* NULL: not prepared */
	uint64		memory[CONTEXT_SIZE / sizeof(uint64)];
}			decompressor;

const char *
fs_decompress(const uint8 *src, size_t src_len, uint8 *dst, size_t len)
{
	size_t		result;

	if (!decompressor.context)
		decompressor.context = ZSTD_initStaticDCtx(decompressor.memory,
												   sizeof(decompressor.memory));
	if (!decompressor.context)
		return "the library wants more memory";
	result = ZSTD_decompressDCtx(decompressor.context, dst, len, src, src_len);
	if (ZSTD_isError(result))
		return ZSTD_getErrorName(result);
	return result == len ? NULL : "too short";
}
