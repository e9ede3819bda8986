/*-------------------------------------------------------------------------
 *
 * What EXPLAIN says of our nodes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_EXPLAIN_H
#define FS_EXEC_EXPLAIN_H

#include "postgres.h"

#include "commands/explain.h"
#include "nodes/execnodes.h"

#include "am/scan.h"
#include "exec/ordering.h"

/* An expression over the tuple of a plan node, as text. */
extern char *fs_explain_expression(ScanState *node, Node *expr,
								   List *ancestors, ExplainState *es);

/* Clauses, if there are any. */
extern void fs_explain_clauses(ScanState *node, const char *label,
							   List *clauses, List *ancestors,
							   ExplainState *es);

/* "Group Key": the first nkeys of the entries of a node's tuple. */
extern void fs_explain_keys(ScanState *node, List *tlist, int nkeys,
							List *ancestors, ExplainState *es);

/* "Order": the column, and where it is not as usual, nulls. */
extern void fs_explain_ordering(const FsOrdering *ordering, TupleDesc desc,
								ExplainState *es);

/* "Columns": how many of the table's columns are read. */
extern void fs_explain_columns(int ncols, TupleDesc desc, ExplainState *es);

/* What was read and what was passed over; only for ANALYZE. */
extern void fs_explain_counters(const FsScanCounters *counters,
								ExplainState *es);

#endif							/* FS_EXEC_EXPLAIN_H */
