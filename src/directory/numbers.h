/*-------------------------------------------------------------------------
 *
 * Row numbers and item numbers, handed out by the backend from ranges that
 * it took from the metapage.
 *
 * A range that is not used up when the backend ends is lost: at most 256 row
 * numbers of 2^40 and 1,024 item numbers for each backend that inserted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_NUMBERS_H
#define FS_DIRECTORY_NUMBERS_H

#include "directory/item.h"
#include "utils/rel.h"

/*
 * Take up to want neighbouring row numbers (want >= 1); at least one.  The
 * metapage's lock is taken at most once.
 */
extern FsRowRun fs_numbers_take_rows(Relation rel, uint32 want);

/* Give back the tail of a run, if nothing was taken since; else it is lost. */
extern void fs_numbers_give_back(Relation rel, FsRowRun tail);

/* A number that no item of the partition has. */
extern uint32 fs_numbers_take_item(Relation rel, FsPartition partition);

/*
 * Forget the ranges of a table whose main fork was truncated in place: its
 * counters begin anew.
 */
extern void fs_numbers_forget(Oid relid);

/* Let numbers begin at 0 only in unused tables; once, from _PG_init. */
extern void fs_numbers_init(void);

#endif							/* FS_DIRECTORY_NUMBERS_H */
