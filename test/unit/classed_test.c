/*-------------------------------------------------------------------------
 *
 * Classed sequences: worked bytes, values of any size, and damage.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <sys/mman.h>

#include "format/bitpack.h"
#include "format/enc.h"
#include "format/seq.h"
#include "tap.h"

#define MAX_VALUES	5000

static uint8 buffer[MAX_VALUES * 9 + 1024];

static void
plan_of(const uint64 *values, uint32 n, FsClassedPlan *plan)
{
	FsClassedCounts counts;
	uint64		min = values[0];
	uint32		i;

	for (i = 1; i < n; i++)
		min = Min(min, values[i]);
	fs_classed_begin(&counts, min);
	fs_classed_count(&counts, values, n, 0);
	fs_classed_plan(&counts, plan);
}

/* Classes and one vector of values[n]; gives its bytes. */
static uint32
write_vector(const uint64 *values, uint32 n, uint32 *vector_len)
{
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsClassedPlan plan;

	plan_of(values, n, &plan);
	fs_classed_put_classes(&plan, &out);
	*vector_len = fs_classed_encode(&plan, values, n, 0, &out);
	return out.len;
}

/* What is wrong with a vector behind classes in bytes[len], or NULL. */
static const char *
read_vector(const uint8 *bytes, uint32 len, uint32 n, uint64 *values)
{
	static FsFault fault;
	FsCursor	cursor;
	FsClassed	classed;

	fs_cursor_init(&cursor, bytes, len, &fault);
	if (!fs_classed_get_classes(&cursor, &classed))
		return fault.reason;
	return fs_classed_read(&classed, bytes + cursor.off, len - cursor.off, n, 0, values);
}

static const uint64 eight[] = {0, 300, 1, 0, 2, 1, 0, 3};

static void
worked(void)
{
	uint64		back[8];
	uint32		vector_len;
	uint32		len = write_vector(eight, 8, &vector_len);

	ok_bytes(buffer, len,
			 "\x02" "\x00\x00\x00\x00\x00\x00\x00\x00" "\x2c\x01\x00\x00\x00\x00\x00\x00"
			 "\x02\x00" "\x02\x84\x31", 22, "0 300 1 0 2 1 0 3 in two classes");
	ok(vector_len == 3 && !read_vector(buffer, len, 8, back) &&
	   memcmp(back, eight, sizeof(eight)) == 0, "they come back");
}

/* A sequence of values of which few are large, thoroughly encoded. */
static bool
comes_back(const uint64 *values, uint32 n, uint8 form)
{
	FsArena    *arena = tap_arena();
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsShape		shape;
	FsSeqInput	in = {values, 0, &shape, NULL, true, true};
	FsScratch	scratch;
	FsCursor	cursor;
	FsFault		fault;
	uint64	   *back;
	uint8		got;
	bool		is_back;

	fs_shape_init(&shape, n);
	fs_scratch_init(&scratch, arena);
	got = fs_seq_encode(&in, &scratch, &out);
	fs_cursor_init(&cursor, out.bytes, out.len, &fault);
	back = fs_seq_load(&cursor, n, arena);
	is_back = back && fs_cursor_finish(&cursor) && got == form &&
		memcmp(back, values, n * sizeof(uint64)) == 0;
	tap_arena_free(arena);
	return is_back;
}

static void
sequences(void)
{
	static const uint32 counts[] = {200, 700, 960, 961, 1024, 1025, 2048, 5000};
	uint64		values[MAX_VALUES];
	uint64		state = 11;
	int			bad = 0;
	int			k;
	uint32		i;

	for (k = 0; k < lengthof(counts) * 2; k++)
	{
		int			top = k % 2 ? 55 : 17;
		uint64		base = k % 2 ? UINT64CONST(0) - 1000000 : 1000;

		for (i = 0; i < counts[k / 2]; i++)
		{
			state = state * UINT64CONST(6364136223846793005) + 1442695040888963407;
			values[i] = base + (state >> 20) % (UINT64CONST(1) << (state >> 60 < 7 ? 3 : state >> 60 < 12 ? top / 2 : top));
		}
		bad += !comes_back(values, counts[k / 2], FS_ENC_CLASSED);
	}
	ok(bad == 0, "skewed sequences of 200 to 5,000 values come back classed");
	for (i = 0; i < 3000; i++)
		values[i] = i % 3 ? i % 7 : UINT64CONST(0) - i % 100;
	ok(comes_back(values, 3000, FS_ENC_CLASSED), "classes far from each other come back");
	for (i = 0; i < 3000; i++)
		values[i] = i % 3 ? i % 7 : (state = state * UINT64CONST(6364136223846793005) + 1) | UINT64CONST(1) << 62;
	ok(!comes_back(values, 3000, FS_ENC_CLASSED), "values of a class over 56 bits are not classed");
}

static uint64
next_random(uint64 *state)
{
	*state = *state * UINT64CONST(6364136223846793005) + 1442695040888963407;
	return *state >> 11;
}

