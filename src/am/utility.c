/*-------------------------------------------------------------------------
 *
 * Options in CREATE and ALTER.
 *
 * A new table gets its options when its pg_class row is made (am/follow), for
 * CREATE TABLE AS and CREATE MATERIALIZED VIEW fill it in the same command.
 * ALTER TABLE gives an existing table its options after core has done the
 * rest, perhaps nothing, but has found and locked the table and checked its
 * owner.  Only when the same command makes it a flowstore table they come
 * first, since its rows are rewritten.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"

#include "am/label.h"
#include "am/relabel.h"
#include "am/optionlist.h"
#include "am/utility.h"

static ProcessUtility_hook_type previous_hook = NULL;

/* Options for a table that the running command is to create. */
typedef struct NewTable
{
	const char *relname;
	List	   *changes;
} NewTable;

static NewTable new_table = {NULL, NIL};

bool
fs_utility_has_options(void)
{
	return new_table.changes != NIL;
}

List *
fs_utility_options_of_new(const char *relname)
{
	List	   *changes = new_table.changes;

	if (changes == NIL || strcmp(new_table.relname, relname) != 0)
		return NIL;
	new_table.changes = NIL;
	return changes;
}

static inline bool
is_ours(const DefElem *def)
{
	return def->defnamespace != NULL &&
		strcmp(def->defnamespace, FS_LABEL_PROVIDER) == 0;
}

static bool
has_ours(List *defs)
{
	ListCell   *lc;

	foreach(lc, defs)
		if (is_ours(lfirst_node(DefElem, lc)))
			return true;
	return false;
}

static FsLabelEntry *
change_of(DefElem *def, bool is_reset)
{
	const FsOption *option = fs_optionlist_find(def->defname);

	if (is_reset)
		return fs_label_entry(def->defname, NULL);
	if (def->arg == NULL && option->kind == FS_OPTION_BOOL)
		return fs_label_entry(def->defname, "on");
	if (def->arg == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("flowstore option \"%s\" requires a value",
						def->defname),
				 errdetail_internal("%s", option->valid)));
	return fs_label_entry(def->defname, defGetString(def));
}

/* Move our options from *defs to the end of *changes. */
static void
take_ours(List **defs, bool is_reset, List **changes)
{
	List	   *rest = NIL;
	List	   *ours = NIL;
	ListCell   *lc;

	foreach(lc, *defs)
	{
		DefElem    *def = lfirst_node(DefElem, lc);

		if (!is_ours(def))
		{
			rest = lappend(rest, def);
			continue;
		}
		if (fs_label_find(ours, def->defname) != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("flowstore option \"%s\" specified more than once",
							def->defname)));
		ours = lappend(ours, change_of(def, is_reset));
	}
	*defs = rest;
	*changes = list_concat(*changes, ours);
}

/* The list of options of an ALTER TABLE subcommand, or NULL. */
static List **
options_of(AlterTableCmd *cmd)
{
	if (cmd->subtype == AT_SetRelOptions || cmd->subtype == AT_ResetRelOptions)
		return (List **) &cmd->def;
	return NULL;
}

/* Take our options out of ALTER TABLE, and subcommands that had no other. */
static List *
take_from_alter(AlterTableStmt *stmt)
{
	List	   *changes = NIL;
	List	   *cmds = NIL;
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		List	  **defs = options_of(cmd);

		if (defs != NULL && has_ours(*defs))
			take_ours(defs, cmd->subtype == AT_ResetRelOptions, &changes);
		if (defs == NULL || *defs != NIL)
			cmds = lappend(cmds, cmd);
	}
	stmt->cmds = cmds;
	fs_relabel_normalize(changes);
	return changes;
}

static bool
sets_method(AlterTableStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->cmds)
		if (lfirst_node(AlterTableCmd, lc)->subtype == AT_SetAccessMethod)
			return true;
	return false;
}

/* What ProcessUtility is called with. */
typedef struct Call
{
	PlannedStmt *pstmt;
	const char *query;
	bool		is_read_only;
	ProcessUtilityContext context;
	ParamListInfo params;
	QueryEnvironment *env;
	DestReceiver *dest;
	QueryCompletion *completion;
} Call;

static void
pass_on(Call *call)
{
	(previous_hook ? previous_hook : standard_ProcessUtility)
		(call->pstmt, call->query, call->is_read_only, call->context,
		 call->params, call->env, call->dest, call->completion);
}

