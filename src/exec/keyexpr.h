/*-------------------------------------------------------------------------
 *
 * Which expressions FlowAggregate groups and aggregates by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYEXPR_H
#define FS_EXEC_KEYEXPR_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"

#include "group/key.h"

/*
 * Tell how rows of relation varno are grouped by an expression with an
 * equality operator; false: not here.  *att is its only column, 0-based.
 */
extern bool fs_keyexpr_recognise(Node *expr, Oid eqop, Index varno,
								 FsKeyKind *kind, int *att);

/* The same without the operator, for the executor. */
extern void fs_keyexpr_kind(Node *expr, Index varno, FsKeyKind *kind,
							int *att);

/* True if the aggregate over relation varno can be computed by accumulators. */
extern bool fs_keyexpr_agg_is_known(const Aggref *agg, Index varno);

#endif							/* FS_EXEC_KEYEXPR_H */
