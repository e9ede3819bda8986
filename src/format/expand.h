/*-------------------------------------------------------------------------
 *
 * From conversations to rows: vectors in rooms of a reader.
 *
 * These functions make *out of a room, whose arrays are made when they are
 * first needed.  They cannot fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_EXPAND_H
#define FS_FORMAT_EXPAND_H

#include "format/column.h"

/* Room for a vector and what a loop without branches writes behind it. */
typedef struct FsVectorRoom
{
	bool	   *is_null;
	int64	   *ints;
	uint32	   *codes;
	FsAddr	   *addrs;
	const uint8 **ptrs;
	uint32	   *lens;
	bool		has_nulls;		/* is_null is not all false */
	bool		is_filled;		/* all ints or codes are this */
	uint64		filled;
} FsVectorRoom;

/* One value in all rows, as ints[0] or codes[0] of units, or of one row. */
extern void fs_expand_constant(FsColumnReader *reader, const FsVector *units,
							   uint32 nrows, FsVectorRoom *room, FsVector *out);

/* The same vector. */
extern void fs_expand_copy(FsColumnReader *reader, const FsVector *units,
						   FsVectorRoom *room, FsVector *out);

/*
 * Values of conversations for their rows.  first and second give the values
 * of first and second rows, or are the same; the reader's turn says where
 * they change places.
 */
extern void fs_expand_rows(FsColumnReader *reader, uint32 v,
						   const FsVector *first, const FsVector *second,
						   FsVectorRoom *room, FsVector *out);

/* The same for values of first rows, and differences of second rows. */
extern void fs_expand_paired(FsColumnReader *reader, uint32 v,
							 const FsVector *first,
							 const FsVector *differences,
							 FsVectorRoom *room, FsVector *out);

/* Begin *out: arrays are those of the room, no row is null. */
extern void fs_expand_begin(FsColumnReader *reader, uint32 nrows,
							FsVectorRoom *room, FsVector *out);

#endif							/* FS_FORMAT_EXPAND_H */
