/*-------------------------------------------------------------------------
 *
 * Sets of IP addresses, as they are stored.
 *
 * IPv4 is divided into blocks of 2^16 addresses, each with the cheapest of the
 * three forms of Roaring bitmaps (Lemire, Kaser and others, "Roaring bitmaps:
 * implementation of an optimized software library", 2018), or, where all
 * addresses of neighbouring blocks are in the set, with none.  IPv6 is a list
 * of ranges.  In the byte order of the machine, after the length word:
 *
 *		uint32	number of blocks, ascending
 *		uint32	number of words; even
 *		uint32	number of IPv6 ranges, ascending
 *		blocks	key uint16, n uint16, place uint32 (index of the first word * 4 + form)
 *		words	uint16
 *		ranges	first, last: high and low half, uint64
 *
 *		form	words			n
 *		ALL		none			the last key of its blocks
 *		ARRAY	n + 1			addresses, ascending, less one
 *		RUNS	2 (n + 1)		pairs of first and last, less one
 *		BITMAP	4096			not used, 0
 *
 * A block that points beyond the words is empty.  Ranges do not touch, and a
 * block takes the form of fewest words, the first of equals: equal sets have
 * equal bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_IPSET_H
#define FS_FORMAT_IPSET_H

#include "format/layout.h"

/* An address as a number; IPv4 in lo. */
typedef struct FsIp
{
	uint64		hi;
	uint64		lo;
} FsIp;

/* Both ends are in it. */
typedef struct FsIpRange
{
	FsIp		first;
	FsIp		last;
} FsIpRange;

typedef struct FsIpBlock
{
	uint16		key;
	uint16		n;
	uint32		place;
} FsIpBlock;

/* A set that can be asked; points into the bytes. */
typedef struct FsIpset
{
	uint32		nblocks;
	uint32		nwords;
	uint32		nranges;
	const FsIpBlock *blocks;
	const uint16 *words;
	const uint8 *ranges;
} FsIpset;

/* Where a walk through the ranges of one family is. */
typedef struct FsIpCursor
{
	const FsIpset *set;
	uint8		family;			/* 4 or 6 */
	uint32		block;			/* or the IPv6 range */
	uint32		at;				/* in the block */
} FsIpCursor;

static inline int
fs_ip_compare(FsIp a, FsIp b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo ? 1 : 0;
}

/* The next address; after the last one comes 0. */
static inline FsIp
fs_ip_next(FsIp ip)
{
	ip.lo++;
	ip.hi += ip.lo == 0;
	return ip;
}

/* The address before; before 0 comes the last one. */
static inline FsIp
fs_ip_previous(FsIp ip)
{
	ip.hi -= ip.lo == 0;
	ip.lo--;
	return ip;
}

/* Bytes of a set whose ranges ascend and do not touch. */
extern uint64 fs_ipset_len(const FsIpRange *v4, uint32 n4, uint32 n6);

/* Write it to dst[fs_ipset_len()], aligned to 4. */
extern void fs_ipset_encode(const FsIpRange *v4, uint32 n4, const FsIpRange *v6,
							uint32 n6, uint8 *dst);

/* False if bytes[len], aligned to 4, are no set. */
extern bool fs_ipset_open(const uint8 *bytes, uint64 len, FsIpset *set)
			__attribute__((warn_unused_result));

/* The walk that starts with the first member. */
extern FsIpCursor fs_ipset_start(const FsIpset *set, uint8 family);

/* The next members, as a range; a following one may touch it.  False at the end. */
extern bool fs_ipset_next(FsIpCursor *cursor, FsIpRange *range);

/* Whether all addresses of a range are in the set, and whether any is. */
extern bool fs_ipset_covers(const FsIpset *set, uint8 family, const FsIpRange *range);
extern bool fs_ipset_meets(const FsIpset *set, uint8 family, const FsIpRange *range);

#endif							/* FS_FORMAT_IPSET_H */
