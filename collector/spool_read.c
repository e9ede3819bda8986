/*-------------------------------------------------------------------------
 *
 * The spool's reader.
 *
 * It reads no more of a file than the list says is visible, so a record that
 * is not whole is damaged.  Damage in the newest file is passed over only when
 * the writer has begun another one, so that nothing it writes is passed too.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "spool_files.h"

#define BUFFER_BYTES	(3 * SPOOL_MAX_BODY)

_Static_assert(BUFFER_BYTES >= SPOOL_PREFIX_LEN + SPOOL_MAX_BODY,
			   "the largest record fits");

struct spool_reader
{
	struct spool *spool;
	uint64_t	position;		/* of the next record */
	int			fd;				/* of its file, or -1 */
	size_t		done;			/* bytes of the buffer before it */
	size_t		len;
	uint8_t		buffer[BUFFER_BYTES];
};

enum step
{
	STEP_RECORD,
	STEP_WAIT,
	STEP_AGAIN
};

/* Find out what is missing from the position on. */
static void
enter_spool(struct spool_reader *reader)
{
	struct spool *spool = reader->spool;
	uint32_t	number = spool_position_file(reader->position);
	bool		is_lost = spool->lost.first > 0 && number <= spool->lost.last;

	spool->reader = reader;
	spool->reader_position = reader->position;
	spool->reader_lost_records = is_lost ? spool->lost.records : 0;
	spool->reader_lost_bytes = is_lost ? spool->lost.bytes : 0;
	spool->is_reader_late = !is_lost && number > 0 && spool->nfiles > 0 &&
		number < spool->files[0].number;
	if (spool->is_reader_late)
		log_warnx("file %" PRIu32 " of spool \"%s\" has been released and is gone: "
				  "what it had after position %" PRIu64 " is left out", number,
				  spool->options.path, reader->position);
}

