/*-------------------------------------------------------------------------
 *
 * The distinct addresses of a column, in order, and a code for each value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ADDRMAP_H
#define FS_FORMAT_ADDRMAP_H

#include "format/encoder.h"

/* An address as numbers; an IPv4 address is lo, and hi is 0. */
typedef struct FsAddrNumber
{
	uint64		hi;
	uint64		lo;
	uint8		family;
	uint8		bits;
} FsAddrNumber;

typedef struct FsAddrMap
{
	uint32		count;
	uint32		count4;			/* how many are IPv4; they come first */
	FsAddrNumber *entries;		/* [count], by family, address, bits */
	uint64	   *codes;			/* [values that are not null] */
} FsAddrMap;

extern FsAddrNumber fs_addrmap_number(const FsAddr *addr);
extern void fs_addrmap_addr(const FsAddrNumber *number, FsAddr *addr);
extern void fs_addrmap_addrs(const FsAddrNumber *numbers, uint32 n,
							 FsAddr *addrs);

/* <0, 0, >0: the order of a dictionary. */
extern int	fs_addrmap_compare(const FsAddrNumber *a, const FsAddrNumber *b);

/* Build the map; cannot fail. */
extern void fs_addrmap_build(FsEncoder *encoder, const FsColumnValues *values,
							 FsAddrMap *map);

#endif							/* FS_FORMAT_ADDRMAP_H */
