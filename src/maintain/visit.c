/*-------------------------------------------------------------------------
 *
 * Visits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "am/pending.h"
#include "am/refuse.h"
#include "maintain/visit.h"

void
fs_visit_check(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (!fs_refuse_is_flowstore(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a flowstore table",
						NameStr(form->relname))));
	if (!has_privs_of_role(GetUserId(), form->relowner))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE,
					   NameStr(form->relname));
	if (isOtherTempNamespace(form->relnamespace))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot access temporary tables of other sessions")));
	ReleaseSysCache(tuple);
}

bool
fs_visit_begin(FsVisit *visit, Oid relid, bool is_patient)
{
	if (is_patient)
		LockRelationOid(relid, FS_VISIT_LOCK);
	else if (!ConditionalLockRelationOid(relid, FS_VISIT_LOCK))
		return false;
	visit->rel = try_relation_open(relid, NoLock);
	if (visit->rel == NULL)
	{
		UnlockRelationOid(relid, FS_VISIT_LOCK);
		return false;
	}
	fs_pending_flush(visit->rel);
	GetUserIdAndSecContext(&visit->userid, &visit->sec_context);
	SetUserIdAndSecContext(visit->rel->rd_rel->relowner,
						   visit->sec_context | SECURITY_RESTRICTED_OPERATION);
	visit->guc_level = NewGUCNestLevel();
	(void) set_config_option("flowstore.on_corrupt_chunk", "error",
							 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return true;
}

void
fs_visit_end(FsVisit *visit)
{
	AtEOXact_GUC(false, visit->guc_level);
	SetUserIdAndSecContext(visit->userid, visit->sec_context);
	relation_close(visit->rel, NoLock);
}
