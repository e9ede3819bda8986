/*-------------------------------------------------------------------------
 *
 * Feeds: flows as lines of text.
 *
 * A line is taken apart by its format, then its values are put into a draft
 * one by one.  Where two names mean the same column, the one of higher rank
 * counts, and the other is a field; of equal ranks, both have to say the same,
 * save that an address of zeros gives way.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed.h"
#include "feed_csv.h"
#include "feed_json.h"
#include "feed_zeek.h"
#include "json_out.h"

#define SHOWN_LEN		40		/* of a value in a reason */
#define BOM				"\xef\xbb\xbf"
#define MAX_NESTED_TEXT	(1024 * 1024)

const char *const feed_format_names[] = {
	"auto", "zeek", "json", "csv", "nfdump", "text", NULL
};

struct feed
{
	struct feed_options options;
	enum feed_format format;	/* FEED_AUTO until it is known */
	bool		is_begun;
	struct feed_csv csv;
	struct feed_zeek zeek;
	struct feed_json *json;
	struct feed_record record;
	struct json_out fields;
	struct draft draft;
	uint64_t	has_value[(DRAFT_TARGET_COUNT + 63) / 64];
	int16_t		holder[DRAFT_TARGET_COUNT];	/* index of the value in record */
	char		reason[256];
};

static void
set_format(struct feed *feed, enum feed_format format)
{
	feed->format = format;
	feed->csv.dialect = format == FEED_NFDUMP ? CSV_NFDUMP :
		format == FEED_TEXT ? CSV_TEXT : CSV_QUOTED;
}

struct feed *
feed_open(const struct feed_options *options)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return NULL;
	feed->options = *options;
	feed->json = feed_json_open();
	if (feed->json == NULL)
	{
		free(feed);
		return NULL;
	}
	feed_zeek_open(&feed->zeek);
	set_format(feed, options->format);
	return feed;
}

void
feed_close(struct feed *feed)
{
	if (feed == NULL)
		return;
	feed_csv_close(&feed->csv);
	feed_zeek_close(&feed->zeek);
	feed_json_close(feed->json);
	free(feed->record.scratch);
	free(feed->fields.bytes);
	free(feed);
}

const char *
feed_reason(const struct feed *feed)
{
	return feed->reason;
}

/* Copy what can be printed to dst[>= len + 1]. */
static const char *
printable(char *dst, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	dst[len] = '\0';
	return dst;
}

static enum feed_result
malformed(struct feed *feed, const char *reason)
{
	snprintf(feed->reason, sizeof(feed->reason), "%s", reason);
	feed->options.counters->feed_malformed++;
	return FEED_BAD;
}

static enum feed_result
bad_value(struct feed *feed, const struct feed_value *value, const char *why)
{
	char		name[SHOWN_LEN + 1];
	char		text[SHOWN_LEN + 1];
	uint32_t	shown = value->len < SHOWN_LEN ? value->len : SHOWN_LEN;

	snprintf(feed->reason, sizeof(feed->reason), "has \"%s%s\" as \"%s\", which %s",
			 printable(text, value->text, shown), shown < value->len ? "..." : "",
			 printable(name, value->name,
					   value->name_len < SHOWN_LEN ? value->name_len : SHOWN_LEN), why);
	feed->options.counters->feed_bad_values++;
	return FEED_BAD;
}

static bool
is_own_text(const char *line, size_t len)
{
	const char *tab = memchr(line, '\t', len);
	char		name[32];
	size_t		n = tab == NULL ? len : (size_t) (tab - line);

	if (n >= sizeof(name))
		return false;
	memcpy(name, line, n);
	name[n] = '\0';
	return column_find(name) != COLUMN_COUNT;
}

/* Only CSV that has tabs and nothing but our names is taken for our text. */
static bool
is_text_header(const char *line, size_t len)
{
	const char *end = line + len;

	if (memchr(line, '\t', len) == NULL)
		return false;
	for (const char *p = line; p <= end;)
	{
		const char *tab = memchr(p, '\t', (size_t) (end - p));
		const char *stop = tab == NULL ? end : tab;

		if (!is_own_text(p, (size_t) (stop - p)))
			return false;
		p = stop + 1;
	}
	return true;
}

