/*-------------------------------------------------------------------------
 *
 * A topic of Kafka into the sinks, exactly once.
 *
 * Each partition is a source of its own, "kafka:TOPIC:PARTITION", with its own
 * sink, and its positions are offsets.  Kafka keeps what has not been written, so
 * that a sink that is full just stops the reading.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "collector.h"
#include "feed.h"
#include "input_kafka.h"
#include "log.h"
#include "notify.h"
#include "run.h"
#include "sink_copy.h"

#define MESSAGES_PER_TURN	4096
#define WAIT_MS				20
#define NOTE_US				(5 * INT64_C(1000000))
#define SOURCE_LEN			300

struct partition
{
	char		source[SOURCE_LEN];
	struct sink *copy;			/* NULL: no database */
	struct export_decoder exports;	/* KAFKA_DATAGRAM */
	int64_t		noted;			/* offset that Kafka was told */
};

struct kafka_run
{
	struct collector *collector;
	struct kafka *kafka;
	struct feed *feed;			/* KAFKA_JSON */
	struct log_budget bad_lines;
	int			nsinks;			/* of the collector, without those of partitions */
	int			n;
	struct partition *partitions;	/* [n] */
	int64_t		note_due_us;
};

/* Let what is put now go to this partition's sink. */
static void
choose(struct kafka_run *run, int partition)
{
	struct collector *collector = run->collector;

	collector->copy = run->partitions[partition].copy;
	collector->nsinks = run->nsinks;
	if (collector->copy != NULL)
		collector->sinks[collector->nsinks++] = collector->copy;
}

static void
open_partitions(struct kafka_run *run)
{
	struct collector *collector = run->collector;
	const struct options *options = &collector->options;

	run->n = kafka_partitions(run->kafka);
	run->partitions = calloc((size_t) run->n, sizeof(*run->partitions));
	if (run->partitions == NULL)
		fatalx("out of memory");
	run->nsinks = collector->nsinks;
	for (int i = 0; i < run->n; i++)
	{
		struct partition *partition = &run->partitions[i];

		snprintf(partition->source, sizeof(partition->source), "kafka:%s:%d",
				 options->kafka_topic, i);
		collector->nsinks = run->nsinks;
		collector->copy = NULL;
		collector_open_copy(collector, partition->source, true);
		partition->copy = collector->copy;
		if (options->kafka_format == KAFKA_DATAGRAM)
			partition->exports = collector_open_exports(collector);
	}
}

static void
tick_all(struct kafka_run *run)
{
	for (int i = 0; i < run->n; i++)
	{
		choose(run, i);
		collector_tick(run->collector);
	}
}

/* Once the database has said how far each partition is. */
static bool
begin_reading(struct kafka_run *run)
{
	int64_t		offsets[KAFKA_MAX_PARTITIONS] = {0};

	for (int i = 0; i < run->n; i++)
		while (run->partitions[i].copy != NULL && !sink_copy_is_ready(run->partitions[i].copy))
		{
			if (!collector_goes_on(run->collector))
				return false;
			tick_all(run);
			(void) poll(NULL, 0, WAIT_MS);
		}
	for (int i = 0; i < run->n; i++)
	{
		uint64_t	position = 0;

		choose(run, i);
		if (run->collector->copy != NULL && !sink_copy_start(run->collector->copy, &position))
			fatalx("Kafka needs flow.ingest in the database: CREATE EXTENSION flowstore");
		offsets[i] = (int64_t) position;
		collector_mark(run->collector, position);
	}
	return kafka_assign(run->kafka, offsets);
}

/* The exporter is the key: an address as text, or its 4 or 16 bytes. */
static struct flow_addr
exporter_of(const struct kafka_message *message)
{
	struct flow_addr addr = {0};
	char		text[INET6_ADDRSTRLEN] = "";

	if (message->key_len == 4 || message->key_len == 16)
	{
		addr.family = message->key_len == 4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6;
		memcpy(addr.bytes, message->key, message->key_len);
		return addr;
	}
	if (message->key_len > 0 && message->key_len < sizeof(text))
		memcpy(text, message->key, message->key_len);
	if (inet_pton(AF_INET, text, addr.bytes) == 1)
		addr.family = FLOW_FAMILY_IP4;
	else if (inet_pton(AF_INET6, text, addr.bytes) == 1)
		addr.family = FLOW_FAMILY_IP6;
	return addr;
}

