/*-------------------------------------------------------------------------
 *
 * Vectors of several nodes.
 *
 * A scan that has come to its end gives its memory back before the next one
 * begins, for there may be hundreds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"

#include "exec/batches.h"

static int *
make_map(List *list)
{
	int		   *map;
	int			n = 0;
	ListCell   *lc;

	if (list == NIL)
		return NULL;
	map = palloc(sizeof(int) * list_length(list));
	foreach(lc, list)
		map[n++] = lfirst_int(lc);
	return map;
}

/* The node that is a FlowScan, or has it as a subquery. */
static CustomScanState *
flowscan_of(PlanState *node)
{
	if (IsA(node, SubqueryScanState))
		node = ((SubqueryScanState *) node)->subplan;
	return castNode(CustomScanState, node);
}

FsBatches *
fs_batches_begin(CustomScanState *parent, List *plans, List *maps,
				 int nothers, int eflags)
{
	FsBatches  *batches = palloc0(sizeof(FsBatches));
	int			n = list_length(plans);

	batches->n = n;
	batches->nodes = palloc0(sizeof(PlanState *) * n);
	batches->scans = palloc0(sizeof(CustomScanState *) * n);
	batches->rows = palloc0(sizeof(FsRowBatch *) * n);
	batches->maps = palloc0(sizeof(int *) * n);
	for (int i = 0; i < n; i++)
	{
		PlanState  *node = ExecInitNode(list_nth(plans, i),
										parent->ss.ps.state, eflags);

		batches->nodes[i] = node;
		if (maps != NIL)
			batches->maps[i] = make_map(list_nth(maps, i));
		if (i < n - nothers)
		{
			batches->scans[i] = flowscan_of(node);
			fs_batch_prepare(batches->scans[i]);
			node = &batches->scans[i]->ss.ps;
		}
		else
			batches->rows[i] = fs_rowbatch_create(node);
		parent->custom_ps = lappend(parent->custom_ps, node);
	}
	return batches;
}

/* The scan's own columns again. */
static void
leave_view(FsBatches *batches)
{
	if (batches->viewed != NULL)
		fs_scan_view(batches->viewed, NULL);
	batches->viewed = NULL;
}

void
fs_batches_end(FsBatches *batches)
{
	for (int i = 0; i < batches->n; i++)
	{
		if (batches->rows[i] != NULL)
			fs_rowbatch_free(batches->rows[i]);
		ExecEndNode(batches->nodes[i]);
	}
}

void
fs_batches_rescan(FsBatches *batches, CustomScanState *parent)
{
	leave_view(batches);
	batches->at = 0;
	for (int i = 0; i < batches->n; i++)
	{
		PlanState  *ps = batches->nodes[i];

		if (batches->rows[i] != NULL)
			fs_rowbatch_reset(batches->rows[i]);
		if (parent->ss.ps.chgParam != NULL)
			UpdateChangedParamSet(ps, parent->ss.ps.chgParam);
		ExecReScan(ps);
	}
}

bool
fs_batches_are_whole(const FsBatches *batches)
{
	for (int i = 0; i < batches->n; i++)
		if (batches->scans[i] == NULL ||
			!fs_batch_is_whole(batches->scans[i]))
			return false;
	return true;
}

uint64
fs_batches_count(FsBatches *batches)
{
	uint64		nrows = 0;

	for (; batches->at < batches->n; batches->at++)
	{
		nrows += fs_batch_count(batches->scans[batches->at]);
		if (batches->n > 1)
			fs_batch_release(batches->scans[batches->at]);
	}
	return nrows;
}

/* A chunk of the scan that is read, by the columns of the first. */
static bool
digest_chunk(void *arg, FsScan *scan)
{
	FsBatches  *batches = arg;
	const int  *map = batches->maps[batches->at];
	bool		is_taken;

	if (map != NULL)
		fs_scan_view(scan, map);
	is_taken = batches->digest(batches->digest_arg, scan);
	if (map != NULL)
		fs_scan_view(scan, NULL);
	return is_taken;
}

void
fs_batches_digest(FsBatches *batches, FsDigest digest, void *arg)
{
	batches->digest = digest;
	batches->digest_arg = arg;
	for (int i = 0; i < batches->n; i++)
		if (batches->scans[i] != NULL)
			fs_batch_digest(batches->scans[i], digest_chunk, batches);
}

static bool
next_of(FsBatches *batches, int i, FsBatch *batch)
{
	return batches->rows[i] != NULL
		? fs_rowbatch_next(batches->rows[i], batch)
		: fs_batch_next(batches->scans[i], batch);
}

bool
fs_batches_next(FsBatches *batches, FsBatch *batch)
{
	leave_view(batches);
	for (; batches->at < batches->n; batches->at++)
	{
		if (next_of(batches, batches->at, batch))
		{
			if (batches->maps[batches->at] != NULL)
			{
				fs_scan_view(batch->scan, batches->maps[batches->at]);
				batches->viewed = batch->scan;
			}
			return true;
		}
		if (batches->n > 1 && batches->scans[batches->at] != NULL)
			fs_batch_release(batches->scans[batches->at]);
	}
	return false;
}
