/*-------------------------------------------------------------------------
 *
 * What a scan holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SCANSTATE_H
#define FS_AM_SCANSTATE_H

#include "postgres.h"

#include "am/scan.h"
#include "am/scancolumn.h"
#include "am/set.h"
#include "store/chunkio.h"

/* Items that a dirty scan has met in a state that may change. */
typedef struct ItemKeys
{
	uint32		n;
	uint32		cap;
	struct
	{
		FsPartition partition;
		uint32		number;
	}		   *keys;			/* [n] */
} ItemKeys;

struct FsScan
{
	Relation	rel;
	Snapshot	snapshot;
	TupleDesc	desc;
	FsDirectoryScan *directory; /* of all items; NULL: of ranges, or seeks */
	FsItemSource source;		/* or items come from here */
	void	   *source_arg;
	bool		is_known;		/* damage of the item has been reported */
	int			nranges;
	int			range;			/* current */
	FsDirectoryScan *ranges[2];
	bool		has_deletes;	/* there are DELETES items */
	const FsPruner *pruner;
	FsDigest	digest;			/* or NULL */
	void	   *digest_arg;
	pg_atomic_uint64 *shared;
	bool		by_set;			/* draw sets, not single items */
	uint64		ordinal;		/* of what comes after the item at hand */
	uint64		wanted;			/* drawn, if has_wanted */
	bool		has_wanted;
	FsPartition drawn_partition;	/* the set of the last item */
	uint32		drawn_set;
	MemoryContext cxt;
	bool		has_item;
	bool		is_opened;		/* more than its bounds and lists were looked at */
	uint64		visit;			/* of the item: none has another's */
	FsItem		item;
	bool		is_counting;	/* chunks are not opened, unless damage is skipped */
	bool		is_at_end;		/* of the directory: at what was skipped */
	ItemKeys	skipped;		/* dirty: being written when they were met */
	ItemKeys	ending;			/* dirty: taken while they were ending */
	FsSet	   *set;			/* of clustered chunks */
	uint64		set_visit;		/* of the set: none has another's */
	FsVectorSet listed;			/* vectors of the set that may match */
	bool		has_listed;
	MemoryContext listed_cxt;
	FsStoredChunk *chunk;		/* NULL: not open, or a ROWS item */
	uint32		nvectors;
	uint32		nentered;		/* vectors of the item that were read */
	uint8	   *deleted;		/* bitmap of the item's deleted rows, or NULL */
	uint32		ndeleted;
	TransactionId deleter;		/* dirty snapshots: is deleting a row */
	FsScanColumns columns;		/* and the vector they are decoded for */
	FsScanCounters counters;
};

#endif							/* FS_AM_SCANSTATE_H */
