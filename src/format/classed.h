/*-------------------------------------------------------------------------
 *
 * Classed sequences: each value says in a few bits how many bits it takes.
 *
 * Values of which most are small and some are large, in no order, take fewer
 * bits so than as differences of one width with exceptions.  The classes are
 * those of the whole sequence.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLASSED_H
#define FS_FORMAT_CLASSED_H

#include "format/cursor.h"
#include "format/shape.h"
#include "format/writer.h"

#define FS_CLASSED_MAX			8	/* classes */
#define FS_CLASSED_MAX_WIDTH	56	/* that one load of 64 bits has at any bit */

/* A class: values from base to base + 2^width - 1. */
typedef struct FsClass
{
	uint64		base;
	uint32		width;
} FsClass;

/* Values whose difference to the smallest has a number of bits. */
typedef struct FsClassedWidth
{
	uint32		count;
	uint64		min;			/* of these differences */
	uint64		max;
} FsClassedWidth;

typedef struct FsClassedCounts
{
	uint64		base;			/* the smallest value */
	FsClassedWidth widths[65];
} FsClassedCounts;

typedef struct FsClassedPlan
{
	uint64		base;
	uint32		count;			/* classes, 2 .. FS_CLASSED_MAX; 0: none */
	uint64		bits;			/* of the classes and all values that were counted */
	FsClass		classes[FS_CLASSED_MAX];
	uint8		of_width[65];	/* class by bits of the difference */
} FsClassedPlan;

extern void fs_classed_begin(FsClassedCounts *counts, uint64 base);

/* Count values[n] - bias. */
extern void fs_classed_count(FsClassedCounts *counts, const uint64 *values,
							 uint32 n, uint64 bias);

/* The classes with which the values take the fewest bits. */
extern void fs_classed_plan(const FsClassedCounts *counts, FsClassedPlan *plan);

/* Number, bases and widths of the classes. */
extern void fs_classed_put_classes(const FsClassedPlan *plan, FsWriter *out);

/* One vector: values[n] - bias; gives its length. */
extern uint32 fs_classed_encode(const FsClassedPlan *plan, const uint64 *values,
								uint32 n, uint64 bias, FsWriter *out);

typedef struct FsClassed
{
	uint32		count;
	FsClass		classes[FS_CLASSED_MAX];
} FsClassed;

/* Parse what fs_classed_put_classes() writes; there may be none. */
extern bool fs_classed_get_classes(FsCursor *cursor, FsClassed *classed)
			__attribute__((warn_unused_result));

/* Parse what follows the form; off[nvecs + 1] of vectors in the payload. */
extern bool fs_classed_open(FsCursor *cursor, const FsShape *shape,
							FsClassed *classed, uint32 *off)
			__attribute__((warn_unused_result));

/*
 * Decode values[n], adding add to each, from src[len].  Gives NULL, or what
 * is wrong with them.
 */
extern const char *fs_classed_read(const FsClassed *classed, const uint8 *src,
								   uint32 len, uint32 n, uint64 add,
								   uint64 *values)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_CLASSED_H */
