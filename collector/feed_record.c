/*-------------------------------------------------------------------------
 *
 * A line of a feed, taken apart.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed_names.h"
#include "feed_record.h"

bool
feed_record_begin(struct feed_record *record, size_t size)
{
	char	   *scratch;

	record->n = 0;
	record->used = 0;
	if (size <= record->room)
		return true;
	scratch = realloc(record->scratch, size);
	if (scratch == NULL)
		return false;
	record->scratch = scratch;
	record->room = size;
	return true;
}

static void
set_column(struct feed_column *column, const char *name, size_t len, bool is_nfdump)
{
	const struct feed_name *known;

	if (len >= 2 && name[0] == '"' && name[len - 1] == '"')
	{
		name++;
		len -= 2;
	}
	while (len > 0 && *name == ' ')
	{
		name++;
		len--;
	}
	while (len > 0 && name[len - 1] == ' ')
		len--;
	known = feed_name_find(name, len, is_nfdump);
	*column = (struct feed_column) {
		.value = {
			.name = name,.name_len = (uint32_t) len,.target = DRAFT_FIELD,
			.kind = FEED_STRING
		}
	};
	if (known != NULL)
	{
		column->value.target = known->target;
		column->value.unit = known->unit;
		column->value.rank = known->rank;
	}
}

bool
feed_columns_set(struct feed_columns *columns, const char *line, size_t len,
				 char separator, bool is_nfdump)
{
	char	   *names = malloc(len + 1);
	const char *p = names;
	const char *end = names + len;

	if (names == NULL)
		return false;
	memcpy(names, line, len);
	free(columns->names);
	columns->names = names;
	columns->n = 0;
	columns->nknown = 0;
	for (;;)
	{
		const char *next = memchr(p, separator, (size_t) (end - p));
		struct feed_column *column = &columns->list[columns->n];

		if (columns->n == FEED_MAX_VALUES)
			return false;
		set_column(column, p, (size_t) ((next == NULL ? end : next) - p), is_nfdump);
		columns->nknown += column->value.target < DRAFT_NOTHING;
		columns->n++;
		if (next == NULL)
			return true;
		p = next + 1;
	}
}
