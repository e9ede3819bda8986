/*-------------------------------------------------------------------------
 *
 * Aggregates by their own functions: states by group.
 *
 * What is said of the state of an aggregate's transition function holds for
 * one above a sequential scan: it sees the same rows in the same order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_CALLED_H
#define FS_GROUP_CALLED_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/primnodes.h"

#include "group/key.h"

typedef struct FsCalled FsCalled;

/*
 * What a transition function does, for many rows: as if it were called with
 * state states[g[i]], values[i] as argument 1 and what else is in call, for
 * each i below m.  No value and nothing else in call is NULL.  What it leaves
 * behind in the current memory context is freed soon.
 */
typedef void (*FsCalledBatch) (FunctionCallInfo call, NullableDatum *states,
							   const uint32 *g, const Datum *values, uint32 m);

/* From _PG_init: so transition function step can be done. */
extern void fs_called_register(PGFunction step, FsCalledBatch batch);

/*
 * True if states of the aggregate can go from one process to another, and
 * finishing does not change them.
 */
extern bool fs_called_is_possible(const Aggref *agg);

/*
 * What states of an aggregate that is possible may take each, in bytes, as its
 * definition says; 0 if it does not.
 */
extern int32 fs_called_state_bytes(const Aggref *agg);

/* For rows of relation varno.  In the current memory context. */
extern FsCalled *fs_called_create(const Aggref *agg, Index varno,
								  const FsKeyInput *input);

/*
 * Fetch the arguments of rows found[m] of the scan's vector.  Returns false if
 * a column is damaged, which was reported; nothing was added then.
 */
extern bool fs_called_prepare(FsCalled *called, FsScan *scan,
							  const uint16 *found, uint32 m);

/* Add them, to groups g[m] below ngroups. */
extern void fs_called_add(FsCalled *called, const uint32 *g, uint32 ngroups);

/* The result of a group, in the current memory context. */
extern Datum fs_called_result(FsCalled *called, uint32 group, bool *isnull);

/* Append a group's state to a record; merge one into a group below ngroups. */
extern void fs_called_put(FsCalled *called, uint32 group, StringInfo out);
extern void fs_called_put_none(const FsCalled *called, StringInfo out);
extern void fs_called_take(FsCalled *called, FsRecord *record, uint32 group,
						   uint32 ngroups);

/* Of states, and of all. */
extern Size fs_called_bytes(const FsCalled *called);

/* Forget all states. */
extern void fs_called_reset(FsCalled *called);

#endif							/* FS_GROUP_CALLED_H */
