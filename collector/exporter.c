/*-------------------------------------------------------------------------
 *
 * Exporters: a four-way associative table, and sequence arithmetic.
 *
 * A step forward of up to MAX_GAP records is a gap.  A step back of up to
 * MAX_GAP is a datagram that was overtaken; its records had been counted as
 * missing, and the expectation stays.  Anything larger is a restart, and so is
 * a step in either direction together with an uptime that went back by more
 * than UPTIME_SLACK_MS, or the MAX_BACK-th step back in a row: an exporter that
 * had sent less than MAX_GAP records before it restarted looks like that.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

#define WAYS 4
#define MAX_GAP 1000000
#define MAX_BACK 8
#define UPTIME_SLACK_MS 60000

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

const struct exporter *
exporter_slot(const struct exporter_table *table, int i)
{
	return &table->slots[i];
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

static bool
has_restarted(const struct exporter *exporter, int32_t step,
			  uint32_t uptime_ms)
{
	if (step == 0)
		return false;
	return step > MAX_GAP || step < -MAX_GAP ||
		(int32_t) (uptime_ms - exporter->uptime_ms) < -UPTIME_SLACK_MS ||
		(step < 0 && exporter->nback + 1 >= MAX_BACK);
}

void
exporter_check_sequence(struct exporter *exporter, uint32_t sequence,
						uint32_t nrecords, uint32_t uptime_ms,
						struct counters *counters, uint64_t *missed)
{
	int32_t		step = (int32_t) (sequence - exporter->next_sequence);

	if (exporter->has_sequence)
	{
		if (has_restarted(exporter, step, uptime_ms))
			counters->sequence_resets++;
		else if (step < 0)
		{
			counters->sequence_reordered++;
			exporter->nback++;
			return;
		}
		else if (step > 0)
		{
			counters->sequence_gaps++;
			*missed += (uint64_t) step;
		}
	}
	exporter->has_sequence = true;
	exporter->next_sequence = sequence + nrecords;
	exporter->uptime_ms = uptime_ms;
	exporter->nback = 0;
}
