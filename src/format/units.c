/*-------------------------------------------------------------------------
 *
 * Columns of integers, before they are rows.
 *
 * Bits are woven 32 conversations at a time: both rows' bits side by side,
 * without those of second rows that are not there.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/enc.h"
#include "format/kernel.h"
#include "format/reader.h"
#include "format/units.h"

#ifdef FS_HAS_AVX2
#include <immintrin.h>
#endif

#define HALF		32			/* conversations that are woven at once */
#define EVEN_BITS	UINT64CONST(0x5555555555555555)

bool
fs_units_open(FsColumnReader *reader, uint32 v, FsUnits *units)
{
	uint8		place = reader->meta.place;
	FsColumnReader *partner = reader->partner;

	if (reader->meta.kind != FS_KIND_INT || reader->function || v >= reader->rows.nvecs ||
		reader->part.is_empty || !fs_flags_is_clear(&reader->part.nulls, v) ||
		(partner && (partner->part.is_empty || !fs_flags_is_clear(&partner->part.nulls, v))) ||
		(place == FS_PLACE_PAIRED && reader->seconds.is_empty))
		return false;
	units->reader = reader;
	units->v = v;
	units->is_same = false;
	units->parts[0] = units->parts[1] = &reader->part;
	units->n[0] = units->n[1] = fs_shape_count(reader->part.nulls.units, v);
	units->form = FS_UNITS_SIDES;
	if (place == FS_PLACE_PAIRED)
	{
		units->form = FS_UNITS_SUMS;
		units->parts[1] = &reader->seconds;
		units->n[1] = fs_shape_count(reader->seconds.nulls.units, v);
	}
	else if (place == FS_PLACE_SWAPPED)
		units->parts[1] = &partner->part;
	else if (place == FS_PLACE_SHARED)
		units->is_same = true;
	else
		units->form = FS_UNITS_ROWS;
	return true;
}

uint32
fs_units_dict_n(const FsUnits *units, int side)
{
	return fs_seq_dict_count(&units->parts[side]->of.ints.seq);
}

const int64 *
fs_units_dict(FsUnits *units, int side, FsFault *fault)
{
	return (const int64 *) fs_seq_dict_values(&units->parts[side]->of.ints.seq, fault);
}

bool
fs_units_codes(FsUnits *units, int side, const uint32 **codes, FsFault *fault)
{
	return fs_part_read_codes(units->parts[side], units->v, codes, fault);
}

bool
fs_units_bounds(const FsUnits *units, int side, int64 *low, int64 *high)
{
	const FsInts *ints = &units->parts[side]->of.ints;
	const FsPacked *packed = &ints->seq.packed;
	uint64		value;
	uint64		span;

	if (units->n[side] == 0)
		return false;
	if (fs_ints_constant(ints, units->v, &value))
	{
		*low = *high = (int64) value;
		return true;
	}
	if (ints->seq.form != FS_ENC_FOR || ints->scaling.scale != 0)
		return false;
	value = fs_little_get(packed->bases + units->v * packed->base_len, packed->base_len);
	span = packed->widths[units->v] >= HALF ? PG_UINT64_MAX
		: (UINT64CONST(1) << packed->widths[units->v]) - 1;
	/* so small that nothing below overflows but the last sum */
	if (value > PG_UINT32_MAX || span > PG_UINT32_MAX || ints->scaling.multiply > PG_INT32_MAX / 4)
		return false;
	return !__builtin_add_overflow((int64) ints->scaling.add, (int64) (value * ints->scaling.multiply), low) &&
		!__builtin_add_overflow(*low, (int64) (span * ints->scaling.multiply), high);
}

bool
fs_units_values(FsUnits *units, int side, const int64 **values, FsFault *fault)
{
	const FsVector *vec;

	if (!fs_part_read(units->parts[side], units->v, &vec, fault))
		return false;
	*values = vec->ints;
	return true;
}

void
fs_units_seconds(const FsUnits *units, uint64 *bits)
{
	fs_flags_bits(&units->reader->frame->has_second, units->v, bits);
}

/* Up to HALF conversations: bits of rows, and how many rows they have. */
typedef struct Woven
{
	uint64		bits;
	uint32		n;
} Woven;

