/*-------------------------------------------------------------------------
 *
 * Sampling: forms, scopes, precedence.
 *
 * Sources: RFC 3954, section 8 (elements 34, 48 to 50); RFC 5477, section
 * 8.2 (302 to 311).  An exporter that sends 305 without 306 means 305 to be
 * the interval.
 *
 *-------------------------------------------------------------------------
 */
#include <endian.h>

#include "sampling.h"

/* n / d, rounded, within 1 .. UINT32_MAX; d > 0. */
static uint32_t
ratio(uint64_t n, uint64_t d)
{
	uint64_t	q = n / d + (n % d >= d - n % d ? 1 : 0);

	return q == 0 ? 1 : q > UINT32_MAX ? UINT32_MAX : (uint32_t) q;
}

/*
 * What the record itself says, in any of the forms of RFC 3954 and RFC 5477:
 * an interval; so many packets, then so many not; so many of so many; a
 * probability.  Rounded to a whole number; 0 if it says nothing, or 0.
 */
static uint32_t
of_record(const struct record *record)
{
	uint64_t	interval = record_slot(record, SLOT_INTERVAL);
	uint64_t	sampled = record_slot(record, SLOT_SAMPLED);
	uint64_t	space = record_slot(record, SLOT_SPACE);
	uint64_t	size = record_slot(record, SLOT_SAMPLE_SIZE);
	uint64_t	population = record_slot(record, SLOT_POPULATION);

	if (interval > 0)
		return ratio(interval, 1);
	if (sampled > 0 && !record_has(record, SLOT_SPACE))
		return ratio(sampled, 1);
	if (sampled > 0)
		return ratio(sampled > UINT64_MAX - space ? UINT64_MAX : sampled + space,
					 sampled);
	if (size > 0 && population > 0)
		return ratio(population, size);
	if (record->probability > 0 && record->probability <= 1)
		return record->probability < 1.0 / UINT32_MAX ? UINT32_MAX :
			(uint32_t) (1 / record->probability + 0.5);
	return 0;
}

static uint32_t
of_fact(struct export_memory *memory, const struct export_domain *domain,
		const struct export_domain *parent, enum fact_kind kind, uint64_t id)
{
	uint64_t	big_endian = htobe64(id);
	const struct fact *fact = fact_find(memory, domain, parent, kind,
										&big_endian, sizeof(big_endian));

	return fact == NULL ? 0 : fact->number;
}

static uint32_t
of_domain(const struct export_domain *domain, bool has_selector)
{
	if (domain == NULL)
		return 0;
	if (domain->sampling > 0)
		return domain->sampling;
	return !has_selector && domain->nselectors == 1 ?
		domain->selector_sampling : 0;
}

uint32_t
sampling_of_flow(struct export_memory *memory,
				 const struct export_domain *domain,
				 const struct export_domain *parent,
				 const struct record *record)
{
	uint32_t	n = of_record(record);
	bool		has_selector = record_has(record, SLOT_SELECTOR);

	if (n == 0 && has_selector)
		n = of_fact(memory, domain, parent, FACT_SELECTOR,
					record->slots[SLOT_SELECTOR]);
	if (n == 0 && record_has(record, SLOT_IN_IF))
		n = of_fact(memory, domain, parent, FACT_IF_SAMPLING,
					record->slots[SLOT_IN_IF]);
	if (n == 0)
		n = of_domain(domain, has_selector);
	return n > 0 ? n : of_domain(parent, has_selector);
}

static void
learn_selector(struct export_memory *memory, struct export_domain *domain,
			   uint64_t selector, uint32_t n)
{
	uint64_t	big_endian = htobe64(selector);
	struct fact_key key = fact_key_of(domain, FACT_SELECTOR, &big_endian,
									  sizeof(big_endian));

	fact_put(memory, domain, &key, n, NULL);
	if (domain->nselectors == 0)
		domain->nselectors = 1;
	else if (domain->selector != selector)
		domain->nselectors = 2;
	domain->selector = selector;
	domain->selector_sampling = n;
}

void
sampling_learn(struct export_memory *memory, struct export_domain *domain,
			   const struct record *record)
{
	uint32_t	n = of_record(record);

	if (n == 0)
		return;
	if (record_has(record, SLOT_SELECTOR))
		learn_selector(memory, domain, record->slots[SLOT_SELECTOR], n);
	else if (record_has(record, SLOT_IN_IF))
	{
		uint64_t	big_endian = htobe64(record->slots[SLOT_IN_IF]);
		struct fact_key key = fact_key_of(domain, FACT_IF_SAMPLING, &big_endian,
										  sizeof(big_endian));

		fact_put(memory, domain, &key, n, NULL);
	}
	else
		domain->sampling = n;
}
