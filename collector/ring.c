/*-------------------------------------------------------------------------
 *
 * The ring: who adds fills one chunk while the thread writes another.
 *
 * Locking: "lock" guards head, tail and stops; a chunk belongs to who adds
 * from tail + RING_CHUNKS > head on until head passes it, then to the thread
 * until tail does.  "failed" is set by the thread and read without the lock;
 * who adds may learn of a failure a chunk later.
 *
 *-------------------------------------------------------------------------
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ring.h"
#include "ring_write.h"
#include "thread.h"

#define LAST_NUMBER		(UINT32_MAX / 2)

struct ring
{
	struct ring_options options;
	struct ring_writer writer;
	struct ring_chunk chunks[RING_CHUNKS];
	pthread_t	thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t	head;			/* chunks handed to the thread */
	uint64_t	tail;			/* chunks written */
	bool		stops;
	uint32_t	failed;			/* the last file that the disk refused, or 0 */

	/* of who adds */
	struct ring_chunk *chunk;	/* that is being filled, or NULL */
	uint32_t	file;			/* the last one begun */
	bool		has_file;		/* it takes more */
	int			dlt;			/* of the file */
	uint32_t	offset;			/* its end */
	int64_t		first_us;		/* time of its first packet */
	int64_t		sealed_us;		/* when the last chunk was handed on */
	uint32_t	excused;		/* failures of files up to this one are known */
	int64_t		retry_us;		/* 0: it works; else when to try */
};

