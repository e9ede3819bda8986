/*-------------------------------------------------------------------------
 *
 * flow.expire: let the rows go that a table's options no longer keep.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "am/refuse.h"
#include "maintain/expire.h"
#include "maintain/visit.h"

PG_FUNCTION_INFO_V1(fs_expire);

static void
check_table(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!fs_refuse_is_flowstore(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a flowstore table", name)));
	PreventCommandIfReadOnly("flow.expire()");
	PreventCommandDuringRecovery("flow.expire()");
}

/* flow.expire(regclass) */
Datum
fs_expire(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	FsVisit		visit;
	FsExpired	expired;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	check_table(relid);
	fs_visit_check_owner(relid);
	if (!fs_visit_begin(&visit, relid, true))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	expired = fs_expire_table(visit.rel, GetCurrentTimestamp());
	fs_visit_end(&visit);

	values[0] = Int64GetDatum(expired.rows);
	values[1] = Int64GetDatum(expired.bytes);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values,
											 nulls));
}
