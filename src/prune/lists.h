/*-------------------------------------------------------------------------
 *
 * Predicates against a partition index: which vectors can match.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_LISTS_H
#define FS_PRUNE_LISTS_H

#include "postgres.h"

#include "format/pindex.h"
#include "prune/predicate.h"

/*
 * Leave in *vectors, which has fs_pindex_nvectors() and is empty, those in
 * which a row may satisfy the predicate.  Sets are allocated from arena.
 * Returns false and fills *fault if the index is damaged.
 */
extern bool fs_lists_match(const FsPredicate *predicate, FsPindex *index,
						   FsArena *arena, FsVectorSet *vectors,
						   FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_PRUNE_LISTS_H */
