/*-------------------------------------------------------------------------
 *
 * Keys of joined relations as conditions of a FlowScan.
 *
 * In the plan node custom_exprs ends with a list of join clauses for each of
 * custom_plans.  Under EvalPlanQual nothing is read here: a source would use
 * up the one row that its relation has there.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "jit/jit.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "exec/batch.h"
#include "exec/explain.h"
#include "exec/keyclause.h"
#include "exec/keyfilter.h"
#include "exec/keylist.h"
#include "exec/path.h"

/* lists shorter than this are faster without a hash table */
#define MIN_HASHED 9

typedef struct KeySource
{
	PlanState  *child;
	List	   *clauses;
	List	   *exprs;			/* the child's output */
	FsKeyList **lists;			/* [exprs] */
	uint32	   *counts;			/* [exprs] */
	bool		was_run;		/* the child was run before */
	bool		is_read;
	bool		is_given_up;
} KeySource;

struct FsKeyFilter
{
	CustomScanState *node;
	Index		varno;
	MemoryContext cxt;			/* of values, and what was made of them */
	int			nsources;
	KeySource  *sources;
	List	   *clauses;		/* that the keys make */
	bool		is_empty;
	FsFilter   *filter;			/* of the clauses, or NULL */
	bool		is_new;			/* the predicate: nobody has asked yet */
	FsFilterCounters *counters; /* of the filter, or NULL */
	TupleTableSlot *slot;
};

/* --- the plan node ------------------------------------------------------ */

void
fs_keyfilter_add(CustomScan *cscan, List *plans, List *clauses)
{
	Assert(list_length(plans) == list_length(clauses));
	cscan->custom_plans = plans;
	cscan->custom_exprs = list_concat(cscan->custom_exprs, clauses);
}

List *
fs_keyfilter_others(CustomScan *cscan)
{
	return list_truncate(list_copy(cscan->custom_exprs),
						 list_length(cscan->custom_exprs) -
						 list_length(cscan->custom_plans));
}

/* Remember the expression; what is returned only has the right type. */
static Expr *
note_expr(void *arg, Expr *expr)
{
	List	  **exprs = arg;

	*exprs = list_append_unique(*exprs, expr);
	return (Expr *) makeNullConst(get_array_type(exprType((Node *) expr)),
								  -1, InvalidOid);
}

List *
fs_keyfilter_exprs(List *clauses, Index varno)
{
	List	   *exprs = NIL;
	ListCell   *lc;

	foreach(lc, clauses)
		(void) fs_keyclause_convert(lfirst(lc), varno, note_expr, &exprs);
	return exprs;
}

/* --- begin and end ------------------------------------------------------ */

FsKeyFilter *
fs_keyfilter_begin(CustomScanState *node, int eflags)
{
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;
	int			nothers = list_length(cscan->custom_exprs) -
		list_length(cscan->custom_plans);
	FsKeyFilter *keys;

	if (cscan->custom_plans == NIL)
		return NULL;
	keys = palloc0(sizeof(FsKeyFilter));
	keys->node = node;
	keys->varno = cscan->scan.scanrelid;
	keys->cxt = AllocSetContextCreate(CurrentMemoryContext,
									  "flowstore join keys",
									  ALLOCSET_DEFAULT_SIZES);
	keys->slot = fs_batch_slot(node);
	keys->nsources = list_length(cscan->custom_plans);
	keys->sources = palloc0(sizeof(KeySource) * keys->nsources);
	for (int i = 0; i < keys->nsources; i++)
	{
		KeySource  *source = &keys->sources[i];
		int			nexprs;

		source->child = ExecInitNode(list_nth(cscan->custom_plans, i),
									 node->ss.ps.state,
									 eflags & ~(EXEC_FLAG_REWIND |
												EXEC_FLAG_BACKWARD |
												EXEC_FLAG_MARK));
		node->custom_ps = lappend(node->custom_ps, source->child);
		source->clauses = list_nth_node(List, cscan->custom_exprs, nothers + i);
		source->exprs = fs_keyfilter_exprs(source->clauses, keys->varno);
		nexprs = list_length(source->exprs);
		source->lists = palloc0(sizeof(FsKeyList *) * nexprs);
		source->counts = palloc0(sizeof(uint32) * nexprs);
	}
	return keys;
}

