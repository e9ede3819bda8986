/*-------------------------------------------------------------------------
 *
 * Networks from CSV.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "enrich_table.h"
#include "import_rows.h"
#include "log.h"

enum role
{
	IS_PREFIX,
	IS_AS,
	IS_TEXT						/* + enum enrich_text */
};

static const struct
{
	const char *name;
	int			role;
}			columns[] = {
	{"prefix", IS_PREFIX}, {"network", IS_PREFIX},
	{"as", IS_AS}, {"asn", IS_AS}, {"autonomous_system_number", IS_AS},
	{"as_name", IS_TEXT + ENRICH_AS_NAME},
	{"autonomous_system_organization", IS_TEXT + ENRICH_AS_NAME},
	{"country", IS_TEXT + ENRICH_COUNTRY},
	{"country_iso_code", IS_TEXT + ENRICH_COUNTRY},
	{"net", IS_TEXT + ENRICH_NET}, {"name", IS_TEXT + ENRICH_NET}
};

/* What each column is, -1 for nothing of ours; false without prefixes. */
static bool
find_roles(const struct import_rows *rows, int *roles)
{
	bool		has_prefix = false;

	for (int i = 0; i < rows->ncolumns; i++)
	{
		roles[i] = -1;
		for (size_t j = 0; j < sizeof(columns) / sizeof(columns[0]); j++)
		{
			if (strcasecmp(import_rows_name(rows, i), columns[j].name) == 0)
				roles[i] = columns[j].role;
		}
		has_prefix |= roles[i] == IS_PREFIX;
	}
	return has_prefix;
}

/* "64496" or "AS64496"; false if it is neither. */
static bool
parse_as(const char *text, uint32_t *as)
{
	char	   *end;
	unsigned long long n;

	if (strncasecmp(text, "AS", 2) == 0)
		text += 2;
	if (*text < '0' || *text > '9')
		return false;
	n = strtoull(text, &end, 10);
	*as = (uint32_t) n;
	return *end == '\0' && n <= UINT32_MAX;
}

/* The row at hand; returns NULL, or what is wrong with it. */
static const char *
add_row(struct enrich_table *table, const struct import_rows *rows, const int *roles)
{
	struct enrich_value value = {0};
	struct flow_addr prefix;
	int			len = -1;

	for (int i = 0; i < rows->ncolumns; i++)
	{
		const char *text = import_rows_value(rows, i);

		if (roles[i] < 0 || rows->cells[i].is_null)
			continue;
		if (roles[i] == IS_PREFIX)
			len = enrich_parse_prefix(text, &prefix);
		else if (roles[i] == IS_AS)
		{
			if (!parse_as(text, &value.as))
				return "has a row with an AS number that is none";
		}
		else
			value.texts[roles[i] - IS_TEXT] = (struct flow_bytes) {
				text, (uint32_t) rows->cells[i].len
			};
	}
	if (len < 0)
		return "has a row without a prefix";
	return enrich_table_add(table, &prefix, len, &value);
}

bool
enrich_read_csv(struct enrich_table *table, const char *path, const char *bytes,
				size_t len)
{
	struct import_rows *rows = malloc(sizeof(*rows));
	int			roles[IMPORT_MAX_COLUMNS];
	enum import_result result = IMPORT_END;
	uint64_t	nrows = 0;
	const char *problem;

	if (rows == NULL)
	{
		log_warnx("out of memory for \"%s\"", path);
		return false;
	}
	problem = import_rows_open(rows, bytes, len);
	if (problem == NULL && !find_roles(rows, roles))
		problem = "has no column \"prefix\"";
	while (problem == NULL && (result = import_rows_next(rows)) != IMPORT_END)
	{
		nrows++;
		problem = result == IMPORT_ROW ? add_row(table, rows, roles) :
			"has a row that is damaged";
	}
	if (problem != NULL)
		log_warnx("file \"%s\" %s (row %" PRIu64 ")", path, problem, nrows);
	import_rows_close(rows);
	free(rows);
	return problem == NULL;
}
