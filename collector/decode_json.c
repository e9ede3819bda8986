/*-------------------------------------------------------------------------
 *
 * JSON of the fields without a column.
 *
 * An element of unknown type is a number if a template gives it 1, 2, 4 or 8
 * bytes, text if all its bytes are printable ASCII, else hex.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "decode_json.h"
#include "element.h"
#include "text.h"

/* A growing text; what does not fit sets has_failed. */
struct json
{
	char	   *text;
	size_t		len;
	size_t		room;
	bool		has_failed;
};

static void
put_byte(struct json *json, char c)
{
	if (json->len == json->room)
		json->has_failed = true;
	else
		json->text[json->len++] = c;
}

static void put_format(struct json *json, const char *fmt,...)
			__attribute__((format(printf, 2, 3)));

static void
put_format(struct json *json, const char *fmt,...)
{
	char		text[128];
	va_list		args;
	int			n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (int i = 0; i < n && i < (int) sizeof(text) - 1; i++)
		put_byte(json, text[i]);
}

/* Text without control characters. */
static void
put_string(struct json *json, const char *text, size_t len)
{
	put_byte(json, '"');
	for (size_t i = 0; i < len; i++)
	{
		if (text[i] == '"' || text[i] == '\\')
			put_byte(json, '\\');
		put_byte(json, text[i]);
	}
	put_byte(json, '"');
}

static void
put_text(struct json *json, const uint8_t *bytes, uint32_t len)
{
	char		text[JSON_MAX_VALUE];

	while (len > 0 && bytes[len - 1] == 0)
		len--;
	put_string(json, text, text_clean(bytes, len, text, sizeof(text)));
}

static void
put_hex(struct json *json, const uint8_t *bytes, uint32_t len)
{
	static const char digits[] = "0123456789abcdef";

	put_byte(json, '"');
	for (uint32_t i = 0; i < len && i < JSON_MAX_VALUE / 2; i++)
	{
		put_byte(json, digits[bytes[i] >> 4]);
		put_byte(json, digits[bytes[i] & 15]);
	}
	put_byte(json, '"');
}

static void
put_addr(struct json *json, int family, const uint8_t *bytes)
{
	char		text[INET6_ADDRSTRLEN];

	inet_ntop(family, bytes, text, sizeof(text));
	put_format(json, "\"%s\"", text);
}

static void
put_float(struct json *json, const uint8_t *bytes, uint32_t len)
{
	double		d = record_float(bytes, len);

	if (isfinite(d))
		put_format(json, "%.*g", len == 4 ? 9 : 17, d);
	else
		put_format(json, "null");
}

static void
put_signed(struct json *json, const uint8_t *bytes, uint32_t len)
{
	unsigned	unused = 64 - 8 * len;
	uint64_t	n = record_number(bytes, len) << unused;

	put_format(json, "%" PRId64, (int64_t) n >> unused);
}

static bool
is_printable(const uint8_t *bytes, uint32_t len)
{
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	for (uint32_t i = 0; i < len; i++)
	{
		if (bytes[i] < 0x20 || bytes[i] > 0x7e)
			return false;
	}
	return true;
}

static enum element_type
guess_type(const struct record_other *other)
{
	uint16_t	len = other->field->len;

	if (len == 1 || len == 2 || len == 4 || len == 8)
		return ELEMENT_NUMBER;
	if (len != FIELD_VARIABLE && other->bytes[0] == 0)
		return ELEMENT_OCTETS;
	return is_printable(other->bytes, other->len) ?
		ELEMENT_TEXT : ELEMENT_OCTETS;
}

/* The type, where the length goes with it; else just octets. */
static enum element_type
type_of(const struct record_other *other, const struct element *element)
{
	enum element_type type = element != NULL ? element->type :
		guess_type(other);
	uint32_t	len = other->len;
	bool		fits = true;

	if (type == ELEMENT_NUMBER || type == ELEMENT_SIGNED)
		fits = len >= 1 && len <= 8;
	else if (type == ELEMENT_FLOAT)
		fits = len == 4 || len == 8;
	else if (type == ELEMENT_IP4)
		fits = len == 4;
	else if (type == ELEMENT_IP6)
		fits = len == 16;
	return fits ? type : ELEMENT_OCTETS;
}

static void
put_value(struct json *json, const struct record_other *other,
		  const struct element *element)
{
	const uint8_t *bytes = other->bytes;

	switch (type_of(other, element))
	{
		case ELEMENT_NUMBER:
			put_format(json, "%" PRIu64, record_number(bytes, other->len));
			break;
		case ELEMENT_SIGNED:
			put_signed(json, bytes, other->len);
			break;
		case ELEMENT_FLOAT:
			put_float(json, bytes, other->len);
			break;
		case ELEMENT_IP4:
			put_addr(json, AF_INET, bytes);
			break;
		case ELEMENT_IP6:
			put_addr(json, AF_INET6, bytes);
			break;
		case ELEMENT_TEXT:
			put_text(json, bytes, other->len);
			break;
		case ELEMENT_MAC:
			if (other->len == 6)
			{
				put_format(json, "\"%02x:%02x:%02x:%02x:%02x:%02x\"", bytes[0],
						   bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
				break;
			}
			put_hex(json, bytes, other->len);
			break;
		case ELEMENT_UNKNOWN:
		case ELEMENT_OCTETS:
			put_hex(json, bytes, other->len);
			break;
	}
}

static const struct fact *
told_name(struct export_memory *memory, const struct export_domain *domain,
		  const struct export_domain *parent, const struct template_field *field)
{
	uint32_t	id[2] = {htonl(field->pen), htonl(field->id)};

	return fact_find(memory, domain, parent, FACT_ELEMENT_NAME, id, sizeof(id));
}

size_t
json_of_record(struct record *record, struct export_memory *memory,
			   const struct export_domain *domain,
			   const struct export_domain *parent)
{
	struct json json = {.text = record->json,.room = RECORD_JSON_ROOM - 1};

	for (uint32_t i = 0; i < record->nothers; i++)
	{
		const struct record_other *other = &record->others[i];
		const struct template_field *field = other->field;
		const struct element *element = NULL;
		const struct fact *told = NULL;
		size_t		before = json.len;

		if (field->pen == 0 || field->pen == ELEMENT_PEN_REVERSE)
			element = element_find(field->id);
		else
			told = told_name(memory, domain, parent, field);
		put_byte(&json, i == 0 ? '{' : ',');
		if (told != NULL)
			put_string(&json, told->text, told->len);
		else if (element == NULL)
			put_format(&json, "\"e%" PRIu32 ".%u\"", field->pen, field->id);
		else if (field->pen == 0)
			put_format(&json, "\"%s\"", element->name);
		else
			put_format(&json, "\"reverse%c%s\"", element->name[0] & ~0x20,
					   element->name + 1);
		put_byte(&json, ':');
		put_value(&json, other, element);
		if (json.has_failed)
		{
			json.len = before;
			memory->counters->fields_truncated++;
			break;
		}
	}
	if (json.len > 0)
		record->json[json.len++] = '}';
	return json.len;
}