void
fs_keyfilter_end(FsKeyFilter *keys)
{
	if (keys == NULL)
		return;
	for (int i = 0; i < keys->nsources; i++)
		ExecEndNode(keys->sources[i].child);
	MemoryContextDelete(keys->cxt);
}

void
fs_keyfilter_rescan(FsKeyFilter *keys, Bitmapset *changed)
{
	bool		is_due = false;

	if (keys == NULL)
		return;
	for (int i = 0; i < keys->nsources; i++)
	{
		if (changed != NULL)
			UpdateChangedParamSet(keys->sources[i].child, changed);
		is_due = is_due || keys->sources[i].child->chgParam != NULL;
	}
	/* values of all share a memory context */
	for (int i = 0; is_due && i < keys->nsources; i++)
		keys->sources[i].is_read = false;
}

/* --- reading ------------------------------------------------------------ */

static bool
add_row(KeySource *source, TupleTableSlot *slot)
{
	for (int i = 0; i < list_length(source->exprs); i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(slot, i + 1, &isnull);

		if (!isnull && !fs_keylist_add(source->lists[i], value))
			return false;
	}
	return true;
}

/* True if some expression has too many different values. */
static bool
count_values(KeySource *source)
{
	bool		is_over = false;

	for (int i = 0; i < list_length(source->exprs); i++)
	{
		source->counts[i] = fs_keylist_count(source->lists[i]);
		is_over = is_over || source->counts[i] > FS_KEYS_MAX;
	}
	return is_over;
}

static void
create_lists(KeySource *source)
{
	int			i = 0;
	ListCell   *lc;

	foreach(lc, source->exprs)
		source->lists[i++] = fs_keylist_create(exprType(lfirst(lc)),
											   FS_KEYS_MAX,
											   work_mem * (Size) 1024);
}

/* Have the child give all of its rows, or too many. */
static void
read_source(KeySource *source)
{
	if (source->was_run)
		ExecReScan(source->child);
	source->was_run = true;
	source->is_given_up = false;
	while (!source->is_given_up)
	{
		TupleTableSlot *slot = ExecProcNode(source->child);

		CHECK_FOR_INTERRUPTS();
		if (TupIsNull(slot))
			break;
		source->is_given_up = !add_row(source, slot);
	}
	source->is_given_up = source->is_given_up || count_values(source);
}

static Expr *
make_list(void *arg, Expr *expr)
{
	KeySource  *source = arg;
	int			i = 0;
	ListCell   *lc;

	foreach(lc, source->exprs)
	{
		if (equal(lfirst(lc), expr))
			return (Expr *) fs_keylist_array(source->lists[i]);
		i++;
	}
	elog(ERROR, "join key not found");
}

/* Let long lists be looked up in a hash table where core evaluates them. */
static bool
choose_hash(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, ScalarArrayOpExpr))
	{
		ScalarArrayOpExpr *any = (ScalarArrayOpExpr *) node;
		Const	   *array = lsecond_node(Const, any->args);
		Oid			lefttype = exprType(linitial(any->args));
		Oid			left;
		Oid			right;

		if (ArrayGetNItems(ARR_NDIM(DatumGetArrayTypeP(array->constvalue)),
						   ARR_DIMS(DatumGetArrayTypeP(array->constvalue))) >= MIN_HASHED &&
			op_hashjoinable(any->opno, lefttype) &&
			get_op_hash_functions(any->opno, &left, &right) && left == right)
			any->hashfuncid = left;
		return false;
	}
	return expression_tree_walker(node, choose_hash, context);
}

static void
make_clauses(FsKeyFilter *keys, KeySource *source)
{
	uint32		sum = 0;
	ListCell   *lc;

	if (source->is_given_up)
		return;
	for (int i = 0; i < list_length(source->exprs); i++)
		sum += source->counts[i];
	if (sum == 0)
		keys->is_empty = true;
	foreach(lc, source->clauses)
	{
		Expr	   *clause = fs_keyclause_convert(lfirst(lc), keys->varno,
												  make_list, source);

		if (clause == NULL)
			continue;
		(void) choose_hash((Node *) clause, NULL);
		keys->clauses = lappend(keys->clauses, clause);
	}
}

