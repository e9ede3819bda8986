/*-------------------------------------------------------------------------
 *
 * The spool's writer: the thread that owns the newest file.
 *
 * A write that fails is taken back (ftruncate) and tried again, the chunk is
 * kept.  Until it could be taken back nothing is written, or else what it left
 * would come twice after a restart.  Without space the oldest file is dropped, if that is wanted, or room
 * is waited for; after any other error the file is given up, and the next
 * attempt begins another one.  Attempts are 0.1 s to 1 s apart.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "spool_files.h"

#define MIN_RETRY_US	INT64_C(100000)
#define MAX_RETRY_US	INT64_C(1000000)
#define TICK_US			INT64_C(1000000)

enum next
{
	NEXT_CHUNK,
	NEXT_TICK,
	NEXT_END
};

static struct spool_file *
newest(struct spool *spool)
{
	return &spool->files[spool->nfiles - 1];
}

static void
note_error(struct spool *spool, const char *what)
{
	int			error = errno;

	counter_add(&spool->counters->spool_write_errors, 1);
	if (!log_allowed(&spool->error_limit, clock_monotonic_us()))
		return;
	errno = error;
	log_warn("could not %s spool \"%s\"; records wait in memory", what,
			 spool->options.path);
}

static void
give_up_file(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
	spool->is_unsynced = false;
}

static bool
sync_file(struct spool *spool)
{
	spool->synced_us = clock_monotonic_us();
	if (!spool->is_unsynced)
		return true;
	spool->is_unsynced = false;
	if (fdatasync(spool->fd) == 0)
		return true;
	note_error(spool, "sync");
	return false;
}

/* Returns the descriptor of a new file with its header, or -1 with errno. */
static int
create_file(struct spool *spool, uint32_t number)
{
	struct spool_header header = {.number = number,.created_us = clock_realtime_us()};
	uint8_t		bytes[SPOOL_HEADER_LEN];
	char		name[SPOOL_NAME_LEN];
	ssize_t		n;
	int			fd;
	int			error;

	memcpy(header.id, spool->id, SPOOL_ID_LEN);
	spool_encode_header(&header, bytes);
	spool_name(number, "spool", name);
	fd = openat(spool->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	errno = ENOSPC;				/* for a write that is short */
	n = pwrite(fd, bytes, sizeof(bytes), 0);
	if (n == (ssize_t) sizeof(bytes) && fsync(spool->dir) == 0)
		return fd;
	error = errno;
	close(fd);
	(void) unlinkat(spool->dir, name, 0);
	errno = error;
	return -1;
}

/* Returns false with errno if there is no new file. */
static bool
begin_file(struct spool *spool)
{
	uint32_t	number = spool->next_number;
	int			fd = create_file(spool, number);

	if (fd < 0)
		return false;
	if (spool->fd >= 0 && spool->options.sync != SPOOL_SYNC_NEVER)
		(void) sync_file(spool);
	give_up_file(spool);
	pthread_mutex_lock(&spool->files_lock);
	spool_files_expire(spool);
	if (spool->nfiles == SPOOL_MAX_FILES)
		(void) spool_files_drop(spool);
	spool->files[spool->nfiles++] = (struct spool_file) {
		.number = number,
		.bytes = SPOOL_HEADER_LEN,
		.last_us = clock_realtime_us()
	};
	spool->total_bytes += SPOOL_HEADER_LEN;
	spool->wants_file = false;
	pthread_mutex_unlock(&spool->files_lock);
	spool->fd = fd;
	spool->next_number++;
	return true;
}

bool
spool_write_begin(struct spool *spool)
{
	int			error;

	if (begin_file(spool))
		return true;
	error = errno;
	note_error(spool, "begin a file in");
	return error == ENOSPC || error == EDQUOT;
}

static bool
write_all(int fd, const struct spool_chunk *chunk, uint64_t offset)
{
	size_t		done = 0;

	while (done < chunk->len)
	{
		ssize_t		n = pwrite(fd, chunk->bytes + done, chunk->len - done,
							   (off_t) (offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;		/* 0 never comes for len > 0 */
		done += (size_t) n;
	}
	return true;
}

/* Cut off what a failed write left; false, with errno, if that fails, too. */
static bool
cut_rest(struct spool *spool)
{
	if (spool->rest == 0)
		return true;
	if (ftruncate(spool->fd, (off_t) spool->rest) != 0)
		return false;
	give_up_file(spool);
	spool->rest = 0;
	return true;
}

/* Make the newest file end before chunk again, after a failure in errno. */
static void
take_back(struct spool *spool, uint64_t bytes)
{
	int			error = errno;

	if (ftruncate(spool->fd, (off_t) bytes) != 0)
		spool->rest = bytes;
	else if (error != ENOSPC && error != EDQUOT)
		give_up_file(spool);
	errno = error;
}

static void
publish(struct spool *spool, const struct spool_chunk *chunk)
{
	uint64_t	one = 1;

	pthread_mutex_lock(&spool->files_lock);
	spool_files_expire(spool);
	newest(spool)->bytes += chunk->len;
	newest(spool)->last_us = clock_realtime_us();
	spool->total_bytes += chunk->len;
	pthread_mutex_unlock(&spool->files_lock);
	counter_add(&spool->counters->spool_bytes_written, chunk->len);
	if (write(spool->doorbell, &one, sizeof(one)) < 0)
		return;					/* it rings already */
}

/* The limit is reached and nothing may be dropped for this chunk. */
static void
refuse(struct spool *spool, const struct spool_chunk *chunk)
{
	pthread_mutex_lock(&spool->buffer_lock);
	spool->refused_records += chunk->nrecords + chunk->gap_records;
	spool->refused_bytes += chunk->content_bytes + chunk->gap_bytes;
	pthread_mutex_unlock(&spool->buffer_lock);
	counter_add(&spool->counters->spool_records_refused, chunk->nrecords);
	if (log_allowed(&spool->error_limit, clock_monotonic_us()))
		log_warnx("spool \"%s\" is full: new records are refused",
				  spool->options.path);
}

/* Returns whether the failure in errno can be helped by dropping a file. */
static bool
drop_for_space(struct spool *spool)
{
	bool		is_dropped;

	if ((errno != ENOSPC && errno != EDQUOT) || spool->options.refuses_newest)
		return false;
	pthread_mutex_lock(&spool->files_lock);
	is_dropped = spool_files_drop(spool);
	pthread_mutex_unlock(&spool->files_lock);
	return is_dropped;
}

static bool
write_chunk(struct spool *spool, const struct spool_chunk *chunk)
{
	uint64_t	bytes;
	bool		has_room;
	bool		wants_file;

	pthread_mutex_lock(&spool->files_lock);
	has_room = spool_files_make_room(spool, chunk->len);
	bytes = spool->nfiles > 0 ? newest(spool)->bytes : 0;
	wants_file = spool->wants_file ||
		(bytes > SPOOL_HEADER_LEN &&
		 bytes + chunk->len > spool->options.file_bytes);
	pthread_mutex_unlock(&spool->files_lock);
	if (!has_room)
	{
		refuse(spool, chunk);
		return true;
	}
	if (!cut_rest(spool))
		return false;
	if (spool->fd < 0 || wants_file)
	{
		if (!begin_file(spool))
			return false;
		bytes = SPOOL_HEADER_LEN;
	}
	if (write_all(spool->fd, chunk, bytes))
	{
		spool->is_unsynced = spool->options.sync != SPOOL_SYNC_NEVER;
		if (spool->options.sync != SPOOL_SYNC_EACH || sync_file(spool))
		{
			publish(spool, chunk);
			return true;
		}
		errno = EIO;
	}
	take_back(spool, bytes);
	return false;
}

/* With buffer_lock: when there is something to do again; 0 means now. */
static int64_t
next_us(struct spool *spool)
{
	int64_t		now_us = clock_monotonic_us();
	int64_t		due_us = now_us + TICK_US;

	if (spool->nfull > 1 || (spool->nfull == 1 && !spool->is_open) ||
		spool->is_stopping || (spool->nfull == 1 && spool->is_flushing))
		return 0;
	if (spool->nfull == 1)
		due_us = spool->chunks[spool->head]->first_us + SPOOL_DELAY_US;
	if (spool->is_unsynced && spool->synced_us + spool->options.sync_us < due_us)
		due_us = spool->synced_us + spool->options.sync_us;
	return due_us <= now_us ? 0 : due_us;
}

static void
wait_until(struct spool *spool, int64_t due_us)
{
	struct timespec due = {due_us / 1000000, due_us % 1000000 * 1000};

	(void) pthread_cond_timedwait(&spool->wake, &spool->buffer_lock, &due);
}

/* The oldest chunk, when it is time; it stays in the ring. */
static enum next
take_chunk(struct spool *spool, const struct spool_chunk **chunk)
{
	enum next	next = NEXT_TICK;
	int64_t		due_us;

	pthread_mutex_lock(&spool->buffer_lock);
	due_us = next_us(spool);
	if (due_us > 0)
		wait_until(spool, due_us);
	if (spool->has_given_up || (spool->is_stopping && spool->nfull == 0))
		next = NEXT_END;
	else if (spool->nfull > 0 && next_us(spool) == 0)
	{
		if (spool->nfull == 1)
			spool->is_open = false;
		*chunk = spool->chunks[spool->head];
		next = NEXT_CHUNK;
	}
	pthread_mutex_unlock(&spool->buffer_lock);
	return next;
}

static void
give_chunk(struct spool *spool)
{
	pthread_mutex_lock(&spool->buffer_lock);
	spool->head = (spool->head + 1) % spool->nchunks;
	spool->nfull--;
	if (spool->nfull == 0)
		pthread_cond_broadcast(&spool->idle);
	pthread_mutex_unlock(&spool->buffer_lock);
}

/* Wait after a failure; the end does not wait. */
static void
pause_writing(struct spool *spool, int64_t retry_us)
{
	int64_t		due_us = clock_monotonic_us() + retry_us;

	pthread_mutex_lock(&spool->buffer_lock);
	while (!spool->is_stopping && clock_monotonic_us() < due_us)
		wait_until(spool, due_us);
	pthread_mutex_unlock(&spool->buffer_lock);
}

static void
tick(struct spool *spool)
{
	if (spool->options.sync == SPOOL_SYNC_INTERVAL && spool->fd >= 0 &&
		clock_monotonic_us() >= spool->synced_us + spool->options.sync_us &&
		!sync_file(spool) && spool->rest == 0)
		give_up_file(spool);
	pthread_mutex_lock(&spool->files_lock);
	spool_files_expire(spool);
	pthread_mutex_unlock(&spool->files_lock);
}

void *
spool_write(void *arg)
{
	struct spool *spool = arg;
	const struct spool_chunk *chunk;
	int64_t		retry_us = MIN_RETRY_US;
	enum next	next;

	while ((next = take_chunk(spool, &chunk)) != NEXT_END)
	{
		if (next == NEXT_CHUNK && write_chunk(spool, chunk))
		{
			give_chunk(spool);
			retry_us = MIN_RETRY_US;
		}
		else if (next == NEXT_CHUNK && !drop_for_space(spool))
		{
			note_error(spool, "write to");
			pause_writing(spool, retry_us);
			retry_us = retry_us * 2 < MAX_RETRY_US ? retry_us * 2 : MAX_RETRY_US;
		}
		tick(spool);
	}
	if (!cut_rest(spool))
		log_warn("could not take back a failed write to spool \"%s\"; records may come "
				 "twice", spool->options.path);
	if (spool->fd >= 0 && spool->options.sync != SPOOL_SYNC_NEVER)
		(void) sync_file(spool);
	return NULL;
}
