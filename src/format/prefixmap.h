/*-------------------------------------------------------------------------
 *
 * Prefix maps, as they are stored: networks with a value each, of which the
 * longest that an address is in counts.
 *
 * The networks of each family are cut into ranges in which one value counts.
 * A look-up is a binary search in the starts of ranges; with many IPv4 ranges,
 * in those of one block of 2^16 addresses.  In the byte order of the machine,
 * after the length word:
 *
 *		uint32	version, 1
 *		uint32	number of IPv4 networks, of IPv6 networks
 *		uint32	number of IPv4 ranges, of IPv6 ranges
 *		uint32	number of blocks: 0 or 65536
 *		uint32	number of values
 *		uint32	bytes of their text
 *		blocks	uint32, ranges that begin before it; one more than blocks, or none
 *		ranges	IPv4: starts, with blocks their low halves uint16, else uint32; values uint32
 *				IPv6: starts high half uint64, low half uint64, values uint32
 *		nets	IPv4: addresses uint32, values uint32, lengths uint8
 *				IPv6: high half uint64, low half uint64, values uint32, lengths uint8
 *		ends	uint32, of the text of each value
 *		text	of a value: the value, and if more is known of it, byte 0 and that
 *
 * Each array is filled up with 0 to a multiple of 4 bytes.  A value is its place among
 * the texts, or FS_PREFIX_NONE.  Networks ascend by address and length.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PREFIXMAP_H
#define FS_FORMAT_PREFIXMAP_H

#include "format/ipset.h"

#define FS_PREFIX_NONE		PG_UINT32_MAX

/* A network; bits right of its length are 0. */
typedef struct FsPrefix
{
	FsIp		first;
	uint32		value;
	uint32		order;			/* of those that were added */
	uint8		bits;
} FsPrefix;

/* What a map is made of: networks ascend by address and length, each once. */
typedef struct FsPrefixSource
{
	const FsPrefix *nets[2];	/* IPv4, IPv6 */
	uint32		n[2];
	uint32		nvalues;
	const uint32 *ends;			/* [nvalues] in text */
	const char *text;
} FsPrefixSource;

/* A map that can be asked; points into the bytes. */
typedef struct FsPrefixMap
{
	uint32		nnets[2];		/* IPv4, IPv6 */
	uint32		nranges[2];
	uint32		nvalues;
	const uint32 *blocks;		/* NULL: none */
	const uint32 *starts4;		/* without blocks */
	const uint16 *lows4;		/* with them */
	const uint8 *starts6_hi;	/* uint64 */
	const uint8 *starts6_lo;
	const uint32 *range_values[2];
	const uint32 *nets4;
	const uint8 *nets6_hi;
	const uint8 *nets6_lo;
	const uint32 *values[2];	/* of networks */
	const uint8 *bits[2];
	const uint32 *ends;
	const char *text;
} FsPrefixMap;

/* The last address of a network. */
extern FsIp fs_prefix_last(uint8 family, FsIp first, int bits);

/* Bytes of the map. */
extern uint64 fs_prefixmap_len(const FsPrefixSource *source);

/* Write it to dst[fs_prefixmap_len()], aligned to 4. */
extern void fs_prefixmap_encode(const FsPrefixSource *source, uint8 *dst);

/*
 * False if bytes[len], aligned to 4, are no map.  Values and lengths are in
 * range then; if starts or networks do not ascend, look-ups find something else.
 */
extern bool fs_prefixmap_open(const uint8 *bytes, uint64 len, FsPrefixMap *map)
			__attribute__((warn_unused_result));

/* The value of the longest network with the address, or FS_PREFIX_NONE. */
extern uint32 fs_prefixmap_find(const FsPrefixMap *map, uint8 family, FsIp ip);

/* The place of the longest network of at most so many bits with the address, or FS_PREFIX_NONE. */
extern uint32 fs_prefixmap_find_net(const FsPrefixMap *map, uint8 family, FsIp ip, int bits);

/* The network at a place. */
extern FsPrefix fs_prefixmap_net(const FsPrefixMap *map, uint8 family, uint32 i);

/* The text of a value, and what more is known; its length is -1 if nothing is. */
extern const char *fs_prefixmap_text(const FsPrefixMap *map, uint32 value, int *len,
									 const char **more, int *more_len);

#endif							/* FS_FORMAT_PREFIXMAP_H */
