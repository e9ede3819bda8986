/*-------------------------------------------------------------------------
 *
 * If this goes, addresses may get the network of their neighbours.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lpm.h"
#include "tap.h"

#define NPREFIXES	3000
#define NLOOKUPS	20000

struct given
{
	struct flow_addr addr;
	int			len;
};

static uint64_t state = 1;

static uint32_t
any(uint32_t n)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t) (state >> 33) % n;
}

static struct flow_addr
any_addr(bool is_ip4)
{
	struct flow_addr addr = {.family = is_ip4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6};

	/* few different bytes, so that prefixes nest */
	for (int i = 0; i < (is_ip4 ? 4 : 16); i++)
		addr.bytes[i] = (uint8_t) (any(8) == 0 ? any(256) : any(2) * 255);
	return addr;
}

static bool
contains(const struct given *given, const struct flow_addr *addr)
{
	if (given->addr.family != addr->family)
		return false;
	for (int bit = 0; bit < given->len; bit++)
	{
		if (((given->addr.bytes[bit / 8] ^ addr->bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	}
	return true;
}

static uint32_t
find_slowly(const struct given *given, int n, const struct flow_addr *addr)
{
	uint32_t	best = LPM_NONE;

	for (int i = 0; i < n; i++)
	{
		if (contains(&given[i], addr) &&
			(best == LPM_NONE || given[i].len >= given[best].len))
			best = (uint32_t) i;
	}
	return best;
}

static void
compare_with_slow_one(void)
{
	static struct given given[NPREFIXES];
	struct lpm *lpm = lpm_open();
	int			ngood = 0;
	int			nfound = 0;

	for (int i = 0; i < NPREFIXES; i++)
	{
		given[i].addr = any_addr(any(2) == 0);
		given[i].len = (int) any(given[i].addr.family == FLOW_FAMILY_IP4 ? 33 : 129);
		if (i > 100 && given[i].len < 4)
			given[i].len = 4;
		if (!lpm_add(lpm, &given[i].addr, given[i].len, (uint32_t) i))
			exit(2);
	}
	if (!lpm_build(lpm))
		exit(2);
	for (int i = 0; i < NLOOKUPS; i++)
	{
		struct flow_addr addr = any_addr(i % 2 == 0);
		uint32_t	found = lpm_find(lpm, &addr);

		ngood += found == find_slowly(given, NPREFIXES, &addr);
		nfound += found != LPM_NONE;
	}
	is(ngood, NLOOKUPS, "finds what looking at each prefix finds");
	ok(nfound > NLOOKUPS / 2, "which is something mostly");
	lpm_close(lpm);
}

static void
check_empty(void)
{
	struct lpm *lpm = lpm_open();
	struct flow_addr ip4 = {FLOW_FAMILY_IP4, {255, 255, 255, 255}};
	struct flow_addr none = {.family = FLOW_FAMILY_NONE};

	ok(lpm_build(lpm), "an empty table");
	ok(lpm_find(lpm, &ip4) == LPM_NONE, "knows nothing");
	lpm_close(lpm);
	lpm = lpm_open();
	ok(lpm_add(lpm, &ip4, 32, 7) && lpm_build(lpm), "the last address");
	is(lpm_find(lpm, &ip4), 7, "is found");
	ok(lpm_find(lpm, &none) == LPM_NONE, "an absent one is not");
	lpm_close(lpm);
}

/* With a count: how fast it is with so many prefixes. */
static void
measure(uint32_t nprefixes, bool is_ip4)
{
	struct lpm *lpm = lpm_open();
	int64_t		begin_us;
	uint64_t	sum = 0;

	for (uint32_t i = 0; i < nprefixes; i++)
	{
		struct flow_addr addr = {.family = is_ip4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6};

		for (int j = 0; j < (is_ip4 ? 4 : 8); j++)
			addr.bytes[j] = (uint8_t) any(256);
		if (!is_ip4)
			addr.bytes[0] = 0x20 | (addr.bytes[0] & 0x0f);
		if (!lpm_add(lpm, &addr, (is_ip4 ? 12 : 32) + (int) any(is_ip4 ? 13 : 17), i))
			exit(2);
	}
	if (!lpm_build(lpm))
		exit(2);
	begin_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < 10000000; i++)
	{
		struct flow_addr addr = {.family = is_ip4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6};
		uint32_t	a = any(UINT32_MAX);
		uint32_t	b = any(UINT32_MAX);

		memcpy(addr.bytes, &a, 4);
		memcpy(addr.bytes + 4, &b, 4);
		if (!is_ip4)
			addr.bytes[0] = 0x20 | (addr.bytes[0] & 0x0f);
		sum += lpm_find(lpm, &addr);
	}
	printf("# %u prefixes: %.1f million look-ups a second, %.1f MB (%u)\n", nprefixes,
		   10e6 / (double) (clock_us(CLOCK_PROCESS_CPUTIME_ID) - begin_us),
		   (double) lpm_bytes(lpm) / 1e6, (unsigned) sum);
	lpm_close(lpm);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && atoi(argv[1]) > 0)
	{
		measure((uint32_t) atoi(argv[1]), true);
		measure((uint32_t) atoi(argv[1]), false);
		return 0;
	}
	check_empty();
	compare_with_slow_one();
	return tap_failed;
}
