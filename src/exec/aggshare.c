/*-------------------------------------------------------------------------
 *
 * FlowAggregate in a parallel plan.
 *
 * Participants, workers and perhaps the leader, go through these phases:
 *
 *		BUILD	take rows, of the items that their FlowScan draws
 *		NAME	where only the first groups are wanted, and many are not, name
 *				those that can be among them
 *		EXPORT	put their groups into shared runs
 *		MERGE	draw partitions, each its own, and give complete groups
 *
 * Who comes late begins with the phase that the others are in: all rows have
 * been taken then, so he has none.  Nobody gives a tuple before all who have
 * come are in MERGE, and nobody waits there, so a participant that waits to be
 * read is never waited for.  He who has come to MERGE has left the barrier.
 *
 * How many partitions there are is known when all have counted their groups;
 * it is the greatest number as soon as one had to emit before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "storage/barrier.h"
#include "storage/spin.h"
#include "utils/wait_event.h"

#include "exec/aggbound.h"
#include "exec/aggstate.h"

#define PHASE_BUILD		0
#define PHASE_NAME		1		/* or EXPORT */

/* fewer records than these are merged by one participant */
#define SMALL_RECORDS	4096

/* of a partition, as far as there are enough */
#define PARTITION_RECORDS 2048

struct FsAggShared
{
	dsm_handle	segment;
	uint64		seed;
	Barrier		barrier;
	pg_atomic_uint32 next_partition;
	slock_t		mutex;			/* of what follows */
	bool		has_emitted;	/* a participant had no room while it built */
	uint64		nrecords;		/* at the end of BUILD */
	FsAggBound	bound;
	FsAggCounters counters;		/* of participants that have finished */
};

/* Its size, up to the runs that follow. */
#define HEAD_SIZE MAXALIGN(sizeof(FsAggShared))

static FsRunsShared *
runs_of(FsAggShared *shared)
{
	return (FsRunsShared *) ((char *) shared + HEAD_SIZE);
}

/* --- participants ------------------------------------------------------- */

static void
join_runs(FlowAggState *state, int bits)
{
	FsAggShared *shared = state->shared;
	FsAggLevel *at = &state->levels[0];
	dsm_segment *seg = NULL;
	MemoryContext old;

	at->bits = bits;
	if (at->runs != NULL)
		return;
	if (IsParallelWorker())
		seg = dsm_find_mapping(shared->segment);
	old = MemoryContextSwitchTo(state->cxt);
	at->runs = fs_runs_join(runs_of(shared), ParallelWorkerNumber + 1, seg,
							state->css.ss.ps.state->es_query_dsa,
							fs_runs_block_bytes(state->limit), state->limit);
	MemoryContextSwitchTo(old);
}

FsRuns *
fs_aggshare_open_runs(FlowAggState *state)
{
	SpinLockAcquire(&state->shared->mutex);
	state->shared->has_emitted = true;
	SpinLockRelease(&state->shared->mutex);
	join_runs(state, FS_RUNS_PARTITION_BITS);
	return state->levels[0].runs;
}

/* After BUILD, the same for all: is there a phase NAME? */
static bool
has_names(const FsAggShared *shared)
{
	return !shared->has_emitted && shared->nrecords > SMALL_RECORDS &&
		fs_aggbound_is_used(&shared->bound);
}

/* After BUILD: log2 of the number of partitions. */
static int
partition_bits(const FlowAggState *state)
{
	const FsAggShared *shared = state->shared;
	int			bits = 0;

	if (state->groups->nkeys == 0)
		return 0;
	if (shared->has_emitted)
		return FS_RUNS_PARTITION_BITS;
	if (shared->nrecords <= SMALL_RECORDS ||
		(has_names(shared) && !shared->bound.is_full))
		return 0;
	while (bits < FS_RUNS_PARTITION_BITS &&
		   shared->nrecords >> bits > PARTITION_RECORDS)
		bits++;
	return bits;
}

/* At the end of BUILD. */
static void
hand_in(FlowAggState *state)
{
	FsAggShared *shared = state->shared;
	uint64		n = fs_groups_n_records(state->groups);

	fs_aggbound_tell(state, &shared->bound);
	SpinLockAcquire(&shared->mutex);
	shared->nrecords += n;
	SpinLockRelease(&shared->mutex);
}

static void
wait_for_all(FsAggShared *shared)
{
	BarrierArriveAndWait(&shared->barrier, PG_WAIT_EXTENSION);
}

