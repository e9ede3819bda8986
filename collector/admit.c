/*-------------------------------------------------------------------------
 *
 * Which exporters are listened to: networks, and token buckets.
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

#define WAYS		4
#define SECOND_NS	INT64_C(1000000000)

struct network
{
	struct flow_addr addr;
	int			nbits;
};

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
	int64_t		cost_ns;		/* of a datagram; 0: no limit */
	int			nnetworks;
	struct network *networks;
	pthread_mutex_t lock;		/* for all that follows */
	struct log_budget log_budget;
	struct bucket *buckets;		/* [ADMIT_SLOTS], or NULL */
};

/* "192.0.2.0/24"; without a length it is one address. */
static bool
parse_network(const char *text, struct network *network)
{
	char		addr[INET6_ADDRSTRLEN];
	size_t		len = strcspn(text, "/");
	char	   *end;
	long		max;

	memset(network, 0, sizeof(*network));
	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (inet_pton(AF_INET, addr, network->addr.bytes) == 1)
		network->addr.family = FLOW_FAMILY_IP4;
	else if (inet_pton(AF_INET6, addr, network->addr.bytes) == 1)
		network->addr.family = FLOW_FAMILY_IP6;
	else
		return false;
	max = network->addr.family == FLOW_FAMILY_IP4 ? 32 : 128;
	network->nbits = (int) max;
	if (text[len] == '\0')
		return true;
	if (text[len + 1] < '0' || text[len + 1] > '9')
		return false;
	network->nbits = (int) strtol(text + len + 1, &end, 10);
	return *end == '\0' && strlen(text + len + 1) <= 3 && network->nbits <= max;
}

static bool
is_in(const struct network *network, const struct flow_addr *addr)
{
	int			nbytes = network->nbits / 8;
	int			shift = 8 - network->nbits % 8;

	if (network->addr.family != addr->family ||
		memcmp(network->addr.bytes, addr->bytes, (size_t) nbytes) != 0)
		return false;
	return shift == 8 ||
		network->addr.bytes[nbytes] >> shift == addr->bytes[nbytes] >> shift;
}

static bool
fill_in(struct admit *admit, const struct admit_options *options)
{
	admit->networks = calloc((size_t) options->nnetworks + 1, sizeof(struct network));
	if (options->rate > 0)
		admit->buckets = calloc(ADMIT_SLOTS, sizeof(struct bucket));
	if (admit->networks == NULL || (options->rate > 0 && admit->buckets == NULL))
	{
		log_warnx("out of memory");
		return false;
	}
	for (int i = 0; i < options->nnetworks; i++)
	{
		if (!parse_network(options->networks[i], &admit->networks[i]))
		{
			log_warnx("invalid network of exporters: \"%s\"", options->networks[i]);
			return false;
		}
		admit->nnetworks++;
	}
	return true;
}

struct admit *
admit_open(const struct admit_options *options)
{
	struct admit *admit = calloc(1, sizeof(*admit));

	if (admit == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	pthread_mutex_init(&admit->lock, NULL);
	admit->counters = options->counters;
	admit->hash_key = options->hash_key;
	admit->cost_ns = options->rate > 0 ? SECOND_NS / options->rate : 0;
	if (fill_in(admit, options))
		return admit;
	admit_close(admit);
	return NULL;
}

void
admit_close(struct admit *admit)
{
	pthread_mutex_destroy(&admit->lock);
	free(admit->networks);
	free(admit->buckets);
	free(admit);
}

static void
log_refused(struct admit *admit, const struct flow_addr *addr, const char *reason,
			int64_t now_us)
{
	char		text[INET6_ADDRSTRLEN] = "?";

	if (!log_within_budget(&admit->log_budget, now_us))
		return;
	(void) inet_ntop(addr->family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6,
					 addr->bytes, text, sizeof(text));
	log_warnx("dropped a datagram from exporter %s: %s", text, reason);
}

static bool
is_allowed(const struct admit *admit, const struct flow_addr *addr)
{
	for (int i = 0; i < admit->nnetworks; i++)
		if (is_in(&admit->networks[i], addr))
			return true;
	return admit->nnetworks == 0;
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
is_within_rate(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	struct bucket *bucket = find_bucket(admit, addr, now_us);
	int64_t		passed_us = now_us - bucket->seen_us;

	bucket->seen_us = now_us;
	if (passed_us > 1000000)
		passed_us = 1000000;
	if (passed_us > 0)
		bucket->level_ns += passed_us * 1000;
	if (bucket->level_ns > SECOND_NS)
		bucket->level_ns = SECOND_NS;
	if (bucket->level_ns >= admit->cost_ns)
	{
		bucket->level_ns -= admit->cost_ns;
		return true;
	}
	bucket->nover++;
	if (log_allowed(&bucket->log_limit, now_us))
		log_refused(admit, addr, "it sends more than its rate", now_us);
	return false;
}

bool
admit_check(struct admit *admit, const struct flow_addr *addr, int64_t now_us)
{
	bool		is_good;

	if (!is_allowed(admit, addr))
	{
		counter_add(&admit->counters->received_not_allowed, 1);
		pthread_mutex_lock(&admit->lock);
		log_refused(admit, addr, "it is in no network that is allowed", now_us);
		pthread_mutex_unlock(&admit->lock);
		return false;
	}
	if (admit->cost_ns == 0)
		return true;
	pthread_mutex_lock(&admit->lock);
	is_good = is_within_rate(admit, addr, now_us);
	pthread_mutex_unlock(&admit->lock);
	if (!is_good)
		counter_add(&admit->counters->received_over_rate, 1);
	return is_good;
}

void
admit_each(struct admit *admit, void *arg,
		   void (*callback) (void *arg, const struct flow_addr *addr, uint64_t nover))
{
	if (admit->buckets == NULL)
		return;
	pthread_mutex_lock(&admit->lock);
	for (int i = 0; i < ADMIT_SLOTS; i++)
		if (admit->buckets[i].nover > 0)
			callback(arg, &admit->buckets[i].addr, admit->buckets[i].nover);
	pthread_mutex_unlock(&admit->lock);
}
