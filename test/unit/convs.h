/*-------------------------------------------------------------------------
 *
 * Clustered rows to encode: conversations made by rule and seed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_CONVS_H
#define FS_TEST_CONVS_H

#include "format/chunkreader.h"
#include "format/frame.h"
#include "memdomain.h"

enum
{
	CONV_TS, CONV_SRC, CONV_DST, CONV_SPORT, CONV_DPORT, CONV_PROTO,
	CONV_FLAGS, CONV_PACKETS, CONV_SRC_AS, CONV_DST_AS, CONV_NAME,
	CONV_LABEL, CONV_VIA, CONV_ENTROPY, CONV_EMPTY, CONV_RANDOM, CONV_ODD,
	CONV_IN_IF, CONV_OUT_IF, CONV_NCOLS
};

typedef enum ConvsRule
{
	CONVS_USUAL,				/* nearly all have a second row */
	CONVS_SINGLE,				/* none has */
	CONVS_NO_HINTS,				/* the encoder is not told */
	CONVS_ODD					/* second rows differ in all that may */
} ConvsRule;

extern const char *const convs_rules[];	/* what each is called */

typedef struct Convs
{
	FsColumnSpec specs[CONV_NCOLS];
	FsColumnValues values[CONV_NCOLS];
	FsChunkInput in;
} Convs;

/* Domain 1: 3,000 addresses with attribute 0; domain 2: 500 names. */
extern void convs_domains(MemDomains *domains, FsArena *arena);

/* nrows rows whose codes are those of the domains. */
extern Convs *convs_make(ConvsRule rule, uint32 nrows, MemDomains *domains,
						 FsArena *arena);

/* A reader of a chunk in memory; NULL if its head is not one. */
extern FsChunkReader *convs_open(const uint8 *bytes, FsFetch *fetch,
								 FsDomainSource *domains, FsArena *arena);

#endif							/* FS_TEST_CONVS_H */
