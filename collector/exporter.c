/*-------------------------------------------------------------------------
 *
 * Exporters: a four-way associative table, and sequence arithmetic.
 *
 * A step forward of up to MAX_GAP records is a gap.  A step back of up to
 * MAX_GAP is a datagram that was overtaken; its records had been counted as
 * missing, and the expectation stays.  Anything larger is a restart.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

#define WAYS 4
#define MAX_GAP 1000000

struct exporter_table
{
	struct counters *counters;
	struct hash_key hash_key;
	struct exporter slots[EXPORTER_SLOTS];
};

struct exporter_table *
exporter_table_open(struct counters *counters, struct hash_key key)
{
	struct exporter_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->counters = counters;
	table->hash_key = key;
	return table;
}

void
exporter_table_close(struct exporter_table *table)
{
	free(table);
}

struct exporter *
exporter_get(struct exporter_table *table, const struct exporter_key *key,
			 int64_t now_us)
{
	uint64_t	hash = hash_words(&table->hash_key, key, sizeof(*key));
	struct exporter *set = &table->slots[(hash % (EXPORTER_SLOTS / WAYS)) * WAYS];
	struct exporter *victim = set;

	for (int i = 0; i < WAYS; i++)
	{
		if (set[i].seen_us != 0 &&
			memcmp(&set[i].key, key, sizeof(*key)) == 0)
		{
			set[i].seen_us = now_us;
			return &set[i];
		}
		if (set[i].seen_us < victim->seen_us)
			victim = &set[i];
	}
	if (victim->seen_us != 0)
		table->counters->exporters_evicted++;
	memset(victim, 0, sizeof(*victim));
	victim->key = *key;
	victim->seen_us = now_us;
	return victim;
}

void
exporter_check_sequence(struct exporter_table *table, struct exporter *exporter,
						uint32_t sequence, uint32_t nrecords)
{
	struct counters *counters = table->counters;
	int32_t		step = (int32_t) (sequence - exporter->next_sequence);

	if (exporter->has_sequence)
	{
		if (step > MAX_GAP || step < -MAX_GAP)
			counters->sequence_resets++;
		else if (step < 0)
		{
			counters->sequence_reordered++;
			return;
		}
		else if (step > 0)
		{
			counters->sequence_gaps++;
			counters->sequence_missed_records += (uint64_t) step;
		}
	}
	exporter->has_sequence = true;
	exporter->next_sequence = sequence + nrecords;
}
