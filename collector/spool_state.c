/*-------------------------------------------------------------------------
 *
 * The spool's state files: bytes of the decoders, with their CRC-32C behind.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crc32c.h"
#include "spool_files.h"

#define CRC_LEN		4
#define MAX_STATE	(256 * 1024 * 1024)

static void
put_crc(uint8_t *dst, uint32_t crc)
{
	for (int i = 0; i < CRC_LEN; i++)
		dst[i] = (uint8_t) (crc >> (24 - 8 * i));
}

bool
spool_state_save(struct spool *spool, uint32_t file, const void *bytes,
				 size_t len)
{
	char		name[SPOOL_NAME_LEN];
	uint8_t    *copy = len > MAX_STATE ? NULL : malloc(len + CRC_LEN);
	bool		is_saved = false;

	errno = EFBIG;
	spool_name(file, "state", name);
	if (copy != NULL)
	{
		if (len > 0)
			memcpy(copy, bytes, len);
		put_crc(copy + len, crc32c(copy, len));
		is_saved = spool_file_replace(spool, name, copy, len + CRC_LEN);
		free(copy);
	}
	if (!is_saved)
	{
		counter_add(&spool->counters->spool_write_errors, 1);
		log_warn("could not save \"%s\" of spool \"%s\"", name,
				 spool->options.path);
	}
	return is_saved;
}

uint32_t
spool_state_find(struct spool *spool, uint32_t file)
{
	int			fd = openat(spool->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR		   *dir = fd < 0 ? NULL : fdopendir(fd);
	uint32_t	newest = 0;
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
	{
		uint32_t	number;
		int			len = 0;

		if (sscanf(entry->d_name, "%10" SCNu32 ".state%n", &number, &len) == 1 &&
			len == (int) strlen(entry->d_name) && number <= file && number > newest)
			newest = number;
	}
	if (dir != NULL)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return newest;
}

/* Returns bytes[*len], or NULL if the file is not whole. */
static uint8_t *
read_whole(int fd, size_t *len)
{
	struct stat st;
	uint8_t    *bytes;
	size_t		size;
	uint8_t		crc[CRC_LEN];

	if (fstat(fd, &st) != 0 || st.st_size < CRC_LEN ||
		st.st_size > MAX_STATE + CRC_LEN)
		return NULL;
	size = (size_t) st.st_size;
	bytes = malloc(size);
	if (bytes == NULL || pread(fd, bytes, size, 0) != (ssize_t) size)
	{
		free(bytes);
		return NULL;
	}
	*len = size - CRC_LEN;
	put_crc(crc, crc32c(bytes, *len));
	if (memcmp(crc, bytes + *len, CRC_LEN) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

void *
spool_state_load(struct spool *spool, uint32_t file, size_t *len)
{
	char		name[SPOOL_NAME_LEN];
	uint8_t    *bytes;
	int			fd;

	spool_name(file, "state", name);
	fd = openat(spool->dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	bytes = read_whole(fd, len);
	close(fd);
	if (bytes == NULL)
	{
		counter_add(&spool->counters->spool_damaged, 1);
		log_warnx("file \"%s\" of spool \"%s\" is damaged; it is not used",
				  name, spool->options.path);
	}
	return bytes;
}
