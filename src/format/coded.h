/*-------------------------------------------------------------------------
 *
 * Dictionaries whose values belong to a domain: a chunk holds codes only.
 *
 * A chunk's dictionary is the ascending subset of the domain's codes that
 * occur in it.  Rows hold codes of the subset, dense from 0 on.  Domains
 * ascend as values do, and so do both kinds of codes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CODED_H
#define FS_FORMAT_CODED_H

#include "format/domain.h"
#include "format/encoder.h"
#include "format/seq.h"

/* a subset has no more codes than this */
#define FS_CODED_MAX	FS_CHUNK_MAX_ROWS

typedef struct FsCoded
{
	uint16		domain;
	uint32		size;			/* of the domain */
	uint32		count;			/* of the subset, 1 .. FS_CODED_MAX */
	uint32	   *codes;			/* [count] of the domain, ascending */
} FsCoded;

typedef struct FsCodedZones
{
	uint32		mins[FS_CHUNK_MAX_VECTORS];
	uint32		maxs[FS_CHUNK_MAX_VECTORS];
} FsCodedZones;

/* Bytes that a dictionary and zones take at most. */
#define FS_CODED_BOUND	(16 + 32 * FS_CHUNK_MAX_VECTORS + \
						 fs_seq_bound(FS_CHUNK_MAX_VECTORS))

/*
 * Collect the codes of n columns of one domain, each of nrows rows, and
 * translate them: dense[n][nrows], anything under nulls.  Returns false if
 * there is no value, or there are more than FS_CODED_MAX.
 */
extern bool fs_coded_build(const FsColumnValues *const *columns, uint32 n,
						   uint32 nrows, FsScratch *scratch, FsCoded *coded,
						   uint32 **dense);

/* Write the dictionary. */
extern void fs_coded_encode(const FsCoded *coded, FsScratch *scratch,
							FsWriter *out);

/* Parse it; coded->domain FS_DOMAIN_NONE: it is that of the swap's partner. */
extern bool fs_coded_open(FsCursor *cursor, FsArena *arena, FsCoded *coded)
			__attribute__((warn_unused_result));

/*
 * Bounds of vectors of values given as codes of the subset, by row; nothing
 * is written for one vector.  encoder->shape is that of the values.
 */
extern void fs_coded_encode_zones(FsEncoder *encoder,
								  const FsColumnValues *values, uint32 count);
extern bool fs_coded_open_zones(FsCursor *cursor, uint32 nvecs, uint32 count,
								FsCodedZones *zones)
			__attribute__((warn_unused_result));

/* Set the bounds of a column's meta from the values of its subset. */
extern bool fs_coded_find_bounds(const FsCoded *coded,
								 const FsColumnSpec *spec,
								 FsDomainSource *domains, FsScratch *scratch,
								 FsColumnMeta *meta, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_CODED_H */
