/*-------------------------------------------------------------------------
 *
 * Names of interfaces, in an array sorted by exporter and index.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "enrich_interface.h"
#include "enrich_table.h"
#include "import_rows.h"
#include "log.h"

#define NAME_LEN	64

struct interface
{
	struct flow_addr exporter;
	uint32_t	if_index;
	uint32_t	len;
	char		name[NAME_LEN];
};

struct enrich_interfaces
{
	size_t		n;
	size_t		room;
	struct interface *list;		/* [n] */
};

static int
compare(const void *left, const void *right)
{
	const struct interface *a = left;
	const struct interface *b = right;
	int			order = memcmp(&a->exporter, &b->exporter, sizeof(a->exporter));

	if (order != 0)
		return order;
	return a->if_index == b->if_index ? 0 : a->if_index < b->if_index ? -1 : 1;
}

static int
find_column(const struct import_rows *rows, const char *name)
{
	int			i = 0;

	while (i < rows->ncolumns && strcasecmp(import_rows_name(rows, i), name) != 0)
		i++;
	return i < rows->ncolumns ? i : -1;
}

/* The text as far as it is UTF-8 and has room. */
static uint32_t
copy_name(char *name, const char *text, size_t len)
{
	size_t		pos = 0;

	while (pos < len)
	{
		size_t		n = web_utf8_len(text + pos, len - pos);

		if (n == 0 || pos + n > NAME_LEN || (unsigned char) text[pos] < 0x20)
			break;
		pos += n;
	}
	memcpy(name, text, pos);
	return (uint32_t) pos;
}

static const char *
add_row(struct enrich_interfaces *interfaces, const struct import_rows *rows,
		const int *columns)
{
	struct interface *interface;
	unsigned long long if_index;
	char	   *end;

	for (int i = 0; i < 3; i++)
	{
		if (rows->cells[columns[i]].is_null)
			return "has a row that lacks a value";
	}
	if (interfaces->n == ENRICH_MAX_INTERFACES)
		return "has too many rows";
	if (interfaces->n == interfaces->room)
	{
		size_t		room = interfaces->room == 0 ? 256 : interfaces->room * 2;

		interface = realloc(interfaces->list, room * sizeof(*interface));
		if (interface == NULL)
			return "is too large for the memory";
		interfaces->list = interface;
		interfaces->room = room;
	}
	interface = &interfaces->list[interfaces->n];
	if_index = strtoull(import_rows_value(rows, columns[1]), &end, 10);
	if (*end != '\0' || if_index > UINT32_MAX)
		return "has a row with an index that is none";
	interface->if_index = (uint32_t) if_index;
	if (enrich_parse_prefix(import_rows_value(rows, columns[0]), &interface->exporter) < 0)
		return "has a row with an exporter that is no address";
	interface->len = copy_name(interface->name, import_rows_value(rows, columns[2]),
							   rows->cells[columns[2]].len);
	interfaces->n++;
	return NULL;
}

static const char *
read_rows(struct enrich_interfaces *interfaces, struct import_rows *rows,
		  uint64_t *nrows)
{
	int			columns[3] = {
		find_column(rows, "exporter"), find_column(rows, "if_index"),
		find_column(rows, "name")
	};
	enum import_result result;
	const char *problem = NULL;

	if (columns[0] < 0 || columns[1] < 0 || columns[2] < 0)
		return "lacks a column: it needs exporter, if_index and name";
	while (problem == NULL && (result = import_rows_next(rows)) != IMPORT_END)
	{
		++*nrows;
		problem = result == IMPORT_ROW ? add_row(interfaces, rows, columns) :
			"has a row that is damaged";
	}
	return problem;
}

struct enrich_interfaces *
enrich_interfaces_read(const char *path, const char *bytes, size_t len)
{
	struct enrich_interfaces *interfaces = calloc(1, sizeof(*interfaces));
	struct import_rows *rows = malloc(sizeof(*rows));
	uint64_t	nrows = 0;
	const char *problem;

	if (interfaces == NULL || rows == NULL)
	{
		log_warnx("out of memory for \"%s\"", path);
		free(interfaces);
		free(rows);
		return NULL;
	}
	problem = import_rows_open(rows, bytes, len);
	if (problem == NULL)
		problem = read_rows(interfaces, rows, &nrows);
	import_rows_close(rows);
	free(rows);
	if (problem != NULL)
	{
		log_warnx("file \"%s\" %s (row %" PRIu64 ")", path, problem, nrows);
		enrich_interfaces_close(interfaces);
		return NULL;
	}
	if (interfaces->n > 0)
		qsort(interfaces->list, interfaces->n, sizeof(struct interface), compare);
	return interfaces;
}

void
enrich_interfaces_close(struct enrich_interfaces *interfaces)
{
	if (interfaces == NULL)
		return;
	free(interfaces->list);
	free(interfaces);
}

struct flow_bytes
enrich_interface_name(const struct enrich_interfaces *interfaces,
					  const struct flow_addr *exporter, uint32_t if_index)
{
	struct interface key = {.exporter = *exporter,.if_index = if_index};
	const struct interface *found = interfaces->n == 0 ? NULL :
		bsearch(&key, interfaces->list, interfaces->n, sizeof(key), compare);

	if (found == NULL)
		return (struct flow_bytes) {NULL, 0};
	return (struct flow_bytes) {found->name, found->len};
}
