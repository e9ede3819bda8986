/*-------------------------------------------------------------------------
 *
 * Damaged bytes give values or a fault, never a crash or a read outside.
 *
 * Heads and columns of each encoding are cut at every length and changed in
 * every bit, with their checksums made right again, so that the parsers and
 * not the checksums are what is tried.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/crc.h"
#include "format/enc.h"
#include "format/region.h"
#include "sample.h"
#include "tap.h"

static uint64 sum;				/* of all that was read, so that it is read */

static void
use_bytes(const uint8 *bytes, uint32 len)
{
	if (len > 0)
		sum += bytes[0] + bytes[len - 1];
}

/* Read a column as a scan would; gives whether it had no fault. */
static bool
read_column(const FsColumnMeta *meta, uint32 nrows, const uint8 *bytes,
			FsArena *arena, FsFault *fault)
{
	FsColumnReader *reader = fs_column_open(meta, nrows, bytes, meta->len, arena, fault);
	const uint8 *const *ptrs;
	const uint32 *lens;
	const FsAddr *addrs;
	uint32		size;
	uint32		v;
	uint32		i;

	if (!reader)
		return false;
	addrs = fs_column_dict_addrs(reader, &size, fault);
	if (!addrs && size > 0)
		return false;
	for (i = 0; i < size; i++)
		sum += addrs[i].addr[15];
	if (!fs_column_dict_bytes(reader, &size, &ptrs, &lens, fault))
		return false;
	for (i = 0; i < size; i++)
		use_bytes(ptrs[i], lens[i]);
	for (v = 0; v * FS_VECTOR_ROWS < nrows; v++)
	{
		FsVector	vector;
		FsZone		zone;

		fs_column_zone(reader, v, &zone);
		sum += zone.imin + zone.bmax[0];
		if (!fs_column_read(reader, v, &vector, fault))
			return false;
		for (i = 0; i < vector.nrows; i++)
		{
			if (vector.is_null[i])
				continue;
			if (vector.dict_n > 0)
				sum += 1 / (vector.codes[i] < vector.dict_n);
			else if (vector.ints)
				sum += vector.ints[i];
			else if (vector.addrs)
				sum += vector.addrs[i].addr[15];
			else
				use_bytes(vector.ptrs[i], vector.lens[i]);
		}
	}
	return true;
}

/* A copy without a byte to spare, so that the sanitizer sees a read outside. */
static uint8 *
copy_of(const uint8 *bytes, uint32 len)
{
	uint8	   *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, bytes, len);
	return copy;
}

static bool
try_column(FsColumnMeta meta, uint32 nrows, const uint8 *bytes, uint32 len)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	uint8	   *copy = copy_of(bytes, len);
	uint32	   *crcs;
	bool		is_ok;

	meta.len = len;
	crcs = arena->alloc(arena, fs_region_pieces(len) * sizeof(uint32));
	fs_region_sum(copy, len, crcs);
	meta.crcs = crcs;
	is_ok = read_column(&meta, nrows, copy, arena, &fault) || fault.reason[0] != '\0';
	free(copy);
	tap_arena_free(arena);
	return is_ok;
}

static bool
damage_column(const FsColumnMeta *meta, uint32 nrows, const uint8 *bytes)
{
	uint8	   *copy = copy_of(bytes, meta->len);
	uint32		step = meta->len / 1500 + 1;
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < meta->len; i += i < 300 ? 1 : step)
	{
		is_ok &= try_column(*meta, nrows, copy, i);
		copy[i] ^= 1 << (i % 8);
		is_ok &= try_column(*meta, nrows, copy, meta->len);
		copy[i] ^= 1 << (i % 8);
	}
	for (i = 0; i < 8 * Min(meta->len, 120); i++)
	{
		copy[i / 8] ^= 1 << (i % 8);
		is_ok &= try_column(*meta, nrows, copy, meta->len);
		copy[i / 8] ^= 1 << (i % 8);
	}
	free(copy);
	return is_ok;
}

