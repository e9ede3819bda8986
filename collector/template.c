/*-------------------------------------------------------------------------
 *
 * Templates: reading, compiling, keeping.
 *
 *	  field specifier      v9 scope types         as element
 *	   0  2  element        1  system              none
 *	   2  2  length         2  interface           10
 *	   4  4  enterprise     3  line card           141
 *	         number, IPFIX  4  cache               none
 *	         only, if the   5  template            145
 *	         top bit is set
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "template.h"

#define ENTERPRISE_BIT		0x8000
#define IPFIX_VERSION		10

struct lru *
template_table_open(struct counters *counters, struct hash_key key)
{
	struct lru_options options = {
		.hash_key = key,
		.key_len = sizeof(struct template_key),
		.max_bytes = TEMPLATE_MAX_BYTES,
		.evicted = &counters->templates_evicted
	};

	return lru_open(&options);
}

void
template_begin(struct template_draft *draft, const struct template_key *key,
			   bool is_options)
{
	draft->key = *key;
	draft->is_options = is_options;
	draft->nfields = 0;
	draft->nscope = 0;
}

/* The element that says the same as a scope of NetFlow v9, 0 for none. */
static uint16_t
element_of_scope(uint16_t scope)
{
	switch (scope)
	{
		case 2:
			return 10;
		case 3:
			return 141;
		case 5:
			return 145;
		default:
			return 0;
	}
}

bool
template_add(struct template_draft *draft, const struct template_field *field,
			 bool is_scope)
{
	struct template_field *to = &draft->fields[draft->nfields];
	struct field_action action;

	if (field->len == FIELD_VARIABLE &&
		draft->key.domain.version != IPFIX_VERSION)
		return false;
	if (field->len == 0)
		return true;
	if (draft->nfields == TEMPLATE_MAX_FIELDS)
		return false;
	*to = *field;
	action = field_action_of(draft->key.domain.version, field->pen, field->id);
	if (field->len != FIELD_VARIABLE && !field_length_fits(action.use, field->len))
		action = (struct field_action) {FIELD_OTHER, 0};
	if (!draft->is_options && action.use == FIELD_SLOT &&
		(action.arg == SLOT_PEN || action.arg == SLOT_ELEMENT))
		action = (struct field_action) {FIELD_OTHER, 0};
	to->use = action.use;
	to->arg = action.arg;
	draft->nfields++;
	if (is_scope)
		draft->nscope++;
	return true;
}

bool
template_read(struct template_draft *draft, struct wire *w, uint16_t nfields,
			  uint16_t nscope)
{
	bool		is_ipfix = draft->key.domain.version == IPFIX_VERSION;
	bool		fits = true;

	for (unsigned i = 0; i < nfields && !w->has_failed; i++)
	{
		struct template_field field = {0};

		field.id = wire_u16(w);
		field.len = wire_u16(w);
		if (is_ipfix && (field.id & ENTERPRISE_BIT) != 0)
		{
			field.id &= (uint16_t) ~ENTERPRISE_BIT;
			field.pen = wire_u32(w);
		}
		if (!is_ipfix && i < nscope)
			field.id = element_of_scope(field.id);
		if (!w->has_failed && !template_add(draft, &field, i < nscope))
			fits = false;
	}
	return fits && !w->has_failed;
}

static bool
is_same(const struct template *t, const struct template_draft *draft)
{
	return t->is_options == draft->is_options &&
		t->nfields == draft->nfields && t->nscope == draft->nscope &&
		memcmp(t->fields, draft->fields,
			   draft->nfields * sizeof(draft->fields[0])) == 0;
}

enum template_result
template_put(struct lru *templates, struct counters *counters,
			 const struct template_draft *draft)
{
	size_t		nbytes = draft->nfields * sizeof(draft->fields[0]);
	struct template *t;

	if (draft->nfields == 0)
		return TEMPLATE_REFUSED;
	t = lru_find(templates, &draft->key);
	if (t != NULL && is_same(t, draft))
		return TEMPLATE_SAME;
	if (t != NULL)
		counters->templates_changed++;
	t = lru_add(templates, &draft->key, sizeof(*t) + nbytes);
	if (t == NULL)
		return TEMPLATE_REFUSED;
	t->nfields = draft->nfields;
	t->nscope = draft->nscope;
	t->is_options = draft->is_options;
	t->is_fixed = true;
	memcpy(t->fields, draft->fields, nbytes);
	for (unsigned i = 0; i < t->nfields; i++)
	{
		if (t->fields[i].len == FIELD_VARIABLE)
			t->is_fixed = false;
		t->min_len += t->fields[i].len == FIELD_VARIABLE ? 1 : t->fields[i].len;
	}
	return TEMPLATE_NEW;
}
