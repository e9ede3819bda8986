/*-------------------------------------------------------------------------
 *
 * Membership of addresses in a set, which may have millions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_MEMBERS_H
#define FS_PRUNE_MEMBERS_H

#include "postgres.h"

#include "format/pindex.h"
#include "prune/node.h"

/* True if the operator tests whether the inet on its left is in a set. */
extern bool fs_members_is_test(Oid opno);

/* Open the set, into the current memory context; node has room for one bound. */
extern void fs_members_bind(FsPredNode *node, Datum value, bool isnull);

/* Whether all of an address or network is in the set of a bound node. */
extern bool fs_members_hold(const FsPredNode *node, const FsAddr *addr);

/* False if no address within these bounds is. */
extern bool fs_members_may_match(const FsPredNode *node, const FsZone *zone);

/* True if both nodes have the same set. */
extern bool fs_members_are_same(const FsPredNode *a, const FsPredNode *b);

/* Add to *vectors those that may have members, as fs_lists_match(). */
extern bool fs_members_match(const FsPredNode *node, FsPindex *index,
							 uint32 group, FsVectorSet *vectors,
							 FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_PRUNE_MEMBERS_H */
