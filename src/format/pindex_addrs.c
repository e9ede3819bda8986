/*-------------------------------------------------------------------------
 *
 * Blocks of ascending addresses of one family.
 *
 *	  size  meaning
 *	     1  0: all prefix lengths are full; 1: some are not
 *	     2  IPv4, two or more: bytes of what follows
 *	     .  IPv4: each but the first, less the one before, in classes of the
 *			domain (classed.c)
 *	     4  without classes: the last address less the first
 *	     .  without classes: all but the first, less the first, as rising integers
 *			up to that (rising.h), from a whole byte to a whole byte
 *	     .  IPv6: sequence of upper halves, sequence of lower halves
 *	     .  if 1: sequence of missing bits
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_layout.h"
#include "format/seq.h"

static inline int
full_bits(uint8 family)
{
	return family == 4 ? 32 : 128;
}

static void
encode_gaps(const FsAddrNumber *values, uint32 n, const FsClassedPlan *gaps,
			FsWriter *out)
{
	uint64		rest[FS_PINDEX_BLOCK];
	uint8	   *len = fs_writer_reserve(out, 2);
	uint32		i;

	for (i = 1; i < n; i++)
		rest[i - 1] = values[i].lo - values[i - 1].lo;
	if (len)
		fs_little_put16(len, (uint16) fs_classed_encode(gaps, rest, n - 1, 0, out));
}

static void
encode_rising(const FsAddrNumber *values, uint32 n, FsWriter *out)
{
	uint64		rest[FS_PINDEX_BLOCK];
	uint64		max = values[n - 1].lo - values[0].lo;
	uint64		len;
	uint8	   *stream;
	uint32		i;

	fs_writer_put_int(out, max, 4);
	for (i = 1; i < n; i++)
		rest[i - 1] = values[i].lo - values[0].lo;
	len = (fs_rising_bits(n - 1, max) + 7) / 8;
	stream = fs_writer_reserve(out, len + FS_RISING_PADDING);
	if (!stream)
		return;
	memset(stream, 0, len + FS_RISING_PADDING);
	fs_rising_write(rest, n - 1, max, stream, 0);
	out->len -= FS_RISING_PADDING;
}

/* One part of each value: 0 upper halves, 1 lower halves, 2 missing bits. */
static void
encode_part(const FsAddrNumber *values, uint32 n, int part,
			FsScratch *scratch, FsWriter *out)
{
	uint64		parts[FS_PINDEX_BLOCK];
	FsShape    *shape = fs_scratch_alloc(scratch, sizeof(FsShape));
	FsSeqInput	in = {parts, 0, shape, NULL, false, true};
	uint32		i;

	for (i = 0; i < n; i++)
		parts[i] = part == 0 ? values[i].hi : part == 1 ? values[i].lo :
			(uint64) (full_bits(values[i].family) - values[i].bits);
	fs_shape_init(shape, n);
	fs_seq_encode(&in, scratch, out);
}

void
fs_pindex_addrs_encode(const FsAddrNumber *values, uint32 n,
					   const FsClassedPlan *gaps, FsScratch *scratch,
					   FsWriter *out)
{
	bool		is_short = false;
	uint32		i;

	for (i = 0; i < n; i++)
		is_short |= values[i].bits != full_bits(values[i].family);
	fs_writer_put_int(out, is_short, 1);
	if (values[0].family == 4 && n > 1)
	{
		if (gaps->count > 0)
			encode_gaps(values, n, gaps, out);
		else
			encode_rising(values, n, out);
	}
	else if (values[0].family == 6)
	{
		encode_part(values, n, 0, scratch, out);
		encode_part(values, n, 1, scratch, out);
	}
	if (is_short)
		encode_part(values, n, 2, scratch, out);
}

