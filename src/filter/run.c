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
			task->ways |= 1 << FS_WAY_VALUES;
			break;
		case FS_READ_DATUMS:
			task->ways |= 1 << FS_WAY_ROWS;
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

/* Evaluate the quals one by one, as eval_all() does, and count. */
static bool
eval_counted(FsFilterTask *task, FsBits *rows)
{
	uint32		n = fs_bits_count(rows);
	ListCell   *lc;

	foreach(lc, task->filter->root->args)
	{
		FsFilterNode *node = lfirst(lc);
		FsFilterCounters *counters = node->counters;
		uint32		before = n;

		if (n == 0)
			return true;
		task->ways = 0;
		if (!fs_filter_eval(task, node, true, rows, rows))
			return false;
		n = fs_bits_count(rows);
		if (counters == NULL)
			continue;
		counters->rows_removed += before - n;
		counters->settled += task->ways == 0;
		for (int way = 0; way < FS_NWAYS; way++)
			counters->vectors[way] += task->ways >> way & 1;
	}
	return true;
}

bool
fs_filter_narrow(FsFilter *filter, FsScan *scan, FsBits *rows)
{
	FsFilterTask task = {filter, scan, fs_scan_nrows(scan)};

	if (filter->is_counted)
		return eval_counted(&task, rows);
	return fs_filter_eval(&task, filter->root, true, rows, rows);
}

/* Do all rows of the chunk match? */
static bool
keeps_chunk(const FsFilterNode *node, FsScan *scan)
{
	FsZone		zone;

	if (node->kind == FS_FILTER_AND)
	{
		ListCell   *lc;

		foreach(lc, node->args)
			if (!keeps_chunk(lfirst(lc), scan))
				return false;
		return true;
	}
	return node->kind == FS_FILTER_INTS && node->is_usable &&
		node->set == NULL && !node->is_negated && !node->is_never &&
		!node->is_empty && fs_scan_chunk_zone(scan, node->att, &zone) &&
		zone.nulls == 0 && zone.has_bounds &&
		node->low <= zone.imin && zone.imax <= node->high;
}

bool
fs_filter_keeps_chunk(const FsFilter *filter, FsScan *scan)
{
	return keeps_chunk(filter->root, scan);
}

void
fs_filter_note_chunk(FsFilter *filter, FsScan *scan)
{
	uint32		nvectors = fs_scan_item_vectors(fs_scan_item(scan));
	ListCell   *lc;

	if (!filter->is_counted)
		return;
	foreach(lc, filter->root->args)
		if (((FsFilterNode *) lfirst(lc))->counters != NULL)
			((FsFilterNode *) lfirst(lc))->counters->settled += nvectors;
}

static FsFilterNode *
find_qual(const FsFilter *filter, int qual)
{
	ListCell   *lc;

	foreach(lc, filter->root->args)
		if (((FsFilterNode *) lfirst(lc))->qual == qual)
			return lfirst(lc);
	elog(ERROR, "unexpected clause %d of a filter", qual);
}

void
fs_filter_count(FsFilter *filter, int qual, FsFilterCounters *counters)
{
	find_qual(filter, qual)->counters = counters;
	filter->is_counted = true;
}

static uint32
ways_of(const FsFilterNode *node)
{
	uint32		ways = 0;
	ListCell   *lc;

	switch (node->kind)
	{
		case FS_FILTER_NULL:
		case FS_FILTER_INTS:
		case FS_FILTER_FLOATS:
			return 1 << FS_WAY_VALUES;
		case FS_FILTER_ADDRS:
			return 1 << FS_WAY_CODES;
		case FS_FILTER_COLUMN:
			return 1 << FS_WAY_DISTINCT;
		case FS_FILTER_ROW:
			return 1 << FS_WAY_ROWS;
		default:
			break;
	}
	foreach(lc, node->args)
		ways |= ways_of(lfirst(lc));
	return ways;
}

uint32
fs_filter_ways(const FsFilter *filter, int qual)
{
	return ways_of(find_qual(filter, qual));
}
