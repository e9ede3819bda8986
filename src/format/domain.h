/*-------------------------------------------------------------------------
 *
 * Domains: dictionaries that belong to a set of chunks, not to one chunk.
 *
 * The chunks that were clustered together share the sorted distinct values of
 * their addresses and strings; a chunk holds codes.  Codes ascend as values do.
 * The bytes of domains lie in the set's partition index (pindex.h); a chunk
 * only knows numbers of domains, and asks this interface for values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_DOMAIN_H
#define FS_FORMAT_DOMAIN_H

#include "format/value.h"

/* no domain; domains are numbered from 1 */
#define FS_DOMAIN_NONE	0

/* what a value that a domain does not have has for a code */
#define FS_DOMAIN_NO_CODE	PG_UINT32_MAX

typedef struct FsDomainSource FsDomainSource;

/*
 * Where values come from.  Each function returns false and fills *fault if
 * there is no such domain, a code is beyond its size, its kind is another, or
 * its bytes are damaged.  codes[n] have any order, but those of one block
 * should stand together.  What is returned lives as long as the source.
 */
struct FsDomainSource
{
	bool		(*size) (FsDomainSource *source, uint16 domain, uint32 *size,
						 FsFault *fault);
	bool		(*addrs) (FsDomainSource *source, uint16 domain,
						  const uint32 *codes, uint32 n, FsAddr *values,
						  FsFault *fault);

	/* all addresses by code, if they are at hand, else NULL.  The function may
	 * be NULL, too */
	const FsAddr *(*all_addrs) (FsDomainSource *source, uint16 domain,
								uint32 *size);
	bool		(*bytes) (FsDomainSource *source, uint16 domain,
						  const uint32 *codes, uint32 n,
						  const uint8 **ptrs, uint32 *lens, FsFault *fault);

	/* a number that is a function of the value: AS, interface.  attribute
	 * numbers count from 0 in each domain */
	bool		(*attribute) (FsDomainSource *source, uint16 domain,
							  uint16 attribute, const uint32 *codes, uint32 n,
							  int64 *values, FsFault *fault);

	/* the code of an address, or FS_DOMAIN_NO_CODE; NULL: ask for values */
	bool		(*find_addr) (FsDomainSource *source, uint16 domain,
							  const FsAddr *addr, uint32 *code,
							  FsFault *fault);

	/* the codes *first .. *end - 1 of what is in a subnet, or has its first
	 * address or one after it and a shorter prefix; NULL: ask for values */
	bool		(*find_net) (FsDomainSource *source, uint16 domain,
							 const FsAddr *net, uint32 *first, uint32 *end,
							 FsFault *fault);
};

#endif							/* FS_FORMAT_DOMAIN_H */
