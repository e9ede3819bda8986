/*-------------------------------------------------------------------------
 *
 * State of exporters as bytes, all integers big-endian.
 *
 *	  header, 24 bytes
 *	   0  8  "flowexps"
 *	   8  4  version, 1
 *	  12  4  zero
 *	  16  8  SipHash-1-3 of the body with a key of zeros
 *
 * The body is a series of items, each with a tag of one byte, ended by a tag of
 * zero and zeros up to a multiple of 8 bytes.  The hash finds damage; it is no
 * protection against forgery, so each value is checked as if off the wire.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "export_state.h"
#include "wire.h"

#define MAGIC			"flowexps"
#define VERSION			1
#define HEADER_LEN		24
#define MAX_TIME_US		INT64_C(253402300799999999) /* end of year 9999 */

enum tag
{
	TAG_END,
	TAG_DOMAIN,
	TAG_TEMPLATE,
	TAG_FACT,
	TAG_PARKED,
	TAG_EXPORTER
};

static void
put_bytes(struct state_buffer *to, const void *bytes, size_t len)
{
	while (to->room - to->len < len && !to->has_failed)
	{
		size_t		room = to->room < 4096 ? 4096 : to->room * 2;
		uint8_t    *grown = realloc(to->bytes, room);

		if (grown == NULL)
			to->has_failed = true;
		else
		{
			to->bytes = grown;
			to->room = room;
		}
	}
	if (to->has_failed || len == 0)
		return;
	memcpy(to->bytes + to->len, bytes, len);
	to->len += len;
}

static void
put_number(struct state_buffer *to, uint64_t n, int nbytes)
{
	uint8_t		bytes[8];

	for (int i = 0; i < nbytes; i++)
		bytes[i] = (uint8_t) (n >> (8 * (nbytes - 1 - i)));
	put_bytes(to, bytes, (size_t) nbytes);
}

static void
put_key(struct state_buffer *to, const struct exporter_key *key)
{
	put_number(to, key->addr.family, 1);
	put_bytes(to, key->addr.bytes, sizeof(key->addr.bytes));
	put_number(to, key->version, 1);
	put_number(to, key->port, 2);
	put_number(to, key->domain, 4);
}

static void
put_sequence(struct state_buffer *to, const struct exporter *exporter)
{
	put_number(to, exporter->next_sequence, 4);
	put_number(to, exporter->uptime_ms, 4);
	put_number(to, exporter->has_sequence, 1);
	put_number(to, exporter->nback, 1);
}

static void
put_domain(struct state_buffer *to, const struct export_domain *domain)
{
	put_number(to, TAG_DOMAIN, 1);
	put_key(to, &domain->key);
	put_sequence(to, &domain->sequence);
	put_number(to, (uint64_t) domain->init_us, 8);
	put_number(to, domain->selector, 8);
	put_number(to, domain->selector_sampling, 4);
	put_number(to, domain->sampling, 4);
	put_number(to, domain->kinds, 4);
	put_number(to, domain->last_sequence, 4);
	put_number(to, domain->last_records, 4);
	put_number(to, domain->nselectors, 1);
	put_number(to, (uint8_t) domain->unit_votes, 1);
}

static void
put_template(struct state_buffer *to, const struct template *t)
{
	put_number(to, TAG_TEMPLATE, 1);
	put_key(to, &t->key.domain);
	put_number(to, t->key.id, 2);
	put_number(to, t->is_options, 1);
	put_number(to, t->nfields, 2);
	put_number(to, t->nscope, 2);
	for (unsigned i = 0; i < t->nfields; i++)
	{
		put_number(to, t->fields[i].pen, 4);
		put_number(to, t->fields[i].id, 2);
		put_number(to, t->fields[i].len, 2);
	}
}

static void
put_fact(struct state_buffer *to, const struct fact *fact)
{
	put_number(to, TAG_FACT, 1);
	put_key(to, &fact->key.domain);
	put_number(to, fact->key.kind, 1);
	put_number(to, fact->key.len, 1);
	put_bytes(to, fact->key.id, fact->key.len);
	put_number(to, fact->number, 4);
	put_number(to, fact->len, 2);
	put_bytes(to, fact->text, fact->len);
}

