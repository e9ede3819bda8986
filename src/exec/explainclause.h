/*-------------------------------------------------------------------------
 *
 * What EXPLAIN says of each clause of a FlowScan.
 *
 * In text, a line for each: after ANALYZE what it ruled out, and by which
 * structure, out of what those before it had left, else how it can be used.
 *
 *	  Clause: (dst_port = 443)  partition index: 120 of 166 chunks; filter:
 *	  stored values in 12 vectors, 6100 rows removed
 *
 * In other formats a group, which says both.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_EXPLAINCLAUSE_H
#define FS_EXEC_EXPLAINCLAUSE_H

#include "postgres.h"

#include "commands/explain.h"
#include "nodes/execnodes.h"

#include "am/pruner.h"
#include "exec/tally.h"

typedef struct FsExplainClauses
{
	ScanState  *node;
	const FsTally *tally;
	const FsFilter *filter;		/* of the first nfiltered clauses, or NULL */
	int			nfiltered;
	const FsScanCounters *totals;	/* with counters */
	FsClauseCounters *counters; /* [tally->n] of all processes; NULL: none */
} FsExplainClauses;

extern void fs_explain_each_clause(const FsExplainClauses *clauses,
								   List *ancestors, ExplainState *es);

#endif							/* FS_EXEC_EXPLAINCLAUSE_H */
