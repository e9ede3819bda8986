/*-------------------------------------------------------------------------
 *
 * Epochs: whether rows of a table may have been deleted since one looked.
 *
 * A table's epoch grows with each DELETES item, before the locks of its rows
 * are let go.  So who holds a row's lock, and finds the epoch as it was when
 * he looked for deletions last, need not look again.  Epochs are kept in shared
 * memory; tables may share one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_EPOCH_H
#define FS_DIRECTORY_EPOCH_H

#include "postgres.h"

#include "utils/rel.h"

/* The epoch of a table; false if the library was not preloaded. */
extern bool fs_epoch_read(Relation rel, uint64 *epoch);

extern void fs_epoch_advance(Relation rel);

/* Ask for shared memory; from _PG_init, while libraries are preloaded. */
extern void fs_epoch_init(void);

#endif							/* FS_DIRECTORY_EPOCH_H */
