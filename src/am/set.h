/*-------------------------------------------------------------------------
 *
 * The set that clustered chunks belong to, as a scan knows it.
 *
 * The partition index is opened when its values or its lists are first asked
 * for, and kept while the scan stays in the set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SET_H
#define FS_AM_SET_H

#include "postgres.h"

#include "directory/item.h"
#include "store/indexio.h"
#include "utils/snapshot.h"

typedef struct FsSet FsSet;

/*
 * A holder for one set at a time, in the current memory context.  A walk goes
 * through sets within one command and is destroyed in it, or ends with an
 * error: the directory stays open for it.
 */
extern FsSet *fs_set_create(Relation rel, Snapshot snapshot, bool is_walk);
extern void fs_set_destroy(FsSet *set);

/* From now on, keep indexes that were left for the scans that come. */
extern void fs_set_keep(FsSet *set);

/*
 * Turn to the set of a clustered chunk.  elevel is that of reports of damage.
 * Returns false if it was at hand already.
 */
extern bool fs_set_enter(FsSet *set, const FsItem *chunk, int elevel);

/* Leave the set at hand. */
extern void fs_set_leave(FsSet *set);

/* Use another reference to the same table from now on. */
extern void fs_set_rebind(FsSet *set, Relation rel);

/* Where the values of the set's chunks come from; cannot fail by itself. */
extern FsDomainSource *fs_set_domains(FsSet *set);

/* The partition index; NULL if it is damaged, which was reported. */
extern FsStoredIndex *fs_set_index(FsSet *set);

/* Bytes of partition indexes fetched from pages so far. */
extern uint64 fs_set_bytes_read(const FsSet *set);

#endif							/* FS_AM_SET_H */