static bool
begins_with(const char *line, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* Find the format by this line, or leave it open. */
static void
detect(struct feed *feed, const char *line, size_t len)
{
	while (len > 0 && (*line == ' ' || *line == '\t'))
	{
		line++;
		len--;
	}
	if (begins_with(line, len, "#separator") || begins_with(line, len, "#fields"))
		set_format(feed, FEED_ZEEK);
	else if (len == 0 || (*line == '#' && memchr(line, ',', len) == NULL))
		return;
	else if (*line == '{' || *line == '[')
		set_format(feed, FEED_JSON);
	else if (begins_with(line, len, "ts,te,td,"))
		set_format(feed, FEED_NFDUMP);
	else if (is_text_header(line, len))
		set_format(feed, FEED_TEXT);
	else
		set_format(feed, FEED_CSV);
}

static bool
is_zeros(const struct feed_value *value)
{
	struct flow_addr addr;
	static const uint8_t zeros[16];

	return scan_addr(value->text, value->len, &addr) &&
		memcmp(addr.bytes, zeros, sizeof(zeros)) == 0;
}

static bool
is_addr(int target)
{
	return target < COLUMN_COUNT && column_list[target].kind == COLUMN_IS_ADDR;
}

enum choice
{
	CHOOSE_NEW,
	CHOOSE_OLD,
	CHOOSE_NONE
};

static enum choice
choose(const struct feed_value *old, const struct feed_value *new)
{
	if (old->rank != new->rank)
		return new->rank > old->rank ? CHOOSE_NEW : CHOOSE_OLD;
	if (old->len == new->len && memcmp(old->text, new->text, old->len) == 0)
		return CHOOSE_OLD;
	if (is_addr(new->target) && is_zeros(new))
		return CHOOSE_OLD;
	if (is_addr(new->target) && is_zeros(old))
		return CHOOSE_NEW;
	return CHOOSE_NONE;
}

static bool
is_fitting_kind(struct feed *feed, const struct feed_value *value)
{
	enum column_kind kind = value->target < COLUMN_COUNT ?
		column_list[value->target].kind : COLUMN_IS_INT;

	if (kind == COLUMN_IS_JSON)
		return value->kind == FEED_NESTED ? *value->text == '{' :
			value->kind == FEED_STRING && value->len <= MAX_NESTED_TEXT &&
			scan_is_text(value->text, value->len) &&
			feed->format != FEED_JSON &&
			feed_json_is_object(feed->json, value->text, value->len);
	return value->kind != FEED_NESTED || kind == COLUMN_IS_INTS;
}

/* Another name has said it; a protocol's name tells nothing beside its number. */
static void
give_way(struct feed_value *value)
{
	value->target = value->target == COLUMN_PROTO ? DRAFT_NOTHING : DRAFT_FIELD;
}

/* Put a value into the draft; false: it does not fit, or contradicts another. */
static bool
put_value(struct feed *feed, int index, const char **why)
{
	struct feed_value *value = &feed->record.values[index];
	uint64_t   *word = &feed->has_value[value->target / 64];
	uint64_t	bit = UINT64_C(1) << (value->target % 64);

	if ((*word & bit) != 0 && value->target != DRAFT_MPLS)
	{
		struct feed_value *old = &feed->record.values[feed->holder[value->target]];
		enum choice choice = choose(old, value);

		if (choice == CHOOSE_NONE)
		{
			*why = "contradicts another name of the same";
			return false;
		}
		if (choice == CHOOSE_OLD)
		{
			give_way(value);
			return true;
		}
		give_way(old);
	}
	*word |= bit;
	feed->holder[value->target] = (int16_t) index;
	*why = "does not fit";
	return is_fitting_kind(feed, value) &&
		draft_set(&feed->draft, value->target, value->unit, value->text, value->len);
}

static bool
is_field(const struct feed_value *value)
{
	return value->kind != FEED_NULL &&
		(value->target == DRAFT_FIELD || value->target == DRAFT_ZEEK_STATE ||
		 value->target == DRAFT_ZEEK_HISTORY);
}

static void
trim_blanks(const char **text, size_t *len)
{
	for (; *len > 0 && strchr(" \t\r\n", **text) != NULL; (*text)++)
		(*len)--;
	while (*len > 0 && strchr(" \t\r\n", (*text)[*len - 1]) != NULL)
		(*len)--;
}

/* The line's own fields, if it has any, without their braces. */
static void
copy_fields(struct json_out *out, const struct flow_extra *extra)
{
	const char *text = extra->values[FLOW_FIELDS].text.bytes;
	size_t		len = extra->values[FLOW_FIELDS].text.len;

	trim_blanks(&text, &len);
	text++;
	len -= 2;
	trim_blanks(&text, &len);
	json_out_raw(out, text, len);
}

/* Returns the value that is at fault, or NULL. */
static const struct feed_value *
add_fields(struct feed *feed)
{
	struct json_out *out = &feed->fields;
	struct flow_extra *extra = &feed->draft.extra;

	json_out_clear(out);
	json_out_raw(out, "{", 1);
	if (flow_extra_has(extra, FLOW_FIELDS))
		copy_fields(out, extra);
	for (int i = 0; i < feed->record.n; i++)
	{
		const struct feed_value *value = &feed->record.values[i];

		if (!is_field(value))
			continue;
		if (!scan_is_text(value->name, value->name_len) ||
			!scan_is_text(value->text, value->len))
			return value;
		json_out_next(out);
		json_out_string(out, value->name, value->name_len);
		json_out_raw(out, ":", 1);
		if (value->kind == FEED_STRING)
			json_out_string(out, value->text, value->len);
		else
			json_out_raw(out, value->text, value->len);
		if (out->has_failed)
			return value;
	}
	json_out_raw(out, "}", 1);
	if (out->len > 2)
		flow_extra_put_text(extra, FLOW_FIELDS, out->bytes, (uint32_t) out->len);
	return NULL;
}

static enum feed_result
finish(struct feed *feed)
{
	bool		is_incomplete = false;
	const char *reason = draft_finish(&feed->draft, &is_incomplete);
	struct flow *flow = &feed->draft.flow;

	if (reason != NULL)
	{
		snprintf(feed->reason, sizeof(feed->reason), "%s", reason);
		if (is_incomplete)
			feed->options.counters->feed_incomplete++;
		else
			feed->options.counters->feed_bad_values++;
		return FEED_BAD;
	}
	if (feed->options.wants_fields)
	{
		const struct feed_value *culprit = add_fields(feed);

		if (culprit != NULL)
			return bad_value(feed, culprit, "is no text");
	}
	if (flow->sensor == NULL)
		flow->sensor = feed->options.sensor;
	feed->options.counters->feed_records++;
	feed->options.out.put(feed->options.out.arg, flow);
	return FEED_FLOW;
}

static enum feed_result
put_record(struct feed *feed)
{
	draft_begin(&feed->draft);
	memset(feed->has_value, 0, sizeof(feed->has_value));
	feed->draft.is_zeek = feed->format == FEED_ZEEK;
	for (int i = 0; i < feed->record.n; i++)
	{
		struct feed_value *value = &feed->record.values[i];
		const char *why;

		if (value->kind == FEED_NULL || value->target >= DRAFT_NOTHING)
			continue;
		if (value->target == DRAFT_ZEEK_STATE)
			feed->draft.is_zeek = true;
		if (!put_value(feed, i, &why))
			return bad_value(feed, value, why);
	}
	return finish(feed);
}

static enum feed_result
line_by_format(struct feed *feed, const char *line, size_t len)
{
	const char *reason = NULL;

	switch (feed->format)
	{
		case FEED_AUTO:
			feed->options.counters->feed_other_lines++;
			return FEED_OTHER;	/* a comment */
		case FEED_ZEEK:
			if (len == 0 || *line == '#')
			{
				reason = len == 0 ? NULL : feed_zeek_header(&feed->zeek, line, len);
				if (reason != NULL)
					return malformed(feed, reason);
				feed->options.counters->feed_other_lines++;
				return FEED_OTHER;
			}
			reason = feed_zeek_line(&feed->zeek, line, len, &feed->record);
			break;
		case FEED_JSON:
			reason = feed_json_line(feed->json, line, len, &feed->record);
			break;
		case FEED_CSV:
		case FEED_NFDUMP:
		case FEED_TEXT:
			if (feed_csv_line(&feed->csv, line, len, &feed->record, &reason) == CSV_OTHER)
			{
				feed->options.counters->feed_other_lines++;
				return FEED_OTHER;
			}
			break;
	}
	return reason != NULL ? malformed(feed, reason) : put_record(feed);
}

/* What is done to every line before its format sees it; may leave nothing. */
static size_t
trim(struct feed *feed, const char **line, size_t len)
{
	if (!feed->is_begun && begins_with(*line, len, BOM))
	{
		*line += strlen(BOM);
		len -= strlen(BOM);
	}
	feed->is_begun = true;
	if (len > 0 && (*line)[len - 1] == '\r')
		len--;
	if (feed->format == FEED_AUTO)
		detect(feed, *line, len);
	return len;
}

enum feed_result
feed_line(struct feed *feed, const char *bytes, size_t len)
{
	feed->options.counters->feed_lines++;
	len = trim(feed, &bytes, len);
	if (len == 0)
	{
		feed->options.counters->feed_other_lines++;
		return FEED_OTHER;
	}
	return line_by_format(feed, bytes, len);
}

bool
feed_is_row(struct feed *feed, const char *bytes, size_t len)
{
	len = trim(feed, &bytes, len);
	if (len == 0 || feed->format == FEED_AUTO)
		return false;
	if (feed->format == FEED_JSON)
		return true;
	if (feed->format == FEED_ZEEK)
	{
		if (*bytes == '#')
			(void) feed_zeek_header(&feed->zeek, bytes, len);
		return *bytes != '#';
	}
	return feed_csv_skip(&feed->csv, bytes, len);
}

void
feed_skip(struct feed *feed, const char *bytes, size_t len)
{
	(void) feed_is_row(feed, bytes, len);
}
