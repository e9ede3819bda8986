/*-------------------------------------------------------------------------
 *
 * PostgreSQL's types under QuestDB's names.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "web_type.h"

static const struct web_type types[] = {
	{16, "BOOLEAN", WEB_BOOLEAN},
	{17, "BINARY", WEB_STRING},
	{18, "CHAR", WEB_STRING},
	{20, "LONG", WEB_LONG},
	{21, "SHORT", WEB_NUMBER},
	{23, "INT", WEB_NUMBER},
	{26, "LONG", WEB_LONG},
	{700, "FLOAT", WEB_NUMBER},
	{701, "DOUBLE", WEB_NUMBER},
	{1082, "DATE", WEB_DATE},
	{1114, "TIMESTAMP", WEB_TIMESTAMP},
	{1184, "TIMESTAMP", WEB_TIMESTAMP},
	{1700, "DOUBLE", WEB_NUMBER},
	{2950, "UUID", WEB_STRING}
};

static const struct web_type string_type = {0, "STRING", WEB_STRING};

#define MAX_TIME	64			/* bytes of the ISO form */

const struct web_type *
web_type_of(unsigned oid)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		if (types[i].oid == oid)
			return &types[i];
	}
	return &string_type;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The ISO form in iso[MAX_TIME]; returns its length, or 0 if there is none. */
static size_t
iso_time(char *iso, const char *text, size_t len)
{
	const char *blank = memchr(text, ' ', len);
	size_t		date_len = blank == NULL ? len : (size_t) (blank - text);
	size_t		pos;
	size_t		end;
	int			ndigits = 0;

	if (len < 10 || len > MAX_TIME - 20 || !is_digit(text[0]) || text[len - 1] == 'C')
		return 0;
	memcpy(iso, text, date_len);
	if (blank == NULL)
	{
		memcpy(iso + date_len, "T00:00:00.000Z", 14);
		return date_len + 14;
	}
	iso[date_len] = 'T';
	if (len < date_len + 9)
		return 0;
	memcpy(iso + date_len + 1, blank + 1, 8);
	pos = date_len + 9;
	end = pos;
	iso[end++] = '.';
	if (pos < len && text[pos] == '.')
	{
		for (pos++; pos < len && is_digit(text[pos]) && ndigits < 6; ndigits++)
			iso[end++] = text[pos++];
	}
	for (; ndigits < 6; ndigits++)
		iso[end++] = '0';
	iso[end++] = 'Z';
	return end;
}

static bool
is_finite(const char *text, size_t len)
{
	return len > 0 && is_digit(text[len - 1]);
}

void
web_value_json(struct web_buffer *to, enum web_form form, const char *text,
			   size_t len)
{
	char		iso[MAX_TIME];
	size_t		iso_len = 0;

	if (text == NULL || ((form == WEB_NUMBER || form == WEB_LONG) && !is_finite(text, len)))
		web_buffer_text(to, "null");
	else if (form == WEB_BOOLEAN)
		web_buffer_text(to, text[0] == 't' ? "true" : "false");
	else if (form == WEB_NUMBER || form == WEB_LONG)
		web_buffer_put(to, text, len);
	else
	{
		if (form == WEB_TIMESTAMP || form == WEB_DATE)
			iso_len = iso_time(iso, text, len);
		if (iso_len > 0)
			web_buffer_json(to, iso, iso_len);
		else
			web_buffer_json(to, text, len);
	}
}

void
web_value_csv(struct web_buffer *to, enum web_form form, const char *text,
			  size_t len)
{
	char		iso[MAX_TIME];
	size_t		iso_len = 0;

	if (text == NULL || ((form == WEB_NUMBER || form == WEB_LONG) && !is_finite(text, len)))
		return;
	if (form == WEB_BOOLEAN)
		web_buffer_text(to, text[0] == 't' ? "true" : "false");
	else if (form == WEB_NUMBER || form == WEB_LONG)
		web_buffer_put(to, text, len);
	else
	{
		if (form == WEB_TIMESTAMP || form == WEB_DATE)
			iso_len = iso_time(iso, text, len);
		if (iso_len > 0)
			web_buffer_csv(to, iso, iso_len);
		else
			web_buffer_csv(to, text, len);
	}
}
