/*-------------------------------------------------------------------------
 *
 * The label of a table follows the table.
 *
 * object_access_hook is called after a catalog row was changed and before the
 * change is visible: the catalog caches have the old row, SnapshotSelf the
 * new one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_am.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "am/changes.h"
#include "am/follow.h"
#include "am/label.h"
#include "am/optionlist.h"
#include "am/refuse.h"
#include "am/relabel.h"
#include "am/utility.h"

static object_access_hook_type previous_hook = NULL;

/* --- a new table -------------------------------------------------------- */

static void
relation_created(Oid relid)
{
	Relation	rel;
	List	   *changes;
	char		kind;

	if (!fs_utility_has_options())
		return;
	rel = RelationIdGetRelation(relid);
	if (!RelationIsValid(rel))
		return;
	kind = rel->rd_rel->relkind;
	if (kind == RELKIND_RELATION || kind == RELKIND_MATVIEW ||
		kind == RELKIND_PARTITIONED_TABLE)
	{
		changes = fs_utility_options_of_new(RelationGetRelationName(rel));
		if (changes != NIL)
		{
			fs_relabel_check_table(rel);
			fs_relabel_check_columns(rel, changes);
			fs_relabel_change(rel, changes);
		}
	}
	RelationClose(rel);
}

/* --- columns ------------------------------------------------------------ */

/* The row of an attribute as the running command has left it. */
static bool
new_attribute(Oid relid, AttrNumber attnum, FormData_pg_attribute *att)
{
	Relation	catalog = table_open(AttributeRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTEqualStrategyNumber,
				F_INT2EQ, Int16GetDatum(attnum));
	scan = systable_beginscan(catalog, AttributeRelidNumIndexId, true,
							  SnapshotSelf, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		memcpy(att, GETSTRUCT(tuple), ATTRIBUTE_FIXED_PART_SIZE);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return HeapTupleIsValid(tuple);
}

/* The columns with one renamed, or taken out if new_name is NULL. */
static List *
replace_name(List *columns, const char *old_name, const char *new_name)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, columns)
	{
		const char *name = lfirst(lc);

		if (strcmp(name, old_name) == 0)
			name = new_name;
		if (name != NULL)
			result = lappend(result, pstrdup(name));
	}
	return result;
}

static bool
names_column(const FsOptionValue *value, const char *name)
{
	ListCell   *lc;

	foreach(lc, value->columns)
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	return false;
}

/*
 * Rename a column in all options of rel's label that name it, or take it out
 * of them if new_name is NULL.  An option without a column left is reset.
 */
static void
replace_column(Relation rel, const char *old_name, const char *new_name)
{
	List	   *entries = fs_label_read(RelationGetRelid(rel));
	List	   *kept = NIL;
	bool		is_changed = false;
	ListCell   *lc;

	foreach(lc, entries)
	{
		FsLabelEntry *entry = lfirst(lc);
		const FsOption *option = fs_optionlist_lookup(entry->name);
		FsOptionValue value = {0};

		if (option != NULL && option->kind == FS_OPTION_COLUMNS &&
			fs_optionlist_parse(option, entry->value, &value) &&
			names_column(&value, old_name))
		{
			is_changed = true;
			value.columns = replace_name(value.columns, old_name, new_name);
			if (value.columns == NIL)
				continue;
			entry->value = fs_optionlist_form(option, &value);
		}
		kept = lappend(kept, entry);
	}
	if (is_changed)
		fs_relabel_write(rel, kept);
}

/* True if the label of a table names this as its time column. */
static bool
is_named_time_column(Oid relid, const char *name)
{
	const FsOption *option = &fs_option_list[FS_OPTION_TIME_COLUMN];
	FsLabelEntry *entry = fs_label_find(fs_label_read(relid), option->name);
	FsOptionValue value = {0};

	return entry != NULL &&
		fs_optionlist_parse(option, entry->value, &value) &&
		names_column(&value, name);
}

static void
refuse_time_column(Relation rel, const char *name, const char *what)
{
	if (is_named_time_column(RelationGetRelid(rel), name))
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot %s column \"%s\" because it is the time column of flowstore table \"%s\"",
						what, name, RelationGetRelationName(rel)),
				 errhint("Reset option time_column first: SELECT flow.set('%s', time_column => 'default').",
						 RelationGetRelationName(rel))));
}