static void
create_table(Call *call, const RangeVar *rel, List **defs)
{
	NewTable	saved = new_table;
	List	   *changes = NIL;

	take_ours(defs, false, &changes);
	fs_relabel_normalize(changes);
	new_table.relname = rel->relname;
	new_table.changes = changes;
	PG_TRY();
	{
		pass_on(call);
	}
	PG_FINALLY();
	{
		new_table = saved;
	}
	PG_END_TRY();
}

static void
alter_table(Call *call, AlterTableStmt *stmt)
{
	bool		is_first = sets_method(stmt);
	List	   *changes = take_from_alter(stmt);
	Relation	rel;
	Oid			relid;

	if (is_first)
	{
		relid = RangeVarGetRelidExtended(stmt->relation, AccessExclusiveLock,
										 stmt->missing_ok ? RVR_MISSING_OK : 0,
										 RangeVarCallbackOwnsRelation, NULL);
		if (OidIsValid(relid))
		{
			rel = relation_open(relid, NoLock);
			fs_relabel_change(rel, changes);
			relation_close(rel, NoLock);
			CommandCounterIncrement();
		}
	}
	pass_on(call);
	CommandCounterIncrement();

	relid = RangeVarGetRelid(stmt->relation, ShareUpdateExclusiveLock,
							 stmt->missing_ok);
	if (!OidIsValid(relid))
		return;
	rel = relation_open(relid, NoLock);
	fs_relabel_check_table(rel);
	fs_relabel_check_columns(rel, changes);
	if (!is_first)
		fs_relabel_change(rel, changes);
	relation_close(rel, NoLock);
}

/* SECURITY LABEL stores the text it was given: give it the canonical one. */
static void
label_table(SecLabelStmt *stmt)
{
	List	   *entries = NIL;
	List	   *kept = NIL;
	ListCell   *lc;

	if (!fs_label_parse(stmt->label, &entries))
		return;
	fs_relabel_normalize(entries);
	foreach(lc, entries)
		if (((FsLabelEntry *) lfirst(lc))->value != NULL)
			kept = lappend(kept, lfirst(lc));
	stmt->label = fs_label_form(kept);
}

static bool
is_for_us(Node *node)
{
	ListCell   *lc;

	switch (nodeTag(node))
	{
		case T_CreateStmt:
			return has_ours(((CreateStmt *) node)->options);
		case T_CreateTableAsStmt:
			return has_ours(((CreateTableAsStmt *) node)->into->options);
		case T_AlterTableStmt:
			foreach(lc, ((AlterTableStmt *) node)->cmds)
			{
				List	  **defs = options_of(lfirst_node(AlterTableCmd, lc));

				if (defs != NULL && has_ours(*defs))
					return true;
			}
			return false;
		case T_SecLabelStmt:
			return ((SecLabelStmt *) node)->label != NULL &&
				((SecLabelStmt *) node)->provider != NULL &&
				strcmp(((SecLabelStmt *) node)->provider,
					   FS_LABEL_PROVIDER) == 0;
		default:
			return false;
	}
}

static void
process_utility(PlannedStmt *pstmt, const char *query, bool is_read_only,
				ProcessUtilityContext context, ParamListInfo params,
				QueryEnvironment *env, DestReceiver *dest,
				QueryCompletion *completion)
{
	Call		call = {pstmt, query, is_read_only, context, params, env, dest, completion};
	Node	   *node = pstmt->utilityStmt;

	if (!is_for_us(node))
	{
		pass_on(&call);
		return;
	}
	if (is_read_only)
	{
		call.pstmt = copyObject(pstmt);
		call.is_read_only = false;
		node = call.pstmt->utilityStmt;
	}
	switch (nodeTag(node))
	{
		case T_CreateStmt:
			create_table(&call, ((CreateStmt *) node)->relation,
						 &((CreateStmt *) node)->options);
			break;
		case T_CreateTableAsStmt:
			create_table(&call, ((CreateTableAsStmt *) node)->into->rel,
						 &((CreateTableAsStmt *) node)->into->options);
			break;
		case T_AlterTableStmt:
			alter_table(&call, (AlterTableStmt *) node);
			break;
		default:
			label_table((SecLabelStmt *) node);
			pass_on(&call);
			break;
	}
}

void
fs_utility_init(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