/* Random classes, of which none is wider than max. */
static void
make_classes(FsClassed *classed, uint32 max, uint64 *state)
{
	uint32		k;

	classed->count = 2 + next_random(state) % (FS_CLASSED_MAX - 1);
	for (k = 0; k < classed->count; k++)
	{
		classed->classes[k].width = next_random(state) % (max + 1);
		classed->classes[k].base = max <= 25 ? next_random(state) % 1000000
			: next_random(state) << 20;
	}
}

/* values[n] of random classes in the last bytes before end; gives how many. */
static uint32
write_random(const FsClassed *classed, uint32 n, uint64 *values, uint8 *end,
			 uint64 *state)
{
	static uint8 stream[FS_VECTOR_ROWS * 7 + 8];
	uint64		of[FS_VECTOR_ROWS];
	int			bits = fs_bitpack_width(classed->count - 1);
	uint32		head_len = fs_bitpack_len(n, bits);
	uint32		bit = 0;
	uint32		len;
	uint32		i;
	uint32		k;

	memset(stream, 0, sizeof(stream));
	for (i = 0; i < n; i++)
	{
		const FsClass *class = &classed->classes[of[i] = next_random(state) % classed->count];
		uint64		x = next_random(state) & ((UINT64CONST(1) << class->width) - 1);

		values[i] = class->base + x;
		for (k = 0; k < class->width; k++, bit++)
			stream[bit / 8] |= (x >> k & 1) << (bit % 8);
	}
	len = head_len + (bit + 7) / 8;
	fs_bitpack_pack(of, n, bits, 0, end - len);
	memcpy(end - len + head_len, stream, len - head_len);
	return len;
}

/* Vectors of any classes, behind which is no memory. */
static void
any_classes(void)
{
	static const uint32 widths[] = {0, 8, 25, 26, 40, FS_CLASSED_MAX_WIDTH};
	uint64		add = UINT64CONST(0) - 77;
	uint64		state = 5;
	uint64		values[FS_VECTOR_ROWS];
	uint64		back[FS_VECTOR_ROWS];
	uint32		room = 16384;
	uint8	   *pages = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int			wrong = 0;
	int			unnoticed = 0;
	uint32		round;
	uint32		i;

	if (pages == MAP_FAILED || mprotect(pages + room, 4096, PROT_NONE) != 0)
	{
		ok(false, "two pages of memory");
		return;
	}
	for (round = 0; round < 1200; round++)
	{
		FsClassed	classed;
		uint32		n = 1 + next_random(&state) % FS_VECTOR_ROWS;
		uint32		len;

		make_classes(&classed, widths[round % lengthof(widths)], &state);
		len = write_random(&classed, n, values, pages + room, &state);
		wrong += fs_classed_read(&classed, pages + room - len, len, n, add, back) != NULL;
		for (i = 0; i < n; i++)
			wrong += back[i] != values[i] + add;
		/* a byte fewer: the end comes too early */
		if (len <= fs_bitpack_len(n, fs_bitpack_width(classed.count - 1)))
			continue;
		memmove(pages + room - len + 1, pages + room - len, len - 1);
		unnoticed += fs_classed_read(&classed, pages + room - len + 1, len - 1, n, add, back) == NULL;
	}
	munmap(pages, room + 4096);
	ok(wrong == 0, "random classes of all widths come back, and nothing behind them is read");
	ok(unnoticed == 0, "a stream that ends too early is noticed");
}

/* The classes 0, 1 .. 4 and 300 .. 301, and 0 300 1 0 2 1 0 3. */
static const uint8 three[] = {
	3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x2c, 1, 0, 0, 0, 0, 0, 0,
	0, 2, 1, 0x18, 0x45, 0x08, 0x01, 0
};

static void
damaged(const char *name, uint32 at, uint8 byte, uint32 len)
{
	uint64		back[8];
	uint8		copy[64] = {0};

	memcpy(copy, three, sizeof(three));
	copy[at] = byte;
	ok(read_vector(copy, len, 8, back) != NULL, "%s", name);
}

static void
damage(void)
{
	uint32		len = sizeof(three) - 1;
	uint64		back[8];

	ok(!read_vector(three, len, 8, back) && memcmp(back, eight, sizeof(eight)) == 0, "three classes are read");
	damaged("one class", 0, 1, len);
	damaged("nine classes", 0, 9, len);
	damaged("a width of 57 bits", 26, 57, len);
	damaged("a width that asks for more bytes", 26, 10, len);
	damaged("classes that ask for fewer bytes", 28, 0, len);
	damaged("a class that is not there", 28, 0xff, len);
	damaged("padding", len - 1, 0xff, len);
	damaged("a byte too many", 0, 3, len + 1);
	damaged("a byte too few", 0, 3, len - 1);
}

int
main(void)
{
	worked();
	sequences();
	any_classes();
	damage();
	return tap_done();
}
