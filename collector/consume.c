/*-------------------------------------------------------------------------
 *
 * The consumer.
 *
 * The state of a file is saved when its first record is about to be taken, so
 * before anything of it can be committed.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdlib.h>

#include "consume.h"
#include "log.h"

struct consumer
{
	struct spool *spool;
	struct counters *counters;
	struct consume_callbacks callbacks;
	struct spool_reader *reader;
	uint64_t	position;		/* end of the last record that was taken */
	uint32_t	state_file;		/* whose state is saved, or was loaded */
};

static uint32_t
position_file(uint64_t position)
{
	return (uint32_t) (position >> 32);
}

static void
save_state(struct consumer *consumer, uint32_t file)
{
	const struct consume_callbacks *callbacks = &consumer->callbacks;
	void	   *bytes = NULL;
	size_t		len;

	consumer->state_file = file;
	if (callbacks->save == NULL)
		return;
	len = callbacks->save(callbacks->arg, &bytes);
	if (bytes != NULL && !spool_state_save(consumer->spool, file, bytes, len))
		log_warnx("after a restart, decoding begins in a file before %" PRIu32,
				  file);
	free(bytes);
}

/*
 * Load the newest state from which position can be reached, or the oldest
 * record there is, if that is later.  Returns where to read on from there.
 */
static uint64_t
load_state(struct consumer *consumer, uint64_t position)
{
	const struct consume_callbacks *callbacks = &consumer->callbacks;
	uint32_t	first = position_file(spool_first(consumer->spool));
	bool		is_gone = position_file(position) < first;
	uint32_t	file = is_gone ? first : position_file(position);
	void	   *bytes = NULL;
	size_t		len = 0;

	while ((file = spool_state_find(consumer->spool, file)) > 0 &&
		   (bytes = spool_state_load(consumer->spool, file, &len)) == NULL)
		file--;
	if (callbacks->load != NULL)
		callbacks->load(callbacks->arg, bytes, len);
	consumer->state_file = bytes == NULL ? first : file;
	free(bytes);
	if (is_gone)
		return position;
	return (uint64_t) (file > first ? file : first) << 32;
}

/* One record to the decoders; the first of a file lets the state be saved. */
static void
take(struct consumer *consumer, const struct spool_record *record,
	 bool is_replay)
{
	uint32_t	file = position_file(record->position);

	if (file != consumer->state_file && file == position_file(record->end))
		save_state(consumer, file);
	consumer->callbacks.record(consumer->callbacks.arg, record, is_replay);
	consumer->position = record->end;
}

/*
 * Let the decoders learn what lies before position.  What ends after it, a gap
 * or the first record of a file after one that lost its end, is new.
 */
static void
replay(struct consumer *consumer, uint64_t position)
{
	struct spool_record record;
	uint64_t	nrecords = 0;

	while (consumer->position < position &&
		   spool_next(consumer->reader, &record) == SPOOL_RECORD)
	{
		bool		is_replay = record.end <= position;

		take(consumer, &record, is_replay);
		nrecords += is_replay;
	}
	counter_add(&consumer->counters->spool_records_replayed, nrecords);
	if (nrecords > 0)
		log_info("read %" PRIu64 " records of the spool again, for the decoders' state",
				 nrecords);
}

bool
consume_seek(struct consumer *consumer, uint64_t position)
{
	if (consumer->reader != NULL)
		spool_reader_close(consumer->reader);
	spool_release(consumer->spool, position);
	consumer->position = load_state(consumer, position);
	consumer->reader = spool_reader_open(consumer->spool, consumer->position);
	if (consumer->reader == NULL)
		return false;
	replay(consumer, position);
	if (consumer->position < position)
		consumer->position = position;
	return true;
}

struct consumer *
consume_open(struct spool *spool, uint64_t position,
			 const struct consume_callbacks *callbacks, struct counters *counters)
{
	struct consumer *consumer = calloc(1, sizeof(*consumer));

	if (consumer == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	consumer->spool = spool;
	consumer->counters = counters;
	consumer->callbacks = *callbacks;
	if (consume_seek(consumer, position))
		return consumer;
	consume_close(consumer);
	return NULL;
}

void
consume_close(struct consumer *consumer)
{
	if (consumer->reader != NULL)
		spool_reader_close(consumer->reader);
	free(consumer);
}

bool
consume_step(struct consumer *consumer, int max_records)
{
	const struct consume_callbacks *callbacks = &consumer->callbacks;
	struct spool_record record;
	bool		has_more = true;
	int			n = 0;

	spool_clear_doorbell(consumer->spool);
	while (n < max_records && has_more &&
		   (callbacks->has_room == NULL || callbacks->has_room(callbacks->arg)))
	{
		has_more = spool_next(consumer->reader, &record) == SPOOL_RECORD;
		if (!has_more)
			break;
		take(consumer, &record, false);
		callbacks->mark(callbacks->arg, consumer->position);
		n++;
	}
	return has_more && n == max_records;
}

uint64_t
consume_position(const struct consumer *consumer)
{
	return consumer->position;
}

struct datagram
consume_datagram(const struct spool_record *record)
{
	struct datagram datagram = {
		.bytes = record->bytes,
		.len = record->len,
		.exporter = record->source.addr,
		.received_us = record->source.received_us,
		.port = record->source.port,
		.is_stream = (record->source.flags & SPOOL_IS_TCP) != 0
	};

	return datagram;
}