static void
decode_lines(struct kafka_run *run, const struct kafka_message *message)
{
	const char *at = (const char *) message->bytes;
	const char *end = at + message->len;

	while (at < end)
	{
		const char *newline = memchr(at, '\n', (size_t) (end - at));
		size_t		len = (size_t) ((newline == NULL ? end : newline) - at);

		if (feed_line(run->feed, at, len) == FEED_BAD &&
			log_within_budget(&run->bad_lines, clock_monotonic_us()))
			log_warnx("partition %d, offset %lld: %s", message->partition,
					  (long long) message->offset, feed_reason(run->feed));
		at += len + 1;
	}
}

static void
take(struct kafka_run *run, const struct kafka_message *message)
{
	struct datagram datagram = {
		.bytes = message->bytes,
		.len = message->len,
		.exporter = exporter_of(message),
		.received_us = message->time_us
	};

	choose(run, message->partition);
	if (message->bytes == NULL)
		;						/* a key that was deleted */
	else if (run->feed != NULL)
		decode_lines(run, message);
	else
		decode_export(&run->partitions[message->partition].exports, &datagram);
	collector_mark(run->collector, (uint64_t) message->offset + 1);
}

static bool
may_read(struct kafka_run *run)
{
	for (int i = 0; i < run->n; i++)
	{
		struct sink *copy = run->partitions[i].copy;
		uint64_t	position;

		if (copy == NULL)
			continue;
		if (sink_copy_must_rewind(copy, &position) &&
			!kafka_seek(run->kafka, i, (int64_t) position))
			run->collector->has_input_failed = true;
		if (sink_copy_is_full(copy))
			return false;
	}
	return true;
}

/* For Kafka's tools that show how far readers are. */
static void
note_written(struct kafka_run *run, bool is_end)
{
	if (!is_end && clock_monotonic_us() < run->note_due_us)
		return;
	run->note_due_us = clock_monotonic_us() + NOTE_US;
	for (int i = 0; i < run->n; i++)
	{
		struct partition *partition = &run->partitions[i];
		int64_t		settled = partition->copy == NULL ? 0 :
			(int64_t) sink_copy_settled(partition->copy);

		if (settled > partition->noted)
			kafka_note_written(run->kafka, i, settled);
		partition->noted = settled;
	}
}

static void
read_turn(struct kafka_run *run)
{
	struct kafka_message message;
	enum kafka_result result = KAFKA_MESSAGE;

	for (int i = 0; i < MESSAGES_PER_TURN && result == KAFKA_MESSAGE && may_read(run); i++)
	{
		result = kafka_read(run->kafka, i == 0 ? WAIT_MS : 0, &message);
		if (result == KAFKA_MESSAGE)
			take(run, &message);
	}
	if (result == KAFKA_FAILED)
		run->collector->has_input_failed = true;
}

static void
close_partitions(struct kafka_run *run)
{
	for (int i = 0; i < run->n; i++)
	{
		choose(run, i);
		collector_close_copy(run->collector);
		run->partitions[i].copy = NULL;
		if (run->feed == NULL)
			collector_close_exports(&run->partitions[i].exports);
	}
	run->collector->nsinks = run->nsinks;
	free(run->partitions);
}

void
run_kafka(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct kafka_options kafka = {
		.brokers = options->kafka,
		.topic = options->kafka_topic,
		.settings = options->kafka_settings.items,
		.nsettings = options->kafka_settings.n,
		.counters = &collector->counters
	};
	struct feed_options feed = {
		.format = FEED_JSON,
		.wants_fields = options->conninfo != NULL,
		.sensor = options->sensor,
		.out = {collector_put, collector},
		.counters = &collector->counters
	};
	struct kafka_run run = {.collector = collector};

	collector_drop_rights(collector);
	run.kafka = kafka_open(&kafka);
	if (run.kafka == NULL)
		exit(1);
	if (options->kafka_format == KAFKA_JSON && (run.feed = feed_open(&feed)) == NULL)
		fatalx("out of memory");
	collector_open_text(collector);
	open_partitions(&run);
	notify_ready();
	log_info("reading topic \"%s\", %d partition%s", options->kafka_topic, run.n, run.n == 1 ? "" : "s");
	if (begin_reading(&run))
		while (collector_goes_on(collector) && !collector->has_input_failed)
		{
			read_turn(&run);
			tick_all(&run);
			note_written(&run, false);
			collector_answer_signals(collector);
		}
	close_partitions(&run);
	if (run.feed != NULL)
		feed_close(run.feed);
	kafka_close(run.kafka);
}
