/*-------------------------------------------------------------------------
 *
 * Before commit.
 *
 * Rows of aborted subtransactions stay counted: the number is an upper bound.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "am/commit.h"

typedef struct NotedTable
{
	Oid			relid;
	uint64		nrows;
} NotedTable;

static FsBeforeCommit before_commit = NULL;

/* of NotedTable, in TopTransactionContext */
static List *noted = NIL;

void
fs_commit_register(FsBeforeCommit callback)
{
	before_commit = callback;
}

void
fs_commit_note(Relation rel, uint64 nrows)
{
	MemoryContext old;
	NotedTable *table;
	ListCell   *lc;

	foreach(lc, noted)
	{
		table = lfirst(lc);
		if (table->relid == RelationGetRelid(rel))
		{
			table->nrows += nrows;
			return;
		}
	}
	old = MemoryContextSwitchTo(TopTransactionContext);
	table = palloc(sizeof(NotedTable));
	table->relid = RelationGetRelid(rel);
	table->nrows = nrows;
	noted = lappend(noted, table);
	MemoryContextSwitchTo(old);
}

static int
by_relid(const ListCell *a, const ListCell *b)
{
	Oid			x = ((const NotedTable *) lfirst(a))->relid;
	Oid			y = ((const NotedTable *) lfirst(b))->relid;

	return x < y ? -1 : x > y ? 1 : 0;
}

void
fs_commit_run(bool is_prepare)
{
	ListCell   *lc;
	List	   *due = noted;

	noted = NIL;
	list_sort(due, by_relid);
	foreach(lc, due)
	{
		NotedTable *table = lfirst(lc);
		Relation	rel = try_relation_open(table->relid, RowExclusiveLock);

		if (rel == NULL)
			continue;
		if (is_prepare)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot PREPARE a transaction that has inserted into flowstore table \"%s\"",
							RelationGetRelationName(rel)),
					 errdetail("The table is bounded by its option max_rows.")));
		before_commit(rel, table->nrows);
		relation_close(rel, NoLock);
	}
}

void
fs_commit_forget(void)
{
	noted = NIL;
}
