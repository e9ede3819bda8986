/*-------------------------------------------------------------------------
 *
 * Sequences have the documented bytes, in the form that suits them.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/enc.h"
#include "format/seq.h"
#include "tap.h"

static uint8 buffer[2 * 1024 * 1024];

/* Encode values[n]; gives the length and checks that they come back. */
static uint32
encode(const uint64 *values, uint32 n, bool with_dict, uint8 *form,
	   bool *is_back)
{
	FsArena    *arena = tap_arena();
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsShape		shape;
	FsSeqInput	in = {values, 0, &shape, NULL, !with_dict};
	FsScratch	scratch;
	FsCursor	cursor;
	FsFault		fault;
	uint64	   *back;

	fs_shape_init(&shape, n);
	fs_scratch_init(&scratch, arena);
	*form = fs_seq_encode(&in, &scratch, &out);
	fs_cursor_init(&cursor, out.bytes, out.len, &fault);
	back = fs_seq_load(&cursor, n, arena);
	*is_back = back && fs_cursor_finish(&cursor) && out.bytes[0] == *form &&
		memcmp(back, values, n * sizeof(uint64)) == 0 &&
		out.len <= fs_seq_bound(shape.nvecs);
	tap_arena_free(arena);
	return out.len;
}

static void
worked(const char *name, const uint64 *values, uint32 n, uint8 form,
	   const char *expected, uint32 len)
{
	bool		is_back;
	uint8		got_form;
	uint32		got_len = encode(values, n, true, &got_form, &is_back);

	ok_bytes(buffer, got_len, expected, len, name);
	ok(is_back && got_form == form, "%s: it comes back as %s", name,
	   fs_encoding_name(form));
}

static void
worked_all(void)
{
	static const uint64 ports[] = {443, 443, 80, 53};
	uint64		values[320];
	int			i;

	worked("443 443 80 53", ports, 4, FS_ENC_FOR, "\x02\x01\x09\x35\x86\x0d\x6f\x00\x00", 9);
	worked("7", values + 255, (values[255] = 7, 1), FS_ENC_CONSTANT,
		   "\x01\x07\x00\x00\x00\x00\x00\x00\x00", 9);
	for (i = 0; i < 64; i++)
		values[i] = 7 + i;
	worked("7 8 9 .. 70", values, 64, FS_ENC_DELTA,
		   "\x04\x01\x01\x00\x00\x00\x00\x02\x07", 9);
	for (i = 0; i < 320; i++)
		values[i] = i / 20 % 2 ? 9 : 7;
	worked("7 and 9 in 16 runs of 20", values, 320, FS_ENC_RUNS,
		   "\x05\x10\x00\x00\x00\x02\x01\x02\x07\x88\x88\x88\x88"
		   "\x01\x13\x00\x00\x00\x00\x00\x00\x00", 22);
	for (i = 0; i < 64; i++)
		values[i] = i % 2 ? 7 : 1000000007;
	worked("7 and a billion in turn", values, 64, FS_ENC_DICT,
		   "\x06\x02\x00\x00\x00\x04\x04\x01\x00\x00\x00\x00\x00\x94\x35\x77\x07"
		   "\x02\x00\x01\x55\x55\x55\x55\x55\x55\x55\x55", 28);
	for (i = 0; i < 64; i++)
		values[i] = i == 9 ? 5 + (1 << 20) : 5 + i % 2;
	worked("5 6 5 6, once a million", values, 64, FS_ENC_PFOR,
		   "\x03\x01\x01\x01\x00\x14\x05\xaa\xa8\xaa\xaa\xaa\xaa\xaa\xaa"
		   "\x09\x00\x00\x00\x08", 20);
}

/* Values whose differences wrap around. */
static void
extremes(void)
{
	uint64		values[3000];
	uint64		state = 5;
	bool		is_back;
	uint8		form;
	int			rule;
	int			i;

	for (rule = 0; rule < 4; rule++)
	{
		for (i = 0; i < 3000; i++)
			switch (rule)
			{
				case 0:
					values[i] = i % 2 ? 0 : ~UINT64CONST(0);
					break;
				case 1:
					values[i] = i % 3 ? UINT64CONST(1) << 63 : (UINT64CONST(1) << 63) - 1;
					break;
				case 2:
					values[i] = (uint64) i * UINT64CONST(0x5555555555555555);
					break;
				default:
					values[i] = tap_random(&state) >> tap_below(&state, 64);
			}
		encode(values, 3000, false, &form, &is_back);
		ok(is_back, "extremes %d come back as %s", rule, fs_encoding_name(form));
		encode(values, 3000, true, &form, &is_back);
		ok(is_back, "extremes %d come back as %s", rule, fs_encoding_name(form));
	}
}

