/*-------------------------------------------------------------------------
 *
 * Blocks of lists.
 *
 *	  size  meaning
 *	     1  w: bits of a number, 0 .. 16
 *	     .  numbers of members, packed with w bits; 2^w - 1 says that the list
 *			has an entry among the following
 *	     .  of each such list: 0 or 1 (1 byte), number less 1 (2 bytes)
 *	     2  u: own vectors of the block, 0 .. 512
 *	     .  in one stream of bits: the own vectors, like a list of u members;
 *			all lists
 *
 * An entry of 0 gives a number of members, one of 1 a number of runs.  With
 * N vectors, whose numbers have b bits, c members take the first form of
 * fewest bits of
 *
 *		c numbers of b bits			c * b
 *		rising integers (rising.h)	c * (l + 1) + ((N - 1) >> l)
 *		a bitmap					N
 *
 * and c runs take c times a first vector of b bits and a length less 1 of b
 * bits.  Runs stand apart by one vector or more.
 *
 * If u > 0 the members of lists without an entry are places among the own
 * vectors, and N is u for them: neighbours in value are neighbours in place,
 * so that the short lists of a block have few vectors between them.
 *
 * Against serialised Roaring bitmaps, whose smallest takes 18 bytes, this is
 * never larger: a set of chunks has fewer vectors than one Roaring container
 * has values, so its bitmap is shorter than a bitset container.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/lists.h"

#define ENTRY_LEN		3
#define ENTRY_MEMBERS	0
#define ENTRY_RUNS		1
#define MAX_WIDTH		16

typedef enum Form
{
	FORM_PACKED,
	FORM_RISING,
	FORM_BITMAP
} Form;

/* How one list of a block will be written. */
typedef struct Plan
{
	bool		is_runs;
	uint32		number;			/* members or runs */
	uint32		bits;
} Plan;

/* The vectors that the short lists of a block have between them. */
typedef struct Own
{
	uint32		count;			/* 0: they are not used */
	uint16		vectors[FS_LISTS_OWN];
	FsListsShape shape;
} Own;

static Form
choose_form(const FsListsShape *shape, uint32 c, uint32 *bits)
{
	uint64		packed = (uint64) c * shape->width;
	uint64		rising = c > 0 ? fs_rising_bits(c, shape->nvectors - 1) : 0;

	*bits = (uint32) Min(Min(packed, rising), shape->nvectors);
	return packed == *bits ? FORM_PACKED : rising == *bits ? FORM_RISING : FORM_BITMAP;
}

static inline uint32
bits_of(const FsListsShape *shape, uint32 c)
{
	uint32		bits;

	if (c < FS_LISTS_SMALL)
		return shape->small[c];
	choose_form(shape, c, &bits);
	return bits;
}

void
fs_lists_shape(FsListsShape *shape, uint32 nvectors)
{
	uint32		c;

	shape->nvectors = nvectors;
	shape->width = fs_bitpack_width(nvectors - 1);
	for (c = 0; c < FS_LISTS_SMALL; c++)
		choose_form(shape, c, &shape->small[c]);
}

static uint32
count_runs(const uint16 *vectors, uint32 c)
{
	uint32		runs = c > 0;
	uint32		i;

	for (i = 1; i < c; i++)
		runs += vectors[i] != vectors[i - 1] + 1;
	return runs;
}

static Plan
plan_list(const FsListsShape *shape, const uint16 *vectors, uint32 c)
{
	uint32		run_bits = count_runs(vectors, c) * 2 * shape->width;
	Plan		plan;

	plan.is_runs = false;
	plan.number = c;
	plan.bits = bits_of(shape, c);
	if (c > 0 && run_bits + 8 * ENTRY_LEN < plan.bits)
	{
		plan.is_runs = true;
		plan.number = run_bits / (2 * shape->width);
		plan.bits = run_bits;
	}
	return plan;
}

