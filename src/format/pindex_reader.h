/*-------------------------------------------------------------------------
 *
 * An open partition index, as its own files see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_READER_H
#define FS_FORMAT_PINDEX_READER_H

#include "format/pindex_layout.h"
#include "format/seq.h"

/* An arena for what is needed for one call; emptied by each fetch. */
typedef struct FsPindexTemp
{
	FsArena		arena;			/* first: arenas are cast to this */
	FsArena    *parent;
	uint8	   *memory;
	size_t		size;
	size_t		used;
} FsPindexTemp;

/* Bytes that were fetched, followed by FS_RISING_PADDING zeros. */
typedef struct FsPindexRaw
{
	uint8	   *bytes;
	uint32		cap;
} FsPindexRaw;

/* A directory and its blocks; their lengths are known once it is loaded. */
typedef struct FsPindexPart
{
	uint32		dir_off;
	uint32		dir_len;
	uint32		dir_crc;
	uint32		blocks_len;
	bool		is_loaded;
	uint32		nblocks;
	uint32	   *off;			/* [nblocks + 1] from the index's start; equal to
								 * the next: the block was left out */
} FsPindexPart;

/* blocks of addresses that are kept decoded */
#define FS_PINDEX_CACHE		16

typedef struct FsPindexAddrs
{
	int64		block;			/* -1: none */
	FsAddrNumber values[FS_PINDEX_BLOCK];
} FsPindexAddrs;

typedef struct FsPindexStrings
{
	const uint8 *bytes;			/* NULL: not decoded yet */
	uint32	   *ends;			/* [strings of the block] */
} FsPindexStrings;

typedef struct FsPindexTable
{
	uint32		off;
	uint32		len;
	uint32		crc;
	FsSeq	   *parts;		/* of FS_PINDEX_ATTRIBUTE values each, or NULL:
								 * not fetched yet */
	bool	   *is_loaded;		/* [vectors of all parts] */
	int64	   *values;			/* [size], of the vectors that are loaded */
} FsPindexTable;

typedef struct FsPindexDomainReader
{
	FsPindexDomain info;
	FsPindexPart part;
	FsPindexTable *attributes;	/* [info.nattributes] */

	/* ADDR */
	uint32		count4;
	uint32		nblocks4;
	FsAddrNumber *firsts;		/* [nblocks], of no prefix length */
	FsClassed	gaps;			/* between IPv4 addresses; or no classes */
	int64		block;			/* the one in values, -1: none */
	const FsAddrNumber *values; /* [its count] */
	FsPindexAddrs *cache[FS_PINDEX_CACHE];	/* by block, modulo; or NULL */

	/* BYTES */
	uint32	   *starts;			/* [nblocks + 1] first code of each block */
	FsPindexBytes *separators;	/* [nblocks] */
	FsPindexStrings *strings;	/* [nblocks] */
} FsPindexDomainReader;

typedef struct FsPindexGroupReader
{
	FsPindexPart part;
	int64	   *firsts;			/* INT: [nblocks] */
	int64		block;			/* the one in lists and keys, -1: none */
	int64		keys[FS_PINDEX_BLOCK];	/* INT */
	FsListsBlock lists;
	FsPindexRaw raw;
} FsPindexGroupReader;

struct FsPindex
{
	FsDomainSource source;		/* first: sources are cast to this */
	FsPindexFetch *fetch;
	FsArena    *arena;
	FsPindexTemp temp;
	FsPindexRaw raw;
	FsPindexUnpack unpack;
	uint32		total_len;
	uint32		nrows;
	FsListsShape shape;
	uint32		ndomains;
	uint32		ngroups;
	FsPindexDomain *domain_infos;	/* [ndomains] */
	FsPindexGroup *group_infos; /* [ngroups] */
	FsPindexDomainReader *domains;	/* [ndomains] */
	FsPindexGroupReader *groups;	/* [ngroups] */
};

/* Codes from the first of address block b on, and how many. */
static inline uint32
fs_pindex_addrs_start(const FsPindexDomainReader *domain, uint32 b)
{
	return b < domain->nblocks4 ? b * FS_PINDEX_BLOCK :
		domain->count4 + (b - domain->nblocks4) * FS_PINDEX_BLOCK;
}

static inline uint32
fs_pindex_addrs_count(const FsPindexDomainReader *domain, uint32 b)
{
	uint32		end = b < domain->nblocks4 ? domain->count4 : domain->info.size;

	return Min(end - fs_pindex_addrs_start(domain, b), FS_PINDEX_BLOCK);
}

/* String i of block b, which is loaded. */
static inline FsPindexBytes
fs_pindex_string(const FsPindexDomainReader *domain, uint32 b, uint32 i)
{
	const FsPindexStrings *strings = &domain->strings[b];
	uint32		start = i > 0 ? strings->ends[i - 1] : 0;
	FsPindexBytes string = {strings->bytes + start, strings->ends[i] - start};

	return string;
}

#endif							/* FS_FORMAT_PINDEX_READER_H */
