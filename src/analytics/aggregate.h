/*-------------------------------------------------------------------------
 *
 * What the aggregates over counts have in common.
 *
 * Their state is an FsCounts in the aggregate's memory.  Combining,
 * serializing and deserializing do not depend on the aggregate, and neither
 * changes the state it reads; nor do the final functions, so a state may be
 * shared by several aggregates and asked again for each row of a window.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_AGGREGATE_H
#define FS_ANALYTICS_AGGREGATE_H

#include "postgres.h"

#include "fmgr.h"

#include "analytics/counts.h"

/*
 * The state in argument 0 of a transition function, made on the first call.
 * Argument 1 is the value that is counted: its type and the collation of the
 * call decide what is equal.
 */
extern FsCounts *fs_aggregate_state(FunctionCallInfo fcinfo,
									bool has_float_weights);

/*
 * Add the row in fcinfo to a state: the value is argument 1, the weight is
 * argument weight_arg, or 1 if that is 0.  A row with NULL as value or weight
 * changes nothing.
 */
extern void fs_aggregate_add(FunctionCallInfo fcinfo, FsCounts *counts,
							 int weight_arg);

/*
 * Reports INVALID_PARAMETER_VALUE if a state with limit a (0: none yet) meets
 * a row or a state with limit b.
 */
extern void fs_aggregate_check_limit(int32 a, int32 b);

#endif							/* FS_ANALYTICS_AGGREGATE_H */
