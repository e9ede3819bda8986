/*-------------------------------------------------------------------------
 *
 * Paths that give the same rows each time they are run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_REPEATABLE_H
#define FS_EXEC_REPEATABLE_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/*
 * True if the path may stand in one plan twice, and gives the same rows both
 * times: no volatile function, sample, foreign table or LIMIT, and no
 * aggregate, since sums of floats depend on the order of rows.
 */
extern bool fs_path_is_repeatable(PlannerInfo *root, Path *path);

#endif							/* FS_EXEC_REPEATABLE_H */
