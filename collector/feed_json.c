/*-------------------------------------------------------------------------
 *
 * Lines of JSON.
 *
 * yajl reads the lines as a stream of many values; after an error it is made
 * anew.  Lines of one writer have the same names in the same order, so what
 * the name at a place meant in the line before is looked at first.
 *
 * What jsonb refuses is refused here: zero characters, and numbers with more
 * digits or greater exponents than numeric has.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "draft.h"
#include "feed_json.h"
#include "feed_names.h"
#include "json_out.h"

#define CACHED_NAME_LEN	48
#define NUMBER_MAX_LEN	64
#define EXPONENT_MAX	1000

struct cached_name
{
	char		name[CACHED_NAME_LEN];
	struct feed_value value;	/* its meaning; the name points to name */
};

struct feed_json
{
	yajl_handle parser;			/* NULL after an error */
	struct feed_record *record;
	int			depth;
	int			nobjects;		/* whole ones in this line */
	const char *reason;			/* of ours to give up, or NULL */
	struct json_out nested;		/* of all nested values of the line */
	size_t		nested_start;
	struct cached_name cache[FEED_MAX_VALUES];
	struct feed_record checked; /* of feed_json_is_object */
};

static int
give_up(struct feed_json *json, const char *reason)
{
	json->reason = reason;
	return 0;
}

/* Copy text to scratch, which has room for all texts of a line. */
static const char *
keep(struct feed_json *json, const char *text, size_t len)
{
	struct feed_record *record = json->record;
	char	   *copy = record->scratch + record->used;

	memcpy(copy, text, len);
	record->used += len;
	return copy;
}

static struct feed_value *
current(struct feed_json *json)
{
	return &json->record->values[json->record->n - 1];
}

/* At the top there is nothing but objects. */
static int
set_value(struct feed_json *json, enum feed_kind kind, const char *text, size_t len)
{
	struct feed_value *value;

	if (json->depth == 0)
		return give_up(json, "is no object");
	value = current(json);
	value->kind = (uint8_t) kind;
	value->text = text;
	value->len = (uint32_t) len;
	return 1;
}

static int
add_literal(struct feed_json *json, const char *text, size_t len)
{
	json_out_next(&json->nested);
	json_out_raw(&json->nested, text, len);
	return 1;
}

static int
on_null(void *arg)
{
	struct feed_json *json = arg;

	return json->depth > 1 ? add_literal(json, "null", 4) :
		set_value(json, FEED_NULL, "", 0);
}

static int
on_boolean(void *arg, int is_true)
{
	struct feed_json *json = arg;
	const char *text = is_true ? "true" : "false";

	return json->depth > 1 ? add_literal(json, text, strlen(text)) :
		set_value(json, FEED_LITERAL, text, strlen(text));
}

static int
on_number(void *arg, const char *text, size_t len)
{
	struct feed_json *json = arg;
	const char *exponent = memchr(text, 'e', len);

	if (exponent == NULL)
		exponent = memchr(text, 'E', len);
	if (len > NUMBER_MAX_LEN)
		return give_up(json, "has a number with too many digits");
	if (exponent != NULL && labs(strtol(exponent + 1, NULL, 10)) > EXPONENT_MAX)
		return give_up(json, "has a number that is too large");
	return json->depth > 1 ? add_literal(json, text, len) :
		set_value(json, FEED_LITERAL, keep(json, text, len), len);
}

static int
on_string(void *arg, const unsigned char *bytes, size_t len)
{
	struct feed_json *json = arg;
	const char *text = (const char *) bytes;

	if (memchr(text, '\0', len) != NULL)
		return give_up(json, "has a zero character");
	if (json->depth <= 1)
		return set_value(json, FEED_STRING, keep(json, text, len), len);
	json_out_next(&json->nested);
	json_out_string(&json->nested, text, len);
	return 1;
}

static void
set_name(struct feed_json *json, const char *name, size_t len)
{
	struct feed_record *record = json->record;
	struct cached_name *cached = &json->cache[record->n];
	struct feed_value *value = &record->values[record->n++];
	const struct feed_name *known;

	if (cached->value.name_len == len && len > 0 && memcmp(cached->name, name, len) == 0)
	{
		*value = cached->value;
		return;
	}
	known = feed_name_find(name, len, false);
	*value = (struct feed_value) {.name_len = (uint32_t) len,.target = DRAFT_FIELD};
	if (known != NULL)
	{
		value->target = known->target;
		value->unit = known->unit;
		value->rank = known->rank;
	}
	if (len > sizeof(cached->name))
	{
		value->name = keep(json, name, len);
		return;
	}
	memcpy(cached->name, name, len);
	value->name = cached->name;
	cached->value = *value;
}

