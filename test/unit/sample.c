/*-------------------------------------------------------------------------
 *
 * Columns to encode.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "sample.h"
#include "tap.h"

bool
sample_is_null(const Sample *sample, uint32 row)
{
	return sample->values.nulls &&
		(sample->values.nulls[row / 8] >> (row % 8) & 1) != 0;
}

int
sample_compare_bytes(const uint8 *a, uint32 alen, const uint8 *b, uint32 blen,
					 void *arg)
{
	while (alen > 0 && blen > 0)
	{
		alen--;
		blen--;
		if (a[alen] != b[blen])
			return a[alen] < b[blen] ? -1 : 1;
	}
	return alen < blen ? -1 : alen > blen;
}

static int64
float_bits(double x, uint8 order)
{
	float		x4 = (float) x;
	uint32		bits4;
	uint64		bits8;

	memcpy(&bits4, &x4, sizeof(bits4));
	memcpy(&bits8, &x, sizeof(bits8));
	return order == FS_ORDER_FLOAT4 ? fs_float4_to_int(bits4)
		: fs_float8_to_int(bits8);
}

/* Bits of a float that is not like the others. */
static int64
odd_float(uint64 *state, uint8 order)
{
	static const uint64 bits8[] = {
		UINT64CONST(0x8000000000000000), 0, 1, UINT64CONST(0x7ff0000000000000),
		UINT64CONST(0xfff0000000000000), UINT64CONST(0x7ff8000000000000),
		UINT64CONST(0xfff8000000000001), UINT64CONST(0x7ff0000000000001),
		UINT64CONST(0x800fffffffffffff), UINT64CONST(0x7fefffffffffffff)
	};
	static const uint32 bits4[] = {
		0x80000000, 0, 1, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001,
		0x7f800001, 0x807fffff, 0x7f7fffff
	};

	if (order == FS_ORDER_FLOAT4)
		return fs_float4_to_int(bits4[tap_below(state, lengthof(bits4))]);
	return fs_float8_to_int(bits8[tap_below(state, lengthof(bits8))]);
}

static int64
make_int(SampleRule rule, uint8 order, uint32 i, int64 last, uint64 *state)
{
	static const int64 extremes[] = {PG_INT64_MIN, PG_INT64_MAX, 0, -1, 1};

	switch (rule)
	{
		case SAMPLE_CONSTANT:
			return -42;
		case SAMPLE_RUNS:
			return i == 0 || tap_below(state, 100) == 0 ? (int64) tap_below(state, 1000) : last;
		case SAMPLE_SMALL:
			return 1024 + (int64) tap_below(state, 3000);
		case SAMPLE_SKEWED:
			return tap_below(state, 50) == 0 ? (int64) (tap_random(state) >> 20)
				: (int64) tap_below(state, 100);
		case SAMPLE_RISING:
			return i == 0 ? INT64CONST(800000000000000) : last + 990 + (int64) tap_below(state, 20);
		case SAMPLE_MILLISECONDS:
			return INT64CONST(800000000000123) + 1000 * (int64) tap_below(state, 3600000);
		case SAMPLE_FEW:
			return (int64) (UINT64CONST(0x9e3779b97f4a7c15) * (1 + tap_below(state, 40)));
		case SAMPLE_EXTREME:
			return extremes[tap_below(state, lengthof(extremes))];
		case SAMPLE_DECIMAL:
			return float_bits(tap_below(state, 100000) / 100.0, order);
		case SAMPLE_FLOATS:
			return tap_below(state, 10) == 0 ? odd_float(state, order)
				: float_bits((double) tap_random(state) / 3.0 - 1e18, order);
		default:
			return (int64) tap_random(state);
	}
}

static FsAddr
make_addr(SampleRule rule, uint32 i, uint64 *state)
{
	FsAddr		addr = {4, 32, {10, 0, 0, 1}};
	uint64		x = rule == SAMPLE_DISTINCT ? tap_random(state) : tap_below(state, 500);

	if (rule == SAMPLE_CONSTANT)
		return addr;
	x = rule == SAMPLE_V4 || rule == SAMPLE_DISTINCT ? x : x * UINT64CONST(0x9e3779b97f4a7c15);
	memcpy(addr.addr, &x, 4);
	if (rule == SAMPLE_V6 || rule == SAMPLE_EXTREME || (rule == SAMPLE_MIXED && x % 3 == 0))
	{
		addr.family = 6;
		addr.bits = 128;
		memset(addr.addr, 0, 16);
		addr.addr[0] = rule == SAMPLE_EXTREME ? 0xff : 0x20;
		addr.addr[1] = 0x01;
		if (rule == SAMPLE_EXTREME)
			x = tap_random(state);
		memcpy(addr.addr + 8, &x, 8);
	}
	if (rule == SAMPLE_PREFIXES && x % 5 == 0)
		addr.bits = x % 33;
	return addr;
}