static void
put_parked(struct state_buffer *to, const struct parked_set *set)
{
	put_number(to, TAG_PARKED, 1);
	put_key(to, &set->key.domain);
	put_number(to, set->key.id, 2);
	put_number(to, (uint64_t) set->message.received_us, 8);
	put_number(to, (uint64_t) set->message.export_us, 8);
	put_number(to, set->message.uptime_ms, 4);
	put_number(to, set->message.has_uptime, 1);
	put_number(to, set->len, 2);
	put_bytes(to, set->bytes, set->len);
}

static void
put_exporter(struct state_buffer *to, const struct exporter *exporter)
{
	if (exporter->seen_us == 0)
		return;
	put_number(to, TAG_EXPORTER, 1);
	put_key(to, &exporter->key);
	put_number(to, (uint64_t) exporter->seen_us, 8);
	put_sequence(to, exporter);
}

static uint64_t
hash_body(const uint8_t *bytes, size_t len)
{
	struct hash_key zero = {{0, 0}};

	return hash_words(&zero, bytes, len);
}

bool
export_state_save(const struct export_memory *memory,
				  const struct exporter_table *exporters,
				  struct state_buffer *to)
{
	const struct parked_set *set;
	uint64_t	hash;

	to->len = 0;
	to->has_failed = false;
	put_bytes(to, MAGIC, 8);
	put_number(to, VERSION, 4);
	put_number(to, 0, 4);
	put_number(to, 0, 8);
	for (const void *e = lru_oldest(memory->domains); e; e = lru_newer(e))
		put_domain(to, e);
	for (const void *e = lru_oldest(memory->templates); e; e = lru_newer(e))
		put_template(to, e);
	for (const void *e = lru_oldest(memory->facts); e; e = lru_newer(e))
		put_fact(to, e);
	TAILQ_FOREACH(set, parking_all(memory->parking), order)
		put_parked(to, set);
	for (int i = 0; i < EXPORTER_SLOTS; i++)
		put_exporter(to, exporter_slot(exporters, i));
	do
		put_number(to, TAG_END, 1);
	while (to->len % 8 != 0 && !to->has_failed);
	if (to->has_failed)
		return false;
	hash = hash_body(to->bytes + HEADER_LEN, to->len - HEADER_LEN);
	for (int i = 0; i < 8; i++)
		to->bytes[HEADER_LEN - 1 - i] = (uint8_t) (hash >> (8 * i));
	return true;
}

static uint64_t
get_u64(struct wire *w)
{
	uint64_t	high = wire_u32(w);

	return high << 32 | wire_u32(w);
}

/* A time since 1970; anything else spoils the cursor. */
static int64_t
get_time(struct wire *w)
{
	uint64_t	n = get_u64(w);

	if (n > (uint64_t) MAX_TIME_US)
		w->has_failed = true;
	return w->has_failed ? 0 : (int64_t) n;
}

/* A small number, at most max. */
static uint8_t
get_small(struct wire *w, uint8_t max)
{
	uint8_t		n = wire_u8(w);

	if (n > max)
		w->has_failed = true;
	return n;
}

static void
get_key(struct wire *w, struct exporter_key *key)
{
	memset(key, 0, sizeof(*key));
	key->addr.family = wire_u8(w);
	wire_copy(w, key->addr.bytes, sizeof(key->addr.bytes));
	key->version = get_small(w, 10);
	key->port = wire_u16(w);
	key->domain = wire_u32(w);
	if (key->addr.family != FLOW_FAMILY_IP4 &&
		key->addr.family != FLOW_FAMILY_IP6)
		w->has_failed = true;
}

static void
get_sequence(struct wire *w, struct exporter *exporter)
{
	exporter->next_sequence = wire_u32(w);
	exporter->uptime_ms = wire_u32(w);
	exporter->has_sequence = get_small(w, 1) != 0;
	exporter->nback = get_small(w, 8);
}

static void
get_domain(struct export_memory *memory, struct wire *w)
{
	struct export_domain d = {0};
	struct export_domain *domain;

	get_key(w, &d.key);
	get_sequence(w, &d.sequence);
	d.init_us = get_time(w);
	d.selector = get_u64(w);
	d.selector_sampling = wire_u32(w);
	d.sampling = wire_u32(w);
	d.kinds = wire_u32(w);
	d.last_sequence = wire_u32(w);
	d.last_records = wire_u32(w);
	d.nselectors = get_small(w, 2);
	d.unit_votes = (int8_t) get_small(w, INT8_MAX);
	if (w->has_failed)
		return;
	domain = export_domain_get(memory, &d.key);
	if (domain == NULL)
		return;
	d.entry = domain->entry;
	*domain = d;
}

