/*-------------------------------------------------------------------------
 *
 * Options of a table in SQL: flow.set, flow.options; and flow.counters, which
 * says what they led to.
 *
 * flow.set has an argument for each option, of any type: its text is the
 * value.  An argument that was left out has the text "unchanged".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "am/label.h"
#include "am/optionlist.h"
#include "am/partition.h"
#include "am/relabel.h"
#include "am/tableoptions.h"
#include "store/meta.h"

PG_FUNCTION_INFO_V1(fs_set);
PG_FUNCTION_INFO_V1(fs_options);

static Relation
open_table(Oid relid, LOCKMODE mode)
{
	Relation	rel = try_relation_open(relid, mode);

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	return rel;
}

/* The elements of text[] and name[] as a list of identifiers. */
static char *
columns_text(Datum array, Oid element)
{
	StringInfoData buf;
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int16		len;
	bool		byval;
	char		align;

	get_typlenbyvalalign(element, &len, &byval, &align);
	deconstruct_array(DatumGetArrayTypeP(array), element, len, byval, align,
					  &values, &nulls, &n);
	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("name of a column must not be null")));
		appendStringInfo(&buf, "%s%s", i > 0 ? ", " : "",
						 quote_identifier(element == NAMEOID
										  ? NameStr(*DatumGetName(values[i]))
										  : TextDatumGetCString(values[i])));
	}
	return buf.data;
}

static char *
argument_text(FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	Datum		value = PG_GETARG_DATUM(arg);
	Oid			output;
	bool		is_varlena;

	if (type == UNKNOWNOID)
		return pstrdup(DatumGetCString(value));
	if (type == TEXTARRAYOID || type == NAMEARRAYOID)
		return columns_text(value, get_element_type(type));
	if (!OidIsValid(type))
		elog(ERROR, "could not determine the type of argument %d", arg + 1);
	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

/* The options among the arguments, which come in the order of the list. */
static List *
changes_of(FunctionCallInfo fcinfo)
{
	List	   *changes = NIL;

	for (int i = 0; i < FS_OPTION_COUNT; i++)
	{
		char	   *text = NULL;

		if (!PG_ARGISNULL(i + 1))
			text = argument_text(fcinfo, i + 1);
		if (text == NULL || strcmp(text, "unchanged") != 0)
			changes = lappend(changes,
							  fs_label_entry(fs_option_list[i].name, text));
	}
	return changes;
}

/* flow.set(regclass, ...) */
Datum
fs_set(PG_FUNCTION_ARGS)
{
	List	   *changes;
	Relation	rel;

	PreventCommandIfReadOnly("flow.set()");
	PreventCommandIfParallelMode("flow.set()");
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("table must not be null")));
	changes = changes_of(fcinfo);
	fs_relabel_normalize(changes);

	rel = open_table(PG_GETARG_OID(0), ShareUpdateExclusiveLock);
	if (!has_privs_of_role(GetUserId(), rel->rd_rel->relowner))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(rel->rd_rel->relkind),
					   RelationGetRelationName(rel));
	fs_relabel_check_table(rel);
	fs_relabel_check_columns(rel, changes);
	if (changes != NIL)
		fs_relabel_change(rel, changes);
	relation_close(rel, NoLock);
	CommandCounterIncrement();
	PG_RETURN_VOID();
}

/* What an option without a value in the label amounts to. */
static const char *
initial_value(FsOptionId id, Relation rel)
{
	const FsTableOptions *options = fs_tableoptions_get(rel);

	if (id == FS_OPTION_SLACK && options->max_rows != FS_UNLIMITED)
		return psprintf(INT64_FORMAT, options->slack_rows);
	if (id == FS_OPTION_TIME_COLUMN)
		return options->time_att == 0 ? "none"
			: quote_identifier(NameStr(TupleDescAttr(RelationGetDescr(rel),
													 options->time_att - 1)->attname));
	return fs_option_list[id].initial;
}

/* flow.options(regclass): one row an option */
Datum
fs_options(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel;
	List	   *entries;

	InitMaterializedSRF(fcinfo, 0);
	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (rel == NULL)
		return (Datum) 0;
	fs_relabel_check_table(rel);
	entries = fs_label_read(RelationGetRelid(rel));
	for (int i = 0; i < FS_OPTION_COUNT; i++)
	{
		const FsOption *option = &fs_option_list[i];
		FsLabelEntry *entry = fs_label_find(entries, option->name);
		FsOptionValue value = {0};
		bool		is_set = entry != NULL &&
			fs_optionlist_parse(option, entry->value, &value);
		Datum		values[5];
		bool		nulls[5] = {0};

		values[0] = CStringGetTextDatum(option->name);
		values[1] = CStringGetTextDatum(is_set
										? fs_optionlist_form(option, &value)
										: initial_value(i, rel));
		values[2] = BoolGetDatum(!is_set);
		values[3] = CStringGetTextDatum(option->initial);
		values[4] = CStringGetTextDatum(option->description);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}
