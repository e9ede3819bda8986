/*-------------------------------------------------------------------------
 *
 * What a FlowScan's predicate need not read, counted by clause or not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_PRUNING_H
#define FS_EXEC_PRUNING_H

#include "postgres.h"

#include "am/pruner.h"
#include "exec/tally.h"
#include "prune/predicate.h"

/*
 * Make *pruner ask the predicate; both stay.  With a tally, which was made of
 * that predicate, its clauses are asked one by one, and the first that rules
 * something out is counted.
 */
extern void fs_pruning_init(FsPruner *pruner, FsPredicate *predicate,
							FsTally *tally);

#endif							/* FS_EXEC_PRUNING_H */
