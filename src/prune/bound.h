/*-------------------------------------------------------------------------
 *
 * One value against the bounds of a zone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_BOUND_H
#define FS_PRUNE_BOUND_H

#include "postgres.h"

#include "am/typemap.h"

typedef enum FsTest
{
	FS_TEST_EQ,
	FS_TEST_NE,
	FS_TEST_LT,
	FS_TEST_LE,
	FS_TEST_GT,
	FS_TEST_GE,
	FS_TEST_WITHIN,				/* inet: inside the subnet, or equal to it */
	FS_TEST_OVERLAP,			/* or the subnet inside it */
	FS_TEST_MEMBER				/* inet: all of it is in a set of addresses */
} FsTest;

/* A value in the form in which zones keep theirs. */
typedef struct FsBound
{
	bool		is_known;		/* false: the test says nothing */
	bool		is_null;		/* the test is never true */
	FsOrder		order;
	int64		i;				/* INT, UINT */
	double		f;				/* FLOAT4, FLOAT8 */
	const uint8 *bytes;			/* ADDR (first address), BYTES, CALLBACK */
	uint32		len;
	uint8		addr[17];		/* WITHIN, OVERLAP: last address of the subnet */
	uint8		bits;			/* ADDR: prefix length */
} FsBound;

/*
 * Turn a Datum of type type into a bound for a column stored as map; copies
 * into the current memory context.
 */
extern void fs_bound_set(FsBound *bound, const FsTypeMap *map, Oid type,
						 Datum value, bool isnull, FsTest test);

/* True if values of this type can be compared with such a column's bounds. */
extern bool fs_bound_accepts(const FsTypeMap *map, Oid type, FsTest test);

/*
 * Sign of a - b, both known and not null, in the order in which zones of such
 * a column have their bounds.
 */
extern int fs_bound_compare(const FsBound *a, const FsBound *b,
							const FsTypeMap *map);

/* Sign of bound - the zone's minimum. */
extern int fs_bound_compare_min(const FsBound *bound, const FsTypeMap *map,
								const FsZone *zone);

/* False if "column test bound" is not true for any value of the zone. */
extern bool fs_bound_may_match(const FsBound *bound, FsTest test,
							   const FsTypeMap *map, const FsZone *zone);

#endif							/* FS_PRUNE_BOUND_H */
