/*-------------------------------------------------------------------------
 *
 * Packed sequences: integers of 64 bits, as differences of few bits.
 *
 * The forms FS_ENC_CONSTANT, FOR, PFOR and DELTA share one layout and one
 * decoder, CLASSED (classed.h) has its own; sequences of runs and of codes (seq.h) are built from them.
 *
 * Values are bits: what is added or subtracted wraps, so that signed and
 * unsigned integers of any size survive.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PACKED_H
#define FS_FORMAT_PACKED_H

#include "format/classed.h"
#include "format/cursor.h"
#include "format/range.h"
#include "format/shape.h"
#include "format/writer.h"

/*
 * What is encoded: values[i] - bias for each i.  The differences are taken
 * as unsigned; ranges are those of the differences.
 */
typedef struct FsPackedInput
{
	const uint64 *values;
	uint64		bias;
	const FsShape *shape;
	const FsRange *ranges;		/* [shape->nvecs] */
	bool		is_thorough;	/* time matters less than bytes */
} FsPackedInput;

typedef struct FsPackedVector
{
	uint64		base;
	uint64		first;			/* DELTA: value of the first row */
	uint16		nexceptions;
	uint8		width;
	uint8		excess_width;
} FsPackedVector;

typedef struct FsPackedPlan
{
	uint8		form;
	uint8		base_len;
	uint8		first_len;
	uint64		constant;
	uint64		size;			/* bytes; exact but for CLASSED */
	FsPackedVector vecs[FS_CHUNK_MAX_VECTORS];
	FsClassedPlan classed;		/* CLASSED */
} FsPackedPlan;

typedef struct FsPacked
{
	uint8		form;
	uint8		base_len;
	uint8		first_len;
	uint64		constant;
	const FsShape *shape;
	const uint8 *widths;		/* [nvecs] */
	const uint8 *nexceptions;	/* [nvecs] of 2 bytes, or NULL */
	const uint8 *excess_widths; /* [nvecs], or NULL */
	const uint8 *bases;			/* [nvecs] of base_len bytes */
	const uint8 *firsts;		/* [nvecs] of first_len bytes */
	FsClassed	classed;		/* CLASSED */
	const uint8 *payload;
	uint32		payload_off;	/* in the column */
	FsRegion   *region;			/* to be asked for payload; or NULL */
	uint32		off[FS_CHUNK_MAX_VECTORS + 1];	/* of vectors, in payload */
} FsPacked;

/* Bytes that n values in nvecs vectors take at most. */
static inline uint64
fs_packed_bound(uint32 nvecs)
{
	return 16 + (uint64) nvecs * (FS_VECTOR_ROWS * 8 + 32);
}

/* Choose the form by size: by eight vectors, if there are more. */
extern void fs_packed_plan(const FsPackedInput *in, FsPackedPlan *plan);

/* Write what was planned; the first byte is plan->form. */
extern void fs_packed_encode(const FsPackedInput *in,
							 const FsPackedPlan *plan, FsWriter *out);

/* Parse a sequence whose first byte, the form, was already read. */
extern bool fs_packed_open(FsCursor *cursor, uint8 form,
						   const FsShape *shape, FsPacked *packed)
			__attribute__((warn_unused_result));

/*
 * Whether vector v, which has values, is known to have one value only, and
 * which; costs nothing.  Cannot fail.
 */
extern bool fs_packed_constant(const FsPacked *packed, uint32 v,
							   uint64 *value);

/* Decode vector v to values[its count], adding add to each. */
extern bool fs_packed_read(const FsPacked *packed, uint32 v, uint64 add,
						   uint64 *values, FsFault *fault)
			__attribute__((warn_unused_result));

/* The same to 32 bits; higher bits are a fault. */
extern bool fs_packed_read32(const FsPacked *packed, uint32 v,
							 uint32 *values, FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode all values to values[n]. */
extern bool fs_packed_read_all(const FsPacked *packed, uint64 *values,
							   FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PACKED_H */
