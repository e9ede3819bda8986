/*-------------------------------------------------------------------------
 *
 * Which exporters are listened to, and how much of each.
 *
 * The allow list is of networks; an empty one lets all in.  The rate is of
 * datagrams a second, for each address alone, with a burst of one second.
 *
 * Memory: ADMIT_SLOTS * 64 bytes, if there is a rate.  In a full set of four the
 * address that was silent longest is forgotten, and its count with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ADMIT_H
#define COLLECTOR_ADMIT_H

#include "counter.h"
#include "hash.h"
#include "sink.h"

#define ADMIT_SLOTS			4096
#define ADMIT_MAX_NETWORKS	1024
#define ADMIT_MAX_RATE		10000000

struct admit_options
{
	const char *const *networks;	/* [nnetworks], "192.0.2.0/24", "2001:db8::1" */
	int			nnetworks;		/* <= ADMIT_MAX_NETWORKS */
	uint32_t	rate;			/* <= ADMIT_MAX_RATE; 0: no limit */
	struct hash_key hash_key;
	struct counters *counters;
};

struct admit;

/* Returns NULL, having logged why: an entry is invalid. */
extern struct admit *admit_open(const struct admit_options *options) MUST_CHECK;
extern void admit_close(struct admit *admit);

/*
 * May a datagram of this address in?  If not, it has been counted, and logged
 * within LOG_BUDGET_LINES; who is over the rate, also once a minute.  now_us
 * is monotonic.  Safe in any thread.
 */
extern bool admit_check(struct admit *admit, const struct flow_addr *addr,
						int64_t now_us) MUST_CHECK;

/* Call back for each address with datagrams over its rate, and their number. */
extern void admit_each(struct admit *admit, void *arg,
					   void (*callback) (void *arg, const struct flow_addr *addr,
										 uint64_t nover));

#endif
