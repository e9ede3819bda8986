/*-------------------------------------------------------------------------
 *
 * Dictionaries of domains and frames have the documented bytes, and refuse
 * what the documents call invalid.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/coded.h"
#include "format/frame.h"
#include "tap.h"

static uint8 buffer[100000];

static FsScratch
make_scratch(FsArena *arena)
{
	FsScratch	scratch;

	fs_scratch_init(&scratch, arena);
	return scratch;
}

/* Encode a subset; gives its bytes. */
static uint32
encode(uint32 *codes, uint32 n, uint32 size, FsArena *arena)
{
	FsCoded		coded = {1, size, n, codes};
	FsScratch	scratch = make_scratch(arena);
	FsWriter	out = {buffer, 0, sizeof(buffer), false};

	fs_coded_encode(&coded, &scratch, &out);
	return out.is_full ? 0 : out.len;
}

static bool
is_back(const uint32 *codes, uint32 n, uint32 len, FsArena *arena)
{
	FsFault		fault;
	FsCursor	cursor;
	FsCoded		coded;

	fs_cursor_init(&cursor, buffer, len, &fault);
	return fs_coded_open(&cursor, arena, &coded) && fs_cursor_finish(&cursor) &&
		coded.domain == 1 && coded.count == n &&
		memcmp(coded.codes, codes, n * sizeof(uint32)) == 0;
}

static void
subsets(FsArena *arena)
{
	static const uint32 one_in[] = {1, 2, 5, 30, 1000};
	static uint32 codes[60000];
	uint32		worked[] = {0, 2, 3};
	uint64		state = 9;
	int			i;

	ok_bytes(buffer, encode(worked, 3, 5, arena),
			 "\x01\x00\x05\x00\x00\x00\x03\x00\x00\x00\x01\x0d", 12, "a bitmap");
	ok(is_back(worked, 3, 12, arena), "a bitmap comes back");
	for (i = 0; i < lengthof(one_in); i++)
	{
		uint32		n = 0;
		uint32		code;
		uint32		len;

		for (code = 0; code < 60000; code++)
			if (tap_below(&state, one_in[i]) == 0)
				codes[n++] = code;
		len = encode(codes, n, 60000, arena);
		ok(len > 0 && is_back(codes, n, len, arena), "one code in %u: %u bytes", one_in[i], len);
	}
}

static void
fault_of_subset(const char *bytes, uint32 len, const char *name, FsArena *arena)
{
	FsFault		fault;
	FsCursor	cursor;
	FsCoded		coded;

	fs_cursor_init(&cursor, (const uint8 *) bytes, len, &fault);
	ok(!fs_coded_open(&cursor, arena, &coded), "%s is a fault", name);
}

static void
frames(FsArena *arena)
{
	FsColumnValues values = {0};
	FsColumnSpec spec = {1, FS_KIND_INT, FS_ORDER_INT, 8};
	FsSwap		swap = {0, 1, true};
	FsChunkHints hints = {&swap, 1};
	int64		a[] = {1, 2, 1};
	int64		b[] = {2, 1, 5};
	FsColumnSpec specs[] = {spec, spec};
	FsColumnValues both[] = {values, values};
	FsChunkInput in = {specs, both, 2, 3, &hints, NULL};
	FsScratch	scratch = make_scratch(arena);
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsFrame    *frame = arena->alloc(arena, sizeof(FsFrame));
	FsFault		fault = {"", 0};
	FsRegion	region;
	FsPairs		pairs;
	uint32		crc;

	both[0].ints = a;
	both[1].ints = b;
	fs_pairs_find(&in, &scratch, &pairs);
	fs_frame_encode(&pairs, &out);
	ok_bytes(buffer, out.len, "\x02\x00\x01\x02\x01\x00", 6, "a frame");
	fs_region_init(buffer, out.len, NULL, arena, &region);
	ok(fs_frame_open(&region, 3, frame, &fault) &&
	   fs_frame_seconds(frame, 0)[0] && !fs_frame_seconds(frame, 0)[1], "it comes back");
	ok(!fs_frame_open(&region, 4, frame, &fault), "a frame of other rows is a fault");
	fs_region_init(buffer, out.len - 1, NULL, arena, &region);
	ok(!fs_frame_open(&region, 3, frame, &fault), "a cut frame is a fault");
	fs_region_sum(buffer, out.len, &crc);
	fs_region_init(buffer, out.len, &crc, arena, &region);
	ok(fs_frame_open(&region, 3, frame, &fault), "a right checksum is none");
	crc ^= 1;
	fs_region_init(buffer, out.len, &crc, arena, &region);
	ok(!fs_frame_open(&region, 3, frame, &fault) && strstr(fault.reason, "checksum"),
	   "a wrong checksum is a fault");
}

/* A second row is none of the next, nor of one in another vector. */
static void
pairs_are_found(FsArena *arena)
{
	static int64 a[2048];
	static int64 b[2048];
	FsColumnSpec specs[] = {{1, FS_KIND_INT, FS_ORDER_INT, 8}, {2, FS_KIND_INT, FS_ORDER_INT, 8}};
	FsColumnValues values[] = {{0}, {0}};
	FsSwap		swap = {0, 1, true};
	FsChunkHints hints = {&swap, 1};
	FsChunkInput in = {specs, values, 2, 2048, &hints, NULL};
	FsScratch	scratch = make_scratch(arena);
	FsPairs		pairs;
	uint32		i;

	for (i = 0; i < 2048; i++)
	{
		a[i] = i % 2;
		b[i] = 1 - i % 2;
	}
	a[0] = 7;					/* so that row 1023 would go with row 1024 */
	values[0].ints = a;
	values[1].ints = b;
	fs_pairs_find(&in, &scratch, &pairs);
	ok(fs_shape_count(&pairs.convs, 0) == 513 && fs_shape_count(&pairs.convs, 1) == 512,
	   "vectors have %u and %u conversations", fs_shape_count(&pairs.convs, 0),
	   fs_shape_count(&pairs.convs, 1));
	ok(pairs.first[513] == 1024, "none passes from one vector to the next");
	in.hints = NULL;
	fs_pairs_find(&in, &scratch, &pairs);
	ok(fs_shape_n(&pairs.convs) == 2048, "without hints each row is a conversation");
}

int
main(void)
{
	FsArena    *arena = tap_arena();

	subsets(arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x06\x00\x00\x00\x01\x1f", 12, "more codes than the domain has", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00", 12, "no code", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x03\x00\x00\x00\x01\x2d", 12, "padding", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x03\x00\x00\x00\x01\x0f", 12, "another count", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x03\x00\x00\x00\x00", 11, "a part as a whole", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x03\x00\x00\x00\x03", 11, "another form", arena);
	fault_of_subset("\x01\x00\x05\x00\x00\x00\x01\x00\x00\x00\x02\x01\x05\x00\x00\x00\x00\x00\x00\x00", 20,
					"a code beyond the domain", arena);
	frames(arena);
	pairs_are_found(arena);
	tap_arena_free(arena);
	return tap_done();
}
