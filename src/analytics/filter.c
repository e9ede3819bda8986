/*-------------------------------------------------------------------------
 *
 * flow.filter: a condition in the language of filtertext.h as a clause of SQL.
 *
 * The clause is made of constants of this file, numbers, addresses as
 * inet_ntop() writes them, and quoted names: it can be nothing else than a
 * condition on the columns, whatever the filter is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "analytics/filtertext.h"

PG_FUNCTION_INFO_V1(fs_filter);

/* The columns of a field: left and right of the division of a rate. */
static const struct
{
	const char *column;
	const char *divisor;
	const char *factor;
}			sources[] = {
	[FS_FILTER_SRC_ADDR] = {"src_addr"},
	[FS_FILTER_DST_ADDR] = {"dst_addr"},
	[FS_FILTER_EXPORTER] = {"exporter"},
	[FS_FILTER_SRC_PORT] = {"src_port"},
	[FS_FILTER_DST_PORT] = {"dst_port"},
	[FS_FILTER_SRC_AS] = {"src_as"},
	[FS_FILTER_DST_AS] = {"dst_as"},
	[FS_FILTER_IN_IF] = {"in_if"},
	[FS_FILTER_OUT_IF] = {"out_if"},
	[FS_FILTER_PROTO] = {"proto"},
	[FS_FILTER_TOS] = {"tos"},
	[FS_FILTER_SENSOR] = {"sensor"},
	[FS_FILTER_BYTES] = {"bytes"},
	[FS_FILTER_PACKETS] = {"packets"},
	[FS_FILTER_DURATION] = {"duration_ms"},
	[FS_FILTER_BPP] = {"bytes", "packets", "1"},
	[FS_FILTER_BPS] = {"bytes", "duration_ms", "8000"},
	[FS_FILTER_PPS] = {"packets", "duration_ms", "1000"}
};

typedef struct Writer
{
	const FsFilterNode *nodes;
	Jsonb	   *columns;		/* NULL: none */
	StringInfoData clause;
} Writer;

/* The quoted name of a column. */
static const char *
column(const Writer *w, const char *name)
{
	JsonbValue	value;

	if (w->columns == NULL ||
		getKeyJsonValueFromContainer(&w->columns->root, name, strlen(name), &value) == NULL ||
		value.type == jbvNull)
		return quote_identifier(name);
	if (value.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument columns must give names of columns"),
				 errhint("An example is {\"src_addr\": \"client\"}.")));
	return quote_identifier(pnstrdup(value.val.string.val, value.val.string.len));
}

static void
write_number(Writer *w, const FsFilterNode *node)
{
	const char *divisor = sources[node->field].divisor;
	const char *name = column(w, sources[node->field].column);

	if (divisor == NULL)
		appendStringInfo(&w->clause, "%s %s " INT64_FORMAT, name, node->compare, node->number);
	else
		appendStringInfo(&w->clause, "%s * %s::numeric / nullif(%s, 0) %s " INT64_FORMAT,
						 name, sources[node->field].factor, column(w, divisor),
						 node->compare, node->number);
}

static void
write_node(Writer *w, int number)
{
	const FsFilterNode *node = &w->nodes[number];
	const char *name = column(w, sources[node->field].column);

	check_stack_depth();
	switch (node->op)
	{
		case FS_FILTER_OR:
		case FS_FILTER_AND:
			appendStringInfoChar(&w->clause, '(');
			write_node(w, node->left);
			appendStringInfoString(&w->clause, node->op == FS_FILTER_OR ? " OR " : " AND ");
			write_node(w, node->right);
			appendStringInfoChar(&w->clause, ')');
			break;
		case FS_FILTER_NOT:
			appendStringInfoString(&w->clause, "NOT (");
			write_node(w, node->left);
			appendStringInfoChar(&w->clause, ')');
			break;
		case FS_FILTER_ANY:
			appendStringInfoString(&w->clause, "true");
			break;
		case FS_FILTER_FAMILY:
			appendStringInfo(&w->clause, "pg_catalog.family(%s) = %d",
							 column(w, "src_addr"), (int) node->number);
			break;
		case FS_FILTER_NET:
			appendStringInfo(&w->clause, "%s %s inet '%s'", name,
							 node->is_network ? "<<=" : "=", node->addr);
			break;
		case FS_FILTER_NUMBER:
			write_number(w, node);
			break;
		case FS_FILTER_FLAGS:
			appendStringInfo(&w->clause, "%s & %d = %d", column(w, "tcp_flags"),
							 (int) node->number, (int) node->number);
			break;
		case FS_FILTER_TEXT:
			appendStringInfo(&w->clause, "%s = %s", name,
							 quote_literal_cstr(pnstrdup(node->text, node->text_len)));
			break;
	}
}

static void
report(const FsFilterText *filter, const char *text)
{
	int			position = pg_mbstrlen_with_len(text, filter->fault_off) + 1;
	char	   *word = pnstrdup(text + filter->fault_off, filter->fault_len);

	if (filter->fault_len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("syntax error in filter at its end"),
				 errdetail("%s", filter->fault),
				 internalerrposition(position), internalerrquery(text)));
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("syntax error in filter at or near \"%s\"", word),
			 errdetail("%s", filter->fault),
			 internalerrposition(position), internalerrquery(text)));
}

Datum
fs_filter(PG_FUNCTION_ARGS)
{
	char	   *input;
	FsFilterText filter = {0};
	Writer		w = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	input = text_to_cstring(PG_GETARG_TEXT_PP(0));
	w.columns = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
	if (w.columns != NULL && !JB_ROOT_IS_OBJECT(w.columns))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument columns must be a JSON object"),
				 errhint("An example is {\"src_addr\": \"client\"}.")));
	filter.cap = FS_FILTERTEXT_MAX_NODES;
	filter.nodes = palloc(filter.cap * sizeof(FsFilterNode));
	if (!fs_filtertext_parse(input, strlen(input), &filter))
		report(&filter, input);
	w.nodes = filter.nodes;
	initStringInfo(&w.clause);
	write_node(&w, filter.n - 1);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(w.clause.data, w.clause.len));
}
