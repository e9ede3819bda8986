/*-------------------------------------------------------------------------
 *
 * Kafka by librdkafka.
 *
 * Messages come through one queue, which librdkafka fills in its own threads
 * within queued.max.messages.kbytes.
 *
 *-------------------------------------------------------------------------
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "input_kafka.h"
#include "log.h"

#define METADATA_MS		30000
#define ERROR_LEN		512

struct kafka
{
	struct kafka_options options;
	rd_kafka_t *handle;
	rd_kafka_message_t *message;	/* that was read last, or NULL */
	int			npartitions;
	int64_t		next[KAFKA_MAX_PARTITIONS]; /* offset that is expected; -1: any */
	struct log_limit error_limit;
};

static void
on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
	(void) handle;
	(void) facility;
	if (level <= 4)				/* warnings and what is worse */
		log_warnx("Kafka: %s", text);
}

static bool
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char		error[ERROR_LEN];

	if (rd_kafka_conf_set(conf, name, value, error, sizeof(error)) == RD_KAFKA_CONF_OK)
		return true;
	log_warnx("Kafka setting \"%s\": %s", name, error);
	return false;
}

static bool
set_pair(rd_kafka_conf_t *conf, const char *pair)
{
	const char *equals = strchr(pair, '=');
	char	   *name;
	bool		is_good;

	if (equals == NULL)
	{
		log_warnx("Kafka setting \"%s\" is not name=value", pair);
		return false;
	}
	name = strndup(pair, (size_t) (equals - pair));
	if (name == NULL)
		fatalx("out of memory");
	is_good = set(conf, name, equals + 1);
	free(name);
	return is_good;
}

static rd_kafka_t *
make_handle(const struct kafka_options *options)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *handle = NULL;
	char		error[ERROR_LEN];
	bool		is_good;

	rd_kafka_conf_set_log_cb(conf, on_log);
	is_good = set(conf, "bootstrap.servers", options->brokers) &&
		set(conf, "group.id", KAFKA_GROUP) &&
		set(conf, "client.id", "flowcollectd") &&
		set(conf, "enable.auto.commit", "false") &&
		set(conf, "enable.auto.offset.store", "false") &&
		set(conf, "auto.offset.reset", "earliest") &&
		set(conf, "queued.max.messages.kbytes", "65536");
	for (int i = 0; i < options->nsettings; i++)
		is_good = is_good && set_pair(conf, options->settings[i]);
	if (is_good)
	{
		handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
		if (handle == NULL)
			log_warnx("could not begin with Kafka: %s", error);
	}
	if (handle == NULL)
		rd_kafka_conf_destroy(conf);
	return handle;
}

/* How many partitions the topic has; 0, having logged why. */
static int
ask_partitions(struct kafka *kafka)
{
	const char *topic = kafka->options.topic;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(kafka->handle, topic, NULL);
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t error = handle == NULL ? rd_kafka_last_error() :
		rd_kafka_metadata(kafka->handle, 0, handle, &metadata, METADATA_MS);
	int			n = 0;

	if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1)
	{
		error = metadata->topics[0].err;
		n = metadata->topics[0].partition_cnt;
	}
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		log_warnx("could not ask Kafka for topic \"%s\": %s", topic, rd_kafka_err2str(error));
		n = 0;
	}
	else if (n < 1 || n > KAFKA_MAX_PARTITIONS)
	{
		log_warnx("topic \"%s\" has %d partitions; 1 to %d can be read", topic, n,
				  KAFKA_MAX_PARTITIONS);
		n = 0;
	}
	if (metadata != NULL)
		rd_kafka_metadata_destroy(metadata);
	if (handle != NULL)
		rd_kafka_topic_destroy(handle);
	return n;
}

struct kafka *
kafka_open(const struct kafka_options *options)
{
	struct kafka *kafka = calloc(1, sizeof(*kafka));

	if (kafka == NULL)
		fatalx("out of memory");
	kafka->options = *options;
	kafka->handle = make_handle(options);
	if (kafka->handle != NULL)
	{
		(void) rd_kafka_poll_set_consumer(kafka->handle);
		kafka->npartitions = ask_partitions(kafka);
	}
	if (kafka->npartitions > 0)
		return kafka;
	kafka_close(kafka);
	return NULL;
}

