/*-------------------------------------------------------------------------
 *
 * Vectors of several FlowScans.
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

FsBatches *
fs_batches_begin(CustomScanState *parent, List *plans, List *maps, int eflags)
{
	FsBatches  *batches = palloc0(sizeof(FsBatches));
	ListCell   *lc;

	batches->scans = palloc(sizeof(CustomScanState *) * list_length(plans));
	batches->maps = palloc0(sizeof(int *) * list_length(plans));
	foreach(lc, plans)
	{
		CustomScanState *scan = (CustomScanState *)
			ExecInitNode(lfirst(lc), parent->ss.ps.state, eflags);

		fs_batch_prepare(scan);
		if (maps != NIL)
			batches->maps[batches->n] = make_map(list_nth(maps, batches->n));
		batches->scans[batches->n++] = scan;
		parent->custom_ps = lappend(parent->custom_ps, scan);
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
		ExecEndNode(&batches->scans[i]->ss.ps);
}

void
fs_batches_rescan(FsBatches *batches, CustomScanState *parent)
{
	leave_view(batches);
	batches->at = 0;
	for (int i = 0; i < batches->n; i++)
	{
		PlanState  *ps = &batches->scans[i]->ss.ps;

		if (parent->ss.ps.chgParam != NULL)
			UpdateChangedParamSet(ps, parent->ss.ps.chgParam);
		ExecReScan(ps);
	}
}

bool
fs_batches_are_whole(const FsBatches *batches)
{
	for (int i = 0; i < batches->n; i++)
		if (!fs_batch_is_whole(batches->scans[i]))
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
		fs_batch_digest(batches->scans[i], digest_chunk, batches);
}

bool
fs_batches_next(FsBatches *batches, FsBatch *batch)
{
	leave_view(batches);
	for (; batches->at < batches->n; batches->at++)
	{
		if (fs_batch_next(batches->scans[batches->at], batch))
		{
			if (batches->maps[batches->at] != NULL)
			{
				fs_scan_view(batch->scan, batches->maps[batches->at]);
				batches->viewed = batch->scan;
			}
			return true;
		}
		if (batches->n > 1)
			fs_batch_release(batches->scans[batches->at]);
	}
	return false;
}
