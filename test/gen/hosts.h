/*-------------------------------------------------------------------------
 *
 * Who is there: the hosts of a made-up campus and of the world outside.
 *
 *		inside	10.8.0.0 to 10.13.255.255, a few in 10.200.0.0/16; some in
 *				2001:db8::/32 and fd00::/8
 *		servers	10.12.0.0/24 and 2001:db8:12::/64
 *		outside	any other unicast network, except private, shared and
 *				documentation networks and 198.18.0.0/15; those are left
 *				to planted attacks
 *
 * The k-th host of a population is chosen with weight 1 / (k + constant).
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_HOSTS_H
#define GEN_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"

#define SERVERS			48		/* of each family */
#define EXPORTERS		4

struct addr
{
	uint8_t		family;			/* 4 or 6 */
	uint8_t		bytes[16];		/* network order; 4 or 16 are used */
};

/* All but addr and rank are functions of the address. */
struct host
{
	struct addr addr;
	bool		is_inside;
	uint8_t		exporter;		/* 0 .. EXPORTERS - 1, of inside hosts */
	uint8_t		tos;
	uint16_t	interface;
	uint32_t	as;
	uint32_t	rank;			/* 0 is the busiest of its population */
	uint64_t	hash;
};

enum population
{
	INSIDE4, INSIDE6, SERVER4, SERVER6, OUTSIDE4, OUTSIDE6, POPULATIONS
};

struct hosts;

/* exits when out of memory */
extern struct hosts *hosts_create(uint64_t seed);
extern void hosts_free(struct hosts *hosts);

/* valid until hosts_free */
extern const struct host *hosts_pick(const struct hosts *hosts, enum population which,
									 uint64_t random);

/* a host that belongs to no population; a is the first byte */
extern struct host host_at4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

#endif
