/*-------------------------------------------------------------------------
 *
 * Sets: a header of id and length, then templates or records.
 *
 *	  id, v9   IPFIX   content
 *	     0       2     templates: id, fields, then the fields
 *	     1       3     options templates; v9: id, bytes of scopes, bytes of
 *	                   options; IPFIX: id, fields, how many of them are scopes
 *	  256..   256..    records of the template of this id
 *
 * Some exporters pad between sets, or up to the end of the datagram, with zero
 * bytes; these are passed over.
 *
 * Sources: RFC 3954, section 5; RFC 7011, sections 3.3, 3.4, 8.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "decode_options.h"
#include "decode_sets.h"
#include "log.h"

#define SET_HEADER_LEN	4
#define SPECIFIER_LEN	4		/* of a field, in v9 */
#define IPFIX_VERSION	10

static struct counters *
counters_of(const struct set_reader *reader)
{
	return reader->context.decoder->counters;
}

static bool
is_ipfix(const struct set_reader *reader)
{
	return reader->context.message->source.version == IPFIX_VERSION;
}

static struct template_key
key_of(const struct set_reader *reader, uint16_t id)
{
	struct template_key key = {
		.domain = reader->context.message->source,.id = id
	};

	return key;
}

bool
sets_begin(struct set_reader *reader, struct export_message *message,
		   struct export_decoder *decoder)
{
	int64_t		skew_us = message->export_us - message->received_us;
	struct export_domain *domain = export_domain_get(decoder->memory,
													 &message->source);

	if (domain == NULL)
		return false;
	if (skew_us > decoder->max_skew_us || skew_us < -decoder->max_skew_us)
	{
		decoder->counters->implausible_times++;
		message->export_us = message->received_us;
	}
	*reader = (struct set_reader) {
		.context = {
			decoder, message, domain,
			export_domain_parent(decoder->memory, domain)
		}
	};
	parking_expire(decoder->memory->parking, message->received_us);
	return true;
}

/* Returns how many records there were. */
static uint32_t
decode_records(const struct record_context *context, const struct template *t,
			   struct wire *w)
{
	struct record *record = context->decoder->memory->record;
	uint32_t	n = 0;

	record->wants_others = t->is_options || context->decoder->want_fields;
	while (wire_left(w) >= t->min_len && record_read(record, t, w))
	{
		if (t->is_options)
		{
			context->decoder->counters->options_records++;
			options_learn(context, record);
		}
		else
			flow_of_record(context, record);
		n++;
	}
	return n;
}

static void
log_missing(struct set_reader *reader, uint16_t id)
{
	struct export_decoder *decoder = reader->context.decoder;
	const struct export_message *message = reader->context.message;
	const struct flow_addr *addr = &message->source.addr;
	char		text[INET6_ADDRSTRLEN];

	if (!log_allowed(&reader->context.domain->sequence.log_limit,
					 message->received_us) ||
		!log_within_budget(&decoder->log_budget, message->received_us))
		return;
	inet_ntop(addr->family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6, addr->bytes,
			  text, sizeof(text));
	log_warnx("data of exporter %s, port %u, domain %u waits for template %u",
			  text, message->source.port, message->source.domain, id);
}

static void
decode_data(struct set_reader *reader, uint16_t id, struct wire *w)
{
	struct export_memory *memory = reader->context.decoder->memory;
	struct template_key key = key_of(reader, id);
	const struct template *t = lru_find(memory->templates, &key);

	if (t != NULL)
	{
		reader->nrecords += decode_records(&reader->context, t, w);
		return;
	}
	reader->has_unknown = true;
	counters_of(reader)->sets_without_template++;
	parking_put(memory->parking, reader->context.message, &key, w->pos,
				wire_left(w));
	log_missing(reader, id);
}

/* Decode what waited for the template. */
static void
unpark(const struct set_reader *reader, const struct template_key *key)
{
	struct export_memory *memory = reader->context.decoder->memory;
	const struct template *t = lru_find(memory->templates, key);
	struct record_context context = reader->context;
	struct parked_list taken;
	struct parked_set *set;

	parking_take(memory->parking, key, &taken);
	while ((set = TAILQ_FIRST(&taken)) != NULL)
	{
		struct wire w = wire_open(set->bytes, set->len);

		TAILQ_REMOVE(&taken, set, order);
		context.message = &set->message;
		decode_records(&context, t, &w);
		free(set);
	}
}

