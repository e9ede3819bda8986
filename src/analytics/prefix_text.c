/*-------------------------------------------------------------------------
 *
 * Prefix maps as text.
 *
 * The text of a map has a line for each network, in order: the network and, in
 * quotes, its value and, if more is known, that as JSON.  What users load is
 * read more kindly: lines that are bad are told of and left out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "analytics/csv.h"
#include "analytics/ipset.h"
#include "analytics/prefixes.h"

PG_FUNCTION_INFO_V1(fs_prefix_map_in);
PG_FUNCTION_INFO_V1(fs_prefix_map_out);
PG_FUNCTION_INFO_V1(fs_read_prefixes);

/* bad lines that are shown, and bytes of each */
#define MAX_BAD_LINES	100
#define MAX_BAD_LEN		200

/* What the fields of a line are. */
typedef struct Columns
{
	bool		has_header;
	int			at_network;
	int			at_value;
	int			n;
	char	   *names[FS_CSV_MAX_FIELDS];	/* as JSON */
} Columns;

static const char *const network_names[] = {"network", "prefix", "cidr", "subnet", "ip", "address"};

/* The network in a field; false if it is none. */
static bool
parse_entry_network(const char *field, FsPrefixEntry *entry)
{
	FsIpRange	range;

	entry->family = fs_ip_parse_network(field, strlen(field), &range);
	if (entry->family == 0)
		return false;
	entry->first = range.first;
	entry->bits = fs_ip_prefix(entry->family, &range);
	return true;
}

/* JSON in the form that jsonb has; an error if it is none. */
static char *
normal_json(const char *json)
{
	Datum		jsonb = DirectFunctionCall1(jsonb_in, CStringGetDatum(json));

	return DatumGetCString(DirectFunctionCall1(jsonb_out, jsonb));
}

Datum
fs_prefix_map_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	FsPrefixList *list = fs_prefixlist_create();
	MemoryContext line_cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore prefix",
												   ALLOCSET_DEFAULT_SIZES);
	FsCsv		csv;
	uint64		n;

	fs_csv_begin(&csv, text, strlen(text), ',');
	while (fs_csv_next(&csv))
	{
		FsPrefixEntry entry = {0};

		CHECK_FOR_INTERRUPTS();
		if (csv.n < 2 || csv.n > 3 || !parse_entry_network(fs_csv_field(&csv, 0), &entry))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s", "flow.prefix_map"),
					 errdetail("Line " UINT64_FORMAT " is no network, value and JSON: \"%.*s\".",
							   csv.line, pg_mbcliplen(csv.begin, csv.len, MAX_BAD_LEN), csv.begin),
					 errhint("An example of a line is 192.0.2.0/24,\"a value\".")));
		entry.value = fs_csv_field(&csv, 1);
		entry.value_len = strlen(entry.value);
		if (csv.n == 3)
		{
			MemoryContext old = MemoryContextSwitchTo(line_cxt);

			entry.more = normal_json(fs_csv_field(&csv, 2));
			entry.more_len = strlen(entry.more);
			MemoryContextSwitchTo(old);
		}
		fs_prefixlist_add(list, &entry);
		MemoryContextReset(line_cxt);
	}
	PG_RETURN_DATUM(fs_prefixlist_datum(list, &n));
}

Datum
fs_prefix_map_out(PG_FUNCTION_ARGS)
{
	FsPrefixMap map;
	StringInfoData out;

	fs_prefixmap_of_datum(PG_GETARG_DATUM(0), &map);
	initStringInfo(&out);
	for (uint8 family = 4; family <= 6; family += 2)
		for (uint32 i = 0; i < map.nnets[family == 4 ? 0 : 1]; i++)
		{
			FsPrefix	net = fs_prefixmap_net(&map, family, i);
			const char *more;
			int			len;
			int			more_len;
			const char *value = fs_prefixmap_text(&map, net.value, &len, &more, &more_len);

			CHECK_FOR_INTERRUPTS();
			if (out.len > 0)
				appendStringInfoChar(&out, '\n');
			fs_ip_put_network(&out, family, net.first, net.bits);
			fs_csv_put_quoted(&out, value, len, false);
			if (more != NULL)
				fs_csv_put_quoted(&out, more, more_len, false);
		}
	PG_RETURN_CSTRING(out.data);
}