static inline bool
has_entry(const Plan *plan, int w)
{
	return plan->is_runs || plan->number >= ((uint32) 1 << w) - 1;
}

/* The width that makes numbers and entries smallest. */
static int
choose_width(const Plan *plans, uint32 count)
{
	uint32		best_bits = PG_UINT32_MAX;
	int			best = 0;
	int			w;
	uint32		i;

	for (w = 0; w <= MAX_WIDTH; w++)
	{
		uint32		bits = w * count;

		/* a list without members has no entry that could say so */
		for (i = 0; i < count && bits < best_bits; i++)
			if (plans[i].number == 0 && w == 0)
				bits = best_bits;
			else if (has_entry(&plans[i], w))
				bits += 8 * ENTRY_LEN;
		if (bits < best_bits)
		{
			best_bits = bits;
			best = w;
		}
	}
	return best;
}

static void
put_runs(int b, const uint16 *vectors, uint32 c, uint8 *stream, uint64 off)
{
	uint32		i = 0;

	while (i < c)
	{
		uint32		start = i;

		while (i + 1 < c && vectors[i + 1] == vectors[i] + 1)
			i++;
		fs_rising_put(stream, off, b, vectors[start]);
		fs_rising_put(stream, off + b, b, i - start);
		off += 2 * b;
		i++;
	}
}

static void
put_members(const FsListsShape *shape, const uint16 *vectors, uint32 c,
			uint8 *stream, uint64 off)
{
	uint64		values[FS_VECTORSET_MAX / 4];
	uint32		bits;
	uint32		i;

	switch (choose_form(shape, c, &bits))
	{
		case FORM_PACKED:
			for (i = 0; i < c; i++)
				fs_rising_put(stream, off + (uint64) i * shape->width, shape->width, vectors[i]);
			break;
		case FORM_RISING:
			Assert(c <= lengthof(values));
			for (i = 0; i < c; i++)
				values[i] = vectors[i];
			fs_rising_write(values, c, shape->nvectors - 1, stream, off);
			break;
		default:
			for (i = 0; i < c; i++)
				fs_rising_put(stream, off + vectors[i], 1, 1);
	}
}

static void
put_numbers(const Plan *plans, uint32 count, int w, FsWriter *out)
{
	uint64		numbers[FS_LISTS_BLOCK];
	uint8	   *p;
	uint32		i;

	for (i = 0; i < count; i++)
		numbers[i] = has_entry(&plans[i], w) ? ((uint64) 1 << w) - 1 : plans[i].number;
	fs_writer_put_int(out, w, 1);
	p = fs_writer_reserve(out, fs_bitpack_len(count, w));
	if (p)
		fs_bitpack_pack(numbers, count, w, 0, p);
	for (i = 0; i < count; i++)
	{
		if (!has_entry(&plans[i], w))
			continue;
		fs_writer_put_int(out, plans[i].is_runs ? ENTRY_RUNS : ENTRY_MEMBERS, 1);
		fs_writer_put_int(out, plans[i].number - 1, 2);
	}
}

/* The vectors of the lists without an entry; gives 0 if they are too many. */
static uint32
find_own(const FsListsShape *shape, const FsListsInput *in, const Plan *plans,
		 int w, uint16 *own)
{
	uint64		words[FS_VECTORSET_MAX / 64];
	uint32		nwords = (shape->nvectors + 63) / 64;
	uint32		count = 0;
	uint32		i;
	uint32		k;

	memset(words, 0, nwords * sizeof(uint64));
	for (i = 0; i < in->count; i++)
		for (k = in->starts[i]; !has_entry(&plans[i], w) && k < in->starts[i + 1]; k++)
			words[in->vectors[k] / 64] |= UINT64CONST(1) << (in->vectors[k] % 64);
	for (i = 0; i < nwords; i++)
		for (; words[i] != 0; words[i] &= words[i] - 1)
		{
			if (count == FS_LISTS_OWN)
				return 0;
			own[count++] = (uint16) (i * 64 + __builtin_ctzll(words[i]));
		}
	return count;
}