static void
keep_template(struct set_reader *reader)
{
	struct export_memory *memory = reader->context.decoder->memory;
	struct counters *counters = counters_of(reader);

	switch (template_put(memory->templates, counters, &memory->draft))
	{
		case TEMPLATE_NEW:
			counters->templates++;
			unpark(reader, &memory->draft.key);
			break;
		case TEMPLATE_SAME:
			counters->templates++;
			break;
		case TEMPLATE_REFUSED:
			counters->templates_malformed++;
			break;
	}
}

/* RFC 7011, 8.1: no fields; with the id of a template set, all of that kind. */
static void
withdraw(struct set_reader *reader, uint16_t id, bool is_options)
{
	struct lru *templates = reader->context.decoder->memory->templates;
	struct template_key key = key_of(reader, id);
	struct template *t;

	counters_of(reader)->template_withdrawals++;
	if (!reader->is_stream)
		return;
	if (id >= TEMPLATE_FIRST_ID)
	{
		t = lru_find(templates, &key);
		if (t != NULL)
			lru_remove(templates, t);
		return;
	}
	if (reader->has_withdrawn_all)
		return;
	reader->has_withdrawn_all = true;
	t = lru_oldest(templates);
	while (t != NULL)
	{
		struct template *next = lru_newer(t);

		if (t->is_options == is_options &&
			memcmp(&t->key.domain, &key.domain, sizeof(key.domain)) == 0)
			lru_remove(templates, t);
		t = next;
	}
}

struct template_header
{
	uint16_t	id;
	uint16_t	nfields;
	uint16_t	nscope;
	bool		is_withdrawal;
	bool		is_sound;
};

static struct template_header
read_template_header(const struct set_reader *reader, struct wire *w,
					 bool is_options)
{
	struct template_header h = {.is_sound = true};
	uint16_t	first;
	uint16_t	second;

	h.id = wire_u16(w);
	first = wire_u16(w);
	h.nfields = first;
	if (is_ipfix(reader) && first == 0)
	{
		h.is_withdrawal = true;
		return h;
	}
	if (is_options)
	{
		second = wire_u16(w);
		h.nscope = is_ipfix(reader) ? second : first / SPECIFIER_LEN;
		if (!is_ipfix(reader))
		{
			h.nfields = (uint16_t) (first / SPECIFIER_LEN +
									second / SPECIFIER_LEN);
			h.is_sound = first % SPECIFIER_LEN == 0 &&
				second % SPECIFIER_LEN == 0;
		}
	}
	h.is_sound = h.is_sound && h.nscope <= h.nfields &&
		h.id >= TEMPLATE_FIRST_ID && !w->has_failed;
	return h;
}

static bool
is_padding(const struct wire *w)
{
	for (const uint8_t *p = w->pos; p < w->end; p++)
	{
		if (*p != 0)
			return false;
	}
	return true;
}

static void
decode_templates(struct set_reader *reader, struct wire *w, bool is_options)
{
	struct template_draft *draft = &reader->context.decoder->memory->draft;

	while (wire_left(w) >= SPECIFIER_LEN && !is_padding(w))
	{
		struct template_header h = read_template_header(reader, w, is_options);
		struct template_key key = key_of(reader, h.id);
		bool		is_good;

		if (h.is_withdrawal)
		{
			withdraw(reader, h.id, is_options);
			continue;
		}
		template_begin(draft, &key, is_options);
		is_good = template_read(draft, w, h.nfields, h.nscope) && h.is_sound;
		if (is_good)
			keep_template(reader);
		else
			counters_of(reader)->templates_malformed++;
		if (w->has_failed)
			return;
	}
}

static void
decode_set(struct set_reader *reader, uint16_t id, struct wire *w)
{
	uint16_t	templates = is_ipfix(reader) ? 2 : 0;

	if (id >= TEMPLATE_FIRST_ID)
		decode_data(reader, id, w);
	else if (id == templates || id == templates + 1)
		decode_templates(reader, w, id != templates);
	else
		counters_of(reader)->sets_reserved++;
}

void
sets_decode(struct set_reader *reader, struct wire *w)
{
	while (wire_left(w) >= SET_HEADER_LEN)
	{
		uint16_t	id = wire_u16(w);
		uint16_t	len = wire_u16(w);
		struct wire body = *w;

		if (id == 0 && len == 0)
			continue;			/* padding */
		if (len < SET_HEADER_LEN)
		{
			counters_of(reader)->sets_malformed++;
			reader->has_unknown = true;
			return;
		}
		len -= SET_HEADER_LEN;
		if (len > wire_left(w))
		{
			counters_of(reader)->sets_truncated++;
			reader->has_unknown = true;
			len = (uint16_t) wire_left(w);
		}
		wire_limit(&body, len);
		wire_skip(w, len);
		decode_set(reader, id, &body);
	}
}
