/*-------------------------------------------------------------------------
 *
 * Changing the options of a table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/seclabel.h"
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "am/label.h"
#include "am/optionlist.h"
#include "am/refuse.h"
#include "am/relabel.h"
#include "directory/directory.h"

void
fs_relabel_normalize(List *changes)
{
	ListCell   *lc;

	foreach(lc, changes)
	{
		FsLabelEntry *entry = lfirst(lc);
		const FsOption *option = fs_optionlist_find(entry->name);
		FsOptionValue value = {0};

		if (entry->value == NULL)
			continue;
		if (fs_optionlist_is_default(entry->value))
			entry->value = NULL;
		else if (fs_optionlist_parse(option, entry->value, &value))
			entry->value = fs_optionlist_form(option, &value);
		else
			fs_optionlist_refuse(option, entry->value);
	}
}

void
fs_relabel_check_table(Relation rel)
{
	char		kind = rel->rd_rel->relkind;

	if ((kind != RELKIND_RELATION && kind != RELKIND_MATVIEW) ||
		!fs_refuse_is_flowstore(RelationGetRelid(rel)))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a flowstore table",
						RelationGetRelationName(rel)),
				 errdetail("Only tables and materialized views of access method flowstore have its options."),
				 kind == RELKIND_PARTITIONED_TABLE ?
				 errhint("Set the options on each partition.") : 0));
}

static void
check_column(Relation rel, const FsOption *option, const char *name)
{
	TupleDesc	desc = RelationGetDescr(rel);
	AttrNumber	att = fs_optionlist_column(desc, name);

	if (att == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of flowstore option \"%s\" does not exist in table \"%s\"",
						name, option->name, RelationGetRelationName(rel)),
				 errdetail_internal("%s", option->valid)));
	if (option == &fs_option_list[FS_OPTION_TIME_COLUMN] &&
		!fs_optionlist_is_time(TupleDescAttr(desc, att - 1)->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" cannot be the time column of table \"%s\"",
						name, RelationGetRelationName(rel)),
				 errdetail_internal("%s", option->valid)));
}

void
fs_relabel_check_columns(Relation rel, List *entries)
{
	ListCell   *lc;

	foreach(lc, entries)
	{
		FsLabelEntry *entry = lfirst(lc);
		const FsOption *option = fs_optionlist_find(entry->name);
		FsOptionValue value = {0};
		ListCell   *col;

		if (entry->value == NULL || option->kind != FS_OPTION_COLUMNS ||
			!fs_optionlist_parse(option, entry->value, &value))
			continue;
		foreach(col, value.columns)
			check_column(rel, option, lfirst(col));
	}
}

/* True if the labels give an option different values. */
static bool
differs(List *before, List *after, FsOptionId id)
{
	const char *name = fs_option_list[id].name;
	FsLabelEntry *old = fs_label_find(before, name);
	FsLabelEntry *new = fs_label_find(after, name);
	const char *old_value = old == NULL ? NULL : old->value;
	const char *new_value = new == NULL ? NULL : new->value;

	if (old_value == NULL || new_value == NULL)
		return old_value != new_value;
	return strcmp(old_value, new_value) != 0;
}

/*
 * Nobody may be inserting while a bound by rows changes.  When it begins to
 * hold, the rows of who began before would not be counted; when it ends, who
 * still knows it would expire rows at commit.
 */
static void
lock_out_writers(Relation rel, List *before, List *after)
{
	if (differs(before, after, FS_OPTION_MAX_ROWS) ||
		differs(before, after, FS_OPTION_SLACK))
		LockRelationOid(RelationGetRelid(rel), ShareRowExclusiveLock);
}

void
fs_relabel_write(Relation rel, List *entries)
{
	ObjectAddress address;
	char	   *label = entries == NIL ? NULL : fs_label_form(entries);

	lock_out_writers(rel, fs_label_read(RelationGetRelid(rel)), entries);
	ObjectAddressSet(address, RelationRelationId, RelationGetRelid(rel));
	SetSecurityLabel(&address, FS_LABEL_PROVIDER, label);
	CacheInvalidateRelcache(rel);
	/* the background worker shall look at the table again */
	fs_directory_has_inserted = true;
}

void
fs_relabel_change(Relation rel, List *changes)
{
	List	   *before = fs_label_read(RelationGetRelid(rel));
	List	   *after = NIL;

	for (int i = 0; i < FS_OPTION_COUNT; i++)
	{
		const char *name = fs_option_list[i].name;
		FsLabelEntry *entry = fs_label_find(before, name);
		ListCell   *lc;

		foreach(lc, changes)
			if (strcmp(((FsLabelEntry *) lfirst(lc))->name, name) == 0)
				entry = lfirst(lc);
		if (entry != NULL && entry->value != NULL)
			after = lappend(after, entry);
	}
	fs_relabel_write(rel, after);
}

/*
 * Called by SECURITY LABEL, which has locked the object and checked that the
 * user owns it, before it writes the label.
 */
static void
check_label(const ObjectAddress *object, const char *label)
{
	Relation	rel;
	List	   *entries = NIL;
	ListCell   *lc;

	if (object->classId != RelationRelationId || object->objectSubId != 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("flowstore labels only tables and materialized views")));
	rel = relation_open(object->objectId, NoLock);
	CacheInvalidateRelcache(rel);
	if (label != NULL)
	{
		fs_relabel_check_table(rel);
		if (!fs_label_parse(label, &entries))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("malformed security label for flowstore table \"%s\": \"%s\"",
							RelationGetRelationName(rel), label),
					 errhint("Write it as in: partition='1 hour', retain='90 days'.")));
		fs_relabel_normalize(entries);
		foreach(lc, entries)
			if (fs_label_find(entries, ((FsLabelEntry *) lfirst(lc))->name) != lfirst(lc))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("flowstore option \"%s\" specified more than once",
								((FsLabelEntry *) lfirst(lc))->name)));
		fs_relabel_check_columns(rel, entries);
	}
	if (fs_refuse_is_flowstore(object->objectId))
		lock_out_writers(rel, fs_label_read(RelationGetRelid(rel)), entries);
	relation_close(rel, NoLock);
}

void
fs_relabel_init(void)
{
	register_label_provider(FS_LABEL_PROVIDER, check_label);
}
