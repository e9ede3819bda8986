/*-------------------------------------------------------------------------
 *
 * Dictionaries whose values belong to a domain.
 *
 *	   size  meaning
 *	      2  number of the domain; 0: the dictionary is that of the swap's
 *			 other column, and nothing follows
 *	      4  codes of the domain
 *	      4  D: codes of the subset, 1 .. 65536, not more than the domain's
 *	      1  form
 *	      .  form 0: nothing, all codes of the domain are in the subset
 *			 form 1: bitmap of the domain's codes
 *			 form 2: sequence of D numbers, how many codes were left out
 *					 before each
 *
 *	  codes 0, 2 and 3 of domain 1 with 5 codes
 *		->  01 00  05 00 00 00  03 00 00 00  01 0d
 *
 * Bounds of V > 1 vectors:
 *
 *	      1  w: bits of a bound, 0..16
 *	      .  V smallest codes, w bits each
 *	      .  V largest codes
 *
 * Invalid: a count out of range, another form, padding, codes beyond the
 * domain's; bounds that are reversed or no codes.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrs.h"
#include "format/bitpack.h"
#include "format/bytes.h"
#include "format/coded.h"
#include "format/kernel.h"

#define FORM_ALL	0
#define FORM_BITMAP	1
#define FORM_GAPS	2

static uint64 *
mark_codes(const FsColumnValues *const *columns, uint32 n, uint32 nrows,
		   uint32 nwords, FsScratch *scratch)
{
	uint64	   *words = fs_scratch_alloc(scratch, nwords * sizeof(uint64));
	uint32		k;
	uint32		i;

	memset(words, 0, nwords * sizeof(uint64));
	for (k = 0; k < n; k++)
		for (i = 0; i < nrows; i++)
			if (!fs_encoder_is_null(columns[k], i))
				words[columns[k]->codes[i] / 64] |= UINT64CONST(1) << (columns[k]->codes[i] % 64);
	return words;
}

/* The subset, and how many codes of it are below each word. */
static uint32
list_codes(const uint64 *words, uint32 nwords, uint32 *codes, uint32 *below)
{
	uint32		count = 0;
	uint32		w;

	for (w = 0; w < nwords; w++)
	{
		uint64		rest = words[w];

		below[w] = count;
		for (; rest != 0; rest &= rest - 1)
			codes[count++] = w * 64 + __builtin_ctzll(rest);
	}
	return count;
}

bool
fs_coded_build(const FsColumnValues *const *columns, uint32 n, uint32 nrows,
			   FsScratch *scratch, FsCoded *coded, uint32 **dense)
{
	uint32		nwords = columns[0]->domain_size / 64 + 1;
	uint64	   *words = mark_codes(columns, n, nrows, nwords, scratch);
	uint32	   *below = fs_scratch_alloc(scratch, nwords * sizeof(uint32));
	uint32		k;
	uint32		i;

	coded->domain = columns[0]->domain;
	coded->size = columns[0]->domain_size;
	coded->codes = fs_scratch_alloc(scratch, (n * nrows + 1) * sizeof(uint32));
	coded->count = list_codes(words, nwords, coded->codes, below);
	if (coded->count == 0 || coded->count > FS_CODED_MAX)
		return false;
	for (k = 0; k < n; k++)
		for (i = 0; i < nrows; i++)
		{
			uint32		code = columns[k]->codes[i];

			if (fs_encoder_is_null(columns[k], i))
				dense[k][i] = 0;
			else
				dense[k][i] = below[code / 64] +
					__builtin_popcountll(words[code / 64] &
										 ((UINT64CONST(1) << (code % 64)) - 1));
		}
	return true;
}

static void
encode_bitmap(const FsCoded *coded, FsWriter *out)
{
	uint32		len = (coded->size + 7) / 8;
	uint8	   *bits = fs_writer_reserve(out, len);
	uint32		i;

	if (!bits)
		return;
	memset(bits, 0, len);
	for (i = 0; i < coded->count; i++)
		bits[coded->codes[i] / 8] |= 1 << (coded->codes[i] % 8);
}

