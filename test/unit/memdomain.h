/*-------------------------------------------------------------------------
 *
 * Domains in memory, for tests and benchmarks of clustered chunks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_MEMDOMAIN_H
#define FS_TEST_MEMDOMAIN_H

#include "format/domain.h"

#define MEMDOMAIN_MAX				8
#define MEMDOMAIN_ATTRIBUTES_MAX	4

typedef struct MemDomain
{
	uint8		kind;			/* FS_KIND_ADDR or FS_KIND_BYTES */
	uint32		size;
	FsAddr	   *addrs;			/* [size], ascending */
	char	  **strings;		/* [size], ascending, with end marks */
	int64	   *attributes[MEMDOMAIN_ATTRIBUTES_MAX];	/* [size], or NULL */
} MemDomain;

typedef struct MemDomains
{
	FsDomainSource source;		/* first: what a reader is given */
	MemDomain	domains[MEMDOMAIN_MAX];	/* number 1 is the first */
} MemDomains;

extern void memdomain_init(MemDomains *domains);

/* Sort values[n] and remove doubles: the domain of an array, which it keeps. */
extern void memdomain_set_addrs(MemDomain *domain, FsAddr *values, uint32 n);
extern void memdomain_set_strings(MemDomain *domain, char **values, uint32 n);

/* The code of a value that is there. */
extern uint32 memdomain_find_addr(const MemDomain *domain, const FsAddr *addr);
extern uint32 memdomain_find_string(const MemDomain *domain, const char *string);

#endif							/* FS_TEST_MEMDOMAIN_H */
