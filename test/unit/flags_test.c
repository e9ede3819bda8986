/*-------------------------------------------------------------------------
 *
 * Flags have the documented bytes and mark the right rows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/flags.h"
#include "tap.h"

static uint8 buffer[FS_FLAGS_BOUND];

static uint32
encode(const uint8 *bits, uint32 nrows)
{
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsShape		units;
	FsShape		unset;

	fs_shape_init(&units, nrows);
	fs_flags_count(bits, &units, &unset);
	fs_flags_encode(bits, &units, &unset, &out);
	return out.is_full ? 0 : out.len;
}

static bool
is_back(const uint8 *bits, uint32 nrows, uint32 len)
{
	FsCursor	cursor;
	FsFault		fault;
	FsFlags		flags;
	FsShape		units;
	bool		values[FS_VECTOR_ROWS];
	uint32		i;

	fs_shape_init(&units, nrows);
	fs_cursor_init(&cursor, buffer, len, &fault);
	if (!fs_flags_open(&cursor, &units, &flags) || !fs_cursor_finish(&cursor))
		return false;
	for (i = 0; i < nrows; i++)
	{
		if (i % FS_VECTOR_ROWS == 0)
			fs_flags_read(&flags, i / FS_VECTOR_ROWS, values);
		if (values[i % FS_VECTOR_ROWS] != (bits[i / 8] >> (i % 8) & 1))
			return false;
	}
	return true;
}

static void
worked(void)
{
	uint8		bits[128] = {0x05};

	ok_bytes(buffer, encode(bits, 3), "\x01\x02\x05", 3, "rows 0 and 2 of 3");
	bits[0] = 0x08;
	ok_bytes(buffer, encode(bits, 1024), "\x01\x03\x01\x03\x00", 5, "row 3 of 1024");
	memset(bits, 0xff, sizeof(bits));
	bits[127] = 0x7f;
	ok_bytes(buffer, encode(bits, 1024), "\x01\x04\x01\xff\x03", 5, "all but row 1023");
	ok_bytes(buffer, encode(NULL, 1024), "\x00", 1, "none");
}

static void
densities(void)
{
	static uint8 bits[FS_CHUNK_MAX_ROWS / 8];
	uint64		state = 3;
	int			one_in;

	for (one_in = 1; one_in <= 4096; one_in *= 2)
	{
		bool		is_ok = true;
		uint32		nrows;

		for (nrows = 2; nrows <= FS_CHUNK_MAX_ROWS; nrows *= 2)
		{
			uint32		i;
			uint32		len;

			memset(bits, 0, sizeof(bits));
			for (i = 1; i < nrows - 1; i++)
				if (tap_below(&state, one_in) == 0)
					bits[i / 8] |= 1 << (i % 8);
			bits[0] |= 1;
			len = encode(bits, nrows - 1);
			is_ok &= nrows == 2 || (len > 0 && is_back(bits, nrows - 1, len)) ||
				one_in == 1;
		}
		ok(is_ok, "one flag in %d is set", one_in);
	}
}

static void
fault(const char *bytes, uint32 len, uint32 nrows, const char *name)
{
	FsCursor	cursor;
	FsFault		fault;
	FsFlags		flags;
	FsShape		units;

	fs_shape_init(&units, nrows);
	fs_cursor_init(&cursor, (const uint8 *) bytes, len, &fault);
	ok(!fs_flags_open(&cursor, &units, &flags), "%s is a fault", name);
}

int
main(void)
{
	worked();
	densities();
	fault("\x02", 1, 3, "another first byte");
	fault("\x01\x05", 2, 3, "another form");
	fault("\x01\x02\x09", 3, 3, "padding");
	fault("\x01\x03\x02\x05\x00\x05\x00", 7, 1024, "a flag twice");
	fault("\x01\x03\x01\x00\x04", 5, 1024, "a flag outside");
	fault("\x01\x03\x00", 3, 1024, "an empty list");
	fault("\x01\x00", 2, 1024, "a section without flags");
	fault("\x01\x02\x01", 3, 1024, "a short bitmap");
	return tap_done();
}
