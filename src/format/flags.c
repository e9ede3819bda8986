/*-------------------------------------------------------------------------
 *
 * Flags: one bit a row, or a conversation, in vectors.
 *
 *	  offset  size  meaning
 *	       0     1  0: no flag is set, and nothing follows; 1: some are
 *	       1     V  form of each of the V vectors
 *	     1+V     .  for each vector, by its form:
 *				0	nothing, no flag is set
 *				1	nothing, every flag is set
 *				2	bitmap, (flags + 7) / 8 bytes
 *				3	count (1 byte, not 0), flags that are set (2 bytes each)
 *				4	count (1 byte, not 0), flags that are not set
 *
 *	  flags 0 and 2 of 3  ->  01 02 05
 *	  flag 3 of 1024      ->  01 03 01 03 00
 *
 * The shortest form is taken, the lower one if two are equal.
 * Invalid: another form; padding of a bitmap not 0; flags not ascending or
 * not in the vector; a first byte 1 although no flag is set.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/flags.h"
#include "format/kernel.h"

#define FORM_NONE		0
#define FORM_ALL		1
#define FORM_BITMAP		2
#define FORM_SET		3
#define FORM_UNSET		4

#define BITMAP_LEN_MAX	(FS_VECTOR_ROWS / 8)

static inline bool
bit_is_set(const uint8 *bits, uint32 i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

/* Set bits among the n from bit `from` on. */
FS_COUNT_KERNEL static uint32
count_bits(const uint8 *bits, uint32 from, uint32 n)
{
	uint32		count = 0;
	uint32		i = 0;

	if (from % 8 == 0)
		for (bits += from / 8, from = 0; i + 64 <= n; i += 64)
			count += __builtin_popcountll(fs_little_get64(bits + i / 8));
	for (; i < n; i++)
		count += bit_is_set(bits, from + i);
	return count;
}

void
fs_flags_count(const uint8 *bits, const FsShape *units, FsShape *unset)
{
	uint32		v;

	*unset = *units;
	if (!bits)
		return;
	for (v = 0; v < units->nvecs; v++)
	{
		uint32		n = fs_shape_count(units, v);

		unset->start[v + 1] = unset->start[v] + n -
			count_bits(bits, units->start[v], n);
	}
}

static uint8
choose_form(uint32 n, uint32 nset)
{
	uint32		bitmap_len = (n + 7) / 8;

	if (nset == 0)
		return FORM_NONE;
	if (nset == n)
		return FORM_ALL;
	if (nset <= PG_UINT8_MAX && 1 + 2 * nset < bitmap_len)
		return FORM_SET;
	if (n - nset <= PG_UINT8_MAX && 1 + 2 * (n - nset) < bitmap_len)
		return FORM_UNSET;
	return FORM_BITMAP;
}

static void
put_list(const uint8 *bits, uint32 n, bool wanted, FsWriter *out)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (bit_is_set(bits, i) == wanted)
			fs_writer_put_int(out, i, 2);
}

static void
put_vector(const uint8 *bits, uint32 n, uint32 nset, FsWriter *out)
{
	uint8		form = choose_form(n, nset);

	if (form == FORM_BITMAP)
		fs_writer_put(out, bits, (n + 7) / 8);
	else if (form == FORM_SET)
	{
		fs_writer_put_int(out, nset, 1);
		put_list(bits, n, true, out);
	}
	else if (form == FORM_UNSET)
	{
		fs_writer_put_int(out, n - nset, 1);
		put_list(bits, n, false, out);
	}
}

/* n bits from bit `from` on, then zeros to the end of the byte. */
static void
copy_bits(const uint8 *bits, uint32 from, uint32 n, uint8 *dst)
{
	uint32		i;

	if (from % 8 == 0)
	{
		memcpy(dst, bits + from / 8, (n + 7) / 8);
		if (n % 8 != 0)
			dst[n / 8] &= (1 << (n % 8)) - 1;
		return;
	}
	memset(dst, 0, (n + 7) / 8);
	for (i = 0; i < n; i++)
		dst[i / 8] |= bit_is_set(bits, from + i) << (i % 8);
}

void
fs_flags_encode(const uint8 *bits, const FsShape *units,
				const FsShape *unset, FsWriter *out)
{
	bool		is_any = fs_shape_n(unset) < fs_shape_n(units);
	uint8		part[BITMAP_LEN_MAX];
	uint32		v;

	fs_writer_put_int(out, is_any, 1);
	if (!is_any)
		return;
	for (v = 0; v < units->nvecs; v++)
	{
		uint32		n = fs_shape_count(units, v);

		fs_writer_put_int(out, choose_form(n, n - fs_shape_count(unset, v)), 1);
	}
	for (v = 0; v < units->nvecs; v++)
	{
		uint32		n = fs_shape_count(units, v);

		copy_bits(bits, units->start[v], n, part);
		put_vector(part, n, n - fs_shape_count(unset, v), out);
	}
}

