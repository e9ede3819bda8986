/*-------------------------------------------------------------------------
 *
 * What EXPLAIN says of our nodes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/ruleutils.h"

#include "compat.h"
#include "exec/explain.h"

char *
fs_explain_expression(ScanState *node, Node *expr, List *ancestors,
					  ExplainState *es)
{
	List	   *context = set_deparse_context_plan(es->deparse_cxt,
												  node->ps.plan, ancestors);

	return deparse_expression(expr, context,
							  es->verbose || fs_explain_ntables(es) > 1,
							  false);
}

void
fs_explain_clauses(ScanState *node, const char *label, List *clauses,
				   List *ancestors, ExplainState *es)
{
	Expr	   *all;

	if (clauses == NIL)
		return;
	all = make_ands_explicit(list_copy(clauses));
	ExplainPropertyText(label,
						fs_explain_expression(node, (Node *) all, ancestors, es),
						es);
}

void
fs_explain_keys(ScanState *node, List *tlist, int nkeys, List *ancestors,
				ExplainState *es)
{
	List	   *keys = NIL;
	ListCell   *lc;

	foreach(lc, tlist)
		if (list_length(keys) < nkeys)
			keys = lappend(keys,
						   fs_explain_expression(node,
												 (Node *) lfirst_node(TargetEntry, lc)->expr,
												 ancestors, es));
	if (keys != NIL)
		ExplainPropertyList("Group Key", keys, es);
}

void
fs_explain_ordering(const FsOrdering *ordering, TupleDesc desc,
					ExplainState *es)
{
	const char *name = NameStr(TupleDescAttr(desc, ordering->att)->attname);
	const char *nulls = ordering->has_nulls_first == ordering->is_descending
		? "" : ordering->has_nulls_first ? " NULLS FIRST" : " NULLS LAST";

	ExplainPropertyText("Order",
						psprintf("%s%s%s", quote_identifier(name),
								 ordering->is_descending ? " DESC" : "", nulls),
						es);
}

void
fs_explain_columns(int ncols, TupleDesc desc, ExplainState *es)
{
	int			total = 0;

	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			total++;
	if (es->format == EXPLAIN_FORMAT_TEXT)
		ExplainPropertyText("Columns", psprintf("%d of %d", ncols, total), es);
	else
	{
		ExplainPropertyInteger("Columns Read", NULL, ncols, es);
		ExplainPropertyInteger("Columns Total", NULL, total, es);
	}
}

void
fs_explain_counters(const FsScanCounters *counters, ExplainState *es)
{
	bool		is_text = es->format == EXPLAIN_FORMAT_TEXT;

	ExplainPropertyInteger("Chunks", NULL, counters->chunks, es);
	if (counters->chunks_unlisted > 0 || !is_text)
		ExplainPropertyInteger("Chunks Pruned by Partition Index", NULL,
							   counters->chunks_unlisted, es);
	ExplainPropertyInteger("Chunks Pruned by Zone Map", NULL,
						   counters->chunks_pruned -
						   counters->chunks_unlisted, es);
	if (counters->chunks_digested > 0 || !is_text)
		ExplainPropertyInteger("Chunks Answered by Head", NULL,
							   counters->chunks_digested, es);
	ExplainPropertyInteger("Vectors", NULL, counters->vectors, es);
	if (counters->vectors_unlisted > 0 || !is_text)
		ExplainPropertyInteger("Vectors Pruned by Partition Index", NULL,
							   counters->vectors_unlisted, es);
	ExplainPropertyInteger("Vectors Pruned by Zone Map", NULL,
						   counters->vectors_pruned -
						   counters->vectors_unlisted, es);
	if (counters->rows_items > 0 || !is_text)
		ExplainPropertyInteger("Row Items", NULL, counters->rows_items, es);
	ExplainPropertyInteger("Column Fetches", NULL, counters->columns, es);
	ExplainPropertyUInteger("Bytes Fetched", NULL, counters->bytes, es);
	if (counters->index_bytes > 0 || !is_text)
		ExplainPropertyUInteger("Partition Index Bytes Fetched", NULL,
								counters->index_bytes, es);
}
