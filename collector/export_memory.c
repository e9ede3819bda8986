/*-------------------------------------------------------------------------
 *
 * Domains and the facts that exporters told about themselves.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_record.h"
#include "export_memory.h"
#include "text.h"

static struct lru *
open_domains(struct counters *counters, struct hash_key key)
{
	struct lru_options options = {
		.hash_key = key,
		.key_len = sizeof(struct exporter_key),
		.max_bytes = MEMORY_DOMAINS * sizeof(struct export_domain),
		.evicted = &counters->domains_evicted
	};

	return lru_open(&options);
}

static struct lru *
open_facts(struct counters *counters, struct hash_key key)
{
	struct lru_options options = {
		.hash_key = key,
		.key_len = sizeof(struct fact_key),
		.max_bytes = MEMORY_FACT_BYTES,
		.evicted = &counters->facts_evicted
	};

	return lru_open(&options);
}

struct export_memory *
export_memory_open(struct counters *counters, struct hash_key key)
{
	struct export_memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return NULL;
	memory->counters = counters;
	memory->domains = open_domains(counters, key);
	memory->templates = template_table_open(counters, key);
	memory->facts = open_facts(counters, key);
	memory->parking = parking_open(counters, key);
	memory->record = malloc(sizeof(*memory->record));
	if (memory->domains == NULL || memory->templates == NULL ||
		memory->facts == NULL || memory->parking == NULL ||
		memory->record == NULL)
	{
		export_memory_close(memory);
		return NULL;
	}
	return memory;
}

void
export_memory_close(struct export_memory *memory)
{
	if (memory == NULL)
		return;
	lru_close(memory->domains);
	lru_close(memory->templates);
	lru_close(memory->facts);
	parking_close(memory->parking);
	free(memory->record);
	free(memory);
}

struct export_domain *
export_domain_get(struct export_memory *memory, const struct exporter_key *key)
{
	struct export_domain *domain = lru_find(memory->domains, key);

	if (domain == NULL)
		domain = lru_add(memory->domains, key, sizeof(*domain));
	return domain;
}

struct export_domain *
export_domain_parent(struct export_memory *memory,
					 const struct export_domain *domain)
{
	struct exporter_key key = domain->key;

	if (key.domain == 0)
		return NULL;
	key.domain = 0;
	return lru_find(memory->domains, &key);
}

struct fact_key
fact_key_of(const struct export_domain *domain, enum fact_kind kind,
			const void *id, size_t len)
{
	struct fact_key key = {
		.domain = domain->key,.kind = (uint8_t) kind,.len = (uint8_t) len
	};

	memcpy(key.id, id, len);
	return key;
}

void
fact_put(struct export_memory *memory, struct export_domain *domain,
		 const struct fact_key *key, uint32_t number,
		 const struct flow_bytes *text)
{
	domain->kinds |= 1u << key->kind;
	fact_keep(memory, key, number, text);
}

void
fact_keep(struct export_memory *memory, const struct fact_key *key,
		  uint32_t number, const struct flow_bytes *text)
{
	char		clean[FACT_MAX_TEXT];
	size_t		len = 0;
	struct fact *fact = lru_find(memory->facts, key);

	if (text != NULL)
		len = text_clean(text->bytes, text->len, clean, sizeof(clean));
	if (fact != NULL && fact->number == number && fact->len == len &&
		memcmp(fact->text, clean, len) == 0)
		return;
	fact = lru_add(memory->facts, key, sizeof(*fact) + len);
	if (fact == NULL)
		return;
	fact->number = number;
	fact->len = (uint16_t) len;
	memcpy(fact->text, clean, len);
}

static const struct fact *
find_in(struct export_memory *memory, const struct export_domain *domain,
		enum fact_kind kind, const void *id, size_t len)
{
	struct fact_key key;

	if (domain == NULL || (domain->kinds >> kind & 1) == 0)
		return NULL;
	key = fact_key_of(domain, kind, id, len);
	return lru_find(memory->facts, &key);
}

const struct fact *
fact_find(struct export_memory *memory, const struct export_domain *domain,
		  const struct export_domain *parent, enum fact_kind kind,
		  const void *id, size_t len)
{
	const struct fact *fact = find_in(memory, domain, kind, id, len);

	return fact != NULL ? fact : find_in(memory, parent, kind, id, len);
}
