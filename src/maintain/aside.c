/*-------------------------------------------------------------------------
 *
 * What sessions do for the worker: they note commits that wrote to a
 * flowstore table or asked for it, and have it leave a database that is to be
 * dropped, copied, renamed or moved, since core waits for sessions in it only
 * a few seconds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/syscache.h"

#include "directory/directory.h"
#include "maintain/status.h"
#include "maintain/worker.h"

static ProcessUtility_hook_type previous_hook = NULL;

/* a look is wanted when the transaction has committed */
static bool is_wanted = false;

void
fs_aside_wake(void)
{
	is_wanted = true;
}

static void
at_xact(XactEvent event, void *arg)
{
	if (!fs_directory_has_inserted && !is_wanted)
		return;
	if ((event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE) &&
		fs_directory_has_inserted)
		fs_status_note_write();
	if (event == XACT_EVENT_COMMIT && is_wanted)
		fs_status_note_wish();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE ||
		event == XACT_EVENT_ABORT)
	{
		fs_directory_has_inserted = false;
		is_wanted = false;
	}
}

/* The database that a command wants to itself, or NULL. */
static const char *
wanted_database(Node *command)
{
	ListCell   *lc;

	switch (nodeTag(command))
	{
		case T_DropdbStmt:
			return ((DropdbStmt *) command)->dbname;
		case T_RenameStmt:
			if (((RenameStmt *) command)->renameType != OBJECT_DATABASE)
				return NULL;
			return ((RenameStmt *) command)->subname;
		case T_AlterDatabaseStmt:
			foreach(lc, ((AlterDatabaseStmt *) command)->options)
				if (strcmp(lfirst_node(DefElem, lc)->defname,
						   "tablespace") == 0)
					return ((AlterDatabaseStmt *) command)->dbname;
			return NULL;
		case T_CreatedbStmt:
			foreach(lc, ((CreatedbStmt *) command)->options)
			{
				DefElem    *def = lfirst_node(DefElem, lc);

				if (strcmp(def->defname, "template") == 0 &&
					def->arg != NULL && IsA(def->arg, String))
					return strVal(def->arg);
			}
			return NULL;
		default:
			return NULL;
	}
}

/* True if the user may do such things: nobody else stops the worker. */
static bool
is_owner(Oid dbid)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(dbid));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = has_privs_of_role(GetUserId(),
							   ((Form_pg_database) GETSTRUCT(tuple))->datdba);
	ReleaseSysCache(tuple);
	return result;
}

/* Core waits until they have gone. */
static void
end_processes(Oid dbid)
{
	int			pids[FS_PROCESSES];

	fs_status_stop(dbid, pids);
	for (int p = 0; p < FS_PROCESSES; p++)
		if (pids[p] != 0)
			(void) kill(pids[p], SIGTERM);
}

static void
process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
				ProcessUtilityContext context, ParamListInfo params,
				QueryEnvironment *env, DestReceiver *dest,
				QueryCompletion *completion)
{
	const char *name = wanted_database(pstmt->utilityStmt);
	bool		is_commit_prepared = IsA(pstmt->utilityStmt, TransactionStmt) &&
		((TransactionStmt *) pstmt->utilityStmt)->kind == TRANS_STMT_COMMIT_PREPARED;

	if (name != NULL)
	{
		Oid			dbid = get_database_oid(name, true);

		if (OidIsValid(dbid) && is_owner(dbid))
			end_processes(dbid);
	}
	if (previous_hook != NULL)
		previous_hook(pstmt, query, read_only_tree, context, params, env,
					  dest, completion);
	else
		standard_ProcessUtility(pstmt, query, read_only_tree, context, params,
								env, dest, completion);
	/* when it was prepared there was nothing to be seen yet */
	if (is_commit_prepared)
		fs_status_note_wish();
}

void
fs_aside_init(void)
{
	RegisterXactCallback(at_xact, NULL);
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
