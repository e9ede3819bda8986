/*-------------------------------------------------------------------------
 *
 * The spool's files: the list, its limits, what is released and dropped.
 *
 * Files go from the oldest on, whatever the reason, so what was dropped since
 * the last release is one range of numbers; it is kept in the file "gap",
 * "first last records bytes" as text, for a reader after a restart; "released" is
 * kept for the same reason, once a file.  The newest file never goes.  A file that is dropped is counted by reading it.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "spool_files.h"

#define COUNT_BYTES	(4 * SPOOL_MAX_BODY)
#define STEP_US		INT64_C(1000000)	/* of the clock; less is its drift */

void
spool_name(uint32_t file, const char *suffix, char *name)
{
	snprintf(name, SPOOL_NAME_LEN, "%010" PRIu32 ".%s", file, suffix);
}

bool
spool_file_replace(struct spool *spool, const char *name, const void *bytes,
				   size_t len)
{
	char		temp[SPOOL_NAME_LEN + 4];
	size_t		done = 0;
	int			fd;
	bool		is_good;

	snprintf(temp, sizeof(temp), "%s.new", name);
	fd = openat(spool->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	while (done < len)
	{
		ssize_t		n = write(fd, (const char *) bytes + done, len - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t) n : 0;
	}
	is_good = done == len && fsync(fd) == 0;
	if (!is_good || renameat(spool->dir, temp, spool->dir, name) != 0 ||
		fsync(spool->dir) != 0)
	{
		int			error = errno;

		close(fd);
		(void) unlinkat(spool->dir, temp, 0);
		errno = error;
		return false;
	}
	close(fd);
	return true;
}

/* Returns how many bytes of a small file are in text[size], or -1. */
static ssize_t
read_small(struct spool *spool, const char *name, char *text, size_t size)
{
	int			fd = openat(spool->dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t		n;

	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

static bool
parse_id(const char *text, uint8_t *id)
{
	for (int i = 0; i < SPOOL_ID_LEN; i++)
	{
		unsigned int byte;
		int			len = 0;

		if (sscanf(text + 2 * i, "%2x%n", &byte, &len) != 1 || len != 2)
			return false;
		id[i] = (uint8_t) byte;
	}
	return true;
}

static bool
open_id(struct spool *spool)
{
	char		text[SPOOL_ID_TEXT + 1];
	ssize_t		len = read_small(spool, "id", text, sizeof(text));

	if (len >= SPOOL_ID_TEXT - 1 && parse_id(text, spool->id))
	{
		memcpy(spool->id_text, text, SPOOL_ID_TEXT - 1);
		return true;
	}
	if (len >= 0 || errno != ENOENT)
	{
		log_warnx("file \"id\" of spool \"%s\" cannot be read",
				  spool->options.path);
		return false;
	}
	if (getrandom(spool->id, SPOOL_ID_LEN, 0) != SPOOL_ID_LEN)
		fatal("could not get random numbers");
	for (int i = 0; i < SPOOL_ID_LEN; i++)
		snprintf(spool->id_text + 2 * i, 3, "%02x", spool->id[i]);
	if (spool_file_replace(spool, "id", spool->id_text, SPOOL_ID_TEXT - 1))
		return true;
	log_warn("could not write file \"id\" of spool \"%s\"", spool->options.path);
	return false;
}

static void
save_lost(struct spool *spool)
{
	const struct spool_lost *lost = &spool->lost;
	char		text[100];
	int			len;

	len = snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 "\n",
				   lost->first, lost->last, lost->records, lost->bytes);
	if (!spool_file_replace(spool, "gap", text, (size_t) len))
		counter_add(&spool->counters->spool_write_errors, 1);
}

static void
load_lost(struct spool *spool)
{
	struct spool_lost *lost = &spool->lost;
	char		text[100];

	if (read_small(spool, "gap", text, sizeof(text)) > 0 &&
		sscanf(text, "%" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNu64,
			   &lost->first, &lost->last, &lost->records, &lost->bytes) != 4)
		*lost = (struct spool_lost) {0};
}

/* After a kill it is not known to the last record. */
void
spool_files_save(struct spool *spool)
{
	char		text[32];
	int			len = snprintf(text, sizeof(text), "%" PRIu64 "\n", spool->released);

	if (!spool_file_replace(spool, "released", text, (size_t) len))
		counter_add(&spool->counters->spool_write_errors, 1);
}

static void
load_released(struct spool *spool)
{
	char		text[32];

	if (read_small(spool, "released", text, sizeof(text)) <= 0 ||
		sscanf(text, "%" SCNu64, &spool->released) != 1)
		spool->released = SPOOL_BEGIN;
}

/*
 * Count the whole records between two offsets.  Returns where they end: at
 * end, or at the first that is damaged or torn; 0 if the file cannot be read.
 */
static uint64_t
count_records(int fd, uint64_t offset, uint64_t end, uint64_t *records,
			  uint64_t *bytes)
{
	uint8_t    *buffer = malloc(COUNT_BYTES);
	bool		is_good = true;

	if (buffer == NULL)
		return 0;
	while (is_good && offset < end)
	{
		size_t		want = end - offset < COUNT_BYTES ? (size_t) (end - offset) : COUNT_BYTES;
		ssize_t		n = pread(fd, buffer, want, (off_t) offset);
		size_t		done = 0;
		size_t		size;
		struct spool_record record;

		if (n <= 0)
		{
			free(buffer);
			return 0;
		}
		while (spool_decode(buffer + done, (size_t) n - done, &record,
									 &size) == SPOOL_PARSED)
		{
			done += size;
			*records += record.type == SPOOL_GAP ? record.gap_records : 1;
			*bytes += record.type == SPOOL_GAP ? record.gap_bytes : record.len;
		}
		offset += done;
		is_good = done > 0;
	}
	free(buffer);
	return offset;
}

struct spool_file *
spool_files_find(struct spool *spool, uint32_t number)
{
	size_t		low = 0;
	size_t		high = spool->nfiles;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (spool->files[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low == spool->nfiles ? NULL : &spool->files[low];
}

static void
remove_state(struct spool *spool, uint32_t file)
{
	char		name[SPOOL_NAME_LEN];

	spool_name(file, "state", name);
	(void) unlinkat(spool->dir, name, 0);
}

static bool
has_state(struct spool *spool, uint32_t file)
{
	char		name[SPOOL_NAME_LEN];

	spool_name(file, "state", name);
	return faccessat(spool->dir, name, F_OK, 0) == 0;
}

/* A file has gone: its state may still be the newest before the oldest file. */
static void
retire_state(struct spool *spool, uint32_t file)
{
	bool		is_useless = spool->nfiles > 0 &&
		has_state(spool, spool->files[0].number);

	if (!is_useless && !has_state(spool, file))
		return;
	if (spool->kept_state > 0)
		remove_state(spool, spool->kept_state);
	spool->kept_state = is_useless ? 0 : file;
	if (is_useless)
		remove_state(spool, file);
}

static void
remove_oldest(struct spool *spool)
{
	uint32_t	number = spool->files[0].number;
	char		name[SPOOL_NAME_LEN];

	spool_name(number, "spool", name);
	if (unlinkat(spool->dir, name, 0) != 0 && errno != ENOENT)
		log_warn("could not remove \"%s\" of spool \"%s\"", name,
				 spool->options.path);
	spool->total_bytes -= spool->files[0].bytes;
	spool->nfiles--;
	memmove(spool->files, spool->files + 1,
			spool->nfiles * sizeof(struct spool_file));
	retire_state(spool, number);
}

/* What the reader has not read of the oldest file, or nobody has released. */
static uint64_t
unread_offset(const struct spool *spool)
{
	const struct spool_file *file = &spool->files[0];
	uint64_t	position = spool->reader != NULL ? spool->reader_position :
		spool->released;

	if (spool_position_file(position) < file->number)
		return SPOOL_HEADER_LEN;
	if (spool_position_file(position) > file->number)
		return file->bytes;
	return (uint32_t) position < SPOOL_HEADER_LEN ? SPOOL_HEADER_LEN :
		(uint32_t) position;
}

/* Empty the file too: the reader may have it open, and space is what we need. */
static void
count_lost(struct spool *spool, uint64_t *records, uint64_t *bytes)
{
	const struct spool_file *file = &spool->files[0];
	char		name[SPOOL_NAME_LEN];
	int			fd;

	spool_name(file->number, "spool", name);
	fd = openat(spool->dir, name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	(void) count_records(fd, unread_offset(spool), file->bytes, records, bytes);
	if (ftruncate(fd, 0) != 0)
		log_warn("could not empty \"%s\" of spool \"%s\"", name,
				 spool->options.path);
	close(fd);
}

bool
spool_files_drop(struct spool *spool)
{
	struct spool_lost *lost = &spool->lost;
	uint32_t	number = spool->files[0].number;
	uint64_t	records = 0;
	uint64_t	bytes = 0;

	if (spool->nfiles < 2)
		return false;
	if (number < spool_position_file(spool->released) &&
		(spool->reader == NULL || number < spool_position_file(spool->reader_position)))
	{
		remove_oldest(spool);	/* in its grace: nothing is lost */
		return true;
	}
	count_lost(spool, &records, &bytes);
	if (lost->first == 0 || lost->last < spool_position_file(spool->released))
		*lost = (struct spool_lost) {.first = number};
	lost->last = number;
	lost->records += records;
	lost->bytes += bytes;
	spool->reader_lost_records += records;
	spool->reader_lost_bytes += bytes;
	counter_add(&spool->counters->spool_files_dropped, 1);
	counter_add(&spool->counters->spool_records_dropped, records);
	counter_add(&spool->counters->spool_content_bytes_dropped, bytes);
	remove_oldest(spool);
	save_lost(spool);
	if (log_allowed(&spool->drop_limit, clock_monotonic_us()))
		log_warnx("spool \"%s\" is full: dropped its oldest file with "
				  "%" PRIu64 " records that were not stored",
				  spool->options.path, records);
	return true;
}

bool
spool_files_make_room(struct spool *spool, uint64_t bytes)
{
	while (spool->total_bytes + bytes + SPOOL_HEADER_LEN > spool->options.max_bytes &&
		   spool->nfiles > 1)
	{
		if (spool->options.refuses_newest &&
			spool->files[0].number >= spool_position_file(spool->released))
			return false;
		if (!spool_files_drop(spool))
			return false;
	}
	return true;
}

static bool
is_past_grace(const struct spool *spool, uint64_t released_bytes, int64_t now_us)
{
	const struct spool_file *file = &spool->files[0];

	return released_bytes > spool->options.grace_bytes ||
		(spool->options.grace_us > 0 &&
		 now_us - file->released_us > spool->options.grace_us);
}

/* A reader that was set back stands before what is released. */
static bool
is_being_read(const struct spool *spool)
{
	return spool->reader != NULL &&
		spool->files[0].number >= spool_position_file(spool->reader_position);
}

/* Files do not age because the clock was set. */
static void
follow_clock(struct spool *spool, int64_t now_us)
{
	int64_t		clock_now_us = now_us - clock_us(CLOCK_BOOTTIME);
	int64_t		step_us = clock_now_us - spool->clock_us;
	bool		is_first = spool->clock_us == 0;

	if (!is_first && step_us > -STEP_US && step_us < STEP_US)
		return;
	spool->clock_us = clock_now_us;
	for (size_t i = 0; !is_first && i < spool->nfiles; i++)
	{
		struct spool_file *file = &spool->files[i];
		char		name[SPOOL_NAME_LEN];
		struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

		file->last_us += step_us;
		file->released_us += file->released_us == 0 ? 0 : step_us;
		times[1].tv_sec = file->last_us / 1000000;
		spool_name(file->number, "spool", name);
		(void) utimensat(spool->dir, name, times, 0);
	}
}

void
spool_files_expire(struct spool *spool)
{
	int64_t		now_us = clock_realtime_us();
	uint64_t	released_bytes = 0;

	follow_clock(spool, now_us);
	for (size_t i = 0; i < spool->nfiles &&
		 spool->files[i].number < spool_position_file(spool->released); i++)
	{
		released_bytes += spool->files[i].bytes;
		if (spool->files[i].released_us == 0)
			spool->files[i].released_us = now_us;
	}
	while (released_bytes > 0 && spool->nfiles > 1 && !is_being_read(spool) &&
		   is_past_grace(spool, released_bytes, now_us))
	{
		released_bytes -= spool->files[0].bytes;
		remove_oldest(spool);
	}
	while (spool->options.max_age_us > 0 && spool->nfiles > 1 &&
		   now_us - spool->files[0].last_us > spool->options.max_age_us)
		(void) spool_files_drop(spool);
}

void
spool_release(struct spool *spool, uint64_t position)
{
	pthread_mutex_lock(&spool->files_lock);
	if (position > spool->released)
	{
		bool		is_file_done = spool_position_file(position) !=
			spool_position_file(spool->released);

		spool->released = position;
		if (is_file_done)
		{
			spool_files_save(spool);
			spool_files_expire(spool);
		}
	}
	pthread_mutex_unlock(&spool->files_lock);
}

bool
spool_has_released(struct spool *spool)
{
	bool		has_released;

	pthread_mutex_lock(&spool->files_lock);
	has_released = spool->released > SPOOL_BEGIN;
	pthread_mutex_unlock(&spool->files_lock);
	return has_released;
}

uint64_t
spool_first(struct spool *spool)
{
	uint64_t	position;

	pthread_mutex_lock(&spool->files_lock);
	position = spool->nfiles == 0 ? SPOOL_BEGIN :
		spool_position(spool->files[0].number, SPOOL_HEADER_LEN);
	pthread_mutex_unlock(&spool->files_lock);
	return position;
}

uint64_t
spool_earlier(const struct spool *spool)
{
	return spool_position(spool->earlier, SPOOL_HEADER_LEN);
}

uint64_t
spool_last(struct spool *spool)
{
	uint64_t	position = SPOOL_BEGIN;

	pthread_mutex_lock(&spool->files_lock);
	if (spool->nfiles > 0)
		position = spool_position(spool->files[spool->nfiles - 1].number,
								  spool->files[spool->nfiles - 1].bytes);
	pthread_mutex_unlock(&spool->files_lock);
	return position;
}

uint64_t
spool_tail(struct spool *spool, size_t nfiles)
{
	uint64_t	position = SPOOL_BEGIN;

	pthread_mutex_lock(&spool->files_lock);
	if (nfiles < spool->nfiles)
		position = spool_position(spool->files[spool->nfiles - nfiles].number,
								  SPOOL_HEADER_LEN);
	pthread_mutex_unlock(&spool->files_lock);
	return position;
}

uint64_t
spool_bytes_after(struct spool *spool, uint64_t position)
{
	uint64_t	bytes = 0;

	pthread_mutex_lock(&spool->files_lock);
	for (size_t i = 0; i < spool->nfiles; i++)
	{
		const struct spool_file *file = &spool->files[i];
		uint64_t	from = spool_position(file->number, SPOOL_HEADER_LEN);
		uint64_t	to = spool_position(file->number, file->bytes);

		if (position > from)
			from = position;
		if (from < to)
			bytes += to - from;
	}
	pthread_mutex_unlock(&spool->files_lock);
	return bytes;
}

/* Returns false, having logged why, if the file is not for us to read. */
static bool
check_version(struct spool *spool, const char *name, int fd)
{
	uint8_t		bytes[SPOOL_HEADER_LEN];
	struct spool_header header;
	ssize_t		n = pread(fd, bytes, sizeof(bytes), 0);

	if (n < 0)
	{
		log_warn("could not read \"%s\" of spool \"%s\"", name,
				 spool->options.path);
		return false;
	}
	if (spool_decode_header(bytes, (size_t) n, &header) == SPOOL_PARSED &&
		header.version > SPOOL_VERSION)
	{
		log_warnx("file \"%s\" of spool \"%s\" has format version %" PRIu32
				  "; this program reads versions up to %d", name,
				  spool->options.path, header.version, SPOOL_VERSION);
		return false;
	}
	return true;
}

static bool
add_file(struct spool *spool, const char *name, uint32_t number)
{
	int			fd = openat(spool->dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool		is_good;

	if (fd < 0 || fstat(fd, &st) != 0)
	{
		log_warn("could not open \"%s\" of spool \"%s\"", name,
				 spool->options.path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	is_good = check_version(spool, name, fd);
	close(fd);
	if (number >= spool->next_number)
		spool->next_number = number + 1;
	if (!is_good || spool->nfiles == SPOOL_MAX_FILES)
		return is_good;
	spool->files[spool->nfiles++] = (struct spool_file) {
		.number = number,
		.bytes = st.st_size < UINT32_MAX ? (uint64_t) st.st_size : UINT32_MAX,
		.last_us = (int64_t) st.st_mtim.tv_sec * 1000000
	};
	spool->total_bytes += spool->files[spool->nfiles - 1].bytes;
	return true;
}

static int
compare_files(const void *a, const void *b)
{
	uint32_t	left = ((const struct spool_file *) a)->number;
	uint32_t	right = ((const struct spool_file *) b)->number;

	return left < right ? -1 : left > right;
}

static bool
list_files(struct spool *spool)
{
	int			fd = openat(spool->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR		   *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool		is_good = true;

	if (dir == NULL)
	{
		log_warn("could not read spool directory \"%s\"", spool->options.path);
		return false;
	}
	while (is_good && (entry = readdir(dir)) != NULL)
	{
		uint32_t	number;
		int			len = 0;

		if (sscanf(entry->d_name, "%10" SCNu32 ".spool%n", &number, &len) == 1 &&
			len == (int) strlen(entry->d_name) && len > 0)
			is_good = add_file(spool, entry->d_name, number);
		else if (strstr(entry->d_name, ".new") != NULL)
			(void) unlinkat(spool->dir, entry->d_name, 0);
	}
	closedir(dir);
	qsort(spool->files, spool->nfiles, sizeof(struct spool_file), compare_files);
	return is_good;
}

/* States whose files have gone, but for the newest before the oldest file. */
static void
remove_states(struct spool *spool)
{
	int			fd = openat(spool->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR		   *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (spool->nfiles > 0 && !has_state(spool, spool->files[0].number))
		spool->kept_state = spool_state_find(spool, spool->files[0].number);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
	{
		uint32_t	number;
		int			len = 0;

		if (sscanf(entry->d_name, "%10" SCNu32 ".state%n", &number, &len) == 1 &&
			len == (int) strlen(entry->d_name) && len > 0)
		{
			const struct spool_file *file = spool_files_find(spool, number);

			if ((file == NULL || file->number != number) && number != spool->kept_state)
				remove_state(spool, number);
		}
	}
	if (dir != NULL)
		closedir(dir);
}

static void
cut(struct spool *spool, struct spool_file *file, int fd, uint64_t end)
{
	uint64_t	nbytes = file->bytes - end;

	log_info("cut %" PRIu64 " bytes of a torn record off file %" PRIu32
			 " of spool \"%s\"", nbytes, file->number, spool->options.path);
	if (nbytes > sizeof(struct spool_chunk))
		counter_add(&spool->counters->spool_damaged, 1);
	if (ftruncate(fd, (off_t) end) != 0)
		return;					/* the reader will say it is damaged */
	spool->total_bytes -= nbytes;
	file->bytes = end;
}

/*
 * A kill may have torn what it was writing, a chunk at most; more than that is
 * damage.  A file without records goes, unless it is the last number in use.
 */
static void
cut_last(struct spool *spool)
{
	struct spool_file *file = &spool->files[spool->nfiles - 1];
	char		name[SPOOL_NAME_LEN];
	uint64_t	records = 0;
	uint64_t	bytes = 0;
	uint64_t	end;
	int			fd;

	spool_name(file->number, "spool", name);
	fd = openat(spool->dir, name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	end = file->bytes <= SPOOL_HEADER_LEN ? file->bytes :
		count_records(fd, SPOOL_HEADER_LEN, file->bytes, &records, &bytes);
	if (end > 0 && end < file->bytes)
		cut(spool, file, fd, end);
	close(fd);
	if (end == 0 || records > 0 || spool->nfiles == 1)
		return;
	spool->total_bytes -= file->bytes;
	spool->nfiles--;
	(void) unlinkat(spool->dir, name, 0);
}

bool
spool_files_open(struct spool *spool)
{
	spool->next_number = 1;
	if (!open_id(spool) || !list_files(spool))
		return false;
	load_lost(spool);
	load_released(spool);
	if (spool->lost.last >= spool->next_number)
		spool->next_number = spool->lost.last + 1;
	if (spool_position_file(spool->released) >= spool->next_number)
		spool->next_number = spool_position_file(spool->released) + 1;
	spool->earlier = spool->next_number;
	if (spool->options.min_number > spool->next_number)
		spool->next_number = spool->options.min_number;
	if (spool->nfiles > 0)
		cut_last(spool);
	remove_states(spool);
	return true;
}
