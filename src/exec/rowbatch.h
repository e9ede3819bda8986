/*-------------------------------------------------------------------------
 *
 * The rows of any node, as vectors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_ROWBATCH_H
#define FS_EXEC_ROWBATCH_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "exec/batch.h"

typedef struct FsRowBatch FsRowBatch;

/* In the current memory context. */
extern FsRowBatch *fs_rowbatch_create(PlanState *node);
extern void fs_rowbatch_free(FsRowBatch *rows);

/* The next rows of the node, valid until the next call; false at the end. */
extern bool fs_rowbatch_next(FsRowBatch *rows, FsBatch *batch);

/* The node begins anew. */
extern void fs_rowbatch_reset(FsRowBatch *rows);

#endif							/* FS_EXEC_ROWBATCH_H */
