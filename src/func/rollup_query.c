/*-------------------------------------------------------------------------
 *
 * flow.rollup_query: what the definition of a rollup consists of.
 *
 * The text is parsed and analysed as any query of the caller's, must be one
 * SELECT of one table with nothing but a WHERE and a GROUP BY clause, and is
 * taken apart.  Its parts are written out anew with all names qualified, so
 * that they mean the same under any search_path.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/tuplestore.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(fs_rollup_query);

#define EXAMPLE "SELECT src_addr, sum(bytes) AS bytes FROM flows WHERE proto = 6 GROUP BY src_addr"

static void
refuse(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("query cannot be kept as a rollup"),
			 errdetail_internal("%s", detail),
			 errhint("An example is: %s.", EXAMPLE)));
}

static Query *
analyse(const char *text)
{
	List	   *statements = raw_parser(text, RAW_PARSE_DEFAULT);
	RawStmt    *statement;
	Query	   *query;

	if (list_length(statements) != 1)
		refuse("It must be one statement.");
	statement = linitial_node(RawStmt, statements);
	if (!IsA(statement->stmt, SelectStmt))
		refuse("It must be a SELECT.");
	query = parse_analyze_fixedparams(statement, text, NULL, 0, NULL);
	query->targetList = fs_ungrouped_target_list(query);
	return query;
}

/* The one table of the query. */
static RangeTblEntry *
table_of(Query *query)
{
	RangeTblEntry *rte;

	if (list_length(query->jointree->fromlist) != 1 ||
		!IsA(linitial(query->jointree->fromlist), RangeTblRef))
		refuse("It must read one table.");
	rte = linitial_node(RangeTblEntry, query->rtable);
	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_RELATION)
		refuse("It must read a table, not a view, function or partitioned table.");
	if (rte->inh && find_inheritance_children(rte->relid, NoLock) != NIL)
		refuse("It must read a table that no other one inherits from, or ONLY it.");
	if (rte->tablesample != NULL)
		refuse("It must read the whole table.");
	return rte;
}

static void
check_shape(Query *query)
{
	if (query->commandType != CMD_SELECT || query->utilityStmt != NULL ||
		query->setOperations != NULL || query->cteList != NIL ||
		query->hasSubLinks || query->rowMarks != NIL)
		refuse("It must be a plain SELECT without WITH, subqueries, UNION or row locks.");
	if (query->hasWindowFuncs || query->hasTargetSRFs)
		refuse("Window functions and functions that return sets are not possible.");
	if (query->distinctClause != NIL || query->sortClause != NIL ||
		query->limitCount != NULL || query->limitOffset != NULL)
		refuse("DISTINCT, ORDER BY and LIMIT belong into queries of the rollup.");
	if (query->havingQual != NULL || query->groupingSets != NIL)
		refuse("HAVING and GROUPING SETS are not possible.");
	if (!query->hasAggs)
		refuse("It must compute an aggregate.");
	if (contain_mutable_functions((Node *) query->targetList) ||
		contain_mutable_functions(query->jointree->quals))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("query cannot be kept as a rollup"),
				 errdetail("All functions and operators must be immutable: what is rolled up must not depend on when, or with which settings, it is done.")));
}

/* True if values of the aggregate can be added up: a count or a sum. */
static bool
is_count(Node *expr)
{
	char	   *name;

	if (IsA(expr, FuncExpr) && list_length(((FuncExpr *) expr)->args) >= 1 &&
		((FuncExpr *) expr)->funcformat == COERCE_EXPLICIT_CAST)
		expr = linitial(((FuncExpr *) expr)->args);
	while (IsA(expr, RelabelType))
		expr = (Node *) ((RelabelType *) expr)->arg;
	if (!IsA(expr, Aggref) || ((Aggref *) expr)->aggdistinct != NIL)
		return false;
	name = get_func_name(((Aggref *) expr)->aggfnoid);
	return name != NULL &&
		get_func_namespace(((Aggref *) expr)->aggfnoid) == PG_CATALOG_NAMESPACE &&
		(strcmp(name, "count") == 0 || strcmp(name, "sum") == 0);
}

static bool
is_group_key(Query *query, const TargetEntry *entry)
{
	ListCell   *lc;

	foreach(lc, query->groupClause)
		if (lfirst_node(SortGroupClause, lc)->tleSortGroupRef ==
			entry->ressortgroupref)
			return entry->ressortgroupref != 0;
	return false;
}

static void
put_part(ReturnSetInfo *result, const char *kind, const char *name,
		 const char *expression)
{
	Datum		values[3] = {0};
	bool		nulls[3] = {0};

	values[0] = CStringGetTextDatum(kind);
	values[1] = CStringGetTextDatum(name);
	nulls[2] = expression == NULL;
	if (expression != NULL)
		values[2] = CStringGetTextDatum(expression);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* One column of the query: a dimension, a count or another measure. */
static void
put_column(ReturnSetInfo *result, Query *query, const TargetEntry *entry,
		   List *context)
{
	bool		is_key = is_group_key(query, entry);
	const char *kind = is_key ? "dimension" :
		is_count((Node *) entry->expr) ? "count" : "measure";

	if (entry->resjunk)
		refuse("Each expression of GROUP BY must be a column of the result.");
	if (!is_key && !contain_agg_clause((Node *) entry->expr))
		refuse("Each column must be an aggregate or named in GROUP BY.");
	if (strcmp(entry->resname, "bucket") == 0 ||
		strcmp(entry->resname, "?column?") == 0)
		refuse("Each column must have a name of its own (AS), other than \"bucket\".");
	put_part(result, kind, entry->resname,
			 deparse_expression((Node *) entry->expr, context, false, false));
}

/* flow.rollup_query(query text) */
Datum
fs_rollup_query(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Query	   *query = analyse(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	RangeTblEntry *rte;
	List	   *context;
	ListCell   *lc;
	int			guc_level;

	InitMaterializedSRF(fcinfo, 0);
	check_shape(query);
	rte = table_of(query);
	guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	/* flow.rollup_definition() calls the table s, which whole rows need */
	context = deparse_context_for("s", rte->relid);
	put_part(result, "relation", get_rel_name(rte->relid),
			 psprintf("%u", rte->relid));
	put_part(result, "filter", "", query->jointree->quals == NULL ? NULL :
			 deparse_expression(query->jointree->quals, context, false, false));
	foreach(lc, query->targetList)
		put_column(result, query, lfirst_node(TargetEntry, lc), context);
	AtEOXact_GUC(false, guc_level);
	return (Datum) 0;
}
