/*-------------------------------------------------------------------------
 *
 * Type flow.prefix_map: networks with values, for longest-prefix match.
 *
 * A value is what format/prefixmap.h describes.  New ones are made of a list:
 * 32 bytes a network, twice as much while it grows, and the different values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_PREFIXES_H
#define FS_ANALYTICS_PREFIXES_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/inet.h"

#include "format/prefixmap.h"

typedef struct FsPrefixList FsPrefixList;

/* What is known of a network; more is JSON, NULL if there is none. */
typedef struct FsPrefixEntry
{
	uint8		family;			/* 4 or 6 */
	uint8		bits;
	FsIp		first;
	const char *value;
	int			value_len;
	const char *more;
	int			more_len;
} FsPrefixEntry;

/* An empty list in the current memory context. */
extern FsPrefixList *fs_prefixlist_create(void);

/* Add a network; it replaces what was added of the same one. */
extern void fs_prefixlist_add(FsPrefixList *list, const FsPrefixEntry *entry);
extern void fs_prefixlist_add_map(FsPrefixList *list, const FsPrefixMap *map);

/* The value; *n is the number of networks.  Nothing can be added any more. */
extern Datum fs_prefixlist_datum(FsPrefixList *list, uint64 *n);

/* The network of an address or network, into first, family and bits. */
extern void fs_prefix_of_inet(const inet *value, FsPrefixEntry *entry);

/* Opens a map that is not in a TOAST table; reports DATA_CORRUPTED. */
extern void fs_prefixmap_of_datum(Datum value, FsPrefixMap *map);

/*
 * The map that is kept under a name, as the snapshot of the caller's query sees
 * it, with his privileges.  It stays for as long as fcinfo's function is called
 * in a query.  A name that has none is an error.
 */
extern const FsPrefixMap *fs_prefix_kept(FunctionCallInfo fcinfo, text *name);

#endif							/* FS_ANALYTICS_PREFIXES_H */
