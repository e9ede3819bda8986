/*-------------------------------------------------------------------------
 *
 * flow.ipset_agg: the set of all addresses of a group.
 *
 * The state is a pair of lists of ranges, which are put in order before they
 * grow: memory follows the number of different ranges, not of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#include "analytics/ipset.h"

PG_FUNCTION_INFO_V1(fs_ipset_agg_step);
PG_FUNCTION_INFO_V1(fs_ipset_agg_step_set);
PG_FUNCTION_INFO_V1(fs_ipset_agg_combine);
PG_FUNCTION_INFO_V1(fs_ipset_agg_serialize);
PG_FUNCTION_INFO_V1(fs_ipset_agg_deserialize);
PG_FUNCTION_INFO_V1(fs_ipset_agg_final);

/* The state in argument 0, made on the first call. */
static FsIpLists *
state_of(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	MemoryContext old;
	FsIpLists  *lists;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (!PG_ARGISNULL(0))
		return (FsIpLists *) PG_GETARG_POINTER(0);
	old = MemoryContextSwitchTo(context);
	lists = palloc(sizeof(FsIpLists));
	fs_iplists_init(lists);
	MemoryContextSwitchTo(old);
	return lists;
}

Datum
fs_ipset_agg_step(PG_FUNCTION_ARGS)
{
	FsIpLists  *lists = state_of(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		FsIpRange	range;
		uint8		family = fs_ip_range_of_inet(PG_GETARG_INET_PP(1), &range);

		fs_iplist_add(family == 4 ? &lists->v4 : &lists->v6, &range);
	}
	PG_RETURN_POINTER(lists);
}

Datum
fs_ipset_agg_step_set(PG_FUNCTION_ARGS)
{
	FsIpLists  *lists = state_of(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		FsIpset		set;

		fs_ipset_of_datum(PG_GETARG_DATUM(1), &set);
		fs_iplists_add_set(lists, &set);
	}
	PG_RETURN_POINTER(lists);
}

static void
add_list(FsIpList *to, const FsIpList *from)
{
	for (uint32 i = 0; i < from->n; i++)
		fs_iplist_add(to, &from->ranges[i]);
}

Datum
fs_ipset_agg_combine(PG_FUNCTION_ARGS)
{
	FsIpLists  *lists = state_of(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		const FsIpLists *other = (const FsIpLists *) PG_GETARG_POINTER(1);

		add_list(&lists->v4, &other->v4);
		add_list(&lists->v6, &other->v6);
	}
	PG_RETURN_POINTER(lists);
}

Datum
fs_ipset_agg_serialize(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(fs_iplists_datum((FsIpLists *) PG_GETARG_POINTER(0)));
}

Datum
fs_ipset_agg_deserialize(PG_FUNCTION_ARGS)
{
	FsIpLists  *lists = palloc(sizeof(FsIpLists));
	FsIpset		set;

	fs_ipset_of_datum(PG_GETARG_DATUM(0), &set);
	fs_iplists_init(lists);
	fs_iplists_add_set(lists, &set);
	PG_RETURN_POINTER(lists);
}

Datum
fs_ipset_agg_final(PG_FUNCTION_ARGS)
{
	FsIpLists	none;

	if (!PG_ARGISNULL(0))
		PG_RETURN_DATUM(fs_iplists_datum((FsIpLists *) PG_GETARG_POINTER(0)));
	fs_iplists_init(&none);
	PG_RETURN_DATUM(fs_iplists_datum(&none));
}
