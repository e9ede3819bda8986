/*-------------------------------------------------------------------------
 *
 * Visiting a table to maintain it.
 *
 * During a visit the table is locked against other maintainers, VACUUM and
 * DDL, not against readers and writers.  Code of the table's owner (comparison
 * functions) runs as the owner, as in VACUUM, and a damaged chunk is an error
 * whatever flowstore.on_corrupt_chunk says, since rows left out would be lost.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_VISIT_H
#define FS_MAINTAIN_VISIT_H

#include "postgres.h"

#include "utils/relcache.h"

#define FS_VISIT_LOCK	ShareUpdateExclusiveLock

typedef struct FsVisit
{
	Relation	rel;
	Oid			userid;			/* to be restored */
	int			sec_context;
	int			guc_level;
} FsVisit;

/*
 * Raise an error unless this is a flowstore table that the current user owns,
 * not a temporary one of another session.  Takes no lock.
 */
extern void fs_visit_check(Oid relid);

/*
 * Begin a visit.  With is_patient the lock is waited for.  Returns false if
 * there is no such table any more, or the lock is not to be had.  Ended by
 * fs_visit_end(), which keeps the lock, or the end of the transaction.
 */
extern bool fs_visit_begin(FsVisit *visit, Oid relid, bool is_patient);
extern void fs_visit_end(FsVisit *visit);

#endif							/* FS_MAINTAIN_VISIT_H */