struct spool_reader *
spool_reader_open(struct spool *spool, uint64_t position)
{
	struct spool_reader *reader = malloc(sizeof(*reader));
	bool		is_beyond;

	if (reader == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	reader->spool = spool;
	reader->position = position;
	reader->fd = -1;
	reader->done = reader->len = 0;
	pthread_mutex_lock(&spool->files_lock);
	is_beyond = spool_position_file(position) > 0 &&
		spool_files_find(spool, spool_position_file(position)) == NULL;
	enter_spool(reader);
	pthread_mutex_unlock(&spool->files_lock);
	if (!is_beyond)
		return reader;
	log_warnx("position %" PRIu64 " is beyond the end of spool \"%s\"", position,
			  spool->options.path);
	spool_reader_close(reader);
	return NULL;
}

static void
leave_file(struct spool_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	reader->done = reader->len = 0;
}

void
spool_reader_close(struct spool_reader *reader)
{
	pthread_mutex_lock(&reader->spool->files_lock);
	reader->spool->reader = NULL;
	pthread_mutex_unlock(&reader->spool->files_lock);
	leave_file(reader);
	free(reader);
}

static void
put_gap(struct spool_reader *reader, uint64_t end, uint64_t records,
		uint64_t bytes, struct spool_record *record)
{
	*record = (struct spool_record) {
		.type = SPOOL_GAP,
		.source.received_us = clock_realtime_us(),
		.gap_records = records,
		.gap_bytes = bytes,
		.position = reader->position,
		.end = end
	};
	reader->position = end;
	leave_file(reader);
}

/* The file is gone; file is the next that there is. */
static enum step
pass_gone(struct spool_reader *reader, const struct spool_file *file,
		  struct spool_record *record)
{
	struct spool *spool = reader->spool;
	uint64_t	end = spool_position(file->number, SPOOL_HEADER_LEN);

	if (spool->reader_lost_records == 0 && spool->reader_lost_bytes == 0 &&
		!spool->is_reader_late)
	{
		reader->position = end;
		leave_file(reader);
		return STEP_AGAIN;
	}
	put_gap(reader, end, spool->reader_lost_records, spool->reader_lost_bytes,
			record);
	spool->reader_lost_records = 0;
	spool->reader_lost_bytes = 0;
	spool->is_reader_late = false;
	return STEP_RECORD;
}

static bool
is_newest(const struct spool *spool, const struct spool_file *file)
{
	return file == &spool->files[spool->nfiles - 1];
}

static enum step
pass_damage(struct spool_reader *reader, const struct spool_file *file,
			const char *reason, struct spool_record *record)
{
	struct spool *spool = reader->spool;
	uint32_t	offset = (uint32_t) reader->position;

	if (is_newest(spool, file))
	{
		spool->wants_file = true;
		return STEP_WAIT;
	}
	counter_add(&spool->counters->spool_damaged, 1);
	if (log_allowed(&spool->damage_limit, clock_monotonic_us()))
		log_warnx("file %" PRIu32 " of spool \"%s\" is damaged at byte %" PRIu32
				  ": %s; the rest of it, %" PRIu64 " bytes, is left out",
				  file->number, spool->options.path, offset, reason,
				  file->bytes - offset);
	put_gap(reader, spool_position(file->number + 1, SPOOL_HEADER_LEN), 0,
			file->bytes - offset, record);
	return STEP_RECORD;
}

/* Returns why the file cannot be read, or NULL. */
static const char *
enter_file(struct spool_reader *reader, uint32_t number)
{
	struct spool *spool = reader->spool;
	uint8_t		bytes[SPOOL_HEADER_LEN];
	struct spool_header header;
	char		name[SPOOL_NAME_LEN];
	ssize_t		n;

	spool_name(number, "spool", name);
	reader->fd = openat(spool->dir, name, O_RDONLY | O_CLOEXEC);
	if (reader->fd < 0)
		return strerror(errno);
	n = pread(reader->fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return strerror(errno);
	if (spool_decode_header(bytes, (size_t) n, &header) != SPOOL_PARSED)
		return "invalid header";
	if (header.version > SPOOL_VERSION)
		return "written by a newer release";
	if (header.number != number ||
		memcmp(header.id, spool->id, SPOOL_ID_LEN) != 0)
		return "it belongs to another spool or place";
	return NULL;
}

/* Have as much of the file in the buffer as fits.  Returns why not, or NULL. */
static const char *
fill(struct spool_reader *reader, const struct spool_file *file)
{
	uint32_t	offset = (uint32_t) reader->position;
	uint64_t	visible = file->bytes - offset;
	size_t		want = visible < BUFFER_BYTES ? (size_t) visible : BUFFER_BYTES;

	reader->done = reader->len = 0;
	while (reader->len < want)
	{
		ssize_t		n = pread(reader->fd, reader->buffer + reader->len,
							  want - reader->len, (off_t) (offset + reader->len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return strerror(errno);
		if (n == 0)
			return "the file is shorter than it was";
		reader->len += (size_t) n;
	}
	return NULL;
}

static enum step
read_record(struct spool_reader *reader, const struct spool_file *file,
			struct spool_record *record)
{
	const char *reason = NULL;
	enum spool_parse parse;
	size_t		size;

	if (reader->fd < 0)
		reason = enter_file(reader, file->number);
	if (reason != NULL)
	{
		leave_file(reader);
		return pass_damage(reader, file, reason, record);
	}
	parse = spool_decode(reader->buffer + reader->done,
						 reader->len - reader->done, record, &size);
	if (parse == SPOOL_SHORT)
	{
		reason = fill(reader, file);
		if (reason != NULL)
			return pass_damage(reader, file, reason, record);
		parse = spool_decode(reader->buffer, reader->len, record, &size);
	}
	if (parse != SPOOL_PARSED)
		return pass_damage(reader, file, parse == SPOOL_SHORT ?
						   "a record is cut short" : "invalid record", record);
	record->position = reader->position;
	record->end = reader->position + size;
	reader->position = record->end;
	reader->done += size;
	return STEP_RECORD;
}

static enum step
step(struct spool_reader *reader, struct spool_record *record)
{
	struct spool *spool = reader->spool;
	uint32_t	number = spool_position_file(reader->position);
	const struct spool_file *file = spool_files_find(spool, number);

	if (file == NULL)
		return STEP_WAIT;
	if (file->number != number)
		return pass_gone(reader, file, record);
	if ((uint32_t) reader->position < SPOOL_HEADER_LEN)
		reader->position = spool_position(number, SPOOL_HEADER_LEN);
	if ((uint32_t) reader->position < file->bytes)
		return read_record(reader, file, record);
	if (is_newest(spool, file))
		return STEP_WAIT;
	reader->position = spool_position(number + 1, SPOOL_HEADER_LEN);
	leave_file(reader);
	return STEP_AGAIN;
}

enum spool_read
spool_next(struct spool_reader *reader, struct spool_record *record)
{
	struct spool *spool = reader->spool;
	enum step	result;

	pthread_mutex_lock(&spool->files_lock);
	do
		result = step(reader, record);
	while (result == STEP_AGAIN);
	spool->reader_position = reader->position;
	pthread_mutex_unlock(&spool->files_lock);
	if (result == STEP_WAIT)
		return SPOOL_WAIT;
	if (record->type != SPOOL_GAP)
		counter_add(&spool->counters->spool_records_read, 1);
	return SPOOL_RECORD;
}
