/*-------------------------------------------------------------------------
 *
 * Options records to facts.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <endian.h>

#include "decode_options.h"
#include "sampling.h"

#define INTERFACE_DESCRIPTION	83
#define APP_DESCRIPTION			94
#define ELEMENT_NAME			341
#define ELEMENT_BITS			0x7fff	/* the rest says "enterprise" */

/* The text of an element of IANA's without a column; len 0: absent. */
static struct flow_bytes
other_text(const struct record *record, uint16_t id)
{
	struct flow_bytes text = {NULL, 0};

	for (uint32_t i = 0; i < record->nothers; i++)
	{
		const struct record_other *other = &record->others[i];

		if (other->field->pen != 0 || other->field->id != id)
			continue;
		text.bytes = other->bytes;
		text.len = other->len;
		while (text.len > 0 && other->bytes[text.len - 1] == 0)
			text.len--;
	}
	return text;
}

/* The text of a column, else that of the element. */
static struct flow_bytes
text_of(const struct record *record, enum flow_extra_id column, uint16_t id)
{
	if (flow_extra_has(&record->extra, column))
		return record->extra.values[column].text;
	return other_text(record, id);
}

static void
learn_name(const struct record_context *context, enum fact_kind kind,
		   const void *id, size_t len, const struct flow_bytes *text)
{
	struct fact_key key = fact_key_of(context->domain, kind, id, len);

	if (text->len > 0)
		fact_put(context->decoder->memory, context->domain, &key, 0, text);
}

void
options_learn(const struct record_context *context, const struct record *record)
{
	uint64_t	init_us = record_slot(record, SLOT_INIT_US);
	uint64_t	interface = htobe64(record_slot(record, SLOT_IN_IF));
	uint32_t	element[2] = {
		htonl((uint32_t) record_slot(record, SLOT_PEN)),
		htonl((uint32_t) record_slot(record, SLOT_ELEMENT) & ELEMENT_BITS)
	};
	struct flow_bytes text;

	sampling_learn(context->decoder->memory, context->domain, record);
	if (init_us > 0 && init_us != FIELD_TIME_NONE)
		context->domain->init_us = (int64_t) init_us;
	if (record_has(record, SLOT_IN_IF))
	{
		text = text_of(record, FLOW_IN_IF_NAME, INTERFACE_DESCRIPTION);
		learn_name(context, FACT_IF_NAME, &interface, sizeof(interface), &text);
	}
	if (record->app_id != NULL)
	{
		text = text_of(record, FLOW_APP, APP_DESCRIPTION);
		learn_name(context, FACT_APP_NAME, record->app_id, record->app_id_len,
				   &text);
	}
	if (record_has(record, SLOT_PEN) && record_has(record, SLOT_ELEMENT))
	{
		text = other_text(record, ELEMENT_NAME);
		learn_name(context, FACT_ELEMENT_NAME, element, sizeof(element), &text);
	}
}