/* Read all sources. */
static void
read_sources(FsKeyFilter *keys)
{
	MemoryContext old = CurrentMemoryContext;

	MemoryContextReset(keys->cxt);
	keys->clauses = NIL;
	keys->is_empty = false;
	for (int i = 0; i < keys->nsources; i++)
	{
		KeySource  *source = &keys->sources[i];

		MemoryContextSwitchTo(keys->cxt);
		create_lists(source);
		/* what nodes keep belongs to the query */
		MemoryContextSwitchTo(keys->node->ss.ps.state->es_query_cxt);
		read_source(source);
		MemoryContextSwitchTo(keys->cxt);
		make_clauses(keys, source);
		source->is_read = true;
	}
	MemoryContextSwitchTo(old);
}

static void
compile(FsKeyFilter *keys, List *others, FsPredicate **predicate)
{
	ScanState  *ss = &keys->node->ss;
	EState	   *estate = ss->ps.state;
	MemoryContext old = MemoryContextSwitchTo(keys->cxt);
	int			jit_flags = estate->es_jit_flags;

	/* machine code would stay until the query ends, with each rescan more */
	estate->es_jit_flags = PGJIT_NONE;
	keys->filter = keys->clauses == NIL || !fs_enable_filter ? NULL
		: fs_filter_compile(keys->clauses, keys->varno, keys->slot, &ss->ps);
	*predicate = fs_predicate_compile(list_concat_copy(others, keys->clauses),
									  keys->varno,
									  RelationGetDescr(ss->ss_currentRelation),
									  &ss->ps);
	estate->es_jit_flags = jit_flags;
	for (int i = 0; keys->counters != NULL && keys->filter != NULL &&
		 i < list_length(keys->clauses); i++)
		fs_filter_count(keys->filter, i, keys->counters);
	keys->is_new = true;
	MemoryContextSwitchTo(old);
}

bool
fs_keyfilter_bind(FsKeyFilter *keys, List *others, FsPredicate **predicate)
{
	if (keys == NULL || keys->node->ss.ps.state->es_epq_active != NULL)
		return true;
	if (!keys->sources[0].is_read)
	{
		read_sources(keys);
		compile(keys, others, predicate);
	}
	if (keys->is_empty)
		return false;
	if (keys->filter != NULL)
		fs_filter_bind(keys->filter);
	return true;
}

bool
fs_keyfilter_is_new(FsKeyFilter *keys)
{
	bool		is_new = keys != NULL && keys->is_new;

	if (is_new)
		keys->is_new = false;
	return is_new;
}

int
fs_keyfilter_n(const FsKeyFilter *keys)
{
	return list_length(keys->clauses);
}

void
fs_keyfilter_count(FsKeyFilter *keys, FsFilterCounters *counters)
{
	keys->counters = counters;
}

bool
fs_keyfilter_narrow(FsKeyFilter *keys, FsScan *scan, FsBits *rows)
{
	return keys == NULL || keys->filter == NULL ||
		fs_filter_narrow(keys->filter, scan, rows);
}

/* --- EXPLAIN ------------------------------------------------------------ */

/* How many different values each expression has. */
static char *
describe(const KeySource *source)
{
	StringInfoData text;

	initStringInfo(&text);
	if (source->is_given_up)
		appendStringInfoString(&text, "too many");
	for (int i = 0; !source->is_given_up && i < list_length(source->exprs); i++)
		appendStringInfo(&text, "%s%u", i > 0 ? ", " : "", source->counts[i]);
	return text.data;
}

void
fs_keyfilter_explain(FsKeyFilter *keys, List *ancestors, ExplainState *es)
{
	List	   *clauses = NIL;
	List	   *counts = NIL;
	bool		was_read = true;

	if (keys == NULL)
		return;
	for (int i = 0; i < keys->nsources; i++)
	{
		const KeySource *source = &keys->sources[i];

		clauses = list_concat(clauses, source->clauses);
		counts = lappend(counts, describe(source));
		was_read = was_read && source->was_run;
	}
	fs_explain_clauses(&keys->node->ss, "Join Key Cond", clauses, ancestors,
					   es);
	if (es->analyze && was_read)
		ExplainPropertyList("Join Keys", counts, es);
}
