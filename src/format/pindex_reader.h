/*-------------------------------------------------------------------------
 *
 * An open partition index, as its own files see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_READER_H
#define FS_FORMAT_PINDEX_READER_H

#include "format/pindex_tree.h"
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

/* Root, leaves and blocks. */
typedef struct FsPindexPart
{
	uint8		kind;			/* as FsPindexEntries has it */
	uint32		size;			/* values */
	uint32		nblocks;		/* BYTES: known once the root is there */
	uint32		nblocks4;		/* ADDR: of IPv4 */
	uint32		root_off;
	uint32		root_len;
	uint32		root_crc;
	uint32		off;			/* of leaves, and blocks behind them */
	uint32		len;
	FsPindexNode *root;			/* NULL: not fetched yet */
	FsPindexNode **leaves;		/* NULL: not fetched yet */
} FsPindexPart;

/* blocks of addresses that are kept decoded, or else all of so many */
#define FS_PINDEX_CACHE		16
#define FS_PINDEX_ALL_MAX	(1024 * 1024)

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
	FsPindexPart part;			/* of FS_PINDEX_TABLE values a block */
	int64	  **values;			/* by block; NULL: not decoded yet */
} FsPindexTable;

typedef struct FsPindexDomainReader
{
	FsPindexDomain info;
	FsPindexPart part;
	FsPindexTable *attributes;	/* [info.nattributes] */

	/* ADDR */
	uint32		count4;
	FsClassed	gaps;			/* between IPv4 addresses; or no classes */
	int64		block;			/* the one in values, -1: none */
	const FsAddrNumber *values; /* [its count] */
	FsPindexAddrs *cache[FS_PINDEX_CACHE];	/* by block, modulo; or NULL */
	uint32		ndecoded;		/* blocks, the same ones again, too */
	bool		is_all_tried;
	FsAddr	   *all;			/* [info.size] NULL: not worth it, or damaged */

	/* BYTES */
	FsPindexStrings *strings;	/* [nblocks] */
} FsPindexDomainReader;

/* A block of lists. */
typedef struct FsPindexLists
{
	int64		block;			/* -1: none */
	int64		keys[FS_PINDEX_BLOCK];	/* INT */
	FsListsBlock lists;
	FsPindexRaw raw;
} FsPindexLists;

typedef struct FsPindexGroupReader
{
	FsPindexPart part;
	FsPindexLists *at;			/* NULL: no block was asked for yet */
} FsPindexGroupReader;

struct FsPindex
{
	FsDomainSource source;		/* first: sources are cast to this */
	FsPindexFetch *fetch;
	FsArena    *arena;
	FsPindexTemp temp;
	FsPindexRaw raw;
	const uint8 *front;			/* [front_len] the index's first bytes */
	uint32		front_len;
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
	uint32		nblocks4 = domain->part.nblocks4;

	return b < nblocks4 ? b * FS_PINDEX_BLOCK :
		domain->count4 + (b - nblocks4) * FS_PINDEX_BLOCK;
}

static inline uint32
fs_pindex_addrs_count(const FsPindexDomainReader *domain, uint32 b)
{
	uint32		end = b < domain->part.nblocks4 ? domain->count4 : domain->info.size;

	return Min(end - fs_pindex_addrs_start(domain, b), FS_PINDEX_BLOCK);
}

#endif							/* FS_FORMAT_PINDEX_READER_H */
