/*-------------------------------------------------------------------------
 *
 * Relations whose keys a FlowScan can be given.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYSOURCE_H
#define FS_EXEC_KEYSOURCE_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/* The keys of one relation, for the scan of another. */
typedef struct FsKeySource
{
	Path	   *path;			/* gives the expressions of the clauses */
	List	   *clauses;		/* join clauses, without RestrictInfos */
	double		nkeys;			/* estimated: different values, of all of them */
	Selectivity selectivity;	/* share of the scanned rows that match */
} FsKeySource;

/*
 * True if a join clause may be tested while rel is scanned.  Below a security
 * barrier only what is leakproof: how much was read would tell of rows that
 * the user must not see.
 */
extern bool fs_keysource_is_safe(RelOptInfo *rel, RestrictInfo *rinfo);

/*
 * The join clauses of rel with one other relation that may be tested while rel
 * is scanned: all rows of rel that fail them would be dropped by a join.
 */
extern List *fs_keysource_clauses(PlannerInfo *root, RelOptInfo *rel,
								  RelOptInfo *other);

/*
 * The keys that relation other has for a scan of rel; NULL if there are none,
 * too many, or if reading other twice might not give the same rows.
 */
extern FsKeySource *fs_keysource_find(PlannerInfo *root, RelOptInfo *rel,
									  RelOptInfo *other);

#endif							/* FS_EXEC_KEYSOURCE_H */