void
kafka_close(struct kafka *kafka)
{
	if (kafka->message != NULL)
		rd_kafka_message_destroy(kafka->message);
	if (kafka->handle != NULL)
	{
		(void) rd_kafka_consumer_close(kafka->handle);
		rd_kafka_destroy(kafka->handle);
	}
	free(kafka);
}

int
kafka_partitions(const struct kafka *kafka)
{
	return kafka->npartitions;
}

bool
kafka_assign(struct kafka *kafka, const int64_t *offsets)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(kafka->npartitions);
	rd_kafka_resp_err_t error;

	for (int i = 0; i < kafka->npartitions; i++)
	{
		kafka->next[i] = offsets[i] > 0 ? offsets[i] : -1;
		if (offsets[i] < 0)
			continue;
		rd_kafka_topic_partition_list_add(list, kafka->options.topic, i)->offset =
			offsets[i] == 0 ? RD_KAFKA_OFFSET_BEGINNING : offsets[i];
	}
	error = rd_kafka_assign(kafka->handle, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
		return true;
	log_warnx("could not read topic \"%s\": %s", kafka->options.topic, rd_kafka_err2str(error));
	return false;
}

bool
kafka_seek(struct kafka *kafka, int partition, int64_t offset)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(list, kafka->options.topic, partition);
	rd_kafka_error_t *error;
	bool		is_good;

	at->offset = offset == 0 ? RD_KAFKA_OFFSET_BEGINNING : offset;
	error = rd_kafka_seek_partitions(kafka->handle, list, METADATA_MS);
	is_good = error == NULL && at->err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (!is_good)
		log_warnx("could not go to offset %lld of partition %d: %s", (long long) offset, partition,
				  error != NULL ? rd_kafka_error_string(error) : rd_kafka_err2str(at->err));
	if (error != NULL)
		rd_kafka_error_destroy(error);
	rd_kafka_topic_partition_list_destroy(list);
	kafka->next[partition] = offset > 0 ? offset : -1;
	return is_good;
}

/* Offsets that compaction or retention took away. */
static void
check_gap(struct kafka *kafka, const rd_kafka_message_t *message)
{
	int64_t    *next = &kafka->next[message->partition];

	if (*next >= 0 && message->offset > *next)
	{
		kafka->options.counters->kafka_offsets_missed += (uint64_t) (message->offset - *next);
		log_warnx("topic \"%s\", partition %d: Kafka no longer has offsets %lld to %lld",
				  kafka->options.topic, (int) message->partition, (long long) *next,
				  (long long) message->offset - 1);
	}
	*next = message->offset + 1;
}

static int64_t
time_of(const rd_kafka_message_t *message)
{
	rd_kafka_timestamp_type_t type;
	int64_t		ms = rd_kafka_message_timestamp(message, &type);

	return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms <= 0 ?
		clock_realtime_us() : ms * 1000;
}

enum kafka_result
kafka_read(struct kafka *kafka, int timeout_ms, struct kafka_message *message)
{
	rd_kafka_message_t *got = rd_kafka_consumer_poll(kafka->handle, timeout_ms);

	if (got == NULL)
		return KAFKA_NOTHING;
	if (kafka->message != NULL)
		rd_kafka_message_destroy(kafka->message);
	kafka->message = got;
	if (got->err != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		char		error[ERROR_LEN];

		if (rd_kafka_fatal_error(kafka->handle, error, sizeof(error)) != RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			log_warnx("Kafka: %s", error);
			return KAFKA_FAILED;
		}
		if (got->err != RD_KAFKA_RESP_ERR__PARTITION_EOF &&
			log_allowed(&kafka->error_limit, clock_monotonic_us()))
			log_warnx("Kafka: %s", rd_kafka_message_errstr(got));
		return KAFKA_NOTHING;
	}
	check_gap(kafka, got);
	kafka->options.counters->kafka_messages++;
	*message = (struct kafka_message) {
		.partition = got->partition,
		.offset = got->offset,
		.time_us = time_of(got),
		.bytes = got->payload,
		.len = got->len,
		.key = got->key,
		.key_len = got->key_len
	};
	return KAFKA_MESSAGE;
}

void
kafka_note_written(struct kafka *kafka, int partition, int64_t offset)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, kafka->options.topic, partition)->offset = offset;
	(void) rd_kafka_commit(kafka->handle, list, 1);
	rd_kafka_topic_partition_list_destroy(list);
}
