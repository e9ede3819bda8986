/*-------------------------------------------------------------------------
 *
 * Slots of flowstore tables: virtual ones that know their row's TID when they
 * are copied into a heap tuple (ANALYZE sorts its sample by it), and the
 * transaction that wrote the row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SLOT_H
#define FS_AM_SLOT_H

#include "postgres.h"

#include "executor/tuptable.h"

#include "am/scan.h"

/* Callbacks of such slots; valid after fs_slot_init(). */
extern TupleTableSlotOps fs_slot_ops;

extern void fs_slot_init(void);

/*
 * Store row i of the scan's current vector, all columns.  Returns false if a
 * column is damaged and its vector is to be left out.
 */
extern bool fs_slot_store_row(TupleTableSlot *slot, FsScan *scan, uint32 i);

/* Note who wrote the row in a slot, for xmin and cmin. */
extern void fs_slot_set_writer(TupleTableSlot *slot, TransactionId xmin,
							   CommandId cmin);

#endif							/* FS_AM_SLOT_H */
