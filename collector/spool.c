/*-------------------------------------------------------------------------
 *
 * The spool: opening, closing, and the buffer of what is to be written.
 *
 * The buffer is a ring of chunks.  Bursts are copied into the newest; the
 * writer takes the oldest once it is full or old enough.  Only the ring's
 * bookkeeping and that copy are under the lock.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "spool_files.h"

#define CLOSE_US		INT64_C(5000000)
#define MIN_BYTES		(1024 * 1024)
#define MAX_FILE_BYTES	(UINT64_C(1) << 31)

static void
set_defaults(struct spool_options *options)
{
	if (options->file_bytes == 0)
		options->file_bytes = 64 * 1024 * 1024;
	if (options->max_bytes == 0)
		options->max_bytes = UINT64_C(8) << 30;
	if (options->sync_us == 0)
		options->sync_us = 1000000;
	if (options->buffer_bytes == 0)
		options->buffer_bytes = 32 * 1024 * 1024;
	if (options->max_bytes < MIN_BYTES)
		options->max_bytes = MIN_BYTES;
	if (options->file_bytes > options->max_bytes / 4)
		options->file_bytes = options->max_bytes / 4;
	if (options->file_bytes > MAX_FILE_BYTES)
		options->file_bytes = MAX_FILE_BYTES;
}

static bool
open_directory(struct spool *spool)
{
	const char *path = spool->options.path;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
	{
		log_warn("could not make spool directory \"%s\"", path);
		return false;
	}
	spool->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->dir < 0)
	{
		log_warn("could not open spool directory \"%s\"", path);
		return false;
	}
	spool->lock = openat(spool->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (spool->lock < 0)
	{
		log_warn("could not open the lock of spool \"%s\"", path);
		return false;
	}
	if (flock(spool->lock, LOCK_EX | LOCK_NB) != 0)
	{
		log_warn("spool \"%s\" is in use by another process", path);
		return false;
	}
	return true;
}

static bool
open_buffer(struct spool *spool)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&spool->buffer_lock, NULL);
	pthread_mutex_init(&spool->files_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&spool->wake, &attr);
	pthread_cond_init(&spool->idle, &attr);
	pthread_condattr_destroy(&attr);
	spool->nchunks = spool->options.buffer_bytes / SPOOL_BURST_BYTES;
	if (spool->nchunks < 2)
		spool->nchunks = 2;
	spool->chunks = calloc(spool->nchunks, sizeof(struct spool_chunk *));
	spool->files = calloc(SPOOL_MAX_FILES, sizeof(struct spool_file));
	for (size_t i = 0; spool->chunks != NULL && i < spool->nchunks; i++)
	{
		spool->chunks[i] = malloc(sizeof(struct spool_chunk));
		if (spool->chunks[i] == NULL)
			return false;
	}
	return spool->chunks != NULL && spool->files != NULL;
}

static void
free_spool(struct spool *spool)
{
	for (size_t i = 0; spool->chunks != NULL && i < spool->nchunks; i++)
		free(spool->chunks[i]);
	free(spool->chunks);
	free(spool->files);
	if (spool->fd >= 0)
		close(spool->fd);
	if (spool->doorbell >= 0)
		close(spool->doorbell);
	if (spool->lock >= 0)
		close(spool->lock);
	if (spool->dir >= 0)
		close(spool->dir);
	pthread_cond_destroy(&spool->wake);
	pthread_cond_destroy(&spool->idle);
	pthread_mutex_destroy(&spool->buffer_lock);
	pthread_mutex_destroy(&spool->files_lock);
	free(spool);
}

/* Signals are for the thread that has opened the spool. */
static bool
start_writer(struct spool *spool)
{
	sigset_t	all;
	sigset_t	mask;
	int			rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	rc = pthread_create(&spool->writer, NULL, spool_write, spool);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (rc == 0)
		return true;
	errno = rc;
	log_warn("could not start the thread that writes the spool");
	return false;
}

struct spool *
spool_open(const struct spool_options *options)
{
	struct spool *spool = calloc(1, sizeof(*spool));

	if (spool == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	spool->options = *options;
	spool->counters = options->counters;
	spool->dir = spool->lock = spool->fd = -1;
	set_defaults(&spool->options);
	spool->doorbell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!open_buffer(spool) || spool->doorbell < 0)
		log_warnx("out of memory");
	else if (open_directory(spool) && spool_files_open(spool) &&
			 spool_write_begin(spool) && start_writer(spool))
		return spool;
	free_spool(spool);
	return NULL;
}

void
spool_close(struct spool *spool)
{
	bool		is_empty = spool_flush(spool, CLOSE_US);

	pthread_mutex_lock(&spool->buffer_lock);
	spool->is_stopping = true;
	spool->has_given_up = !is_empty;
	pthread_cond_signal(&spool->wake);
	pthread_mutex_unlock(&spool->buffer_lock);
	pthread_join(spool->writer, NULL);
	spool_files_save(spool);
	if (spool->nfull > 0)
	{
		uint64_t	nrecords = 0;

		for (size_t i = 0; i < spool->nfull; i++)
			nrecords += spool->chunks[(spool->head + i) % spool->nchunks]->nrecords;
		counter_add(&spool->counters->spool_records_refused, nrecords);
		log_warnx("spool \"%s\" could not be written: %llu records are lost",
				  spool->options.path, (unsigned long long) nrecords);
	}
	free_spool(spool);
}

