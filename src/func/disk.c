/*-------------------------------------------------------------------------
 *
 * flow.disk: the size of the file system that holds a table, and what is free.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/statvfs.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_tablespace_d.h"
#include "common/relpath.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(fs_disk);

/* Blocks of a size as bytes, or what bigint holds. */
static Datum
block_bytes(uint64 nblocks, uint64 block_len)
{
	if (block_len != 0 && nblocks > PG_INT64_MAX / block_len)
		return Int64GetDatum(PG_INT64_MAX);
	return Int64GetDatum((int64) (nblocks * block_len));
}

/* flow.disk(regclass): one row */
Datum
fs_disk(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Relation	rel = try_relation_open(relid, AccessShareLock);
	Oid			tablespace;
	struct statvfs disk;
	TupleDesc	desc;
	char	   *path;
	Datum		values[2];
	bool		nulls[2] = {0};

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	tablespace = rel->rd_rel->reltablespace;
	relation_close(rel, AccessShareLock);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!OidIsValid(tablespace))
		tablespace = MyDatabaseTableSpace;
	path = GetDatabasePath(tablespace == GLOBALTABLESPACE_OID ? InvalidOid
						   : MyDatabaseId, tablespace);
	if (statvfs(path, &disk) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not look at the file system of directory \"%s\": %m", path)));

	values[0] = block_bytes(disk.f_blocks, disk.f_frsize);
	values[1] = block_bytes(disk.f_bavail, disk.f_frsize);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values,
											 nulls));
}
