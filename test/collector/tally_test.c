/*-------------------------------------------------------------------------
 *
 * Test of the counts by exporter: whose a datagram of each version is, who is
 * busiest, and what a table that is too small forgets.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "tally.h"
#include "tap.h"

static struct counters counters;
static struct status_exporter busiest[STATUS_MAX_EXPORTERS];
static uint64_t seen;

/* words[n], of 32 bits, from 192.0.2.n; raises the counts by so many records. */
static void
put(struct tally *tally, const uint32_t *words, int n, uint32_t from, uint64_t records)
{
	struct tally_counts before = tally_counts_of(&counters);
	uint8_t		bytes[64];
	struct datagram datagram = {
		.bytes = bytes,.len = 4 * (size_t) n,.received_us = 1700000000000000 + from,
		.exporter = {.family = FLOW_FAMILY_IP4,.bytes = {192, 0, (uint8_t) (from >> 8), (uint8_t) from}}
	};

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < 4; j++)
			bytes[4 * i + j] = (uint8_t) (words[i] >> (24 - 8 * j));
	}
	counters.records += records;
	counters.sequence_gaps++;
	counters.sequence_missed_datagrams += 2;
	tally_datagram(tally, &datagram, &before, &counters);
}

static void
check(int i, uint16_t version, uint32_t domain, uint64_t records, const char *name)
{
	const struct status_exporter *e = &busiest[i];

	ok(e->version == version && e->domain == domain && e->records == records &&
		   e->gaps == 1 && e->missed == 2, name);
}

int
main(void)
{
	static const uint32_t v5[] = {5 << 16, 0, 0, 0, 0, 0x01020000};
	static const uint32_t v9[] = {9 << 16, 0, 0, 0, 900};
	static const uint32_t ipfix[] = {10 << 16, 0, 0, 1000};
	static const uint32_t sflow4[] = {5, 1, 0x0a000001, 77};
	static const uint32_t sflow6[] = {5, 2, 0x20010db8, 0, 0, 1, 78};
	static const uint32_t none[] = {8 << 16, 0, 0, 0, 0, 0, 0};
	struct tally *tally = tally_open(hash_key_seeded(1));

	put(tally, v5, 6, 1, 50);
	put(tally, v9, 5, 1, 40);
	put(tally, ipfix, 4, 1, 30);
	put(tally, sflow4, 4, 1, 20);
	put(tally, sflow6, 7, 1, 10);
	put(tally, none, 7, 1, 99);
	put(tally, v9, 4, 2, 99);
	ok(tally_busiest(tally, busiest, &seen, 1000000) == 5 && seen == 5,
		   "other versions and short headers are nobody's");
	check(0, 5, 0x0102, 50, "NetFlow v5");
	check(1, 9, 900, 40, "NetFlow v9");
	check(2, 10, 1000, 30, "IPFIX");
	check(3, 105, 77, 20, "sFlow");
	check(4, 105, 78, 10, "sFlow, IPv6");
	ok(busiest[3].addr.bytes[0] == 10 && busiest[4].addr.family == FLOW_FAMILY_IP6,
		   "of sFlow it is the agent");
	put(tally, v9, 5, 1, 20);
	tally_busiest(tally, busiest, &seen, 3000000);
	ok(busiest[0].version == 9 && busiest[0].rate == 10 && busiest[0].records == 60,
		   "records a second, and the order");
	for (uint32_t i = 0; i < 20000; i++)
		put(tally, v9, 5, i, 1);
	ok(tally_busiest(tally, busiest, &seen, 4000000) == STATUS_MAX_EXPORTERS &&
		   seen <= TALLY_SLOTS, "strangers are bounded");
	tally_close(tally);
	return tap_failed;
}