/* Vectors as places among the own ones. */
static void
find_places(const uint16 *own, uint32 nown, const uint16 *vectors, uint32 c,
			uint16 *places)
{
	uint32		i;

	for (i = 0; i < c; i++)
	{
		uint32		low = 0;
		uint32		high = nown - 1;

		while (low < high)
		{
			uint32		mid = (low + high) / 2;

			if (own[mid] < vectors[i])
				low = mid + 1;
			else
				high = mid;
		}
		places[i] = (uint16) low;
	}
}

/* Use own vectors if that saves bits; gives the bits of all lists. */
static uint64
plan_own(const FsListsShape *shape, const FsListsInput *in, int w,
		 Plan *plans, Own *own)
{
	uint64		with = 0;
	uint64		without = 0;
	uint32		i;

	own->count = find_own(shape, in, plans, w, own->vectors);
	if (own->count > 0)
	{
		fs_lists_shape(&own->shape, own->count);
		with = bits_of(shape, own->count);
	}
	for (i = 0; i < in->count; i++)
	{
		without += plans[i].bits;
		with += has_entry(&plans[i], w) || own->count == 0 ? plans[i].bits :
			bits_of(&own->shape, plans[i].number);
	}
	if (own->count == 0 || with >= without)
	{
		own->count = 0;
		return without;
	}
	for (i = 0; i < in->count; i++)
		if (!has_entry(&plans[i], w))
			plans[i].bits = bits_of(&own->shape, plans[i].number);
	return with;
}

static void
put_lists(const FsListsShape *shape, const FsListsInput *in, int w,
		  const Plan *plans, const Own *own, uint8 *stream)
{
	uint16		places[FS_LISTS_OWN];
	uint64		off = 0;
	uint32		i;

	if (own->count > 0)
	{
		put_members(shape, own->vectors, own->count, stream, 0);
		off = bits_of(shape, own->count);
	}
	for (i = 0; i < in->count; i++)
	{
		const uint16 *vectors = in->vectors + in->starts[i];
		uint32		c = in->starts[i + 1] - in->starts[i];

		if (plans[i].is_runs)
			put_runs(shape->width, vectors, c, stream, off);
		else if (own->count == 0 || has_entry(&plans[i], w))
			put_members(shape, vectors, c, stream, off);
		else
		{
			find_places(own->vectors, own->count, vectors, c, places);
			put_members(&own->shape, places, c, stream, off);
		}
		off += plans[i].bits;
	}
}

void
fs_lists_encode(const FsListsShape *shape, const FsListsInput *in,
				FsWriter *out)
{
	Plan		plans[FS_LISTS_BLOCK];
	Own			own;
	uint64		bits;
	uint8	   *stream;
	uint32		i;
	int			w;

	for (i = 0; i < in->count; i++)
		plans[i] = plan_list(shape, in->vectors + in->starts[i],
							 in->starts[i + 1] - in->starts[i]);
	w = choose_width(plans, in->count);
	bits = plan_own(shape, in, w, plans, &own);
	put_numbers(plans, in->count, w, out);
	fs_writer_put_int(out, own.count, 2);
	stream = fs_writer_reserve(out, (bits + 7) / 8 + FS_RISING_PADDING);
	if (!stream)
		return;
	memset(stream, 0, (bits + 7) / 8 + FS_RISING_PADDING);
	out->len -= FS_RISING_PADDING;
	put_lists(shape, in, w, plans, &own, stream);
}

