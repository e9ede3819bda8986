/*-------------------------------------------------------------------------
 *
 * A chunk gives back every value that went in, whatever the column holds.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/enc.h"
#include "format/roundtrip.h"
#include "sample.h"
#include "tap.h"

static const uint32 sizes[] = {1, 2, 7, 63, 960, 961, 1023, 1024, 1025, 3000, 65536};
static const uint32 nulls[] = {0, 1, 2, 3, 1000};

static void
check(uint8 kind, uint8 order, SampleRule rule, const char *name)
{
	uint8		last = 0;
	uint32		last_len = 0;
	bool		is_ok = true;
	int			i;
	int			j;

	for (i = 0; i < lengthof(sizes); i++)
		for (j = 0; j < lengthof(nulls); j++)
		{
			FsArena    *arena = tap_arena();
			Sample		sample = sample_make(kind, order, rule, sizes[i], nulls[j], arena);
			FsChunkInput in = {&sample.spec, &sample.values, 1, sample.nrows, NULL, NULL};
			FsFault		fault = {"", 0};
			FsChunkHead *head;
			uint32		len;
			uint32		head_len;
			uint32		version;
			uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
												sizes[i], arena, &len);

			if (!bytes || !fs_roundtrip_check(&in, bytes, len, arena, &fault))
			{
				printf("# %s, %u rows, nulls %u: %s at %u\n", name, sizes[i],
					   nulls[j], fault.reason, fault.off);
				is_ok = false;
			}
			else if (nulls[j] == 0 && fs_chunk_head_len(bytes, &head_len, &version, &fault))
			{
				head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
				last = head->cols[0].encoding;
				last_len = len;
			}
			tap_arena_free(arena);
		}
	ok(is_ok, "%s: values come back (%s, %.3f bytes a row)", name,
	   fs_encoding_name(last), last_len / 65536.0);
}

int
main(void)
{
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_CONSTANT, "constant integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RUNS, "runs");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, "narrow range");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SKEWED, "outliers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RISING, "rising");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_MILLISECONDS, "milliseconds");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_FEW, "few integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RANDOM, "random integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_EXTREME, "extreme integers");
	check(FS_KIND_INT, FS_ORDER_UINT, SAMPLE_EXTREME, "extreme unsigned integers");
	check(FS_KIND_INT, FS_ORDER_UINT, SAMPLE_RANDOM, "random unsigned integers");
	check(FS_KIND_INT, FS_ORDER_NONE, SAMPLE_SMALL, "integers without order");
	check(FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_DECIMAL, "float8 of two digits");
	check(FS_KIND_INT, FS_ORDER_FLOAT4, SAMPLE_DECIMAL, "float4 of two digits");
	check(FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_FLOATS, "odd float8");
	check(FS_KIND_INT, FS_ORDER_FLOAT4, SAMPLE_FLOATS, "odd float4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_CONSTANT, "constant address");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_V4, "IPv4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_V6, "IPv6");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_MIXED, "IPv4 and IPv6");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_PREFIXES, "prefixes");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_DISTINCT, "distinct IPv4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_EXTREME, "distinct IPv6");
	check(FS_KIND_ADDR, FS_ORDER_NONE, SAMPLE_MIXED, "addresses without order");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_CONSTANT, "constant string");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_WORDS, "words");
	check(FS_KIND_BYTES, FS_ORDER_CALLBACK, SAMPLE_WORDS, "words with an order of their own");
	check(FS_KIND_BYTES, FS_ORDER_NONE, SAMPLE_WORDS, "words without order");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_DISTINCT, "distinct strings");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_RANDOM, "random bytes");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_LONG, "long strings");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_EMPTY, "empty strings");
	return tap_done();
}
