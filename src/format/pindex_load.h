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

/* Fetch block b of a part, check its CRC, and set the cursor on it. */
extern bool fs_pindex_load_block(FsPindex *index, const FsPindexPart *part,
								 uint32 b, FsPindexRaw *raw,
								 FsCursor *cursor, FsFault *fault)
			__attribute__((warn_unused_result));

/* Fetch and parse the directory of a domain or group, unless it was. */
extern FsPindexDomainReader *fs_pindex_load_domain(FsPindex *index,
												   uint16 domain, uint8 kind,
												   FsFault *fault);
extern bool fs_pindex_load_group(FsPindex *index, uint32 group,
								 FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode block b, unless it is the one that is there. */
extern bool fs_pindex_load_addrs(FsPindex *index, FsPindexDomainReader *domain,
								 uint32 b, FsFault *fault)
			__attribute__((warn_unused_result));
extern bool fs_pindex_load_strings(FsPindex *index,
								   FsPindexDomainReader *domain, uint32 b,
								   FsFault *fault)
			__attribute__((warn_unused_result));
extern bool fs_pindex_load_lists(FsPindex *index, uint32 group, uint32 b,
								 FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode the vector of an attribute's table that has this code, unless it was. */
extern bool fs_pindex_load_table(FsPindex *index, FsPindexDomainReader *domain,
								 uint32 attribute, uint32 code, FsFault *fault)
			__attribute__((warn_unused_result));

/* The block of strings that has this code, which there is. */
extern uint32 fs_pindex_strings_block(const FsPindexDomainReader *domain,
									  uint32 code);

/* memcmp, then length */
extern int	fs_pindex_compare_bytes(const FsPindexBytes *a,
									const FsPindexBytes *b);

#endif							/* FS_FORMAT_PINDEX_LOAD_H */