/* A list of flags; gives their number, 0 on failure. */
static uint32
open_list(FsCursor *cursor, uint32 n)
{
	uint32		count = fs_cursor_get8(cursor);
	const uint8 *list = fs_cursor_take(cursor, 2 * count);
	uint32		i;

	if (!list)
		return 0;
	if (count == 0)
		fs_cursor_fail(cursor, "empty list of flags");
	for (i = 0; i < count; i++)
	{
		uint32		at = fs_little_get16(list + 2 * i);

		if (at >= n || (i > 0 && at <= fs_little_get16(list + 2 * i - 2)))
		{
			fs_cursor_fail(cursor, "listed flags do not ascend");
			return 0;
		}
	}
	return count;
}

static uint32
open_bitmap(FsCursor *cursor, uint32 n)
{
	const uint8 *bits = fs_cursor_take(cursor, (n + 7) / 8);

	if (!bits)
		return 0;
	if (n % 8 != 0 && bits[n / 8] >> (n % 8) != 0)
		fs_cursor_fail(cursor, "padding of a bitmap is not zero");
	return count_bits(bits, 0, n);
}

/* Parse one vector's part; gives how many flags are set. */
static uint32
open_vector(FsCursor *cursor, uint8 form, uint32 n)
{
	switch (form)
	{
		case FORM_NONE:
			return 0;
		case FORM_ALL:
			return n;
		case FORM_BITMAP:
			return open_bitmap(cursor, n);
		case FORM_SET:
			return open_list(cursor, n);
		case FORM_UNSET:
			return n - open_list(cursor, n);
		default:
			fs_cursor_fail(cursor, "unknown form %d of flags", form);
			return 0;
	}
}

bool
fs_flags_open(FsCursor *cursor, const FsShape *units, FsFlags *flags)
{
	FsShape    *unset = &flags->unset;
	uint8		is_any = fs_cursor_get8(cursor);
	uint32		v;

	*unset = *units;
	flags->units = units;
	flags->is_any = is_any == 1;
	if (is_any > 1)
		return fs_cursor_fail(cursor, "byte for flags is %d", is_any);
	if (is_any == 0)
		return !cursor->failed;
	flags->forms = fs_cursor_take(cursor, units->nvecs);
	if (!flags->forms)
		return false;
	for (v = 0; v < units->nvecs && !cursor->failed; v++)
	{
		uint32		n = fs_shape_count(units, v);

		flags->data[v] = cursor->bytes + cursor->off;
		unset->start[v + 1] = unset->start[v] + n -
			open_vector(cursor, flags->forms[v], n);
	}
	if (cursor->failed)
		return false;
	if (fs_shape_n(unset) == fs_shape_n(units))
		return fs_cursor_fail(cursor, "needless section of flags");
	return true;
}

/* Eight bits as eight bytes of 0 or 1. */
static inline uint64
widen(uint8 bits)
{
	uint64		spread = bits * UINT64CONST(0x0101010101010101) & UINT64CONST(0x8040201008040201);

	return (spread + UINT64CONST(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64CONST(0x0101010101010101);
}

void
fs_flags_read(const FsFlags *flags, uint32 v, bool *values)
{
	uint32		n = fs_shape_count(flags->units, v);
	uint8		form = flags->is_any ? flags->forms[v] : FORM_NONE;
	const uint8 *data = flags->data[v];
	uint32		i;

	if (form == FORM_BITMAP)
	{
		for (i = 0; i < n; i += 8)
			fs_little_put64((uint8 *) values + i, widen(data[i / 8]));
		return;
	}
	memset(values, form == FORM_ALL || form == FORM_UNSET, n);
	if (form == FORM_SET || form == FORM_UNSET)
		for (i = 0; i < data[0]; i++)
			values[fs_little_get16(data + 1 + 2 * i)] = form == FORM_SET;
}

void
fs_flags_bits(const FsFlags *flags, uint32 v, uint64 *bits)
{
	uint32		n = fs_shape_count(flags->units, v);
	uint8		form = flags->is_any ? flags->forms[v] : FORM_NONE;
	const uint8 *data = flags->data[v];
	uint8		bytes[BITMAP_LEN_MAX] = {0};
	uint32		i;

	if (form == FORM_BITMAP)
		memcpy(bytes, data, (n + 7) / 8);
	else if (form == FORM_ALL || form == FORM_UNSET)
	{
		memset(bytes, 0xff, n / 8);
		if (n % 8 != 0)
			bytes[n / 8] = (1 << (n % 8)) - 1;
	}
	if (form == FORM_SET || form == FORM_UNSET)
		for (i = 0; i < data[0]; i++)
		{
			uint32		at = fs_little_get16(data + 1 + 2 * i);

			bytes[at / 8] ^= 1 << (at % 8);
		}
	for (i = 0; i < FS_FLAGS_WORDS; i++)
		bits[i] = fs_little_get64(bytes + 8 * i);
}