/* Every count, with a rule that makes each form. */
static void
counts(void)
{
	static const uint32 sizes[] = {1, 2, 3, 4, 5, 64, 1023, 1024, 1025, 65536};
	static uint64 values[FS_CHUNK_MAX_ROWS];
	uint64		state = 7;
	int			rule;
	int			i;
	uint32		j;

	for (rule = 0; rule < 5; rule++)
	{
		bool		is_ok = true;
		uint8		form = 0;

		for (i = 0; i < lengthof(sizes); i++)
		{
			bool		is_back;

			for (j = 0; j < sizes[i]; j++)
				values[j] = rule == 0 ? 99 : rule == 1 ? tap_below(&state, 1000) :
					rule == 2 ? j * 1000 + tap_below(&state, 10) :
					rule == 3 ? j / 100 * 77 :
					tap_below(&state, 5) * tap_below(&state, 5) * 1234567;
			encode(values, sizes[i], true, &form, &is_back);
			is_ok &= is_back;
		}
		ok(is_ok, "1 to 65,536 values come back (%s)", fs_encoding_name(form));
	}
}

static void
unknown_form(void)
{
	FsArena    *arena = tap_arena();
	FsCursor	cursor;
	FsFault		fault;

	fs_cursor_init(&cursor, (const uint8 *) "\x07\x00\x00", 3, &fault);
	ok(!fs_seq_load(&cursor, 4, arena) && strstr(fault.reason, "form 7"),
	   "an unknown form is a fault");
	fs_cursor_init(&cursor, (const uint8 *) "\x02\x00\x41\x00", 4, &fault);
	ok(!fs_seq_load(&cursor, 4, arena) && strstr(fault.reason, "bit width 65"),
	   "65 bits are a fault");
	fs_cursor_init(&cursor, (const uint8 *) "\x02\x00\x01\x10", 4, &fault);
	ok(!fs_seq_load(&cursor, 4, arena) && strstr(fault.reason, "padding"),
	   "padding that is not zero is a fault");
	fs_cursor_init(&cursor, (const uint8 *) "\x05\x01\x00\x00\x00\x01\x07\0\0\0\0\0\0\0\x01\x63\0\0\0\0\0\0\0", 23, &fault);
	ok(!fs_seq_load(&cursor, 200, arena) && strstr(fault.reason, "runs"),
	   "runs of too few values are a fault");
	tap_arena_free(arena);
}

/* Vector v, both ways, into arrays that end with it. */
static bool
is_read(const FsSeq *seq, uint32 v, const uint64 *values, FsFault *fault)
{
	uint32		n = fs_shape_count(seq->shape, v);
	uint64	   *wide = malloc(n * sizeof(uint64));
	uint32	   *narrow = malloc(n * sizeof(uint32));
	bool		is_same = fs_seq_read(seq, v, 5, wide, fault) &&
		fs_seq_read32(seq, v, PG_UINT32_MAX, narrow, fault);
	uint32		i;

	for (i = 0; is_same && i < n; i++)
		is_same = wide[i] == values[seq->shape->start[v] + i] + 5 &&
			narrow[i] == values[seq->shape->start[v] + i];
	free(wide);
	free(narrow);
	return is_same;
}

/* Runs of 1 to 40 values, which end anywhere in their vectors. */
static void
runs(void)
{
	FsArena    *arena = tap_arena();
	uint64		values[5000];
	FsWriter	out = {buffer, 0, sizeof(buffer), false};
	FsShape		shape;
	FsSeqInput	in = {values, 0, &shape, NULL, true};
	FsScratch	scratch;
	FsCursor	cursor;
	FsFault		fault;
	FsSeq		seq;
	bool		is_same = true;
	uint32		n = 0;
	uint32		v;

	for (uint32 run = 0; n < lengthof(values); run++)
		for (uint32 i = 0; i <= run * 7 % 40 && n < lengthof(values); i++)
			values[n++] = run == 150 ? UINT64_C(1) << 40 : run * 999983 % 100000;
	fs_shape_init(&shape, n);
	fs_scratch_init(&scratch, arena);
	ok(fs_seq_encode(&in, &scratch, &out) == FS_ENC_RUNS, "repeated values are runs");
	fs_cursor_init(&cursor, out.bytes, out.len, &fault);
	ok(fs_seq_open(&cursor, &shape, arena, &seq), "runs can be opened");
	for (v = 0; v < shape.nvecs; v++)
		if (v != 2)
			is_same &= is_read(&seq, v, values, &fault);
	ok(is_same, "vectors of runs are read alone, as 64 bits and as 32");
	ok(!is_read(&seq, 2, values, &fault) && strstr(fault.reason, "32 bits"),
	   "a run of a larger value is a fault of the vector where it is: %s", fault.reason);
	tap_arena_free(arena);
}

int
main(void)
{
	worked_all();
	extremes();
	counts();
	runs();
	unknown_form();
	return tap_done();
}