/* The same bytes under a head that lies about them. */
static bool
mislabel_column(const FsColumnMeta *meta, uint32 nrows, const uint8 *bytes)
{
	bool		is_ok = true;
	int			kind;
	int			encoding;
	int			has_bounds;

	for (kind = 0; kind <= 4; kind++)
		for (encoding = 0; encoding <= 8; encoding++)
			for (has_bounds = 0; has_bounds <= 1; has_bounds++)
			{
				FsColumnMeta lie = *meta;

				lie.kind = kind;
				lie.encoding = encoding;
				lie.zone.has_bounds = has_bounds;
				is_ok &= try_column(lie, nrows, bytes, meta->len);
				is_ok &= try_column(lie, nrows > 1 ? nrows - 1 : 2, bytes, meta->len);
			}
	return is_ok;
}

static bool
try_head(const uint8 *bytes, uint32 len)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	uint8	   *copy = copy_of(bytes, len);
	bool		is_ok = true;

	if (len >= 28)
	{
		uint32		crc = fs_crc_of_two(copy, 24, copy + 28, len - 28);

		memcpy(copy + 24, &crc, 4);
	}
	if (!fs_chunk_head_parse(copy, len, arena, &fault))
		is_ok = fault.reason[0] != '\0';
	free(copy);
	tap_arena_free(arena);
	return is_ok;
}

static bool
damage_head(const uint8 *bytes, uint32 head_len)
{
	uint8	   *copy = copy_of(bytes, head_len);
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < head_len; i++)
		is_ok &= try_head(copy, i);
	for (i = 0; i < 8 * head_len; i++)
	{
		copy[i / 8] ^= 1 << (i % 8);
		is_ok &= try_head(copy, head_len);
		copy[i / 8] ^= 1 << (i % 8);
	}
	free(copy);
	return is_ok;
}

static void
check(uint8 kind, uint8 order, SampleRule rule, const char *name)
{
	static const uint32 sizes[] = {1, 300, 2500};
	bool		is_ok = true;
	uint8		encoding = 0;
	int			i;
	int			one_in;

	for (i = 0; i < lengthof(sizes); i++)
		for (one_in = 0; one_in <= 3; one_in += 3)
		{
			FsArena    *arena = tap_arena();
			Sample		sample = sample_make(kind, order, rule, sizes[i], one_in, arena);
			FsFault		fault;
			FsChunkHead *head;
			uint32		len;
			uint32		head_len;
			uint32		version;
			uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
												sizes[i], arena, &len);

			if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
				exit(2);
			is_ok &= damage_head(bytes, head_len);
			head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
			is_ok &= damage_column(&head->cols[0], sizes[i], bytes + head_len);
			is_ok &= mislabel_column(&head->cols[0], sizes[i], bytes + head_len);
			encoding = head->cols[0].encoding;
			tap_arena_free(arena);
		}
	ok(is_ok, "%s (%s): values or a fault", name, fs_encoding_name(encoding));
}

static void
check_crc(void)
{
	FsArena    *arena = tap_arena();
	Sample		sample = sample_make(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, 100, 0, arena);
	FsFault		fault;
	FsChunkHead *head;
	uint32		len;
	uint32		head_len;
	uint32		version;
	uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1, 100, arena, &len);

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		exit(2);
	head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
	bytes[len - 1] ^= 1;
	ok(!fs_column_open(&head->cols[0], 100, bytes + head_len, len - head_len, arena, &fault) &&
	   strstr(fault.reason, "checksum"), "a changed column fails its checksum");
	bytes[40] ^= 1;
	ok(!fs_chunk_head_parse(bytes, head_len, arena, &fault) && strstr(fault.reason, "checksum"),
	   "a changed head fails its checksum");
	bytes[4] = 2;
	ok(!fs_chunk_head_len(bytes, &head_len, &version, &fault) && version == 2,
	   "a newer version is told");
	bytes[0] = 'X';
	ok(!fs_chunk_head_len(bytes, &head_len, &version, &fault) && version == 0,
	   "bytes without magic are no chunk");
	tap_arena_free(arena);
}

int
main(void)
{
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_CONSTANT, "constant integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RUNS, "runs");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, "narrow range");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SKEWED, "outliers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RISING, "rising");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_FEW, "few integers");
	check(FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_DECIMAL, "decimals");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_CONSTANT, "constant address");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_MIXED, "IPv4 and IPv6");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_PREFIXES, "prefixes");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_DISTINCT, "distinct IPv4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_EXTREME, "distinct IPv6");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_CONSTANT, "constant string");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_WORDS, "words");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_RANDOM, "random bytes");
	check_crc();
	printf("# %llu\n", (unsigned long long) sum);
	return tap_done();
}