void
fs_coded_encode(const FsCoded *coded, FsScratch *scratch, FsWriter *out)
{
	uint64	   *gaps = fs_scratch_alloc(scratch, coded->count * sizeof(uint64));
	uint32		start;
	uint32		i;

	fs_writer_put_int(out, coded->domain, 2);
	fs_writer_put_int(out, coded->size, 4);
	fs_writer_put_int(out, coded->count, 4);
	if (coded->count == coded->size)
	{
		fs_writer_put_int(out, FORM_ALL, 1);
		return;
	}
	start = out->len;
	for (i = 0; i < coded->count; i++)
		gaps[i] = coded->codes[i] - (i > 0 ? coded->codes[i - 1] + 1 : 0);
	fs_writer_put_int(out, FORM_GAPS, 1);
	fs_seq_encode_values(gaps, coded->count, scratch, out);
	if (out->is_full || (coded->size + 7) / 8 >= out->len - start - 1)
		return;
	out->len = start;
	fs_writer_put_int(out, FORM_BITMAP, 1);
	encode_bitmap(coded, out);
}

/* The set bits of size, as codes[max]; gives how many, more than max: stopped. */
FS_COUNT_KERNEL static uint32
list_bits(const uint8 *bits, uint32 size, uint32 *codes, uint32 max)
{
	uint32		len = (size + 7) / 8;
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < len; i += 8)
	{
		uint64		word = len - i >= 8 ? fs_little_get64(bits + i) : fs_little_get(bits + i, len - i);
		uint32		end = count + __builtin_popcountll(word);

		if (end > max)
			return end;
		for (; count < end; word &= word - 1)
			codes[count++] = i * 8 + __builtin_ctzll(word);
	}
	return count;
}

static bool
open_bitmap(FsCursor *cursor, FsCoded *coded)
{
	const uint8 *bits = fs_cursor_take(cursor, ((uint64) coded->size + 7) / 8);
	uint32		count;

	if (!bits)
		return false;
	if (coded->size % 8 != 0 && bits[coded->size / 8] >> (coded->size % 8) != 0)
		return fs_cursor_fail(cursor, "padding of a bitmap is not zero");
	count = list_bits(bits, coded->size, coded->codes, coded->count);
	return count == coded->count ||
		fs_cursor_fail(cursor, "%u codes or more, not %u", count, coded->count);
}

static bool
open_gaps(FsCursor *cursor, FsArena *arena, FsCoded *coded)
{
	uint64		gaps[FS_VECTOR_ROWS];
	uint64		all = 0;
	uint64		next = 0;
	FsShape		shape;
	FsSeq		seq;
	uint32		v;
	uint32		i;

	fs_shape_init(&shape, coded->count);
	if (!fs_seq_open(cursor, &shape, arena, &seq))
		return false;
	for (v = 0; v < shape.nvecs; v++)
	{
		uint32		n = fs_shape_count(&shape, v);

		if (!fs_seq_read(&seq, v, 0, gaps, cursor->fault))
		{
			cursor->failed = true;
			return false;
		}
		for (i = 0; i < n; i++)
		{
			all |= gaps[i];
			next += gaps[i];
			coded->codes[shape.start[v] + i] = (uint32) next++;
		}
	}
	/* sums of so few gaps of 32 bits do not wrap */
	return (all <= PG_UINT32_MAX && next <= coded->size) ||
		fs_cursor_fail(cursor, "codes exceed the domain of %u", coded->size);
}

bool
fs_coded_open(FsCursor *cursor, FsArena *arena, FsCoded *coded)
{
	uint8		form;
	uint32		i;

	memset(coded, 0, sizeof(*coded));
	coded->domain = fs_cursor_get16(cursor);
	if (cursor->failed || coded->domain == FS_DOMAIN_NONE)
		return !cursor->failed;
	coded->size = fs_cursor_get32(cursor);
	coded->count = fs_cursor_get32(cursor);
	form = fs_cursor_get8(cursor);
	if (cursor->failed || coded->count == 0 || coded->count > FS_CODED_MAX ||
		coded->count > coded->size || (form == FORM_ALL && coded->count < coded->size))
		return fs_cursor_fail(cursor, "%u codes of %u", coded->count, coded->size);
	coded->codes = arena->alloc(arena, coded->count * sizeof(uint32));
	switch (form)
	{
		case FORM_ALL:
			for (i = 0; i < coded->count; i++)
				coded->codes[i] = i;
			return true;
		case FORM_BITMAP:
			return open_bitmap(cursor, coded);
		case FORM_GAPS:
			return open_gaps(cursor, arena, coded);
		default:
			return fs_cursor_fail(cursor, "unknown form %d of codes", form);
	}
}

