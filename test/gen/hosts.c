/*-------------------------------------------------------------------------
 *
 * An inside address is its rank spread over the networks, so that no two
 * ranks share one.  Outside, networks are drawn first and a host is a
 * network plus a random part; a few hosts coincide, which does no harm
 * because everything else follows from the address.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"

#define OUTSIDE_NETS4	6000
#define OUTSIDE_NETS6	700
#define CAMPUS_AS		64512

struct crowd
{
	struct host *hosts;
	struct weighted *choice;
};

struct hosts
{
	struct crowd crowds[POPULATIONS];
};

static const struct
{
	uint32_t	n;
	uint32_t	offset;			/* the larger, the flatter the top */
} sizes[POPULATIONS] = {
	[INSIDE4] = {22000, 2},
	[INSIDE6] = {3200, 2},
	[SERVER4] = {SERVERS, 1},
	[SERVER6] = {SERVERS, 1},
	[OUTSIDE4] = {390000, 1},
	[OUTSIDE6] = {52000, 1},
};

static uint64_t
hash_bytes(const uint8_t *p, int n)
{
	uint64_t	x = (uint64_t) n;

	for (int i = 0; i < n; i++)
		x = (x << 8 | p[i]) ^ (i % 7 == 6 ? rng_hash(x) : 0);
	return rng_hash(x);
}

/* length in bytes of the part of an outside address that names its network */
static int
network_bytes(const struct addr *addr)
{
	return addr->family == 4 ? 2 : 4;
}

static void
describe_inside(struct host *host)
{
	const uint8_t *a = host->addr.bytes;
	uint32_t	net = host->addr.family == 4 ? a[1] : a[5];

	host->exporter = (uint8_t) (net % EXPORTERS);
	host->interface = (uint16_t) (10 + (host->addr.family == 4 ? a[2] >> 4 : 16));
	host->as = CAMPUS_AS;
	host->tos = host->hash % 40 == 0 ? 184 : 0;
}

static void
describe_outside(struct host *host)
{
	const uint8_t *a = host->addr.bytes;
	uint64_t	net = hash_bytes(a, network_bytes(&host->addr));

	/* documentation and benchmark networks have AS numbers of their own */
	if (host->addr.family == 4 && a[0] == 198 && (a[1] == 18 || a[1] == 19))
		host->as = 64507;
	else if (host->addr.family == 4 && a[0] == 198 && a[1] == 51)
		host->as = 64504;
	else if (host->addr.family == 4 && a[0] == 203 && a[1] == 0)
		host->as = 64496;
	else
	{
		/* the larger the network, the smaller its number: min of two draws */
		uint32_t	x = net % 3000;
		uint32_t	y = (net >> 32) % 3000;

		host->as = 1000 + (uint32_t) (rng_hash(x < y ? x : y) % 400000);
	}
	host->interface = (uint16_t) (1 + (host->as * 7 + host->as / 16) % 5);
	host->exporter = 0;
	host->tos = host->hash % 9 == 0 ? 40 : host->hash % 31 == 0 ? 32 : 0;
}

static void
describe(struct host *host)
{
	host->hash = hash_bytes(host->addr.bytes, host->addr.family == 4 ? 4 : 16);
	if (host->is_inside)
		describe_inside(host);
	else
		describe_outside(host);
}

static void
place_inside4(struct host *host)
{
	uint32_t	spread = (host->rank / 6 * 2749 + 517) % 65536;

	host->addr.family = 4;
	host->addr.bytes[0] = 10;
	host->addr.bytes[1] = (uint8_t) (8 + host->rank % 6);
	host->addr.bytes[2] = (uint8_t) (spread >> 8);
	host->addr.bytes[3] = (uint8_t) spread;

	/* 10.12.0.0/24 belongs to the servers */
	if (host->addr.bytes[1] == 12 && host->addr.bytes[2] == 0)
		host->addr.bytes[1] = 200;
}

static void
place_inside6(struct host *host)
{
	uint64_t	id = rng_hash(host->rank + 1);

	host->addr.family = 6;
	if (host->rank % 4 == 3)
		memcpy(host->addr.bytes, "\xfd\x00\x00\x10\x00\x00", 6);
	else
		memcpy(host->addr.bytes, "\x20\x01\x0d\xb8\x00\x10", 6);
	host->addr.bytes[5] = (uint8_t) (16 + host->rank % 5);
	host->addr.bytes[7] = (uint8_t) (host->rank % 23);
	for (int i = 0; i < 8; i++)
		host->addr.bytes[8 + i] = (uint8_t) (id >> (8 * i));
}

static void
place_server(struct host *host, int family)
{
	host->addr.family = (uint8_t) family;
	if (family == 4)
	{
		memcpy(host->addr.bytes, "\x0a\x0c\x00", 3);
		host->addr.bytes[3] = (uint8_t) (1 + host->rank);
	}
	else
	{
		memcpy(host->addr.bytes, "\x20\x01\x0d\xb8\x00\x12", 6);
		host->addr.bytes[15] = (uint8_t) (1 + host->rank);
	}
}

