/*-------------------------------------------------------------------------
 *
 * Few rows of a vector.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_FEW_H
#define FS_FORMAT_FEW_H

#include "format/expand.h"
#include "format/frame.h"

/* Rows of a vector that are few enough to be read alone. */
#define FS_FEW_MAX	32

/* Rows of a vector, ascending. */
typedef struct FsFewRows
{
	const uint16 *rows;
	uint32		n;				/* FS_FEW_MAX at most */
} FsFewRows;

/* Their conversations. */
typedef struct FsFewUnits
{
	uint16		units[FS_FEW_MAX];
	uint16		seconds[FS_FEW_MAX];	/* second rows of those before it */
	bool		is_second[FS_FEW_MAX];
} FsFewUnits;

extern void fs_few_find(const FsFrame *frame, uint32 v, const FsFewRows *few,
						FsFewUnits *found);

/* Flag i of bits as fs_flags_bits() gives them. */
static inline bool
fs_few_bit(const uint64 *bits, uint32 i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/*
 * Read rows of vector v of a column by conversation: in *out, whose arrays are
 * those of the room, they alone are set.
 */
extern bool fs_few_read(FsColumnReader *reader, uint32 v,
						const FsFewRows *few, FsVectorRoom *room,
						FsVector *out, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_FEW_H */