/* The numbers, and the entries of those that have one. */
static void
parse_numbers(FsCursor *cursor, FsListsBlock *block)
{
	int			w = fs_cursor_get8(cursor);
	const uint8 *packed = w <= MAX_WIDTH ?
		fs_cursor_take(cursor, fs_bitpack_len(block->count, w)) : NULL;
	uint32		escape = ((uint32) 1 << (w & 31)) - 1;
	uint32		i;

	if (!packed)
	{
		fs_cursor_fail(cursor, "numbers of members of %d bits", w);
		return;
	}
	if (!fs_bitpack_is_clean(packed, block->count, w))
		fs_cursor_fail(cursor, "padding after numbers of members");
	fs_bitpack_unpack32(packed, block->count, w, 0, block->members);
	memset(block->is_runs, 0, block->count * sizeof(bool));
	memset(block->has_entry, 0, block->count * sizeof(bool));
	for (i = 0; i < block->count && !cursor->failed; i++)
	{
		uint8		entry;

		if (block->members[i] != escape)
			continue;
		block->has_entry[i] = true;
		entry = fs_cursor_get8(cursor);
		block->members[i] = (uint32) fs_cursor_get16(cursor) + 1;
		block->is_runs[i] = entry == ENTRY_RUNS;
		if (entry > ENTRY_RUNS || block->members[i] > block->shape->nvectors)
			fs_cursor_fail(cursor, "list of form %d and %u members", entry, block->members[i]);
	}
}

static bool
read_packed(const FsListsShape *shape, const uint8 *stream, uint64 off,
			uint32 c, FsVectorSet *set)
{
	int			b = shape->width;
	uint32		end = 0;
	uint32		k;

	for (k = 0; k < c; k++, off += b)
	{
		uint32		vector = (uint32) fs_rising_get(stream, off, b);

		if (vector < end || vector >= set->n)
			return false;
		fs_vectorset_add(set, vector);
		end = vector + 1;
	}
	return true;
}

static bool
read_runs(const FsListsBlock *block, uint32 i, FsVectorSet *set)
{
	int			b = block->shape->width;
	uint64		off = block->off[i];
	uint32		end = 0;
	uint32		k;

	for (k = 0; k < block->members[i]; k++, off += 2 * b)
	{
		uint32		first = (uint32) fs_rising_get(block->stream, off, b);
		uint32		last = first + (uint32) fs_rising_get(block->stream, off + b, b);

		if ((k > 0 && first <= end) || last >= set->n)
			return false;
		fs_vectorset_add_range(set, first, last);
		end = last + 1;
	}
	return true;
}

static bool
read_rising(const FsListsShape *shape, const uint8 *stream, uint64 off,
			uint32 c, FsVectorSet *set)
{
	uint64		values[FS_VECTORSET_MAX / 4];
	uint32		k;

	if (c > lengthof(values) || !fs_rising_read(stream, off, c, shape->nvectors - 1, values))
		return false;
	for (k = 0; k < c; k++)
	{
		if (k > 0 && values[k] == values[k - 1])
			return false;
		fs_vectorset_add(set, (uint32) values[k]);
	}
	return true;
}

static bool
read_bitmap(const FsListsShape *shape, const uint8 *stream, uint64 off,
			uint32 c, FsVectorSet *set)
{
	uint32		found = 0;
	uint32		at;

	for (at = 0; at < set->n; at += 32)
	{
		int			w = (int) Min(set->n - at, 32);
		uint64		bits = fs_rising_get(stream, off + at, w);

		set->words[at / 64] |= bits << (at % 64);
		found += __builtin_popcountll(bits);
	}
	return found == c;
}

static bool
read_members(const FsListsShape *shape, const uint8 *stream, uint64 off,
			 uint32 c, FsVectorSet *set)
{
	uint32		bits;

	switch (choose_form(shape, c, &bits))
	{
		case FORM_PACKED:
			return read_packed(shape, stream, off, c, set);
		case FORM_RISING:
			return read_rising(shape, stream, off, c, set);
		default:
			return read_bitmap(shape, stream, off, c, set);
	}
}

