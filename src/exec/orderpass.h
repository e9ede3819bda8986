/*-------------------------------------------------------------------------
 *
 * Passes over a table that find its first rows in an order.
 *
 * A pass drives a FlowScan vector by vector over the items that can hold one
 * of the rows that are wanted, those that are likely to hold them first, and
 * reads nothing else once it knows that rows in it would come too late.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_ORDERPASS_H
#define FS_EXEC_ORDERPASS_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "am/scanvalue.h"
#include "exec/firstrows.h"

typedef struct FsOrderPass FsOrderPass;

typedef struct FsOrderCounters
{
	uint64		passes;
	uint64		rows;			/* most that a pass has kept */
	uint64		items;			/* read, by the pass that read most */
} FsOrderCounters;

/* For a FlowScan that fs_batch_prepare() was called for; as long as that. */
extern FsOrderPass *fs_orderpass_create(CustomScanState *child,
										const FsOrdering *ordering);
extern void fs_orderpass_destroy(FsOrderPass *pass);

/* After the child's constants have changed: begin anew. */
extern void fs_orderpass_reset(FsOrderPass *pass);

/*
 * Find the first max rows after the place given, or of all if that is NULL.
 * There are less only if there are no more.  Their places, in order, live
 * until the next pass.
 */
extern const FsFirstRows *fs_orderpass_run(FsOrderPass *pass,
										   const FsOrderPlace *given, uint32 max);

/*
 * After a pass: go to the vector of a row of it, and return the scan; NULL if
 * the chunk is damaged, which was reported.
 */
extern FsScan *fs_orderpass_seek(FsOrderPass *pass, const FsOrderPlace *place);

/* Columns of the row's vector are damaged, which was reported. */
extern void fs_orderpass_note_damage(FsOrderPass *pass, const FsOrderPlace *place);

extern const FsOrderCounters *fs_orderpass_counters(const FsOrderPass *pass);

#endif							/* FS_EXEC_ORDERPASS_H */
