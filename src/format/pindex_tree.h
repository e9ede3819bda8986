/*-------------------------------------------------------------------------
 *
 * Where the blocks of a part of the partition index are.
 *
 * A *node* has an entry for each of up to FS_PINDEX_FANOUT blocks: its first
 * value and its length.  The root of a part of no more blocks is that node.
 * Else blocks have *leaves* of so many entries each, and the root has an entry
 * for each leaf: so a look-up reads two short nodes and a block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PINDEX_TREE_H
#define FS_FORMAT_PINDEX_TREE_H

#include "format/pindex_layout.h"

#define FS_PINDEX_FANOUT		64

/* memcmp, then length */
extern int	fs_pindex_compare_bytes(const FsPindexBytes *a,
									const FsPindexBytes *b);

/* Blocks of lists of codes: their entries have no values. */
#define FS_PINDEX_KIND_CODES	0

/* most strings of a leaf */
#define FS_PINDEX_LEAF_STRINGS	(FS_PINDEX_FANOUT * FS_PINDEX_STRINGS)

/* Entries to write, of blocks or of leaves. */
typedef struct FsPindexEntries
{
	uint8		kind;			/* FsKind, or FS_PINDEX_KIND_CODES */
	uint32		n;
	uint32		n4;				/* ADDR: that begin with IPv4 */
	uint64	   *hi;				/* ADDR: [n] upper halves */
	uint64	   *lo;				/* ADDR, INT: [n] addresses or lower halves, keys */
	uint64	   *counts;			/* BYTES: [n] strings */
	uint64	   *separator_lens; /* BYTES: [n] */
	const uint8 **separators;	/* BYTES: [n] */
	uint64	   *lens;			/* [n] bytes of blocks */
} FsPindexEntries;

extern void fs_pindex_entries_init(FsPindexEntries *entries, uint8 kind,
								   uint32 n, FsArena *arena);

/* Bytes that a node of n entries of a kind takes at most. */
extern uint64 fs_pindex_node_bound(uint8 kind, uint32 n);

/* Write the node of entries from .. end - 1. */
extern void fs_pindex_node_write(const FsPindexEntries *entries, uint32 from,
								 uint32 end, FsScratch *scratch, FsWriter *out);

/* Entries of leaves; how many leaves there are, or 0: the root has blocks. */
extern uint32 fs_pindex_leaves_of(uint32 nblocks);
extern void fs_pindex_entries_of_leaves(const FsPindexEntries *blocks,
										FsPindexEntries *leaves,
										FsArena *arena);

typedef struct FsPindexNode
{
	uint32		n;
	uint32	   *off;			/* [n + 1] of blocks, from the index's start; equal
								 * to the next: the block was left out */
	uint32	   *leaf_off;		/* [n + 1] of leaves; NULL: entries are blocks */
	FsAddrNumber *firsts;		/* ADDR: [n], of no prefix length */
	int64	   *keys;			/* INT: [n] */
	uint32	   *starts;			/* BYTES: [n + 1] first codes */
	FsPindexBytes *separators;	/* BYTES: [n] */
} FsPindexNode;

/* What a node must be, which is known before it is read. */
typedef struct FsPindexSpan
{
	uint8		kind;
	uint32		n;
	uint32		n4;
	uint32		off;			/* of the first block */
	uint32		len;			/* of all blocks */
	uint32		first_code;		/* BYTES: of these entries */
	uint32		end_code;
	uint32		max_count;		/* BYTES: strings of an entry */
	const FsPindexNode *above;	/* whose entry place it is, or NULL */
	uint32		place;
} FsPindexSpan;

/* Parse a node to arena; temp is of this call. */
extern bool fs_pindex_node_parse(FsCursor *cursor, const FsPindexSpan *span,
								 FsArena *arena, FsArena *temp,
								 FsPindexNode *node)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PINDEX_TREE_H */
