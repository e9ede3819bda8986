/*-------------------------------------------------------------------------
 *
 * Fetching and decoding parts of an open partition index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_LOAD_H
#define FS_FORMAT_PINDEX_LOAD_H

#include "format/pindex_reader.h"

/* What fs_pindex_source() gives. */
extern const FsDomainSource fs_pindex_source_functions;

/* Fetch bytes to raw, and empty the arena for one call. */
extern bool fs_pindex_load_bytes(FsPindex *index, uint32 off, uint32 len,
								 FsPindexRaw *raw, FsFault *fault)
			__attribute__((warn_unused_result));

/* The domain of this number, and kind unless that is 0, with its root. */
extern FsPindexDomainReader *fs_pindex_load_domain(FsPindex *index,
												   uint16 number, uint8 kind,
												   FsFault *fault);

/* Fetch and parse the root of a group, unless it was. */
extern bool fs_pindex_load_group(FsPindex *index, uint32 group,
								 FsFault *fault)
			__attribute__((warn_unused_result));

/* Fetch and parse a leaf of a part whose root is there, unless it was. */
extern FsPindexNode *fs_pindex_load_leaf(FsPindex *index, FsPindexPart *part,
										 uint32 leaf, FsFault *fault);

/*
 * True if all addresses of a domain are at hand, in domain->all: once a quarter
 * of the blocks was decoded, and none of them is damaged.
 */
extern bool fs_pindex_load_all_addrs(FsPindex *index,
									 FsPindexDomainReader *domain);

/* Decode block b, unless it is the one that is there. */
extern bool fs_pindex_load_addrs(FsPindex *index, FsPindexDomainReader *domain,
								 uint32 b, FsFault *fault)
			__attribute__((warn_unused_result));

/* NULL and a fault if it is damaged. */
extern const FsPindexStrings *fs_pindex_load_strings(FsPindex *index,
													 FsPindexDomainReader *domain,
													 uint32 b, FsFault *fault);

/* A string of a block that is loaded. */
static inline FsPindexBytes
fs_pindex_string(const FsPindexStrings *strings, uint32 i)
{
	uint32		start = i > 0 ? strings->ends[i - 1] : 0;
	FsPindexBytes string = {strings->bytes + start, strings->ends[i] - start};

	return string;
}

/* *is_listed becomes false, and nothing is decoded, if it was left out. */
extern bool fs_pindex_load_lists(FsPindex *index, uint32 group, uint32 b,
								 bool *is_listed, FsFault *fault)
			__attribute__((warn_unused_result));

/* The block of strings that has this code, which there is; and its codes. */
extern bool fs_pindex_strings_block(FsPindex *index,
									FsPindexDomainReader *domain, uint32 code,
									uint32 *block, uint32 *first, uint32 *end,
									FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode block b of a table. */
extern bool fs_pindex_load_table(FsPindex *index, FsPindexTable *table,
								 uint32 b, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PINDEX_LOAD_H */
