/*-------------------------------------------------------------------------
 *
 * flow.expire: let the rows go that a table's options no longer keep.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "maintain/expire.h"
#include "maintain/visit.h"

PG_FUNCTION_INFO_V1(fs_expire);

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
	fs_visit_check(relid);
	PreventCommandIfReadOnly("flow.expire()");
	PreventCommandDuringRecovery("flow.expire()");
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
