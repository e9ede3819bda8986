/*-------------------------------------------------------------------------
 *
 * Rollups: what SQL asks of the library.  The functions that users call are
 * SQL and stand in schema/rollup_create.sql.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "am/changes.h"
#include "maintain/rollup.h"

PG_FUNCTION_INFO_V1(fs_rollup_slice);
PG_FUNCTION_INFO_V1(fs_rollup_roll);
PG_FUNCTION_INFO_V1(fs_rollup_register);
PG_FUNCTION_INFO_V1(fs_rollup_unregister);

/* Raise an error unless the caller owns a table. */
static void
check_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (!has_privs_of_role(GetUserId(), form->relowner))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE,
					   NameStr(form->relname));
	ReleaseSysCache(tuple);
}

/* flow.rollup_slice(regclass) */
Datum
fs_rollup_slice(PG_FUNCTION_ARGS)
{
	Datum		slice;

	fs_changes_write();
	if (!fs_rollup_slice_of(PG_GETARG_OID(0), &slice))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(slice);
}

/* flow.rollup_roll(rows regclass, since timestamptz, until timestamptz) */
Datum
fs_rollup_roll(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Oid			rows = PG_GETARG_OID(0);
	Datum		values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
	Datum		ignored;
	int64		n = 0;

	PreventCommandIfReadOnly("flow.refresh_rollup()");
	check_owner(rows);
	SPI_connect();
	(void) fs_rollup_keep_books("SELECT flow.rollup_add($1, $2, $3)", 3, types,
								values, &ignored);
	while (fs_rollup_step(rows, PG_GETARG_TIMESTAMPTZ(1),
						  PG_GETARG_TIMESTAMPTZ(2)))
	{
		n++;
		CHECK_FOR_INTERRUPTS();
	}
	SPI_finish();
	PG_RETURN_INT64(n);
}

/*
 * Raise an error unless the caller owns the table that a rollup is known by and
 * its source: a level is refreshed with its rollup, and read by its owner.
 */
static void
check_owner_of_rollup(Datum rollup)
{
	static const Oid types[] = {JSONBOID};
	static const char *const members[] = {
		"SELECT ($1 ->> 'id')::oid", "SELECT ($1 ->> 'relation')::oid"
	};
	Datum		relid;

	for (int i = 0; i < lengthof(members); i++)
	{
		if (!fs_rollup_keep_books(members[i], 1, types, &rollup, &relid))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a rollup must have a table and a source")));
		check_owner(DatumGetObjectId(relid));
	}
}

/*
 * flow.rollup_register(rows regclass, reading regclass, step interval,
 * keep interval, rollup jsonb)
 */
Datum
fs_rollup_register(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, REGCLASSOID, INTERVALOID, JSONBOID, INTERVALOID};
	Datum		values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(4), PG_GETARG_DATUM(3)};
	Datum		ignored;

	for (int i = 0; i < 5; i++)
		if (PG_ARGISNULL(i) && i != 3)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument must not be NULL")));
	check_owner(PG_GETARG_OID(0));
	check_owner(PG_GETARG_OID(1));
	SPI_connect();
	check_owner_of_rollup(values[3]);
	(void) fs_rollup_keep_books(PG_ARGISNULL(3)
								? "SELECT flow.rollup_enter($1, $2, $3, NULL, $4)"
								: "SELECT flow.rollup_enter($1, $2, $3, $5, $4)",
								PG_ARGISNULL(3) ? 4 : 5, types, values,
								&ignored);
	SPI_finish();
	PG_RETURN_VOID();
}

/* flow.rollup_unregister(rows regclass) */
Datum
fs_rollup_unregister(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID};
	Datum		value = PG_GETARG_DATUM(0);
	Datum		ignored;

	check_owner(PG_GETARG_OID(0));
	SPI_connect();
	(void) fs_rollup_keep_books("SELECT flow.rollup_forget($1)", 1, types,
								&value, &ignored);
	SPI_finish();
	PG_RETURN_VOID();
}
