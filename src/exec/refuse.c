/*-------------------------------------------------------------------------
 *
 * Commands that a flowstore table does not support.
 *
 * The test stands where the planner looks at each base relation, so it also
 * finds the flowstore partitions of a partitioned table and tables locked in
 * a subquery.  Foreign keys of flowstore tables may look for referencing rows
 * with FOR KEY SHARE: core runs those queries in a security context of their
 * own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "optimizer/prep.h"
#include "utils/lsyscache.h"

#include "am/refuse.h"
#include "exec/refuse.h"

/* The clause, if it locks rows of this relation; NULL otherwise. */
static const char *
locking_clause(PlannerInfo *root, RelOptInfo *rel)
{
	PlanRowMark *mark = get_plan_rowmark(root->rowMarks, rel->relid);

	if (mark == NULL)
		return NULL;
	switch (mark->markType)
	{
		case ROW_MARK_EXCLUSIVE:
			return "SELECT FOR UPDATE";
		case ROW_MARK_NOKEYEXCLUSIVE:
			return "SELECT FOR NO KEY UPDATE";
		case ROW_MARK_SHARE:
			return "SELECT FOR SHARE";
		case ROW_MARK_KEYSHARE:
			/* a foreign key looks for referencing rows, and waits for deleters */
			return InNoForceRLSOperation() ? NULL : "SELECT FOR KEY SHARE";
		default:
			return NULL;
	}
}

void
fs_exec_refuse(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	const char *command = locking_clause(root, rel);

	if (command != NULL)
		fs_refuse_lock(get_rel_name(rte->relid), command);
}