static void *
write_chunks(void *arg)
{
	struct ring *ring = arg;

	pthread_mutex_lock(&ring->lock);
	for (;;)
	{
		struct ring_chunk *chunk = &ring->chunks[ring->tail % RING_CHUNKS];

		while (ring->tail == ring->head && !ring->stops)
			pthread_cond_wait(&ring->changed, &ring->lock);
		if (ring->tail == ring->head)
			break;
		pthread_mutex_unlock(&ring->lock);
		if (!ring_writer_put(&ring->writer, chunk))
		{
			counter_add(&ring->options.counters->ring_packets_dropped, chunk->block.nrecords);
			__atomic_store_n(&ring->failed, chunk->file, __ATOMIC_RELAXED);
		}
		pthread_mutex_lock(&ring->lock);
		ring->tail++;
		pthread_cond_broadcast(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static void
free_ring(struct ring *ring)
{
	for (int i = 0; i < RING_CHUNKS; i++)
	{
		free(ring->chunks[i].bytes);
		free(ring->chunks[i].entries);
	}
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	free(ring);
}

static bool
make_chunks(struct ring *ring)
{
	bool		is_good = true;

	for (int i = 0; i < RING_CHUNKS; i++)
	{
		struct ring_chunk *chunk = &ring->chunks[i];

		chunk->bytes = malloc(RING_CHUNK_BYTES);
		chunk->entries = malloc(RING_CHUNK_PACKETS * sizeof(*chunk->entries));
		is_good = is_good && chunk->bytes != NULL && chunk->entries != NULL;
	}
	if (!is_good)
		log_warnx("out of memory");
	return is_good;
}

/* Are there enough for the files of one process?  They are never used again. */
static bool
has_numbers(const struct ring *ring)
{
	if (ring->writer.dir.last <= LAST_NUMBER)
		return true;
	log_warnx("ring \"%s\" has used up the numbers for its files: take another directory",
			  ring->options.path);
	return false;
}

struct ring *
ring_open(const struct ring_options *options)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	ring->options = *options;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	if (make_chunks(ring) && ring_writer_open(&ring->writer, options))
	{
		/* chunks of so many files may have been lost in a kill, with their numbers */
		ring->file = ring->writer.dir.last + RING_CHUNKS;
		if (has_numbers(ring) && thread_start(&ring->thread, write_chunks, ring, "writes packets"))
			return ring;
		ring_writer_close(&ring->writer);
	}
	free_ring(ring);
	return NULL;
}

const char *
ring_id(const struct ring *ring)
{
	return ring->writer.dir.id;
}

static void
seal(struct ring *ring)
{
	struct ring_chunk *chunk = ring->chunk;

	if (chunk == NULL)
		return;
	ring->chunk = NULL;
	chunk->block.end = ring->offset;
	pthread_mutex_lock(&ring->lock);
	ring->head++;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void
ring_close(struct ring *ring)
{
	seal(ring);
	pthread_mutex_lock(&ring->lock);
	ring->stops = true;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	pthread_join(ring->thread, NULL);
	ring_writer_close(&ring->writer);
	free_ring(ring);
}

void
ring_tick(struct ring *ring, int64_t now_us)
{
	if (now_us - ring->sealed_us < RING_SEAL_US)
		return;
	ring->sealed_us = now_us;
	seal(ring);
}

/* Is the disk to be left alone for now? */
static bool
is_paused(struct ring *ring)
{
	if (ring->retry_us == 0 && __atomic_load_n(&ring->failed, __ATOMIC_RELAXED) <= ring->excused)
		return false;
	if (ring->retry_us == 0)
	{
		seal(ring);
		ring->has_file = false;
		ring->excused = ring->file;
		ring->retry_us = clock_monotonic_us() + RING_RETRY_US;
	}
	if (clock_monotonic_us() < ring->retry_us)
		return true;
	ring->retry_us = 0;
	return false;
}

/* The chunk that is next, which is empty; NULL: the thread has not written it. */
static struct ring_chunk *
take_chunk(struct ring *ring)
{
	bool		is_free;

	pthread_mutex_lock(&ring->lock);
	while (ring->options.can_wait && ring->head - ring->tail == RING_CHUNKS)
		pthread_cond_wait(&ring->changed, &ring->lock);
	is_free = ring->head - ring->tail < RING_CHUNKS;
	pthread_mutex_unlock(&ring->lock);
	if (!is_free)
		return NULL;
	ring->chunk = &ring->chunks[ring->head % RING_CHUNKS];
	ring->chunk->nentries = 0;
	return ring->chunk;
}

/* Begin a file if the current one is not for this frame. */
static void
choose_file(struct ring *ring, const struct frame *frame, size_t len)
{
	if (ring->has_file && frame->dlt == ring->dlt &&
		ring->offset + len <= ring->options.file_bytes &&
		frame->time_us - ring->first_us < ring->options.file_us)
		return;
	seal(ring);
	ring->has_file = true;
	ring->file++;
	ring->dlt = frame->dlt;
	ring->offset = RING_FILE_HEADER;
	ring->first_us = frame->time_us;
}

static struct ring_chunk *
choose_chunk(struct ring *ring, size_t len)
{
	struct ring_chunk *chunk = ring->chunk;

	if (chunk != NULL && ring->offset - chunk->block.begin + len <= RING_CHUNK_BYTES &&
		chunk->nentries < RING_CHUNK_PACKETS)
		return chunk;
	seal(ring);
	chunk = take_chunk(ring);
	if (chunk == NULL)
		return NULL;
	chunk->file = ring->file;
	chunk->dlt = ring->dlt;
	chunk->block = (struct ring_block) {
		.begin = ring->offset,.min_us = INT64_MAX,.max_us = INT64_MIN
	};
	return chunk;
}

static uint64_t
put(struct ring *ring, struct ring_chunk *chunk, const struct frame *kept,
	const struct flow_key *key)
{
	uint8_t    *p = chunk->bytes + (ring->offset - chunk->block.begin);
	uint64_t	position = ring_position(ring->file, ring->offset);

	ring_record_header(p, kept);
	memcpy(p + RING_RECORD_HEADER, kept->bytes, kept->caplen);
	if (key != NULL)
		chunk->entries[chunk->nentries++] = (struct ring_entry) {
			.hash = ring_dir_hash(&ring->writer.dir, key),.offset = ring->offset
		};
	chunk->block.nrecords++;
	if (kept->time_us < chunk->block.min_us)
		chunk->block.min_us = kept->time_us;
	if (kept->time_us > chunk->block.max_us)
		chunk->block.max_us = kept->time_us;
	ring->offset += (uint32_t) (RING_RECORD_HEADER + kept->caplen);
	return position;
}

uint64_t
ring_add(struct ring *ring, const struct frame *frame, const struct flow_key *key)
{
	struct frame kept = *frame;
	struct ring_chunk *chunk = NULL;
	size_t		len;

	if (kept.caplen > ring->options.snap)
		kept.caplen = ring->options.snap;
	len = RING_RECORD_HEADER + kept.caplen;
	if (kept.caplen == 0 && kept.wirelen == 0)
		return 0;				/* nothing of a packet */
	if (!is_paused(ring))
	{
		choose_file(ring, &kept, len);
		chunk = choose_chunk(ring, len);
	}
	if (chunk != NULL)
		return put(ring, chunk, &kept, key);
	counter_add(&ring->options.counters->ring_packets_dropped, 1);
	return 0;
}