/*
 * The trigger that watches a table names the column of the times, so that
 * name stays.
 */
static void
keep_watched_name(Oid relid, AttrNumber attnum)
{
	Relation	rel = RelationIdGetRelation(relid);
	const char *column;
	char	   *old_name;
	FormData_pg_attribute att;

	if (!RelationIsValid(rel))
		return;
	if (fs_changes_is_watched(rel, &column) && column != NULL &&
		(old_name = get_attname(relid, attnum, true)) != NULL &&
		strcmp(old_name, column) == 0 && new_attribute(relid, attnum, &att) &&
		strcmp(NameStr(att.attname), column) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot rename column \"%s\" because changes of table \"%s\" are watched by it",
						column, RelationGetRelationName(rel)),
				 errhint("Drop its rollups with flow.drop_rollup(), end its schedules with flow.unschedule(), and make them again.")));
	RelationClose(rel);
}

static void
column_altered(Oid relid, AttrNumber attnum)
{
	Relation	rel;
	char	   *old_name;
	FormData_pg_attribute att;

	if (attnum <= 0)
		return;
	keep_watched_name(relid, attnum);
	if (!fs_refuse_is_flowstore(relid) || fs_label_read(relid) == NIL)
		return;
	old_name = get_attname(relid, attnum, true);
	if (old_name == NULL || !new_attribute(relid, attnum, &att))
		return;
	rel = relation_open(relid, NoLock);
	if (strcmp(old_name, NameStr(att.attname)) != 0)
		replace_column(rel, old_name, NameStr(att.attname));
	if (!fs_optionlist_is_time(att.atttypid))
		refuse_time_column(rel, old_name, "alter type of");
	relation_close(rel, NoLock);
}

static void
column_dropped(Oid relid, AttrNumber attnum)
{
	Relation	rel;
	char	   *name;

	if (attnum <= 0 || !fs_refuse_is_flowstore(relid) ||
		fs_label_read(relid) == NIL)
		return;
	name = get_attname(relid, attnum, true);
	if (name == NULL)
		return;
	rel = relation_open(relid, NoLock);
	refuse_time_column(rel, name, "drop");
	replace_column(rel, name, NULL);
	relation_close(rel, NoLock);
}

/* --- access method ------------------------------------------------------ */

/* The access method of a relation as the running command has left it. */
static Oid
new_method(Oid relid)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			method = InvalidOid;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, ClassOidIndexId, true, SnapshotSelf, 1,
							  &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		method = ((Form_pg_class) GETSTRUCT(tuple))->relam;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return method;
}

static Oid
handler_of(Oid method)
{
	HeapTuple	tuple = SearchSysCache1(AMOID, ObjectIdGetDatum(method));
	Oid			handler = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		handler = ((Form_pg_am) GETSTRUCT(tuple))->amhandler;
		ReleaseSysCache(tuple);
	}
	return handler;
}

static void
relation_altered(Oid relid)
{
	Relation	rel;
	const char *column;

	if (!fs_refuse_is_flowstore(relid))
		return;
	rel = relation_open(relid, NoLock);
	if (handler_of(new_method(relid)) != rel->rd_amhandler)
	{
		if (fs_changes_is_watched(rel, &column))
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot change the access method of table \"%s\" because its changes are watched",
							RelationGetRelationName(rel)),
					 errhint("Drop its rollups with flow.drop_rollup(), end its schedules with flow.unschedule(), and make them again.")));
		if (fs_label_read(relid) != NIL)
			fs_relabel_write(rel, NIL);
	}
	relation_close(rel, NoLock);
}

static void
at_object_access(ObjectAccessType access, Oid classId, Oid objectId,
				 int subId, void *arg)
{
	if (previous_hook)
		previous_hook(access, classId, objectId, subId, arg);
	if (classId != RelationRelationId)
		return;
	if (access == OAT_POST_CREATE && subId == 0)
		relation_created(objectId);
	else if (access == OAT_POST_ALTER && subId == 0)
		relation_altered(objectId);
	else if (access == OAT_POST_ALTER)
		column_altered(objectId, subId);
	else if (access == OAT_DROP && subId != 0)
		column_dropped(objectId, subId);
}

void
fs_follow_init(void)
{
	previous_hook = object_access_hook;
	object_access_hook = at_object_access;
}
