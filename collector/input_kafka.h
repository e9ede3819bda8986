/*-------------------------------------------------------------------------
 *
 * Kafka: the messages of a topic's partitions, in order, from given offsets.
 *
 * Partitions are assigned by hand, not by a group: who reads what, and from
 * where, is known from the database.  What has been written is told to Kafka all
 * the same, under a group's name, so that its tools can show the lag.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_KAFKA_H
#define COLLECTOR_INPUT_KAFKA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"

#define KAFKA_MAX_PARTITIONS	256
#define KAFKA_GROUP				"flowcollectd"

struct kafka_options
{
	const char *brokers;		/* host:port, separated by commas */
	const char *topic;
	const char *const *settings;	/* [nsettings], name=value of librdkafka */
	int			nsettings;
	struct counters *counters;
};

struct kafka_message
{
	int			partition;
	int64_t		offset;
	int64_t		time_us;		/* of the message, or of its arrival; since 1970 */
	const uint8_t *bytes;		/* bytes[len], until the next read */
	size_t		len;
	const uint8_t *key;			/* key[key_len], the same */
	size_t		key_len;
};

enum kafka_result
{
	KAFKA_MESSAGE,
	KAFKA_NOTHING,				/* within the time */
	KAFKA_FAILED				/* for good; it has been logged */
};

struct kafka;

/*
 * Ask the brokers for the topic.  Returns NULL, having logged why: a setting is
 * wrong, no broker answers within 30 s, there is no such topic, or it has more than
 * KAFKA_MAX_PARTITIONS partitions.
 */
extern struct kafka *kafka_open(const struct kafka_options *options);
extern void kafka_close(struct kafka *kafka);

extern int	kafka_partitions(const struct kafka *kafka);

/*
 * Read partition i from offsets[i] on; -1: not at all.  An offset that Kafka no
 * longer has is replaced by its oldest, which is logged, and counted as a gap.
 */
extern bool kafka_assign(struct kafka *kafka, const int64_t *offsets)
			__attribute__((warn_unused_result));

/* The next message, of any partition.  Waits up to timeout_ms. */
extern enum kafka_result kafka_read(struct kafka *kafka, int timeout_ms,
									struct kafka_message *message);

/* Go back, or on.  Returns false, having logged why. */
extern bool kafka_seek(struct kafka *kafka, int partition, int64_t offset)
			__attribute__((warn_unused_result));

/* Tell Kafka that all before offset is written; failures are nobody's loss. */
extern void kafka_note_written(struct kafka *kafka, int partition, int64_t offset);

#endif