static bool
decode_gaps(FsCursor *cursor, uint32 n, const FsClassed *gaps,
			FsAddrNumber *values)
{
	uint64		rest[FS_PINDEX_BLOCK];
	uint32		len = fs_cursor_get16(cursor);
	const uint8 *bytes = fs_cursor_take(cursor, len);
	FsAddrNumber value = values[0];
	uint64		all = 0;
	const char *wrong;
	uint32		i;

	if (!bytes)
		return false;
	wrong = fs_classed_read(gaps, bytes, len, n - 1, 0, rest);
	if (wrong)
		return fs_cursor_fail(cursor, "%s", wrong);
	for (i = 0; i < n - 1; i++)
		all |= rest[i];
	if (all > PG_UINT32_MAX)
		return fs_cursor_fail(cursor, "address exceeds 32 bits");
	for (i = 1; i < n; i++)
	{
		value.lo += rest[i - 1];
		values[i] = value;
	}
	return value.lo <= PG_UINT32_MAX ||
		fs_cursor_fail(cursor, "address exceeds 32 bits");
}

static bool
decode_rising(FsCursor *cursor, uint32 n, FsAddrNumber *values)
{
	uint64		rest[FS_PINDEX_BLOCK];
	uint64		max = fs_cursor_get32(cursor);
	uint64		bits = fs_rising_bits(n - 1, max);
	const uint8 *stream = fs_cursor_take(cursor, (bits + 7) / 8);
	uint32		i;

	if (!stream)
		return false;
	if (max > PG_UINT32_MAX - values[0].lo ||
		(bits % 8 != 0 && stream[bits / 8] >> (bits % 8) != 0) ||
		!fs_rising_read(stream, 0, n - 1, max, rest) || rest[n - 2] != max)
		return fs_cursor_fail(cursor, "addresses do not ascend");
	for (i = 1; i < n; i++)
	{
		values[i] = values[0];
		values[i].lo += rest[i - 1];
	}
	return true;
}

static bool
decode_v4(FsCursor *cursor, uint32 n, const FsClassed *gaps,
		  FsAddrNumber *values)
{
	if (n == 1)
		return true;
	return gaps->count > 0 ? decode_gaps(cursor, n, gaps, values) :
		decode_rising(cursor, n, values);
}

static bool
decode_v6(FsCursor *cursor, uint32 n, FsArena *arena, FsAddrNumber *values)
{
	uint64	   *hi = fs_seq_load(cursor, n, arena);
	uint64	   *lo = hi ? fs_seq_load(cursor, n, arena) : NULL;
	uint32		i;

	if (!lo)
		return false;
	if (hi[0] != values[0].hi || lo[0] != values[0].lo)
		return fs_cursor_fail(cursor, "block does not begin with its first address");
	for (i = 1; i < n; i++)
	{
		values[i] = values[0];
		values[i].hi = hi[i];
		values[i].lo = lo[i];
	}
	return true;
}

static bool
decode_bits(FsCursor *cursor, uint32 n, FsArena *arena, FsAddrNumber *values)
{
	int			full = full_bits(values[0].family);
	uint64	   *missing = fs_seq_load(cursor, n, arena);
	uint32		i;

	if (!missing)
		return false;
	for (i = 0; i < n; i++)
	{
		if (missing[i] > full)
			return fs_cursor_fail(cursor, "prefix length of address %u", i);
		values[i].bits = (uint8) (full - missing[i]);
	}
	return true;
}

/* Of one family. */
static inline bool
ascends(const FsAddrNumber *a, const FsAddrNumber *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi;
	return a->lo != b->lo ? a->lo < b->lo : a->bits < b->bits;
}

/* values[n]; of first the family and the address are known. */
bool
fs_pindex_addrs_decode(FsCursor *cursor, uint32 n, const FsAddrNumber *first,
					   const FsClassed *gaps, FsArena *arena,
					   FsAddrNumber *values)
{
	uint8		is_short = fs_cursor_get8(cursor);
	uint32		i;

	if (is_short > 1)
		return fs_cursor_fail(cursor, "byte for prefix lengths is %d", is_short);
	values[0] = *first;
	values[0].bits = full_bits(first->family);
	if (first->family == 4 ? !decode_v4(cursor, n, gaps, values) :
		!decode_v6(cursor, n, arena, values))
		return false;
	if (is_short && !decode_bits(cursor, n, arena, values))
		return false;
	for (i = 1; i < n; i++)
		if (!ascends(&values[i - 1], &values[i]))
			return fs_cursor_fail(cursor, "addresses do not ascend");
	return fs_cursor_finish(cursor);
}
