/*-------------------------------------------------------------------------
 *
 * Runs: records of groups on their way from one table of groups to another,
 * sorted into partitions.
 *
 * First all is put, then partitions are read, each once and in any order of
 * records.  Private runs belong to one process and lie in a temporary file.
 * Shared ones belong to the participants of a parallel plan: each puts, all
 * finish, then each reads partitions that no other reads; up to a quota they
 * lie in dynamic shared memory, beyond it in a temporary file of each who
 * put.
 *
 * Putting takes FS_RUNS_PARTITIONS * block_bytes of private memory, reading
 * as much as the longest record, at least block_bytes.  Files are core's
 * BufFiles: temp_tablespaces, temp_file_limit and log_temp_files apply, and an
 * error leaves none behind.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGRUNS_H
#define FS_EXEC_AGGRUNS_H

#include "postgres.h"

#include "storage/dsm.h"
#include "utils/dsa.h"

#define FS_RUNS_PARTITION_BITS	6
#define FS_RUNS_PARTITIONS		(1 << FS_RUNS_PARTITION_BITS)

typedef struct FsRuns FsRuns;
typedef struct FsRunsShared FsRunsShared;

/* How long blocks are that suit a budget for memory. */
extern Size fs_runs_block_bytes(Size budget);

/* In a memory context of their own, under the current one. */
extern FsRuns *fs_runs_create(Size block_bytes);

/*
 * The shared part of size() bytes, made by one process in a DSM segment,
 * joined by all, each with a number of its own below nparticipants.  Who did
 * not make it sets seg, else it is NULL.
 */
extern Size fs_runs_shared_size(int nparticipants);
extern void fs_runs_shared_init(FsRunsShared *shared, int nparticipants,
								dsm_segment *seg);
extern FsRuns *fs_runs_join(FsRunsShared *shared, int participant,
							dsm_segment *seg, dsa_area *area,
							Size block_bytes, Size quota);

/* When nobody has joined any more: be empty again. */
extern void fs_runs_shared_reset(FsRunsShared *shared, dsa_area *area);

/* Append a record.  May raise what writing a temporary file raises. */
extern void fs_runs_put(FsRuns *runs, int partition, const char *record,
						uint32 len);

/* All of this process has been put. */
extern void fs_runs_finish(FsRuns *runs);

extern void fs_runs_open(FsRuns *runs, int partition);

/*
 * The next bytes of the partition, valid until the next call: records, each
 * after a uint32 that is its length.  False at the end.
 */
extern bool fs_runs_next(FsRuns *runs, const uint8 **bytes, Size *len);

/* Bytes that this process has written to files. */
extern uint64 fs_runs_written(const FsRuns *runs);

/* Close the files and release what was taken. */
extern void fs_runs_end(FsRuns *runs);

#endif							/* FS_EXEC_AGGRUNS_H */
