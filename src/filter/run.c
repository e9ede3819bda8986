/*-------------------------------------------------------------------------
 *
 * Running a filter over a vector.
 *
 * A node answers two questions: for which rows is it true, for which false.
 * What is neither is null, so NOT only turns the question round, and no third
 * bitmap is needed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "filter/node.h"

/* Rows of in for which all of the nodes are true, or all are false. */
static bool
eval_all(FsFilterTask *task, List *nodes, bool want, const FsBits *in,
		 FsBits *out)
{
	ListCell   *lc;

	*out = *in;
	foreach(lc, nodes)
	{
		if (fs_bits_is_empty(out))
			return true;
		if (!fs_filter_eval(task, lfirst(lc), want, out, out))
			return false;
	}
	return true;
}

/*
 * Rows of in for which any of the nodes is true, or any is false.  A row that
 * has one is not asked again.
 */
static bool
eval_any(FsFilterTask *task, List *nodes, bool want, const FsBits *in,
		 FsBits *out)
{
	FsBits		rest = *in;
	FsBits		found;
	FsBits		some;
	ListCell   *lc;

	fs_bits_none(&found);
	foreach(lc, nodes)
	{
		if (fs_bits_is_empty(&rest))
			break;
		if (!fs_filter_eval(task, lfirst(lc), want, &rest, &some))
			return false;
		fs_bits_or(&found, &some);
		fs_bits_and_not(&rest, &some);
	}
	*out = found;
	return true;
}

/* A null test: the bounds of the vector may know. */
static bool
eval_null(FsFilterTask *task, FsFilterNode *node, bool want, const FsBits *in,
		  FsBits *out)
{
	const bool *is_null = NULL;
	const FsVector *vec;
	const Datum *values;
	FsBits		nulls;
	FsZone		zone;

	if (fs_scan_vector_zone(task->scan, node->att, &zone) &&
		(zone.nulls == 0 || zone.nulls == zone.nrows))
	{
		if ((zone.nulls > 0) == want)
			*out = *in;
		else
			fs_bits_none(out);
		return true;
	}
	switch (fs_scan_vector(task->scan, node->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			is_null = vec->is_null;
			break;
		case FS_READ_DATUMS:
			if (!fs_scan_column(task->scan, node->att, &values, &is_null))
				return false;
			break;
	}
	fs_bits_from_bools(is_null, task->nrows, &nulls);
	*out = *in;
	if (want)
		fs_bits_and(out, &nulls);
	else
		fs_bits_and_not(out, &nulls);
	return true;
}

bool
fs_filter_eval(FsFilterTask *task, FsFilterNode *node, bool want,
			   const FsBits *in, FsBits *out)
{
	switch (node->kind)
	{
		case FS_FILTER_AND:
			return want ? eval_all(task, node->args, true, in, out)
				: eval_any(task, node->args, false, in, out);
		case FS_FILTER_OR:
			return want ? eval_any(task, node->args, true, in, out)
				: eval_all(task, node->args, false, in, out);
		case FS_FILTER_NOT:
			return fs_filter_eval(task, linitial(node->args), !want, in, out);
		case FS_FILTER_NULL:
			return eval_null(task, node, want, in, out);
		case FS_FILTER_INTS:
			return fs_filter_eval_ints(task, node, want, in, out);
		case FS_FILTER_FLOATS:
			return fs_filter_eval_floats(task, node, want, in, out);
		case FS_FILTER_ADDRS:
			return fs_filter_eval_addrs(task, node, want, in, out);
		case FS_FILTER_COLUMN:
		case FS_FILTER_ROW:
			return fs_filter_eval_expr(task, node, want, in, out);
	}
	elog(ERROR, "unexpected filter %d", node->kind);
}

void
fs_filter_enter_chunk(FsFilterTask *task)
{
	FsFilter   *filter = task->filter;
	uint64		visit = fs_scan_visit(task->scan);

	if (filter->visit == visit)
		return;
	filter->visit = visit;
	MemoryContextReset(filter->chunk_cxt);
}

bool
fs_filter_narrow(FsFilter *filter, FsScan *scan, FsBits *rows)
{
	FsFilterTask task = {filter, scan, fs_scan_nrows(scan)};

	return fs_filter_eval(&task, filter->root, true, rows, rows);
}