static inline const FsListsShape *
shape_of(const FsListsBlock *block, uint32 i)
{
	return block->nown == 0 || block->has_entry[i] ? block->shape : &block->own_shape;
}

/* The own vectors, from the beginning of the stream. */
static bool
read_own(FsListsBlock *block)
{
	uint64		words[FS_VECTORSET_MAX / 64];
	FsVectorSet set = {block->shape->nvectors, words};
	uint32		count = 0;
	uint32		i;

	memset(words, 0, (set.n + 63) / 64 * sizeof(uint64));
	if (!read_members(block->shape, block->stream, 0, block->nown, &set))
		return false;
	for (i = 0; i < (set.n + 63) / 64; i++)
		for (; words[i] != 0; words[i] &= words[i] - 1)
			block->own[count++] = (uint16) (i * 64 + __builtin_ctzll(words[i]));
	return count == block->nown;
}

static bool
parse_own(FsCursor *cursor, FsListsBlock *block)
{
	block->nown = fs_cursor_get16(cursor);
	if (cursor->failed)
		return false;
	if (block->nown > FS_LISTS_OWN || block->nown > block->shape->nvectors)
		return fs_cursor_fail(cursor, "%u own vectors", block->nown);
	if (block->nown > 0)
		fs_lists_shape(&block->own_shape, block->nown);
	return true;
}

bool
fs_lists_parse(FsCursor *cursor, const FsListsShape *shape, uint32 count,
			   FsListsBlock *block)
{
	uint64		bits;
	uint32		i;

	block->shape = shape;
	block->count = count;
	parse_numbers(cursor, block);
	if (cursor->failed || !parse_own(cursor, block))
		return false;
	bits = block->nown > 0 ? bits_of(shape, block->nown) : 0;
	for (i = 0; i < count; i++)
	{
		if (block->members[i] > shape_of(block, i)->nvectors)
			return fs_cursor_fail(cursor, "list of %u members", block->members[i]);
		block->off[i] = (uint32) bits;
		bits += block->is_runs[i] ? block->members[i] * 2 * shape->width :
			bits_of(shape_of(block, i), block->members[i]);
	}
	block->off[count] = (uint32) bits;
	block->stream_off = cursor->off;
	block->stream = fs_cursor_take(cursor, (bits + 7) / 8);
	if (block->stream && bits % 8 != 0 && block->stream[bits / 8] >> (bits % 8) != 0)
		return fs_cursor_fail(cursor, "padding after lists");
	if (block->stream && block->nown > 0 && !read_own(block))
		return fs_cursor_fail(cursor, "own vectors do not ascend below %u", shape->nvectors);
	return fs_cursor_finish(cursor);
}

/* A list of places among the own vectors. */
static bool
read_places(const FsListsBlock *block, uint32 i, FsVectorSet *set)
{
	uint64		words[FS_LISTS_OWN / 64] = {0};
	FsVectorSet places = {block->nown, words};
	uint32		k;

	if (!read_members(&block->own_shape, block->stream, block->off[i],
					  block->members[i], &places))
		return false;
	for (k = 0; k < lengthof(words); k++)
		for (; words[k] != 0; words[k] &= words[k] - 1)
			fs_vectorset_add(set, block->own[k * 64 + __builtin_ctzll(words[k])]);
	return true;
}

bool
fs_lists_read(const FsListsBlock *block, uint32 i, FsVectorSet *set,
			  FsFault *fault)
{
	bool		is_right;

	Assert(i < block->count && set->n == block->shape->nvectors);
	if (block->is_runs[i])
		is_right = read_runs(block, i, set);
	else if (shape_of(block, i) == &block->own_shape)
		is_right = read_places(block, i, set);
	else
		is_right = read_members(block->shape, block->stream, block->off[i],
								block->members[i], set);
	return is_right ||
		fs_fault_set(fault, block->stream_off + block->off[i] / 8,
					 "list %u has no ascending vectors below %u", i, set->n);
}
