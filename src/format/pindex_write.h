/*-------------------------------------------------------------------------
 *
 * The partition index, written: domains first, then groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_WRITE_H
#define FS_FORMAT_PINDEX_WRITE_H

#include "format/addrmap.h"
#include "format/pindex.h"

/* most values of a domain or a group, most domains, most groups */
#define FS_PINDEX_MAX_VALUES	((uint32) 8 * 1024 * 1024)
#define FS_PINDEX_MAX_PARTS	1024

typedef struct FsPindexWriter FsPindexWriter;

/* A domain to write; addrs, or ptrs and lens, by kind. */
typedef struct FsPindexDomainInput
{
	uint16		number;			/* ascending from call to call */
	uint8		kind;
	uint32		size;			/* 1 .. FS_PINDEX_MAX_VALUES */
	const FsAddrNumber *addrs;	/* [size] ascending strictly */
	const uint8 *const *ptrs;	/* [size] ascending strictly */
	const uint32 *lens;			/* [size] */
	const uint16 *cols;			/* [ncols] ascending ids */
	uint32		ncols;
	const uint64 *const *attributes;	/* [nattributes][size] */
	uint32		nattributes;
} FsPindexDomainInput;

/* A group to write: value i is in vectors[starts[i] .. starts[i + 1] - 1]. */
typedef struct FsPindexGroupInput
{
	uint8		kind;
	uint16		domain;			/* or FS_DOMAIN_NONE */
	uint32		size;			/* the domain's, or of keys; not 0 */
	const int64 *keys;			/* FS_KIND_INT: [size] ascending strictly */
	const uint32 *starts;		/* [size + 1] */
	const uint16 *vectors;		/* ascending strictly in each list */
	const uint16 *cols;			/* [ncols] ascending ids */
	uint32		ncols;

	/*
	 * If the lists take more bytes than this, those blocks of lists of
	 * integers are left out that take more than twice their share of it, so
	 * that service ports stay when client ports go.  If that is not enough,
	 * or they are lists of codes, which have no such ranges, all are.
	 */
	uint64		budget;
} FsPindexGroupInput;

/* nrows: of the set, whose chunks are full but for the last. */
extern FsPindexWriter *fs_pindex_write_begin(uint32 nrows, FsArena *arena);
extern void fs_pindex_write_domain(FsPindexWriter *writer,
								   const FsPindexDomainInput *in);

/* Returns false, having written nothing, if no list would be left; that the
 * group is not there says it all. */
extern bool fs_pindex_write_group(FsPindexWriter *writer,
								  const FsPindexGroupInput *in);

/* The bytes; NULL if they would exceed FS_CHUNK_MAX_BYTES. */
extern uint8 *fs_pindex_write_end(FsPindexWriter *writer, uint32 *len);

#endif							/* FS_FORMAT_PINDEX_WRITE_H */
