/*-------------------------------------------------------------------------
 *
 * What the encoders of the three kinds are given.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ENCODER_H
#define FS_FORMAT_ENCODER_H

#include "format/column.h"
#include "format/scratch.h"
#include "format/shape.h"
#include "format/writer.h"

typedef struct FsEncoder
{
	FsScratch	scratch;		/* reset after each column */
	FsWriter	out;			/* the chunk */
	uint32		nrows;			/* units: rows, or what has a value each */
	const FsShape *units;		/* the same by vector */
	FsShape		shape;			/* of the units that are not null */
	bool		has_zones;		/* bounds of vectors are written */
	bool		is_thorough;	/* time matters less than bytes */
} FsEncoder;

/* Whether row i of the values is null. */
static inline bool
fs_encoder_is_null(const FsColumnValues *values, uint32 i)
{
	return values->nulls && (values->nulls[i / 8] >> (i % 8) & 1) != 0;
}

#endif							/* FS_FORMAT_ENCODER_H */
