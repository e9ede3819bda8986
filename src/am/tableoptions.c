/*-------------------------------------------------------------------------
 *
 * Options of a table.
 *
 * They hang on rd_amcache of its relation cache entry, one chunk of memory,
 * which core frees when the entry is invalidated.  Whoever changes a label
 * sends that invalidation (am/relabel), since SetSecurityLabel() does not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "am/label.h"
#include "am/optionlist.h"
#include "am/partition.h"
#include "am/tableoptions.h"

#define SLACK_MIN	65536

/*
 * The value of an option, from the label if it is valid there; else the
 * default, which has choice FS_COLUMNS_DEFAULT or number -1 if it depends on
 * other things.
 */
static FsOptionValue
value_of(List *entries, FsOptionId id)
{
	const FsOption *option = &fs_option_list[id];
	FsLabelEntry *entry = fs_label_find(entries, option->name);
	FsOptionValue value = {0};

	if (entry != NULL && fs_optionlist_parse(option, entry->value, &value))
		return value;
	value.number = -1;
	value.choice = FS_COLUMNS_DEFAULT;
	value.columns = NIL;
	if (!fs_optionlist_is_default(option->initial))
		(void) fs_optionlist_parse(option, option->initial, &value);
	return value;
}

static int64
number_of(List *entries, FsOptionId id)
{
	return value_of(entries, id).number;
}

/* Look up the columns of a list; those that do not exist are left out. */
static FsColumnList
columns_of(List *entries, FsOptionId id, TupleDesc desc)
{
	FsOptionValue value = value_of(entries, id);
	FsColumnList list = {0};
	ListCell   *lc;

	foreach(lc, value.columns)
	{
		AttrNumber	att = fs_optionlist_column(desc, lfirst(lc));

		if (att != 0)
			list.atts[list.n++] = att;
	}
	list.choice = value.choice;
	if (list.choice == FS_COLUMNS_LISTED && list.n == 0)
		list.choice = FS_COLUMNS_DEFAULT;
	return list;
}

static AttrNumber
time_column_of(List *entries, TupleDesc desc)
{
	FsColumnList list = columns_of(entries, FS_OPTION_TIME_COLUMN, desc);

	if (list.choice == FS_COLUMNS_NONE)
		return 0;
	if (list.choice == FS_COLUMNS_LISTED &&
		fs_optionlist_is_time(TupleDescAttr(desc, list.atts[0] - 1)->atttypid))
		return list.atts[0];
	return fs_partition_time_column(desc);
}

static void
read_options(FsTableOptions *options, List *entries, TupleDesc desc)
{
	options->time_att = time_column_of(entries, desc);
	options->partition_us = number_of(entries, FS_OPTION_PARTITION);
	options->zorder = columns_of(entries, FS_OPTION_ZORDER, desc);
	options->bitmap = columns_of(entries, FS_OPTION_BITMAP, desc);
	options->retain_us = number_of(entries, FS_OPTION_RETAIN);
	options->max_rows = number_of(entries, FS_OPTION_MAX_ROWS);
	options->slack_rows = number_of(entries, FS_OPTION_SLACK);
	if (options->max_rows == FS_UNLIMITED)
		options->slack_rows = 0;
	else if (options->slack_rows < 0)
		options->slack_rows = Max(options->max_rows / 10, SLACK_MIN);
	options->max_bytes = number_of(entries, FS_OPTION_MAX_BYTES);
	options->max_future_us = number_of(entries, FS_OPTION_MAX_FUTURE);
	options->future_is_error = number_of(entries, FS_OPTION_FUTURE_ROWS) != 0;
	options->lateness_us = number_of(entries, FS_OPTION_LATENESS);
	options->merge = number_of(entries, FS_OPTION_MERGE) != 0;
	options->cluster = number_of(entries, FS_OPTION_CLUSTER) != 0;
}

const FsTableOptions *
fs_tableoptions_get(Relation rel)
{
	FsTableOptions options = {0};
	MemoryContext cxt;
	MemoryContext old;
	Oid			relid;

	if (rel->rd_amcache != NULL)
		return rel->rd_amcache;

	relid = OidIsValid(rel->rd_rel->relrewrite) ? rel->rd_rel->relrewrite
		: RelationGetRelid(rel);
	cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore options",
								ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cxt);
	read_options(&options, fs_label_read(relid), RelationGetDescr(rel));
	options.watch = fs_changes_watch(rel, options.time_att);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);

	if (rel->rd_amcache == NULL)
		rel->rd_amcache = MemoryContextAlloc(CacheMemoryContext,
											 sizeof(FsTableOptions));
	memcpy(rel->rd_amcache, &options, sizeof(FsTableOptions));
	return rel->rd_amcache;
}
