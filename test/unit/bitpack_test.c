/*-------------------------------------------------------------------------
 *
 * Packed bits have the documented places, and every width comes back.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "tap.h"

static void
worked_stream(void)
{
	static const uint64 values[] = {443, 443, 80, 53};
	static const uint8 expected[] = {0x86, 0x0d, 0x6f, 0x00, 0x00};
	uint8		bytes[5];

	fs_bitpack_pack(values, 4, 9, 53, bytes);
	ok_bytes(bytes, 5, expected, 5, "443 443 80 53 as a stream");
	ok(fs_bitpack_len(4, 9) == 5, "its length");
}

static void
worked_lanes(void)
{
	uint64		values[FS_VECTOR_ROWS] = {0};
	uint8		expected[128] = {1, 0, 0, 0, 2};
	uint8		bytes[128];

	values[0] = 1;
	values[33] = 1;
	fs_bitpack_pack(values, FS_VECTOR_ROWS, 1, 0, bytes);
	ok_bytes(bytes, 128, expected, 128, "values 0 and 33 in lanes");
}

/* One width and count: all ways to read agree with what was written. */
static bool
check(int w, uint32 n, uint64 *state)
{
	uint64		values[FS_VECTOR_ROWS];
	uint64		wide[FS_VECTOR_ROWS];
	uint32		narrow[FS_VECTOR_ROWS];
	uint64		mask = w == 64 ? ~UINT64CONST(0) : (UINT64CONST(1) << w) - 1;
	uint64		base = tap_random(state);
	uint32		len = fs_bitpack_len(n, w);
	uint8	   *bytes = malloc(len + 1);
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < n; i++)
		values[i] = base + (tap_random(state) & mask);
	bytes[len] = 0xaa;
	fs_bitpack_pack(values, n, w, base, bytes);
	is_ok &= bytes[len] == 0xaa && fs_bitpack_is_clean(bytes, n, w);
	fs_bitpack_unpack(bytes, n, w, base, wide);
	if (w <= 32)
		fs_bitpack_unpack32(bytes, n, w, (uint32) base, narrow);
	for (i = 0; i < n; i++)
		is_ok &= wide[i] == values[i] &&
			fs_bitpack_get(bytes, n, w, i) == values[i] - base &&
			(w > 32 || narrow[i] == (uint32) values[i]);
	free(bytes);
	return is_ok;
}

static void
padding(void)
{
	uint64		values[FS_VECTOR_ROWS] = {0};
	uint8		bytes[1024] = {0};

	fs_bitpack_pack(values, 5, 5, 0, bytes);
	bytes[3] = 0x02;
	ok(!fs_bitpack_is_clean(bytes, 5, 5), "padding of a stream is seen");
	bytes[3] = 0x01;
	ok(fs_bitpack_is_clean(bytes, 5, 5), "its last value is no padding");
	fs_bitpack_pack(values, 1000, 7, 0, bytes);
	bytes[7 * 128 - 1] = 0x80;
	ok(!fs_bitpack_is_clean(bytes, 1000, 7), "padding of lanes is seen");
}

int
main(void)
{
	static const uint32 counts[] = {0, 1, 5, 31, 32, 33, 63, 64, 65, 500, 960, 961, 1000, 1023, 1024};
	uint64		state = 1;
	int			w;
	int			i;

	worked_stream();
	worked_lanes();
	for (w = 0; w <= 64; w++)
	{
		bool		is_ok = true;

		for (i = 0; i < lengthof(counts); i++)
			is_ok &= check(w, counts[i], &state);
		ok(is_ok, "width %d comes back", w);
	}
	ok(fs_bitpack_width(0) == 0 && fs_bitpack_width(1) == 1 &&
	   fs_bitpack_width(255) == 8 && fs_bitpack_width(256) == 9 &&
	   fs_bitpack_width(~UINT64CONST(0)) == 64, "width of a number");
	padding();
	return tap_done();
}
