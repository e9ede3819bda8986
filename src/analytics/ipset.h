/*-------------------------------------------------------------------------
 *
 * Type flow.ipset: sets of IP addresses.
 *
 * A value is what format/ipset.h describes.  New ones are made of lists of
 * ranges, which are in the memory context that was current when they were made:
 * 32 bytes a range, twice as much while a list grows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_IPSET_H
#define FS_ANALYTICS_IPSET_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/inet.h"

#include "format/ipset.h"

/* Ranges of one family, in any order until they are put in order. */
typedef struct FsIpList
{
	MemoryContext cxt;
	uint8		family;			/* 4 or 6 */
	FsIpRange  *ranges;
	uint32		n;
	uint32		size;
	bool		is_ordered;		/* they ascend and do not touch */
} FsIpList;

/* A set that is being made. */
typedef struct FsIpLists
{
	FsIpList	v4;
	FsIpList	v6;
} FsIpLists;

/* Which of two sets an address must be in: bit 0 first only, 1 second only, 2 both. */
typedef enum FsIpOperation
{
	FS_IP_OR = 7,
	FS_IP_AND = 4,
	FS_IP_MINUS = 1
} FsIpOperation;

/* Tell scans which function tests for membership; once, from fs_analytics_init. */
extern void fs_ipset_init(void);

extern void fs_iplists_init(FsIpLists *lists);
extern void fs_iplist_add(FsIpList *list, const FsIpRange *range);
extern void fs_iplists_add_set(FsIpLists *lists, const FsIpset *set);

/* Add to empty lists what the operation leaves of two sets. */
extern void fs_iplists_combine(FsIpLists *lists, const FsIpset *a, const FsIpset *b,
							   FsIpOperation operation);

/* The value; puts the lists in order. */
extern Datum fs_iplists_datum(FsIpLists *lists);

/* 4 or 6, and the addresses of a network: bits right of its mask count for nothing. */
extern uint8 fs_ip_range_of_inet(const inet *value, FsIpRange *range);

/* An address or network as text; its family, or 0 if it is none or has bits right of its mask. */
extern uint8 fs_ip_parse_network(const char *word, size_t len, FsIpRange *range);

/* The first address of a range with a prefix length, as inet or cidr. */
extern inet *fs_ip_make_inet(uint8 family, FsIp ip, int bits);

/* Write an address or, with fewer than all bits, a network. */
extern void fs_ip_put_network(StringInfo out, uint8 family, FsIp ip, int bits);

/* Length of the longest prefix that begins with range->first and does not go beyond it. */
extern int	fs_ip_prefix(uint8 family, const FsIpRange *range);

/* The last address of a prefix. */
extern FsIp fs_ip_last(uint8 family, FsIp first, int bits);

/* The set that a value is; reports DATA_CORRUPTED. */
extern void fs_ipset_of_datum(Datum value, FsIpset *set);

#endif							/* FS_ANALYTICS_IPSET_H */
