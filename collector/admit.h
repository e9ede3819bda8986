/*-------------------------------------------------------------------------
 *
 * Which exporters are listened to, and how much of each: the rules, applied.
 *
 * A rate is of datagrams a second, for each address alone, with a burst of one
 * second.
 *
 * Memory: ADMIT_SLOTS * 64 bytes, and a copy of the rules with their counts.  In a full set of
 * four the address that was silent longest is forgotten, and its count with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ADMIT_H
#define COLLECTOR_ADMIT_H

#include "counter.h"
#include "exporter_rule.h"
#include "hash.h"
#include "sink.h"

#define ADMIT_SLOTS 4096

struct admit;

/* Datagrams that a rule has dropped, and connections that it has refused. */
struct admit_counts
{
	uint64_t	nrefused;
	uint64_t	nover;			/* over its rate */
};

/* No rules yet: all are let in.  Returns NULL when memory is exhausted. */
extern struct admit *admit_open(struct hash_key key, struct counters *counters) MUST_CHECK;
extern void admit_close(struct admit *admit);

/*
 * These rules count from now on; they are copied.  Those of a network that had
 * a rule before go on with its counts.
 */
extern void admit_set_rules(struct admit *admit, const struct exporter_rules *rules);

/* How often that was done: who has asked must ask again when it has changed.  Safe in any thread. */
extern uint64_t admit_version(const struct admit *admit);

/*
 * May a datagram of this address in?  If not, it has been counted, and logged
 * within LOG_BUDGET_LINES; who is over the rate, also once a minute.  now_us
 * is monotonic.  Safe in any thread.
 */
extern bool admit_check(struct admit *admit, const struct flow_addr *addr,
						int64_t now_us) MUST_CHECK;

/*
 * May this address have a connection, or keep it?  Rates are of datagrams, so only refusing
 * counts; it is counted for its rule, and logged as above.  Safe in any thread.
 */
extern bool admit_connection(struct admit *admit, const struct flow_addr *addr,
							 int64_t now_us) MUST_CHECK;

/* Call back for each address with datagrams over the rate of its rule. */
extern void admit_each(struct admit *admit, void *arg,
					   void (*callback) (void *arg, const struct flow_addr *addr,
										 uint64_t nover));

/* Call back for each rule. */
extern void admit_each_rule(struct admit *admit, void *arg,
							void (*callback) (void *arg, const struct exporter_rule *rule,
											  const struct admit_counts *counts));

#endif
