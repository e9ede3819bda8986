/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_INT.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_INTS_H
#define FS_FORMAT_INTS_H

#include "format/encoder.h"
#include "format/seq.h"

typedef struct FsIntZones
{
	uint64		mins[FS_CHUNK_MAX_VECTORS];
	uint64		maxs[FS_CHUNK_MAX_VECTORS];
} FsIntZones;

/* From what a sequence holds to values. */
typedef struct FsScaling
{
	uint64		add;
	uint64		multiply;
	uint8		scale;			/* 0, or 1 + decimal places of floats */
	bool		is_float4;
} FsScaling;

typedef struct FsInts
{
	FsSeq		seq;
	FsScaling	scaling;
	bool		has_zones;
	FsIntZones	zones;
} FsInts;

/* Bytes that a column takes at most, without its nulls. */
static inline uint64
fs_ints_bound(uint32 nvecs)
{
	return 32 + (uint64) nvecs * 16 + fs_seq_bound(nvecs);
}

/*
 * Write the sections after the nulls; sets zone and encoding of *meta.  At
 * least one value is not null.
 */
extern void fs_ints_encode(FsEncoder *encoder, const FsColumnValues *values,
						   FsColumnMeta *meta);

/*
 * Set the bounds of *meta and write those of vectors, if there are any and
 * more than one vector.
 */
extern void fs_ints_encode_zones(FsEncoder *encoder,
								 const FsColumnValues *values,
								 FsColumnMeta *meta);

/* Parse what fs_ints_encode_zones() wrote for nvecs > 1 vectors. */
extern bool fs_ints_open_zones(FsCursor *cursor, const FsColumnMeta *meta,
							   uint32 nvecs, FsIntZones *zones)
			__attribute__((warn_unused_result));

/* Parse these sections; shape and bytes must outlive *ints. */
extern bool fs_ints_open(FsCursor *cursor, const FsColumnMeta *meta,
						 const FsShape *shape, FsArena *arena, FsInts *ints)
			__attribute__((warn_unused_result));

/* As fs_seq_constant(). */
extern bool fs_ints_constant(const FsInts *ints, uint32 v, uint64 *value);

/* Decode vector v to values[its count]. */
extern bool fs_ints_read(const FsInts *ints, uint32 v, uint64 *values,
						 FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_INTS_H */