/* Which columns a first line names; false if it is no header. */
static bool
read_header(const FsCsv *csv, Columns *columns)
{
	int			place = -1;

	for (int k = 0; k < lengthof(network_names) && place < 0; k++)
		for (int i = 0; i < csv->n && place < 0; i++)
			if (pg_strcasecmp(fs_csv_field(csv, i), network_names[k]) == 0)
				place = i;
	if (place < 0)
		return false;
	columns->has_header = true;
	columns->at_network = place;
	columns->at_value = -1;
	columns->n = csv->n;
	for (int i = 0; i < csv->n; i++)
	{
		const char *name = fs_csv_field(csv, i);
		StringInfoData json;

		initStringInfo(&json);
		escape_json(&json, name);
		columns->names[i] = json.data;
		if (pg_strcasecmp(name, "value") == 0 && columns->at_value < 0 && i != place)
			columns->at_value = i;
	}
	/* without a column value it is the first of the others */
	if (columns->at_value < 0)
		columns->at_value = place == 0 ? 1 : 0;
	return true;
}

/* What other columns say, as JSON; false if they are all empty. */
static bool
put_more(const FsCsv *csv, const Columns *columns, StringInfo more)
{
	resetStringInfo(more);
	for (int i = 0; i < columns->n; i++)
	{
		const char *field = fs_csv_field(csv, i);

		if (i == columns->at_network || i == columns->at_value || *field == '\0')
			continue;
		appendStringInfoString(more, more->len == 0 ? "{" : ", ");
		appendStringInfo(more, "%s: ", columns->names[i]);
		escape_json(more, field);
	}
	if (more->len == 0)
		return false;
	appendStringInfoChar(more, '}');
	return true;
}

/* A line into an entry; what is wrong with it, or NULL. */
static const char *
read_entry(const FsCsv *csv, const Columns *columns, StringInfo more, FsPrefixEntry *entry)
{
	if (csv->problem != NULL)
		return csv->problem;
	if (!parse_entry_network(fs_csv_field(csv, columns->at_network), entry))
		return "no address or network";
	entry->value = fs_csv_field(csv, columns->at_value);
	entry->value_len = strlen(entry->value);
	if (entry->value_len == 0)
		return "no value";
	if (csv->n > columns->n)
		return columns->has_header ? "more fields than the header" :
			"more fields than network and value, and no header";
	entry->more = NULL;
	if (columns->has_header && put_more(csv, columns, more))
	{
		entry->more = more->data;
		entry->more_len = more->len;
	}
	return NULL;
}

static void
put_bad_line(StringInfo bad, const FsCsv *csv, const char *problem)
{
	int			len = csv->len;
	char	   *text;

	while (len > 0 && (csv->begin[len - 1] == '\r' || csv->begin[len - 1] == ' '))
		len--;
	text = pnstrdup(csv->begin, pg_mbcliplen(csv->begin, len, MAX_BAD_LEN));
	appendStringInfo(bad, "%s{\"line\": " UINT64_FORMAT ", \"text\": ", bad->len > 1 ? ", " : "", csv->line);
	escape_json(bad, text);
	appendStringInfoString(bad, ", \"problem\": ");
	escape_json(bad, problem);
	appendStringInfoChar(bad, '}');
	pfree(text);
}

static void
read_lines(FsCsv *csv, FsPrefixList *list, StringInfo bad, uint64 *nbad)
{
	Columns		columns = {.at_network = 0, .at_value = 1, .n = 2};
	StringInfoData more;
	bool		is_first = true;

	initStringInfo(&more);
	for (; fs_csv_next(csv); is_first = false)
	{
		FsPrefixEntry entry;
		const char *problem;

		CHECK_FOR_INTERRUPTS();
		if (is_first && csv->problem == NULL && read_header(csv, &columns))
			continue;
		problem = read_entry(csv, &columns, &more, &entry);
		if (problem == NULL)
			fs_prefixlist_add(list, &entry);
		else if (++*nbad <= MAX_BAD_LINES)
			put_bad_line(bad, csv, problem);
	}
}

Datum
fs_read_prefixes(PG_FUNCTION_ARGS)
{
	text	   *data = PG_GETARG_TEXT_PP(0);
	FsPrefixList *list = fs_prefixlist_create();
	FsCsv		csv;
	StringInfoData bad;
	uint64		nbad = 0;
	uint64		n;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	initStringInfo(&bad);
	appendStringInfoChar(&bad, '[');
	fs_csv_begin(&csv, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), '\0');
	read_lines(&csv, list, &bad, &nbad);
	appendStringInfoChar(&bad, ']');
	values[0] = fs_prefixlist_datum(list, &n);
	values[1] = Int64GetDatum(n);
	values[2] = Int64GetDatum(nbad);
	values[3] = DirectFunctionCall1(jsonb_in, CStringGetDatum(bad.data));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
