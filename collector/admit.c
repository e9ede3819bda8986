/*-------------------------------------------------------------------------
 *
 * Which exporters are listened to: rules, and token buckets.
 *
 * A bucket holds time, a second at most: a datagram costs 1 s / rate, and what
 * passes comes in.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "log.h"

#define DROPPED		"dropped a datagram from"
#define REFUSED		"it is refused by a rule"
#define WAYS		4
#define SECOND_NS	INT64_C(1000000000)

struct bucket
{
	struct flow_addr addr;
	uint8_t		zero[7];		/* always 0; hashed with addr */
	int64_t		seen_us;		/* 0: free */
	int64_t		level_ns;
	uint64_t	nover;
	struct log_limit log_limit;
};

_Static_assert(sizeof(struct bucket) <= 64, "the bound of the header");
_Static_assert(offsetof(struct bucket, seen_us) == 24, "hashed as three words");

struct admit
{
	struct counters *counters;
	struct hash_key hash_key;
	uint64_t	version;		/* atomic */
	pthread_mutex_t lock;		/* for all that follows */
	struct exporter_rules rules;
	struct admit_counts counts[EXPORTER_RULE_MAX];	/* of each rule */
	struct log_budget log_budget;
	struct bucket buckets[ADMIT_SLOTS];
};

struct admit *
admit_open(struct hash_key key, struct counters *counters)
{
	struct admit *admit = calloc(1, sizeof(*admit));

	if (admit == NULL)
		return NULL;
	pthread_mutex_init(&admit->lock, NULL);
	admit->counters = counters;
	admit->hash_key = key;
	return admit;
}

void
admit_close(struct admit *admit)
{
	pthread_mutex_destroy(&admit->lock);
	free(admit);
}

/* What the rule of this network has dropped so far. */
static struct admit_counts
counts_of(const struct admit *admit, const struct exporter_rule *rule)
{
	for (int i = 0; i < admit->rules.n; i++)
	{
		const struct exporter_rule *old = &admit->rules.rules[i];

		if (old->bits == rule->bits &&
			memcmp(&old->prefix, &rule->prefix, sizeof(rule->prefix)) == 0)
			return admit->counts[i];
	}
	return (struct admit_counts) {0};
}

void
admit_set_rules(struct admit *admit, const struct exporter_rules *rules)
{
	struct admit_counts counts[EXPORTER_RULE_MAX] = {{0}};

	pthread_mutex_lock(&admit->lock);
	for (int i = 0; i < rules->n; i++)
		counts[i] = counts_of(admit, &rules->rules[i]);
	memcpy(admit->counts, counts, sizeof(counts));
	admit->rules = *rules;
	pthread_mutex_unlock(&admit->lock);
	(void) __atomic_add_fetch(&admit->version, 1, __ATOMIC_RELEASE);
}

uint64_t
admit_version(const struct admit *admit)
{
	return __atomic_load_n(&admit->version, __ATOMIC_ACQUIRE);
}

static void
log_refused(struct admit *admit, const struct flow_addr *addr, const char *what,
			const char *reason, int64_t now_us)
{
	char		text[INET6_ADDRSTRLEN] = "?";

	if (!log_within_budget(&admit->log_budget, now_us))
		return;
	(void) inet_ntop(addr->family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6,
					 addr->bytes, text, sizeof(text));
	log_warnx("%s exporter %s: %s", what, text, reason);
}

static struct bucket *
find_bucket(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	struct bucket key = {.addr = *addr};
	uint64_t	hash = hash_words(&admit->hash_key, &key, offsetof(struct bucket, seen_us));
	struct bucket *set = &admit->buckets[(hash % (ADMIT_SLOTS / WAYS)) * WAYS];
	struct bucket *victim = set;

	for (int i = 0; i < WAYS; i++)
	{
		if (set[i].seen_us != 0 && memcmp(&set[i].addr, addr, sizeof(*addr)) == 0)
			return &set[i];
		if (set[i].seen_us < victim->seen_us)
			victim = &set[i];
	}
	*victim = key;
	victim->seen_us = now_us;
	victim->level_ns = SECOND_NS;
	return victim;
}

static bool
is_within_rate(struct admit *admit, const struct flow_addr *addr, uint64_t rate,
			   int64_t now_us)
{
	struct bucket *bucket = find_bucket(admit, addr, now_us);
	int64_t		passed_us = now_us - bucket->seen_us;
	int64_t		cost_ns = rate < (uint64_t) SECOND_NS ? SECOND_NS / (int64_t) rate : 1;

	bucket->seen_us = now_us;
	if (passed_us > 1000000)
		passed_us = 1000000;
	if (passed_us > 0)
		bucket->level_ns += passed_us * 1000;
	if (bucket->level_ns > SECOND_NS)
		bucket->level_ns = SECOND_NS;
	if (bucket->level_ns >= cost_ns)
	{
		bucket->level_ns -= cost_ns;
		return true;
	}
	bucket->nover++;
	if (log_allowed(&bucket->log_limit, now_us))
		log_refused(admit, addr, DROPPED, "it sends more than its rate", now_us);
	return false;
}

/* With the lock. */
static bool
check(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	const struct exporter_rule *rule = exporter_rules_find(&admit->rules, addr);

	if (rule == NULL)
		return true;
	if (rule->is_refused)
	{
		admit->counts[rule - admit->rules.rules].nrefused++;
		counter_add(&admit->counters->received_not_allowed, 1);
		log_refused(admit, addr, DROPPED, REFUSED, now_us);
		return false;
	}
	if (rule->rate == 0 || is_within_rate(admit, addr, rule->rate, now_us))
		return true;
	admit->counts[rule - admit->rules.rules].nover++;
	counter_add(&admit->counters->received_over_rate, 1);
	return false;
}

bool
admit_check(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	bool		is_good;

	pthread_mutex_lock(&admit->lock);
	is_good = check(admit, addr, now_us);
	pthread_mutex_unlock(&admit->lock);
	return is_good;
}

bool
admit_connection(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	const struct exporter_rule *rule;
	bool		is_refused;

	pthread_mutex_lock(&admit->lock);
	rule = exporter_rules_find(&admit->rules, addr);
	is_refused = rule != NULL && rule->is_refused;
	if (is_refused)
	{
		admit->counts[rule - admit->rules.rules].nrefused++;
		log_refused(admit, addr, "closed a connection of", REFUSED, now_us);
	}
	pthread_mutex_unlock(&admit->lock);
	return !is_refused;
}

void
admit_each(struct admit *admit, void *arg,
		   void (*callback) (void *arg, const struct flow_addr *addr, uint64_t nover))
{
	pthread_mutex_lock(&admit->lock);
	for (int i = 0; i < ADMIT_SLOTS; i++)
		if (admit->buckets[i].nover > 0)
			callback(arg, &admit->buckets[i].addr, admit->buckets[i].nover);
	pthread_mutex_unlock(&admit->lock);
}

void
admit_each_rule(struct admit *admit, void *arg,
				void (*callback) (void *arg, const struct exporter_rule *rule,
								  const struct admit_counts *counts))
{
	pthread_mutex_lock(&admit->lock);
	for (int i = 0; i < admit->rules.n; i++)
		callback(arg, &admit->rules.rules[i], &admit->counts[i]);
	pthread_mutex_unlock(&admit->lock);
}
