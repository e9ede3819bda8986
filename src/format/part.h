/*-------------------------------------------------------------------------
 *
 * Parts: values of units, which are rows or conversations.
 *
 * A column by row is one part.  Columns that share with others (column.h,
 * FsPlace) are made of several.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PART_H
#define FS_FORMAT_PART_H

#include "format/addrs.h"
#include "format/bytes.h"
#include "format/flags.h"
#include "format/ints.h"

typedef struct FsPart
{
	FsArena    *arena;
	uint8		kind;			/* FsKind */
	uint8		form;			/* FsEncoding of what follows the nulls */
	bool		is_coded;		/* a sequence of codes < dict_n */
	bool		is_empty;		/* there is no value that is not null */
	FsFlags		nulls;
	uint32		dict_n;			/* 0: no dictionary */
	union
	{
		FsInts		ints;
		FsAddrs		addrs;
		FsBytes		bytes;
		FsSeq		codes;
	}			of;

	/* the vector as stored, and spread over units; made when needed */
	int64		loaded;			/* vector, or -1 */
	FsVector	vector;
	bool	   *is_null;
	uint64	   *dense_ints;
	uint64	   *ints;
	int64		loaded_codes;	/* of INT: vector whose dense_codes are there */
	uint32	   *dense_codes;	/* or lengths */
	uint32	   *codes;
	FsAddr	   *dense_addrs;
	FsAddr	   *addrs;
	const uint8 **dense_ptrs;
	const uint8 **ptrs;
	bool		is_filled;		/* dense_ints or dense_codes are all this */
	uint64		filled;
} FsPart;

typedef struct FsPartInput
{
	const FsColumnMeta *meta;	/* kind, order, encoding of ADDR and BYTES;
								 * zone.has_bounds: the part has bounds of
								 * vectors */
	const FsShape *units;		/* must outlive the part */
	bool		is_coded;
	uint32		dict_n;
	FsArena    *arena;
} FsPartInput;

/* Bytes that a part of n units takes at most, of len bytes if kind BYTES. */
static inline uint64
fs_part_bound(uint8 kind, uint32 nvecs, uint64 len)
{
	return FS_FLAGS_BOUND +
		(kind == FS_KIND_INT ? fs_ints_bound(nvecs) :
		 kind == FS_KIND_ADDR ? fs_addrs_bound(nvecs) : fs_bytes_bound(nvecs, len));
}

/*
 * Write a part of encoder's units.  Sets encoder->shape, encoding of *meta,
 * and, if encoder->has_zones, its bounds (not those of codes).
 */
extern void fs_part_encode(FsEncoder *encoder, const FsColumnSpec *spec,
						   const FsColumnValues *values, FsColumnMeta *meta);

/* Parse a part; the bytes must outlive it. */
extern bool fs_part_open(FsCursor *cursor, const FsPartInput *in, FsPart *part)
			__attribute__((warn_unused_result));

/* A part without bytes of which all units are null; cannot fail. */
extern void fs_part_open_null(const FsPartInput *in, FsPart *part);

/*
 * The codes of vector v of a part of kind INT without nulls, whose sequence
 * has a dictionary.  They live until another vector is read.
 */
extern bool fs_part_read_codes(FsPart *part, uint32 v, const uint32 **codes,
							   FsFault *fault)
			__attribute__((warn_unused_result));

/* Leave the arrays that were given out to whoever has them. */
extern void fs_part_detach(FsPart *part);

/*
 * Decode vector v: *result is about units instead of rows, belongs to the
 * part, and lives until another vector is read.
 */
extern bool fs_part_read(FsPart *part, uint32 v, const FsVector **result,
						 FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * The same for units[n], in any order: in *result only they are set, where that
 * spares work.
 */
extern bool fs_part_read_units(FsPart *part, uint32 v, const uint16 *units,
							   uint32 n, const FsVector **result,
							   FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PART_H */
