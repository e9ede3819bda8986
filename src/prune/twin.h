/*-------------------------------------------------------------------------
 *
 * Comparisons that ask the same of two columns, such as either side of a flow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_TWIN_H
#define FS_PRUNE_TWIN_H

#include "postgres.h"

#include "nodes/pg_list.h"

/*
 * Note which comparisons among the arguments of AND or OR, FsPredNodes that are
 * bound, have the test and the values of one before them: it is their twin.
 */
extern void fs_twin_find(List *args);

#endif							/* FS_PRUNE_TWIN_H */
