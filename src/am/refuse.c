/*-------------------------------------------------------------------------
 *
 * What a flowstore table does not do.
 *
 * The index callbacks of an access method come too late: CREATE INDEX
 * CONCURRENTLY has then committed its catalog row and leaves an invalid index.
 * object_access_hook is called in the first transaction, right after the row
 * was inserted, which SnapshotSelf sees.
 *
 * A publication of a flowstore table would copy its rows once and then
 * silently nothing, because chunks are logged as pages.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_publication_rel.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/handler.h"
#include "am/refuse.h"

static object_access_hook_type previous_hook = NULL;

bool
fs_refuse_is_flowstore(Oid relid)
{
	Relation	rel = RelationIdGetRelation(relid);
	bool		result;

	/* the access method may have been given another name */
	if (!RelationIsValid(rel))
		return false;
	result = rel->rd_tableam == fs_handler_routine();
	RelationClose(rel);
	return result;
}

void
fs_refuse_lock(const char *relname, const char *command)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s is not supported on flowstore table \"%s\"",
					command, relname),
			 errhint("Leave the lock out: UPDATE and DELETE wait for each other without it.")));
}

void
fs_refuse_command(const char *relname, const char *command)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s is not supported on flowstore table \"%s\"",
					command, relname),
			 errdetail("A flowstore table has no unique indexes.")));
}

typedef void (*RowTest) (HeapTuple tuple);

/*
 * Look at the catalog rows whose key column has this value, those that the
 * running command has just made included.
 */
static void
for_new_rows(Oid catalogid, Oid indexid, AttrNumber column, Oid key,
			 RowTest test)
{
	Relation	catalog = table_open(catalogid, AccessShareLock);
	ScanKeyData scankey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&scankey, column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(key));
	scan = systable_beginscan(catalog, indexid, true, SnapshotSelf, 1,
							  &scankey);
	while ((tuple = systable_getnext(scan)) != NULL)
		test(tuple);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static void
refuse_index(HeapTuple tuple)
{
	Oid			relid = ((Form_pg_index) GETSTRUCT(tuple))->indrelid;

	if (fs_refuse_is_flowstore(relid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("indexes are not supported on flowstore table \"%s\"",
						get_rel_name(relid)),
				 errhint("Zone maps on every column are kept without being asked for.")));
}

static void
refuse_relation(HeapTuple tuple)
{
	Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

	if (class->relkind == RELKIND_INDEX)
		for_new_rows(IndexRelationId, IndexRelidIndexId,
					 Anum_pg_index_indexrelid, class->oid, refuse_index);
}

static void
refuse_publication_of(Oid relid)
{
	if (fs_refuse_is_flowstore(relid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot publish flowstore table \"%s\"",
						get_rel_name(relid)),
				 errdetail("Changes of flowstore tables are not decoded for logical replication."),
				 errhint("Use a streaming standby, or publish heap tables only.")));
}

static void
refuse_publication(HeapTuple tuple)
{
	refuse_publication_of(((Form_pg_publication_rel)
						   GETSTRUCT(tuple))->prrelid);
}

static void
at_object_access(ObjectAccessType access, Oid classId, Oid objectId,
				 int subId, void *arg)
{
	if (previous_hook)
		previous_hook(access, classId, objectId, subId, arg);
	if (access != OAT_POST_CREATE || subId != 0)
		return;
	if (classId == RelationRelationId)
		for_new_rows(RelationRelationId, ClassOidIndexId, Anum_pg_class_oid,
					 objectId, refuse_relation);
	else if (classId == PublicationRelationId)
		for_new_rows(PublicationRelRelationId, PublicationRelPrpubidIndexId,
					 Anum_pg_publication_rel_prpubid, objectId,
					 refuse_publication);
	else if (classId == PublicationRelRelationId)
		for_new_rows(PublicationRelRelationId, PublicationRelObjectIndexId,
					 Anum_pg_publication_rel_oid, objectId,
					 refuse_publication);
}

void
fs_refuse_published(Relation rel)
{
	PublicationDesc desc;

	if (!RelationIsLogicallyLogged(rel))
		return;
	RelationBuildPublicationDesc(rel, &desc);
	if (desc.pubactions.pubinsert)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot insert into flowstore table \"%s\" because it is published",
						RelationGetRelationName(rel)),
				 errdetail("Changes of flowstore tables are not decoded for logical replication."),
				 errhint("Leave the table out of the publication, naming the other tables instead of FOR ALL TABLES.")));
}

void
fs_refuse_init(void)
{
	previous_hook = object_access_hook;
	object_access_hook = at_object_access;
}