static int
on_key(void *arg, const unsigned char *bytes, size_t len)
{
	struct feed_json *json = arg;
	const char *name = (const char *) bytes;

	if (memchr(name, '\0', len) != NULL)
		return give_up(json, "has a zero character");
	if (json->depth > 1)
	{
		json_out_next(&json->nested);
		json_out_string(&json->nested, name, len);
		json_out_raw(&json->nested, ":", 1);
		return 1;
	}
	if (json->record->n == FEED_MAX_VALUES)
		return give_up(json, "has too many names");
	set_name(json, name, len);
	return 1;
}

static int
begin(struct feed_json *json, const char *bracket)
{
	if (json->depth == 0 && *bracket == '[')
		return give_up(json, "is no object");
	if (json->depth == 0 && json->nobjects > 0)
		return give_up(json, "has more than one object");
	if (json->depth == FEED_JSON_DEPTH)
		return give_up(json, "has too many objects in each other");
	if (json->depth == 1)
		json->nested_start = json->nested.len;
	if (json->depth > 1)
		json_out_next(&json->nested);
	if (json->depth > 0)
		json_out_raw(&json->nested, bracket, 1);
	json->depth++;
	return 1;
}

/* Of a nested value, text is where it starts until the line is complete. */
static int
end(struct feed_json *json, const char *bracket)
{
	json->depth--;
	if (json->depth == 0)
	{
		json->nobjects++;
		return 1;
	}
	json_out_raw(&json->nested, bracket, 1);
	if (json->depth == 1)
	{
		struct feed_value *value = current(json);

		value->kind = FEED_NESTED;
		value->text = NULL;
		value->len = (uint32_t) (json->nested.len - json->nested_start);
	}
	return 1;
}

static int
on_start_map(void *arg)
{
	return begin(arg, "{");
}

static int
on_end_map(void *arg)
{
	return end(arg, "}");
}

static int
on_start_array(void *arg)
{
	return begin(arg, "[");
}

static int
on_end_array(void *arg)
{
	return end(arg, "]");
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array
};

struct feed_json *
feed_json_open(void)
{
	return calloc(1, sizeof(struct feed_json));
}

void
feed_json_close(struct feed_json *json)
{
	if (json == NULL)
		return;
	if (json->parser != NULL)
		yajl_free(json->parser);
	free(json->nested.bytes);
	free(json->checked.scratch);
	free(json);
}

static bool
has_parser(struct feed_json *json)
{
	if (json->parser != NULL)
		return true;
	json->parser = yajl_alloc(&callbacks, NULL, json);
	return json->parser != NULL && yajl_config(json->parser, yajl_allow_multiple_values, 1);
}

/* The nested texts have come to rest: point to them. */
static void
place_nested(struct feed_json *json)
{
	size_t		start = 0;

	for (int i = 0; i < json->record->n; i++)
	{
		struct feed_value *value = &json->record->values[i];

		if (value->kind != FEED_NESTED)
			continue;
		value->text = json->nested.bytes + start;
		start += value->len;
	}
}

static const char *
parse(struct feed_json *json, const char *line, size_t len)
{
	const unsigned char *bytes = (const unsigned char *) line;

	json->depth = 0;
	json->nobjects = 0;
	json->reason = NULL;
	json_out_clear(&json->nested);
	/* the parser takes them for blanks, and nobody else does */
	if (memchr(line, '\f', len) != NULL || memchr(line, '\v', len) != NULL)
		return "is no JSON object";
	if (!has_parser(json))
		return "takes too much memory";
	if (yajl_parse(json->parser, bytes, len) == yajl_status_ok &&
		yajl_parse(json->parser, (const unsigned char *) "\n", 1) == yajl_status_ok &&
		json->depth == 0 && json->nobjects == 1 && !json->nested.has_failed)
		return NULL;
	yajl_free(json->parser);
	json->parser = NULL;
	if (json->nested.has_failed)
		return "takes too much memory";
	return json->reason != NULL ? json->reason : "is no JSON object";
}

const char *
feed_json_line(struct feed_json *json, const char *line, size_t len,
			   struct feed_record *record)
{
	const char *reason;

	if (!feed_record_begin(record, len))
		return "takes too much memory";
	json->record = record;
	reason = parse(json, line, len);
	if (reason == NULL)
		place_nested(json);
	return reason;
}

bool
feed_json_is_object(struct feed_json *json, const char *text, size_t len)
{
	return feed_json_line(json, text, len, &json->checked) == NULL;
}
