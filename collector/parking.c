/*-------------------------------------------------------------------------
 *
 * Parked data sets: one list in order of arrival, and one per hash bucket, in
 * the same order.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "parking.h"

struct parking
{
	struct counters *counters;
	struct hash_key hash_key;
	size_t		nbytes;			/* of all that wait */
	struct parked_list all;
	struct parked_list buckets[PARKING_BUCKETS];
	uint32_t	shares[PARKING_SHARES]; /* bytes, by address */
};

struct parking *
parking_open(struct counters *counters, struct hash_key key)
{
	struct parking *parking = calloc(1, sizeof(*parking));

	if (parking == NULL)
		return NULL;
	parking->counters = counters;
	parking->hash_key = key;
	TAILQ_INIT(&parking->all);
	for (int i = 0; i < PARKING_BUCKETS; i++)
		TAILQ_INIT(&parking->buckets[i]);
	return parking;
}

void
parking_close(struct parking *parking)
{
	struct parked_set *set;

	if (parking == NULL)
		return;
	while ((set = TAILQ_FIRST(&parking->all)) != NULL)
	{
		TAILQ_REMOVE(&parking->all, set, order);
		free(set);
	}
	free(parking);
}

static struct parked_list *
bucket_of(struct parking *parking, const struct template_key *key)
{
	return &parking->buckets[hash_words(&parking->hash_key, key, sizeof(*key)) %
							 PARKING_BUCKETS];
}

static uint32_t *
share_of(struct parking *parking, const struct template_key *key)
{
	struct exporter_key address = {.addr = key->domain.addr};

	return &parking->shares[hash_words(&parking->hash_key, &address,
									   sizeof(address)) % PARKING_SHARES];
}

static size_t
size_of(size_t len)
{
	return sizeof(struct parked_set) + len;
}

static void
take_out(struct parking *parking, struct parked_list *bucket,
		 struct parked_set *set)
{
	TAILQ_REMOVE(&parking->all, set, order);
	TAILQ_REMOVE(bucket, set, bucket);
	parking->nbytes -= size_of(set->len);
	*share_of(parking, &set->key) -= (uint32_t) size_of(set->len);
}

static void
drop_oldest(struct parking *parking)
{
	struct parked_set *set = TAILQ_FIRST(&parking->all);

	take_out(parking, bucket_of(parking, &set->key), set);
	free(set);
}

void
parking_put(struct parking *parking, const struct export_message *message,
			const struct template_key *key, const uint8_t *bytes, size_t len)
{
	uint32_t   *share = share_of(parking, key);
	struct parked_set *set;

	if (*share + size_of(len) > PARKING_MAX_EXPORTER_BYTES ||
		(set = malloc(size_of(len))) == NULL)
	{
		parking->counters->sets_unparkable++;
		return;
	}
	while (parking->nbytes + size_of(len) > PARKING_MAX_BYTES)
	{
		drop_oldest(parking);
		parking->counters->sets_park_evicted++;
	}
	set->key = *key;
	set->message = *message;
	set->len = len;
	memcpy(set->bytes, bytes, len);
	TAILQ_INSERT_TAIL(&parking->all, set, order);
	TAILQ_INSERT_TAIL(bucket_of(parking, key), set, bucket);
	parking->nbytes += size_of(len);
	*share += (uint32_t) size_of(len);
	parking->counters->sets_parked++;
}

void
parking_take(struct parking *parking, const struct template_key *key,
			 struct parked_list *taken)
{
	struct parked_list *bucket = bucket_of(parking, key);
	struct parked_set *set = TAILQ_FIRST(bucket);

	TAILQ_INIT(taken);
	while (set != NULL)
	{
		struct parked_set *next = TAILQ_NEXT(set, bucket);

		if (memcmp(&set->key, key, sizeof(*key)) == 0)
		{
			take_out(parking, bucket, set);
			TAILQ_INSERT_TAIL(taken, set, order);
			parking->counters->sets_unparked++;
		}
		set = next;
	}
}

void
parking_expire(struct parking *parking, int64_t now_us)
{
	const struct parked_set *set;

	while ((set = TAILQ_FIRST(&parking->all)) != NULL &&
		   set->message.received_us < now_us - PARKING_US)
	{
		drop_oldest(parking);
		parking->counters->sets_park_expired++;
	}
}

const struct parked_list *
parking_all(const struct parking *parking)
{
	return &parking->all;
}