#ifdef FS_HAS_AVX2

#define FS_BMI2		__attribute__((target("bmi2,popcnt")))

FS_BMI2 static Woven
weave_half_bmi2(uint32 first, uint32 second, uint32 seconds, uint32 nconvs)
{
	uint64		both = _pdep_u64(first, EVEN_BITS) | _pdep_u64(second, ~EVEN_BITS);
	uint64		mask = EVEN_BITS | _pdep_u64(seconds, ~EVEN_BITS);
	Woven		woven;

	if (nconvs < HALF)
		mask &= (UINT64CONST(1) << (2 * nconvs)) - 1;
	woven.bits = _pext_u64(both, mask);
	woven.n = (uint32) __builtin_popcountll(mask);
	return woven;
}

FS_BMI2 static uint32
spread_half_bmi2(uint64 dense, uint32 seconds)
{
	return (uint32) _pdep_u64(dense, seconds);
}

#endif

static Woven
weave_half(uint32 first, uint32 second, uint32 seconds, uint32 nconvs)
{
	Woven		woven = {0, 0};
	uint32		c;

#ifdef FS_HAS_AVX2
	if (__builtin_cpu_supports("bmi2"))
		return weave_half_bmi2(first, second, seconds, nconvs);
#endif
	for (c = 0; c < nconvs; c++)
	{
		woven.bits |= (uint64) (first >> c & 1) << woven.n++;
		if ((seconds >> c & 1) != 0)
			woven.bits |= (uint64) (second >> c & 1) << woven.n++;
	}
	return woven;
}

/* Bits one after the other to where there is a second row. */
static uint32
spread_half(uint64 dense, uint32 seconds)
{
	uint32		spread = 0;

#ifdef FS_HAS_AVX2
	if (__builtin_cpu_supports("bmi2"))
		return spread_half_bmi2(dense, seconds);
#endif
	for (; seconds != 0; seconds &= seconds - 1, dense >>= 1)
		if ((dense & 1) != 0)
			spread |= seconds & -seconds;
	return spread;
}

/* 32 bits from one on, of words of which the last is 0. */
static inline uint32
half_of(const uint64 *bits, uint32 from)
{
	uint64		x = bits[from / 64] >> (from % 64);

	if (from % 64 > HALF)
		x |= bits[from / 64 + 1] << (64 - from % 64);
	return (uint32) x;
}

void
fs_units_weave(const FsUnits *units, const uint64 *first,
			   const uint64 *second, bool is_dense, uint64 *rows)
{
	FsColumnReader *reader = units->reader;
	uint64		seconds[FS_FLAGS_WORDS];
	uint64		turn[FS_FLAGS_WORDS] = {0};
	uint64		theirs[FS_FLAGS_WORDS + 1] = {0};
	uint64		out[FS_FLAGS_WORDS + 1] = {0};
	uint32		at = 0;			/* second rows so far */
	uint32		k = 0;			/* rows so far */
	uint32		c;

	memcpy(theirs, second, FS_FLAGS_WORDS * sizeof(uint64));
	fs_units_seconds(units, seconds);
	if (reader->turn > 0 && !units->is_same)
		fs_flags_bits(&reader->frame->turns[reader->turn - 1], units->v, turn);
	for (c = 0; c < units->n[0]; c += HALF)
	{
		uint32		nconvs = Min(HALF, units->n[0] - c);
		uint32		has_second = half_of(seconds, c);
		uint32		a = half_of(first, c);
		uint32		b = is_dense ? spread_half(half_of(theirs, at), has_second) : half_of(theirs, c);
		uint32		change = (a ^ b) & half_of(turn, c);
		Woven		woven = weave_half(a ^ change, b ^ change, has_second, nconvs);

		out[k / 64] |= woven.bits << (k % 64);
		if (k % 64 + woven.n > 64)
			out[k / 64 + 1] |= woven.bits >> (64 - k % 64);
		k += woven.n;
		at += woven.n - nconvs;
	}
	memcpy(rows, out, FS_FLAGS_WORDS * sizeof(uint64));
}
