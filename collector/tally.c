/*-------------------------------------------------------------------------
 *
 * Counts by exporter: a four-way associative table.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "tally.h"
#include "wire.h"

#define WAYS 4

struct slot
{
	struct exporter_key key;
	int64_t		seen_us;		/* since 1970; 0: free */
	struct tally_counts counts;
	uint64_t	rated_records;	/* when rates were computed last */
	double		rate;
};

struct tally
{
	struct hash_key hash_key;
	int64_t		rated_us;		/* 0: never */
	struct slot slots[TALLY_SLOTS];
	struct slot *order[TALLY_SLOTS];	/* while sorting */
};

struct tally *
tally_open(struct hash_key key)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (tally != NULL)
		tally->hash_key = key;
	return tally;
}

void
tally_close(struct tally *tally)
{
	free(tally);
}

struct tally_counts
tally_counts_of(const struct counters *counters)
{
	return (struct tally_counts) {
		.records = counters->records,
		.gaps = counters->sequence_gaps,
		.missed = counters->sequence_missed_records + counters->sequence_missed_datagrams
	};
}

/* The agent, as rows have it, and its part. */
static void
read_sflow(struct wire *w, struct exporter_key *key)
{
	static const uint8_t zero[sizeof(key->addr.bytes)];
	struct flow_addr agent = {.family = FLOW_FAMILY_IP4};
	size_t		len = 4;

	if (wire_u32(w) == 2)
	{
		agent.family = FLOW_FAMILY_IP6;
		len = sizeof(agent.bytes);
	}
	wire_copy(w, agent.bytes, len);
	if (memcmp(agent.bytes, zero, sizeof(zero)) != 0)
		key->addr = agent;
	key->domain = wire_u32(w);
}

/* Where the headers of all versions keep the domain; false: none of them. */
static bool
read_key(const struct datagram *datagram, struct exporter_key *key)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	uint32_t	first_word = wire_u32(&w);
	uint32_t	version = first_word >> 16;

	memset(key, 0, sizeof(*key));
	key->addr = datagram->exporter;
	key->version = (uint8_t) version;
	switch (version)
	{
		case 0:
			if (first_word != 5)
				return false;
			key->version = TALLY_SFLOW;
			read_sflow(&w, key);
			break;
		case 1:
			break;
		case 5:
		case 7:
			wire_skip(&w, 16);
			key->domain = version == 5 ? wire_u16(&w) : 0;
			break;
		case 9:
			wire_skip(&w, 12);
			key->domain = wire_u32(&w);
			break;
		case 10:
			wire_skip(&w, 8);
			key->domain = wire_u32(&w);
			break;
		default:
			return false;
	}
	return !w.has_failed;
}

static struct slot *
find(struct tally *tally, const struct exporter_key *key)
{
	uint64_t	hash = hash_words(&tally->hash_key, key, sizeof(*key));
	struct slot *set = &tally->slots[(hash % (TALLY_SLOTS / WAYS)) * WAYS];
	struct slot *victim = set;

	for (int i = 0; i < WAYS; i++)
	{
		if (set[i].seen_us != 0 && memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
		if (set[i].seen_us < victim->seen_us)
			victim = &set[i];
	}
	memset(victim, 0, sizeof(*victim));
	victim->key = *key;
	return victim;
}

void
tally_datagram(struct tally *tally, const struct datagram *datagram,
			   const struct tally_counts *before, const struct counters *counters)
{
	struct tally_counts now = tally_counts_of(counters);
	struct exporter_key key;
	struct slot *slot;

	if (!read_key(datagram, &key))
		return;
	slot = find(tally, &key);
	slot->seen_us = datagram->received_us;
	slot->counts.records += now.records - before->records;
	slot->counts.gaps += now.gaps - before->gaps;
	slot->counts.missed += now.missed - before->missed;
}

static int
compare_slots(const void *a, const void *b)
{
	const struct slot *left = *(struct slot *const *) a;
	const struct slot *right = *(struct slot *const *) b;

	return (left->counts.records < right->counts.records) -
		(left->counts.records > right->counts.records);
}

static void
rate(struct slot *slot, int64_t since_us)
{
	if (since_us > 0)
		slot->rate = (double) (slot->counts.records - slot->rated_records) * 1e6 /
			(double) since_us;
	slot->rated_records = slot->counts.records;
}

int
tally_busiest(struct tally *tally, struct status_exporter *exporters, uint64_t *seen,
			  int64_t now_us)
{
	int64_t		since_us = tally->rated_us == 0 ? 0 : now_us - tally->rated_us;
	int			n = 0;

	for (int i = 0; i < TALLY_SLOTS; i++)
	{
		if (tally->slots[i].seen_us == 0)
			continue;
		tally->order[n++] = &tally->slots[i];
		rate(&tally->slots[i], since_us);
	}
	tally->rated_us = now_us;
	*seen = (uint64_t) n;
	qsort(tally->order, (size_t) n, sizeof(tally->order[0]), compare_slots);
	if (n > STATUS_MAX_EXPORTERS)
		n = STATUS_MAX_EXPORTERS;
	for (int i = 0; i < n; i++)
	{
		const struct slot *slot = tally->order[i];

		exporters[i] = (struct status_exporter) {
			.addr = slot->key.addr,
			.version = slot->key.version,
			.domain = slot->key.domain,
			.records = slot->counts.records,
			.gaps = slot->counts.gaps,
			.missed = slot->counts.missed,
			.rate = slot->rate,
			.last_seen_us = slot->seen_us
		};
	}
	return n;
}