void
fs_coded_encode_zones(FsEncoder *encoder, const FsColumnValues *values,
					  uint32 count)
{
	const FsShape *units = encoder->units;
	uint64		bounds[2][FS_CHUNK_MAX_VECTORS];
	int			w = fs_bitpack_width(count - 1);
	uint32		v;
	uint32		i;
	int			side;

	if (units->nvecs == 1)
		return;
	for (v = 0; v < units->nvecs; v++)
	{
		bool		is_first = true;

		bounds[0][v] = bounds[1][v] = 0;
		for (i = units->start[v]; i < units->start[v + 1]; i++)
		{
			uint64		code = values->codes[i];

			if (fs_encoder_is_null(values, i))
				continue;
			bounds[0][v] = is_first ? code : Min(bounds[0][v], code);
			bounds[1][v] = is_first ? code : Max(bounds[1][v], code);
			is_first = false;
		}
	}
	fs_writer_put_int(&encoder->out, w, 1);
	for (side = 0; side < 2; side++)
	{
		uint8	   *p = fs_writer_reserve(&encoder->out, fs_bitpack_len(units->nvecs, w));

		if (p)
			fs_bitpack_pack(bounds[side], units->nvecs, w, 0, p);
	}
}

bool
fs_coded_open_zones(FsCursor *cursor, uint32 nvecs, uint32 count,
					FsCodedZones *zones)
{
	int			w = fs_cursor_get8(cursor);
	const uint8 *src[2];
	int			side;
	uint32		v;

	if (w > 16)
		return fs_cursor_fail(cursor, "bounds of %d bits", w);
	for (side = 0; side < 2; side++)
	{
		src[side] = fs_cursor_take(cursor, fs_bitpack_len(nvecs, w));
		if (!src[side])
			return false;
		if (!fs_bitpack_is_clean(src[side], nvecs, w))
			return fs_cursor_fail(cursor, "padding of bounds is not zero");
	}
	fs_bitpack_unpack32(src[0], nvecs, w, 0, zones->mins);
	fs_bitpack_unpack32(src[1], nvecs, w, 0, zones->maxs);
	for (v = 0; v < nvecs; v++)
		if (zones->mins[v] > zones->maxs[v] || zones->maxs[v] >= count)
			return fs_cursor_fail(cursor, "bounds of vector %u are no codes", v);
	return true;
}

bool
fs_coded_find_bounds(const FsCoded *coded, const FsColumnSpec *spec,
					 FsDomainSource *domains, FsScratch *scratch,
					 FsColumnMeta *meta, FsFault *fault)
{
	if (spec->order == FS_ORDER_NONE)
		return true;
	if (!domains)
		return fs_fault_set(fault, 0, "codes without domains");
	if (spec->kind == FS_KIND_ADDR)
	{
		FsAddr	   *addrs = fs_scratch_alloc(scratch, coded->count * sizeof(FsAddr));

		if (!domains->addrs(domains, coded->domain, coded->codes, coded->count, addrs, fault))
			return false;
		fs_addrs_set_bounds(addrs, coded->count, &meta->zone);
	}
	else
	{
		const uint8 **ptrs = fs_scratch_alloc(scratch, coded->count * sizeof(uint8 *));
		uint32	   *lens = fs_scratch_alloc(scratch, coded->count * sizeof(uint32));

		if (!domains->bytes(domains, coded->domain, coded->codes, coded->count, ptrs, lens, fault))
			return false;
		fs_bytes_set_bounds(spec, ptrs, lens, coded->count, &meta->zone);
	}
	return true;
}
