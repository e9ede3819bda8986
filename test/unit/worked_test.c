/*-------------------------------------------------------------------------
 *
 * The worked examples of the format's specification are what is written.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/roundtrip.h"
#include "tap.h"

static const FsColumnSpec int_spec = {1, FS_KIND_INT, FS_ORDER_INT, 4, NULL, NULL};
static const FsColumnSpec float_spec = {1, FS_KIND_INT, FS_ORDER_FLOAT4, 4, NULL, NULL};
static const FsColumnSpec addr_spec = {1, FS_KIND_ADDR, FS_ORDER_ADDR, 0, NULL, NULL};
static const FsColumnSpec bytes_spec = {1, FS_KIND_BYTES, FS_ORDER_NONE, 0, NULL, NULL};

/* Bytes from hex digits with blanks; gives how many. */
static uint32
from_hex(const char *hex, uint8 *bytes)
{
	uint32		len = 0;
	unsigned	byte;

	for (; *hex; hex++)
		if (*hex != ' ')
		{
			sscanf(hex++, "%2x", &byte);
			bytes[len++] = byte;
		}
	return len;
}

/* Encode one column; compares its bytes, or the chunk's, with hex. */
static void
check(const FsColumnSpec *spec, FsColumnValues values, uint32 nrows,
	  bool whole, const char *hex, const char *name)
{
	FsArena    *arena = tap_arena();
	FsChunkInput in = {spec, &values, 1, nrows, NULL, NULL};
	FsFault		fault = {"", 0};
	uint8		expected[512];
	uint32		expected_len = from_hex(hex, expected);
	uint32		len;
	uint32		head_len;
	uint32		version;
	uint8	   *bytes = fs_chunk_encode(spec, &values, 1, nrows, arena, &len);

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		exit(2);
	if (whole)
		head_len = 0;
	ok_bytes(bytes + head_len, len - head_len, expected, expected_len, name);
	ok(fs_roundtrip_check(&in, bytes, len, arena, &fault), "%s: comes back", name);
	tap_arena_free(arena);
}

static void
check_ints(void)
{
	static const int64 ports[] = {443, 443, 80, 53};
	static const int64 thousands[] = {1000, 3000, 2000};
	static const float floats[] = {0.5f, 0.25f, 1.5f, 2.0f};
	FsColumnSpec spec = int_spec;
	FsColumnValues values = {0};
	int64		mapped[4];
	int64		many[1025];
	char		hex[1024] = "00 03 03 38 06 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 "
		"02 01 01 00 00 07 ";
	int			i;

	values.ints = ports;
	spec.id = 3;
	check(&spec, values, 4, true,
		  "46 53 43 4b 01 00 00 00 48 00 00 00 61 00 00 00 04 00 00 00 01 00 00 00 3d 69 e1 81 00 00 00 00"
		  "03 00 01 01 04 02 01 00 48 00 00 00 19 00 00 00 00 00 00 00"
		  "35 00 00 00 00 00 00 00 bb 01 00 00 00 00 00 00 6d fd c4 6d 00"
		  "00 35 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 02 00 08 82 82 09 00",
		  "a chunk of four ports");
	values.ints = thousands;
	check(&int_spec, values, 3, false,
		  "00 00 e8 03 00 00 00 00 00 00 e8 03 00 00 00 00 00 00 02 00 02 18", "thousands");
	for (i = 0; i < 4; i++)
	{
		uint32		bits;

		memcpy(&bits, &floats[i], sizeof(bits));
		mapped[i] = fs_float4_to_int(bits);
	}
	values.ints = mapped;
	check(&float_spec, values, 4, false,
		  "00 03 19 00 00 00 00 00 00 00 19 00 00 00 00 00 00 00 02 00 03 41 0f", "float4");
	for (i = 0; i < 1025; i++)
		many[i] = i < 1024 ? i % 2 : 7;
	values.ints = many;
	for (i = 0; i < 32; i++)
		strcat(hex, i % 2 ? "ff ff ff ff " : "00 00 00 00 ");
	check(&int_spec, values, 1025, false, hex, "two vectors with their bounds");
}

static void
check_addrs(void)
{
	static const FsAddr one[] = {
		{4, 32, {10, 0, 0, 1}}, {4, 32, {10, 0, 0, 1}}, {4, 32, {10, 0, 0, 1}}
	};
	static const FsAddr two[] = {
		{4, 32, {10, 0, 0, 9}}, {4, 32, {10, 0, 0, 1}},
		{4, 32, {10, 0, 0, 9}}, {4, 32, {10, 0, 0, 1}}
	};
	static const FsAddr plain[] = {
		{6, 128, {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
		{6, 128, {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}}
	};
	FsColumnValues values = {0};

	values.addrs = one;
	check(&addr_spec, values, 3, false,
		  "00 01 00 00 00 00 00 00 00 01 01 00 00 0a 00 00 00 00 01 00 00 00 00 00 00 00 00",
		  "one address");
	values.addrs = two;
	check(&addr_spec, values, 4, false,
		  "00 02 00 00 00 00 00 00 00 02 04 04 01 00 00 0a 80 01 00 00 00 00 00 00 00 00 02 00 01 05",
		  "two addresses");
	values.addrs = plain;
	check(&addr_spec, values, 2, false,
		  "00 06 01 00 00 00 00 b8 0d 01 20 02 01 02 01 08 01 00 00 00 00 00 00 00 00",
		  "distinct addresses");
}

static void
check_bytes(void)
{
	static const uint32 offs[] = {0, 3, 7, 10, 13};
	FsColumnValues values = {0};

	values.offs = offs;
	values.bytes = (const uint8 *) "dnshttpdnsdns";
	check(&bytes_spec, values, 4, false,
		  "00 02 00 00 00 02 01 01 03 02 01 00 01 00 07 00 00 00 64 6e 73 68 74 74 70 02 00 01 02",
		  "strings");
}

static void
check_null(void)
{
	static const int64 ints[3] = {1, 2, 3};
	FsColumnValues values = {0};

	values.ints = ints;
	values.nulls = (const uint8 *) "\x07";
	check(&int_spec, values, 3, false, "", "nulls only");
}

int
main(void)
{
	check_ints();
	check_addrs();
	check_bytes();
	check_null();
	return tap_done();
}
