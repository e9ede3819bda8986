/*-------------------------------------------------------------------------
 *
 * Functions of prefix maps.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/jsonb.h"

#include "analytics/ipset.h"
#include "analytics/prefixes.h"

PG_FUNCTION_INFO_V1(fs_lookup);
PG_FUNCTION_INFO_V1(fs_lookup_more);
PG_FUNCTION_INFO_V1(fs_lookup_all);
PG_FUNCTION_INFO_V1(fs_prefix_list);
PG_FUNCTION_INFO_V1(fs_prefix_map_networks);
PG_FUNCTION_INFO_V1(fs_prefix_map_values);
PG_FUNCTION_INFO_V1(fs_prefix_map_concat);
PG_FUNCTION_INFO_V1(fs_prefix_map_step);
PG_FUNCTION_INFO_V1(fs_prefix_map_final);

/* The value that counts for arguments 0, the name, and 1; or FS_PREFIX_NONE. */
static uint32
find(FunctionCallInfo fcinfo, const FsPrefixMap **map)
{
	inet	   *addr = PG_GETARG_INET_PP(1);
	FsPrefixEntry entry;
	uint32		net;

	*map = fs_prefix_kept(fcinfo, PG_GETARG_TEXT_PP(0));
	fs_prefix_of_inet(addr, &entry);
	if (entry.bits == ip_maxbits(addr))
		return fs_prefixmap_find(*map, entry.family, entry.first);
	net = fs_prefixmap_find_net(*map, entry.family, entry.first, entry.bits);
	return net == FS_PREFIX_NONE ? net : (*map)->values[entry.family == 4 ? 0 : 1][net];
}

Datum
fs_lookup(PG_FUNCTION_ARGS)
{
	const FsPrefixMap *map;
	uint32		value = find(fcinfo, &map);
	const char *more;
	int			len;
	int			more_len;
	const char *text;

	if (value == FS_PREFIX_NONE)
		PG_RETURN_NULL();
	text = fs_prefixmap_text(map, value, &len, &more, &more_len);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, len));
}

static Datum
more_datum(const char *more, int len)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(more, len)));
}

Datum
fs_lookup_more(PG_FUNCTION_ARGS)
{
	const FsPrefixMap *map;
	uint32		value = find(fcinfo, &map);
	const char *more;
	int			len;
	int			more_len;

	if (value == FS_PREFIX_NONE)
		PG_RETURN_NULL();
	fs_prefixmap_text(map, value, &len, &more, &more_len);
	if (more == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(more_datum(more, more_len));
}

/* A row of network, value and more. */
static void
put_net(ReturnSetInfo *rsinfo, const FsPrefixMap *map, uint8 family, uint32 i)
{
	FsPrefix	net = fs_prefixmap_net(map, family, i);
	const char *more;
	int			len;
	int			more_len;
	const char *text = fs_prefixmap_text(map, net.value, &len, &more, &more_len);
	Datum		values[3];
	bool		nulls[3] = {false};

	CHECK_FOR_INTERRUPTS();
	values[0] = InetPGetDatum(fs_ip_make_inet(family, net.first, net.bits));
	values[1] = PointerGetDatum(cstring_to_text_with_len(text, len));
	nulls[2] = more == NULL;
	values[2] = more == NULL ? (Datum) 0 : more_datum(more, more_len);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

Datum
fs_lookup_all(PG_FUNCTION_ARGS)
{
	const FsPrefixMap *map = fs_prefix_kept(fcinfo, PG_GETARG_TEXT_PP(0));
	FsPrefixEntry entry;
	int			bits;

	fs_prefix_of_inet(PG_GETARG_INET_PP(1), &entry);
	InitMaterializedSRF(fcinfo, 0);
	bits = entry.bits;
	while (bits >= 0)
	{
		uint32		i = fs_prefixmap_find_net(map, entry.family, entry.first, bits);

		if (i == FS_PREFIX_NONE)
			break;
		put_net((ReturnSetInfo *) fcinfo->resultinfo, map, entry.family, i);
		bits = (int) map->bits[entry.family == 4 ? 0 : 1][i] - 1;
	}
	return (Datum) 0;
}

Datum
fs_prefix_list(PG_FUNCTION_ARGS)
{
	const FsPrefixMap *map = fs_prefix_kept(fcinfo, PG_GETARG_TEXT_PP(0));
	MemoryContext row_cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore prefix",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;

	InitMaterializedSRF(fcinfo, 0);
	old = MemoryContextSwitchTo(row_cxt);
	for (uint8 family = 4; family <= 6; family += 2)
		for (uint32 i = 0; i < map->nnets[family == 4 ? 0 : 1]; i++)
		{
			put_net((ReturnSetInfo *) fcinfo->resultinfo, map, family, i);
			MemoryContextReset(row_cxt);
		}
	MemoryContextSwitchTo(old);
	return (Datum) 0;
}

Datum
fs_prefix_map_networks(PG_FUNCTION_ARGS)
{
	FsPrefixMap map;

	fs_prefixmap_of_datum(PG_GETARG_DATUM(0), &map);
	PG_RETURN_INT64((int64) map.nnets[0] + map.nnets[1]);
}

Datum
fs_prefix_map_values(PG_FUNCTION_ARGS)
{
	FsPrefixMap map;

	fs_prefixmap_of_datum(PG_GETARG_DATUM(0), &map);
	PG_RETURN_INT64(map.nvalues);
}

Datum
fs_prefix_map_concat(PG_FUNCTION_ARGS)
{
	FsPrefixList *list = fs_prefixlist_create();
	uint64		n;

	for (int i = 0; i < 2; i++)
	{
		FsPrefixMap map;

		fs_prefixmap_of_datum(PG_GETARG_DATUM(i), &map);
		fs_prefixlist_add_map(list, &map);
	}
	PG_RETURN_DATUM(fs_prefixlist_datum(list, &n));
}

Datum
fs_prefix_map_step(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext old;
	FsPrefixList *list;
	FsPrefixEntry entry = {0};
	text	   *value;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
	{
		old = MemoryContextSwitchTo(context);
		list = fs_prefixlist_create();
		MemoryContextSwitchTo(old);
	}
	else
		list = (FsPrefixList *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(list);
	fs_prefix_of_inet(PG_GETARG_INET_PP(1), &entry);
	value = PG_GETARG_TEXT_PP(2);
	entry.value = VARDATA_ANY(value);
	entry.value_len = VARSIZE_ANY_EXHDR(value);
	if (PG_NARGS() > 3 && !PG_ARGISNULL(3))
	{
		entry.more = DatumGetCString(DirectFunctionCall1(jsonb_out, PG_GETARG_DATUM(3)));
		entry.more_len = strlen(entry.more);
	}
	fs_prefixlist_add(list, &entry);
	PG_RETURN_POINTER(list);
}

Datum
fs_prefix_map_final(PG_FUNCTION_ARGS)
{
	FsPrefixList *list = PG_ARGISNULL(0) ? fs_prefixlist_create() :
		(FsPrefixList *) PG_GETARG_POINTER(0);
	uint64		n;

	PG_RETURN_DATUM(fs_prefixlist_datum(list, &n));
}