static void
get_template(struct export_memory *memory, struct wire *w)
{
	struct template_key key = {0};
	bool		is_options;
	uint16_t	nfields;
	uint16_t	nscope;

	get_key(w, &key.domain);
	key.id = wire_u16(w);
	is_options = get_small(w, 1) != 0;
	nfields = wire_u16(w);
	nscope = wire_u16(w);
	template_begin(&memory->draft, &key, is_options);
	for (unsigned i = 0; i < nfields && !w->has_failed; i++)
	{
		struct template_field field = {0};

		field.pen = wire_u32(w);
		field.id = wire_u16(w);
		field.len = wire_u16(w);
		if (!template_add(&memory->draft, &field, i < nscope))
			w->has_failed = true;
	}
	if (w->has_failed || key.id < TEMPLATE_FIRST_ID ||
		template_put(memory->templates, memory->counters, &memory->draft) ==
		TEMPLATE_REFUSED)
		w->has_failed = true;
}

static void
get_fact(struct export_memory *memory, struct wire *w)
{
	struct fact_key key = {0};
	struct flow_bytes text;
	uint32_t	number;

	get_key(w, &key.domain);
	key.kind = get_small(w, FACT_ELEMENT_NAME);
	key.len = get_small(w, sizeof(key.id));
	if (w->has_failed)
		return;
	wire_copy(w, key.id, key.len);
	number = wire_u32(w);
	text.len = wire_u16(w);
	text.bytes = wire_take(w, text.len);
	if (text.bytes != NULL)
		fact_keep(memory, &key, number, &text);
}

static void
get_parked(struct export_memory *memory, struct wire *w)
{
	struct template_key key = {0};
	struct export_message message = {0};
	const uint8_t *bytes;
	uint16_t	len;

	get_key(w, &key.domain);
	key.id = wire_u16(w);
	message.source = key.domain;
	message.received_us = get_time(w);
	message.export_us = get_time(w);
	message.uptime_ms = wire_u32(w);
	message.has_uptime = get_small(w, 1) != 0;
	len = wire_u16(w);
	bytes = wire_take(w, len);
	if (bytes != NULL)
		parking_put(memory->parking, &message, &key, bytes, len);
}

static void
get_exporter(struct exporter_table *exporters, struct wire *w)
{
	struct exporter_key key;
	struct exporter state = {0};
	struct exporter *exporter;

	get_key(w, &key);
	state.seen_us = get_time(w);
	get_sequence(w, &state);
	if (w->has_failed || state.seen_us == 0)
		return;
	exporter = exporter_get(exporters, &key, state.seen_us);
	exporter->next_sequence = state.next_sequence;
	exporter->uptime_ms = state.uptime_ms;
	exporter->has_sequence = state.has_sequence;
	exporter->nback = state.nback;
}

/* Returns false at the end. */
static bool
get_item(struct export_memory *memory, struct exporter_table *exporters,
		 struct wire *w)
{
	switch (wire_u8(w))
	{
		case TAG_END:
			return false;
		case TAG_DOMAIN:
			get_domain(memory, w);
			break;
		case TAG_TEMPLATE:
			get_template(memory, w);
			break;
		case TAG_FACT:
			get_fact(memory, w);
			break;
		case TAG_PARKED:
			get_parked(memory, w);
			break;
		case TAG_EXPORTER:
			get_exporter(exporters, w);
			break;
		default:
			w->has_failed = true;
	}
	return !w->has_failed;
}

bool
export_state_load(struct export_memory *memory,
				  struct exporter_table *exporters,
				  const uint8_t *bytes, size_t len, const char **reason)
{
	struct wire w = wire_open(bytes, len);
	const uint8_t *magic = wire_take(&w, 8);
	uint32_t	version = wire_u32(&w);
	uint32_t	reserved;
	uint64_t	hash;

	reserved = wire_u32(&w);
	hash = get_u64(&w);
	if (w.has_failed || memcmp(magic, MAGIC, 8) != 0 || reserved != 0)
	{
		*reason = "it is not a state of exporters";
		return false;
	}
	if (version != VERSION)
	{
		*reason = "it has another version";
		return false;
	}
	if (wire_left(&w) % 8 != 0 || hash != hash_body(w.pos, wire_left(&w)))
	{
		*reason = "it is damaged";
		return false;
	}
	while (get_item(memory, exporters, &w))
		continue;
	if (w.has_failed)
		*reason = "it contradicts itself";
	return !w.has_failed;
}
