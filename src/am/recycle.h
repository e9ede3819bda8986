/*-------------------------------------------------------------------------
 *
 * Row numbers, used again.
 *
 * A row is written several times in its life and takes a new number each time;
 * 2^40 of them would last a busy table some months.  A number lives no longer
 * than the items that name it, so VACUUM finds ranges that none does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_RECYCLE_H
#define FS_AM_RECYCLE_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * If few numbers are left, let writers take them from the longest range that is
 * free.  Needs that nobody writes: tries to lock the table, and does nothing
 * if it is busy.
 */
extern void fs_recycle_rows(Relation rel);

#endif							/* FS_AM_RECYCLE_H */