static bool
is_reserved4(const uint8_t *a)
{
	return a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224 ||
		(a[0] == 100 && a[1] >= 64 && a[1] < 128) ||
		(a[0] == 169 && a[1] == 254) ||
		(a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
		(a[0] == 192 && (a[1] == 0 || a[1] == 88 || a[1] == 168)) ||
		(a[0] == 198 && (a[1] == 18 || a[1] == 19 || a[1] == 51)) ||
		(a[0] == 203 && a[1] == 0);
}

/* a /20 that is not reserved; number is below OUTSIDE_NETS4 */
static void
place_outside4(struct host *host, uint64_t seed, uint32_t number, uint32_t part)
{
	uint64_t	net = rng_hash(seed + number);
	uint8_t    *a = host->addr.bytes;

	host->addr.family = 4;
	do
	{
		a[0] = (uint8_t) (net >> 8);
		a[1] = (uint8_t) (net >> 16);
		a[2] = (uint8_t) ((net >> 24 & 0xf0) | (part >> 8 & 0x0f));
		a[3] = (uint8_t) part;
		net = rng_hash(net);
	} while (is_reserved4(a));
}

/* a /48 in the part of 2000::/3 that registries give out */
static void
place_outside6(struct host *host, uint64_t seed, uint32_t number, uint64_t part)
{
	static const uint8_t first[8] = {0x24, 0x26, 0x26, 0x28, 0x2a, 0x2a, 0x2a, 0x2c};
	uint64_t	net = rng_hash(seed + number);
	uint8_t    *a = host->addr.bytes;

	host->addr.family = 6;
	a[0] = first[net & 7];
	a[1] = (uint8_t) (net >> 8 & 0x0f);
	a[2] = (uint8_t) (net >> 16);
	a[3] = (uint8_t) (net >> 24);
	a[5] = (uint8_t) (net >> 32 & 0x0f);

	/* servers have short numbers, the rest is random */
	if (part % 3 == 0)
	{
		a[14] = (uint8_t) (part >> 8 & 0x03);
		a[15] = (uint8_t) (part >> 16);
	}
	else
		for (int i = 0; i < 9; i++)
			a[7 + i] = (uint8_t) (rng_hash(part + (i == 8)) >> (8 * (i % 8)));
}

static void
place(struct host *host, enum population which, uint64_t seed, struct rng *rng)
{
	uint32_t	number;

	memset(&host->addr, 0, sizeof(host->addr));
	host->is_inside = which < OUTSIDE4;
	switch (which)
	{
		case INSIDE4:
			place_inside4(host);
			break;
		case INSIDE6:
			place_inside6(host);
			break;
		case SERVER4:
			place_server(host, 4);
			break;
		case SERVER6:
			place_server(host, 6);
			break;
		case OUTSIDE4:
			number = rng_below(rng, OUTSIDE_NETS4);
			place_outside4(host, seed, number, rng_below(rng, 4096));
			break;
		default:
			number = rng_below(rng, OUTSIDE_NETS6);
			place_outside6(host, seed, number, rng_next(rng));
			break;
	}
	describe(host);
}

struct hosts *
hosts_create(uint64_t seed)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));
	struct rng	rng;

	if (hosts == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	rng_seed(&rng, rng_hash(seed));
	for (int which = 0; which < POPULATIONS; which++)
	{
		struct crowd *crowd = &hosts->crowds[which];
		uint32_t	n = sizes[which].n;

		crowd->hosts = malloc(n * sizeof(struct host));
		if (crowd->hosts == NULL)
		{
			fprintf(stderr, "out of memory\n");
			exit(1);
		}
		crowd->choice = weighted_create_zipf(n, sizes[which].offset);
		for (uint32_t i = 0; i < n; i++)
		{
			crowd->hosts[i].rank = i;
			place(&crowd->hosts[i], (enum population) which, seed << 20, &rng);
		}
	}
	return hosts;
}

void
hosts_free(struct hosts *hosts)
{
	for (int which = 0; which < POPULATIONS; which++)
	{
		free(hosts->crowds[which].hosts);
		weighted_free(hosts->crowds[which].choice);
	}
	free(hosts);
}

const struct host *
hosts_pick(const struct hosts *hosts, enum population which, uint64_t random)
{
	const struct crowd *crowd = &hosts->crowds[which];

	return &crowd->hosts[weighted_pick_by(crowd->choice, random)];
}

struct host
host_at4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	struct host host = {.rank = 0};

	host.addr.family = 4;
	host.addr.bytes[0] = a;
	host.addr.bytes[1] = b;
	host.addr.bytes[2] = c;
	host.addr.bytes[3] = d;
	host.is_inside = a == 10;
	describe(&host);
	return host;
}