const char *
spool_id(const struct spool *spool)
{
	return spool->id_text;
}

int
spool_doorbell(const struct spool *spool)
{
	return spool->doorbell;
}

void
spool_clear_doorbell(struct spool *spool)
{
	uint64_t	count;

	if (read(spool->doorbell, &count, sizeof(count)) < 0)
		return;					/* it had not rung */
}

bool
spool_burst_add(struct spool_burst *burst, const struct spool_record *record)
{
	size_t		size = spool_record_bytes(record);

	if (burst->len + size > SPOOL_BURST_BYTES)
		return false;
	spool_encode(record, burst->bytes + burst->len);
	burst->len += size;
	burst->nrecords++;
	burst->content_bytes += record->len;
	return true;
}

/* The chunk that takes so many bytes more, or NULL. */
static struct spool_chunk *
find_room(struct spool *spool, size_t len)
{
	struct spool_chunk *chunk;

	if (spool->is_open)
	{
		chunk = spool->chunks[(spool->head + spool->nfull - 1) % spool->nchunks];
		if (chunk->len + len <= sizeof(chunk->bytes))
			return chunk;
		spool->is_open = false;
		pthread_cond_signal(&spool->wake);
	}
	if (spool->nfull == spool->nchunks)
		return NULL;
	chunk = spool->chunks[(spool->head + spool->nfull) % spool->nchunks];
	spool->nfull++;
	spool->nbegun++;
	spool->is_open = true;
	chunk->len = 0;
	chunk->nrecords = 0;
	chunk->content_bytes = 0;
	chunk->gap_records = 0;
	chunk->gap_bytes = 0;
	chunk->first_us = clock_monotonic_us();
	if (spool->nfull == 1)
		pthread_cond_signal(&spool->wake);
	return chunk;
}

/* Records were refused before; a chunk says so at its beginning. */
static void
put_gap(struct spool *spool, struct spool_chunk *chunk)
{
	struct spool_record gap = {
		.type = SPOOL_GAP,
		.source.received_us = clock_realtime_us(),
		.gap_records = spool->refused_records,
		.gap_bytes = spool->refused_bytes
	};

	spool_encode(&gap, chunk->bytes + chunk->len);
	chunk->len += SPOOL_GAP_BYTES;
	chunk->gap_records = spool->refused_records;
	chunk->gap_bytes = spool->refused_bytes;
	spool->refused_records = 0;
	spool->refused_bytes = 0;
}

static bool
take_burst(struct spool *spool, struct spool_burst *burst)
{
	struct spool_chunk *chunk = find_room(spool, burst->len);

	if (chunk == NULL)
		return false;
	if (spool->refused_records > 0 && chunk->len == 0)
		put_gap(spool, chunk);
	memcpy(chunk->bytes + chunk->len, burst->bytes, burst->len);
	chunk->len += burst->len;
	chunk->nrecords += burst->nrecords;
	chunk->content_bytes += burst->content_bytes;
	return true;
}

static bool
append(struct spool *spool, struct spool_burst *burst, bool may_refuse)
{
	bool		is_taken = true;

	if (burst->nrecords > 0)
	{
		pthread_mutex_lock(&spool->buffer_lock);
		is_taken = take_burst(spool, burst);
		if (!is_taken && may_refuse)
		{
			spool->refused_records += burst->nrecords;
			spool->refused_bytes += burst->content_bytes;
		}
		pthread_mutex_unlock(&spool->buffer_lock);
	}
	if (!is_taken && !may_refuse)
		return false;
	counter_add(is_taken ? &spool->counters->spool_records_appended :
				&spool->counters->spool_records_refused, burst->nrecords);
	burst->len = 0;
	burst->nrecords = 0;
	burst->content_bytes = 0;
	return is_taken;
}

bool
spool_append(struct spool *spool, struct spool_burst *burst)
{
	return append(spool, burst, true);
}

bool
spool_try_append(struct spool *spool, struct spool_burst *burst)
{
	return append(spool, burst, false);
}

uint64_t
spool_ticket(struct spool *spool)
{
	uint64_t	ticket;

	pthread_mutex_lock(&spool->buffer_lock);
	ticket = spool->nbegun;
	pthread_mutex_unlock(&spool->buffer_lock);
	return ticket;
}

bool
spool_is_settled(struct spool *spool, uint64_t ticket)
{
	bool		is_settled;

	pthread_mutex_lock(&spool->buffer_lock);
	is_settled = spool->nbegun - spool->nfull >= ticket;
	pthread_mutex_unlock(&spool->buffer_lock);
	return is_settled;
}

const char *
spool_path(const struct spool *spool)
{
	return spool->options.path;
}

bool
spool_flush(struct spool *spool, int64_t timeout_us)
{
	int64_t		end_us = clock_monotonic_us() + timeout_us;
	struct timespec end = {end_us / 1000000, end_us % 1000000 * 1000};
	bool		is_empty;
	int			rc = 0;

	pthread_mutex_lock(&spool->buffer_lock);
	spool->is_flushing = true;
	pthread_cond_signal(&spool->wake);
	while (spool->nfull > 0 && rc == 0)
		rc = pthread_cond_timedwait(&spool->idle, &spool->buffer_lock, &end);
	is_empty = spool->nfull == 0;
	spool->is_flushing = false;
	pthread_mutex_unlock(&spool->buffer_lock);
	return is_empty;
}