static uint32
make_bytes(SampleRule rule, uint32 i, uint8 *dst, uint64 *state)
{
	uint32		len;
	uint32		j;

	switch (rule)
	{
		case SAMPLE_EMPTY:
			return 0;
		case SAMPLE_CONSTANT:
			memcpy(dst, "constant", 8);
			return 8;
		case SAMPLE_WORDS:
			j = (uint32) tap_below(state, 300);
			return j == 0 ? 0 : (uint32) sprintf((char *) dst, "%*shost%u.example.net",
												 (int) j % 40, "", j * j);
		case SAMPLE_LONG:
			len = (uint32) tap_below(state, tap_below(state, 100) == 0 ? 100000 : 100);
			for (j = 0; j < len; j++)
				dst[j] = 'a' + j % (1 + i % 26);
			return len;
		case SAMPLE_DISTINCT:
			return (uint32) sprintf((char *) dst, "%llx.example",
									(unsigned long long) tap_random(state));
		default:
			len = (uint32) tap_below(state, 40);
			for (j = 0; j < len; j++)
				dst[j] = (uint8) tap_random(state);
			return len;
	}
}

static void
make_nulls(Sample *sample, uint32 one_in, FsArena *arena, uint64 *state)
{
	uint32		len = (sample->nrows + 7) / 8;
	uint8	   *nulls;
	uint32		i;

	if (one_in == 0)
		return;
	nulls = arena->alloc(arena, len);
	memset(nulls, 0, len);
	for (i = 0; i < sample->nrows; i++)
		if (tap_below(state, one_in) == 0)
			nulls[i / 8] |= 1 << (i % 8);

	/* bits of no row are anything */
	if (sample->nrows % 8 != 0)
		nulls[len - 1] |= 0xff << (sample->nrows % 8);
	sample->values.nulls = nulls;
}

static void
make_all_bytes(Sample *sample, SampleRule rule, FsArena *arena, uint64 *state)
{
	uint32		nrows = sample->nrows;
	uint32	   *offs = arena->alloc(arena, (nrows + 1) * sizeof(uint32));
	uint8	   *bytes = arena->alloc(arena, (size_t) nrows * 1200 + 200000);
	uint32		i;

	offs[0] = 0;
	for (i = 0; i < nrows; i++)
		offs[i + 1] = offs[i] + make_bytes(rule, i, bytes + offs[i], state);
	sample->values.offs = offs;
	sample->values.bytes = bytes;
}

Sample
sample_make(uint8 kind, uint8 order, SampleRule rule, uint32 nrows,
			uint32 null_one_in, FsArena *arena)
{
	Sample		sample;
	uint64		state = 88172645463325252 + rule * 1000 + nrows + null_one_in;
	int64	   *ints;
	FsAddr	   *addrs;
	uint32		i;

	memset(&sample, 0, sizeof(sample));
	sample.spec.id = 1;
	sample.spec.kind = kind;
	sample.spec.order = order;
	sample.spec.width = kind == FS_KIND_INT ? 8 : 0;
	sample.spec.cmp = order == FS_ORDER_CALLBACK ? sample_compare_bytes : NULL;
	sample.nrows = nrows;
	make_nulls(&sample, null_one_in, arena, &state);
	if (kind == FS_KIND_BYTES)
		make_all_bytes(&sample, rule, arena, &state);
	else if (kind == FS_KIND_ADDR)
	{
		addrs = arena->alloc(arena, nrows * sizeof(FsAddr));
		for (i = 0; i < nrows; i++)
			addrs[i] = make_addr(rule, i, &state);
		sample.values.addrs = addrs;
	}
	else
	{
		ints = arena->alloc(arena, nrows * sizeof(int64));
		for (i = 0; i < nrows; i++)
			ints[i] = make_int(rule, order, i, i > 0 ? ints[i - 1] : 0, &state);
		sample.values.ints = ints;
	}
	return sample;
}