static void
export_groups(FlowAggState *state)
{
	uint8	   *only = NULL;

	if (has_names(state->shared))
		only = fs_aggbound_find(state, &state->shared->bound);
	fs_aggmerge_emit(state, 0, only);
	fs_runs_finish(state->levels[0].runs);
	if (only != NULL)
		pfree(only);
}

void
fs_aggshare_build(FlowAggState *state)
{
	FsAggShared *shared = state->shared;
	int			phase = BarrierAttach(&shared->barrier);
	int			export_phase;

	if (phase == PHASE_BUILD)
	{
		fs_aggmerge_take_rows(state);
		hand_in(state);
		wait_for_all(shared);
		phase++;
	}
	export_phase = has_names(shared) ? PHASE_NAME + 1 : PHASE_NAME;
	if (phase < export_phase)
	{
		fs_aggbound_name(state, &shared->bound);
		wait_for_all(shared);
		phase++;
	}
	join_runs(state, partition_bits(state));
	if (phase == export_phase)
	{
		export_groups(state);
		wait_for_all(shared);
	}
	BarrierDetach(&shared->barrier);
}

int
fs_aggshare_draw(FlowAggState *state)
{
	uint32		partition =
		pg_atomic_fetch_add_u32(&state->shared->next_partition, 1);

	return partition < (uint32) 1 << state->levels[0].bits ? (int) partition
		: -1;
}

/* --- the node's callbacks ----------------------------------------------- */

Size
fs_aggshare_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	return add_size(HEAD_SIZE, fs_runs_shared_size(pcxt->nworkers + 1));
}

static void
start(FsAggShared *shared)
{
	shared->seed = pg_prng_uint64(&pg_global_prng_state);
	BarrierInit(&shared->barrier, 0);
	pg_atomic_init_u32(&shared->next_partition, 0);
	SpinLockInit(&shared->mutex);
	shared->has_emitted = false;
	shared->nrecords = 0;
	fs_aggbound_init(&shared->bound);
}

/*
 * Half of the memory is for groups, the other for the records that this
 * participant puts into shared memory.
 */
static void
join_shared(FlowAggState *state, FsAggShared *shared)
{
	state->shared = shared;
	state->seed = shared->seed;
	state->limit = get_hash_memory_limit() / 2;
}

/* Without a segment, and so without workers, all stays as it is. */
void
fs_aggshare_initialize_dsm(CustomScanState *node, ParallelContext *pcxt,
						   void *coordinate)
{
	FsAggShared *shared = coordinate;

	if (pcxt->seg == NULL)
		return;
	shared->segment = dsm_segment_handle(pcxt->seg);
	memset(&shared->counters, 0, sizeof(FsAggCounters));
	fs_runs_shared_init(runs_of(shared), pcxt->nworkers + 1, pcxt->seg);
	start(shared);
	join_shared((FlowAggState *) node, shared);
}

void
fs_aggshare_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt,
							 void *coordinate)
{
	FlowAggState *state = (FlowAggState *) node;
	FsAggShared *shared = coordinate;

	if (pcxt->seg == NULL)
		return;
	fs_runs_shared_reset(runs_of(shared), node->ss.ps.state->es_query_dsa);
	start(shared);
	join_shared(state, shared);
}

void
fs_aggshare_initialize_worker(CustomScanState *node, shm_toc *toc,
							  void *coordinate)
{
	join_shared((FlowAggState *) node, coordinate);
}

void
fs_aggshare_add_counters(FsAggCounters *sum, const FsAggCounters *more)
{
	sum->groups += more->groups;
	sum->peak_bytes = Max(sum->peak_bytes, more->peak_bytes);
	sum->partitions += more->partitions;
	sum->file_bytes += more->file_bytes;
}

/*
 * Before the shared memory goes: let go of it, and hand in, or collect, what
 * was counted.
 */
void
fs_aggshare_shutdown(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;
	FsAggShared *shared = state->shared;

	if (shared == NULL)
		return;
	fs_aggmerge_reset(state);
	state->is_done = true;
	state->next = PG_UINT32_MAX;
	SpinLockAcquire(&shared->mutex);
	if (IsParallelWorker())
		fs_aggshare_add_counters(&shared->counters, &state->counters);
	else
		fs_aggshare_add_counters(&state->others, &shared->counters);
	SpinLockRelease(&shared->mutex);
	state->shared = NULL;
}
