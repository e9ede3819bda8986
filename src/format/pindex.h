/*-------------------------------------------------------------------------
 *
 * The partition index, read: what a set of clustered chunks shares.
 *
 * It holds the set's domains (domain.h) and lists.  A *group* is one or more
 * columns whose values are listed together: for each value, the vectors of
 * the set in which at least one row has it in at least one of the columns.
 * Values of a group of addresses or strings are codes of a domain; those of
 * a group of integers have a *position* among the group's ascending keys.
 * Nulls are in no list.
 *
 * Opening fetches the first 2 kB, which have the head; everything else is
 * fetched when it is first asked for, a block at a time, and checked.  Any
 * bytes are safe.
 * Functions that return bool fill *fault and return false if bytes are
 * damaged; what they were to set is then undefined.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_H
#define FS_FORMAT_PINDEX_H

#include "format/domain.h"
#include "format/vectorset.h"

/* Bytes from the index's start that suffice to learn the head's length. */
#define FS_PINDEX_PREFIX_LEN	32

/* Where the bytes are.  Copies len bytes from offset off on to dst. */
typedef struct FsPindexFetch FsPindexFetch;
struct FsPindexFetch
{
	bool		(*fetch) (FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
						  FsFault *fault);
};

typedef struct FsPindex FsPindex;

typedef struct FsPindexDomain
{
	uint16		number;			/* from 1 */
	uint8		kind;			/* FS_KIND_ADDR or FS_KIND_BYTES */
	uint32		size;			/* values, 1.. */
	uint32		len;			/* bytes it takes in the index */
	uint32		nattributes;
	uint32		ncols;
	const uint16 *cols;			/* [ncols] ids of columns with its codes */
} FsPindexDomain;

typedef struct FsPindexGroup
{
	uint8		kind;			/* FsKind of the columns */
	uint16		domain;			/* FS_DOMAIN_NONE for FS_KIND_INT */
	uint32		size;			/* values: codes or positions */
	uint32		len;			/* bytes it takes in the index */
	uint32		ncols;
	const uint16 *cols;			/* [ncols] ascending ids */
} FsPindexGroup;

/* Codes or positions first .. end - 1; none if first == end. */
typedef struct FsPindexRange
{
	uint32		first;
	uint32		end;
} FsPindexRange;

/* total_len: length of the index; fetch and arena must outlive it. */
extern FsPindex *fs_pindex_open(FsPindexFetch *fetch, uint32 total_len,
								FsArena *arena, FsFault *fault);

/*
 * The first bytes, which have the head; it has the checksums of roots, and
 * they of all else, so that indexes with equal heads are equal.
 */
extern const uint8 *fs_pindex_front(const FsPindex *index, uint32 *len);

/* Chunks of the set, its rows, and its vectors. */
extern uint32 fs_pindex_nchunks(const FsPindex *index);
extern uint32 fs_pindex_nrows(const FsPindex *index);
extern uint32 fs_pindex_nvectors(const FsPindex *index);

/* All domains, and all groups; cannot fail. */
extern const FsPindexDomain *fs_pindex_domains(const FsPindex *index,
											   uint32 *ndomains);
extern const FsPindexGroup *fs_pindex_groups(const FsPindex *index,
											 uint32 *ngroups);

/* Number of the group of fewest columns that has this one, or -1. */
extern int	fs_pindex_group_of(const FsPindex *index, uint16 col);

/* For readers of the set's chunks; lives as long as the index. */
extern FsDomainSource *fs_pindex_source(FsPindex *index);

/*
 * Codes of values.  A value that is not there gives an empty range, and an
 * inverted one, too.  addrs: low <= value <= high in the order of domains
 * (family, address, prefix length); net: those that lie in net, and perhaps
 * some with shorter prefixes.
 */
extern bool fs_pindex_find_addrs(FsPindex *index, uint16 domain,
								 const FsAddr *low, const FsAddr *high,
								 FsPindexRange *range, FsFault *fault)
			__attribute__((warn_unused_result));
extern bool fs_pindex_find_net(FsPindex *index, uint16 domain,
							   const FsAddr *net, FsPindexRange *range,
							   FsFault *fault)
			__attribute__((warn_unused_result));

/* low <= value, and value < high unless high is NULL; memcmp, then length. */
typedef struct FsPindexBytes
{
	const uint8 *ptr;
	uint32		len;
} FsPindexBytes;

extern bool fs_pindex_find_bytes(FsPindex *index, uint16 domain,
								 const FsPindexBytes *value,
								 FsPindexRange *range, FsFault *fault)
			__attribute__((warn_unused_result));
extern bool fs_pindex_find_bytes_range(FsPindex *index, uint16 domain,
									   const FsPindexBytes *low,
									   const FsPindexBytes *high,
									   FsPindexRange *range, FsFault *fault)
			__attribute__((warn_unused_result));

/* Positions of low <= value <= high (signed) in a group of integers. */
extern bool fs_pindex_find_ints(FsPindex *index, uint32 group, int64 low,
								int64 high, FsPindexRange *range,
								FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * Add to *set, which has fs_pindex_nvectors(), the vectors of all values of
 * the range.  *is_listed becomes false if some of these values are not
 * listed because their lists would have cost too much: then any vector may
 * have them and *set says nothing.
 */
extern bool fs_pindex_union(FsPindex *index, uint32 group,
							FsPindexRange range, FsVectorSet *set,
							bool *is_listed, FsFault *fault)
			__attribute__((warn_unused_result));

/* Fetch and check everything, for flow.check(). */
extern bool fs_pindex_check(FsPindex *index, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PINDEX_H */
