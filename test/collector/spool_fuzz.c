/*-------------------------------------------------------------------------
 *
 * libFuzzer target: the bytes of a spool file, first as the reader finds it
 * between two good files, then as the last file at a start.  In this build
 * every checksum is right.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool_files.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct counters counters;
/* In memory, since a file is synced for each input. */
static char path[] = "/dev/shm/spool-fuzz.XXXXXX";

/* File 1 of the spool: a good header before the data if the first byte is odd. */
static void
write_file(const uint8_t *data, size_t size)
{
	struct spool_header header = {.number = 1};
	uint8_t		bytes[SPOOL_HEADER_LEN];
	char		name[64];
	int			fd;

	memset(header.id, 0x11, sizeof(header.id));
	spool_encode_header(&header, bytes);
	snprintf(name, sizeof(name), "%s/0000000001.spool", path);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		abort();
	if (size > 0 && data[0] % 2 == 1 &&
		write(fd, bytes, sizeof(bytes)) != (ssize_t) sizeof(bytes))
		abort();
	if (size > 0 && write(fd, data + 1, size - 1) != (ssize_t) (size - 1))
		abort();
	close(fd);
}

static void
remove_files(void)
{
	static const char *const names[] = {"0000000001.spool", "0000000002.spool",
		"0000000003.spool", "gap", "id", "lock", "released"
	};
	char		name[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		snprintf(name, sizeof(name), "%s/%s", path, names[i]);
		(void) unlink(name);
	}
}

static void
remove_folder(void)
{
	(void) rmdir(path);
}

static void
write_id(void)
{
	static const char id[] = "11111111111111111111111111111111";
	char		name[64];
	int			fd;

	snprintf(name, sizeof(name), "%s/id", path);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, id, 32) != 32)
		abort();
	close(fd);
}

/* Positions must grow, and reading must end. */
static void
read_all(struct spool *spool)
{
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);
	struct spool_record record;
	uint64_t	end = 0;

	if (reader == NULL)
		abort();
	while (spool_next(reader, &record) == SPOOL_RECORD)
	{
		volatile uint8_t sum = 0;

		if (record.position < end || record.end <= record.position)
			abort();
		end = record.end;
		for (size_t i = 0; i < record.len; i++)
			sum = (uint8_t) (sum + record.bytes[i]);
	}
	spool_reader_close(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_made;
	struct spool_options options = {
		.path = path,.counters = &counters,.buffer_bytes = 1,.max_bytes = 1024 * 1024
	};
	struct spool *spool;

	if (!is_made && (mkdtemp(path) == NULL || atexit(remove_folder) != 0))
		abort();
	is_made = true;
	write_id();
	write_file(data, size);
	spool = spool_open(&options);
	if (spool != NULL)
	{
		/* as it was before the end was cut */
		write_file(data, size);
		pthread_mutex_lock(&spool->files_lock);
		if (spool->files[0].number == 1 && size > 0)
			spool->files[0].bytes = size - 1 + (data[0] % 2 == 1 ? SPOOL_HEADER_LEN : 0);
		pthread_mutex_unlock(&spool->files_lock);
		read_all(spool);
		spool_close(spool);
	}
	remove_files();
	return 0;
}
