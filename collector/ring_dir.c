/*-------------------------------------------------------------------------
 *
 * The directory of a ring.
 *
 * "id" is a line of text: "flowcollectd ring 1 ID KEY LAST", 8 and 32
 * hexadecimal digits and the number of the last file, ten decimal ones.  It is
 * written before anything else, so a directory without it is no ring.
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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "ring_dir.h"

#define ID_FORMAT	"flowcollectd ring 1 %8[0-9a-f] %16" SCNx64 "%16" SCNx64 " %" SCNu32
#define ID_LEN		128
#define LAST_OFFSET	62			/* of LAST in the line */

static bool
read_id(struct ring_dir *dir)
{
	char		text[ID_LEN];
	ssize_t		n = pread(dir->id_fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return false;
	text[n] = '\0';
	return sscanf(text, ID_FORMAT, dir->id, &dir->key.k[0], &dir->key.k[1],
				  &dir->last) == 4 &&
		strlen(dir->id) == RING_ID_LEN;
}

/*
 * Opens a file of the ring.  In a directory that others may write, too, its name
 * may be a link to a file of somebody else, or a pipe, at which one would wait.
 */
static int
open_file(const struct ring_dir *dir, const char *name, int flags)
{
	int			fd = openat(dir->fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat status;

	if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* A new ring, in which no file may be yet. */
static bool
make_id(struct ring_dir *dir)
{
	struct hash_key name = hash_key_random();
	char		text[ID_LEN];
	int			len;

	dir->key = hash_key_random();
	snprintf(dir->id, sizeof(dir->id), "%08" PRIx32, (uint32_t) name.k[0]);
	len = snprintf(text, sizeof(text), "flowcollectd ring 1 %s %016" PRIx64 "%016" PRIx64 " %010u\n",
				   dir->id, dir->key.k[0], dir->key.k[1], 0);
	return pwrite(dir->id_fd, text, (size_t) len, 0) == len && fsync(dir->id_fd) == 0;
}

static bool
open_id(struct ring_dir *dir, bool is_writer)
{
	struct stat status;

	dir->id_fd = open_file(dir, "id", is_writer ? O_RDWR | O_CREAT : O_RDONLY);
	if (dir->id_fd < 0)
	{
		if (errno == ENOENT)
			log_warnx("\"%s\" is no ring: it has no file \"id\"", dir->path);
		else
			log_warn("could not open file \"id\" of ring \"%s\"", dir->path);
		return false;
	}
	if (is_writer && flock(dir->id_fd, LOCK_EX | LOCK_NB) != 0)
	{
		log_warnx("ring \"%s\" is in use by another process", dir->path);
		return false;
	}
	if (is_writer && fstat(dir->id_fd, &status) == 0 && status.st_size == 0)
	{
		if (make_id(dir))
			return true;
		log_warn("could not write file \"id\" of ring \"%s\"", dir->path);
		return false;
	}
	if (read_id(dir))
		return true;
	log_warnx("file \"id\" of ring \"%s\" cannot be read", dir->path);
	return false;
}

static int
by_number(const void *a, const void *b)
{
	const struct ring_file *x = a;
	const struct ring_file *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static uint64_t
size_of(const struct ring_dir *dir, uint32_t file, const char *suffix)
{
	char		name[RING_NAME_LEN];
	struct stat status;

	ring_name(file, suffix, name);
	return fstatat(dir->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t) status.st_size : 0;
}

void
ring_dir_measure(struct ring_dir *dir, size_t i)
{
	struct ring_file *file = &dir->files[i];

	dir->bytes -= file->bytes;
	file->bytes = size_of(dir, file->number, "pcap") + size_of(dir, file->number, "index");
	dir->bytes += file->bytes;
}

static void
remove_name(const struct ring_dir *dir, uint32_t file, const char *suffix)
{
	char		name[RING_NAME_LEN];

	ring_name(file, suffix, name);
	if (unlinkat(dir->fd, name, 0) != 0 && errno != ENOENT)
		log_warn("could not remove file \"%s\" of ring \"%s\"", name, dir->path);
}

static bool
has_file(const struct ring_dir *dir, uint32_t file)
{
	struct ring_file wanted = {.number = file};

	return dir->nfiles > 0 && bsearch(&wanted, dir->files, dir->nfiles, sizeof(wanted),
									  by_number) != NULL;
}

/* An index goes after its file, so one without a file was left by a kill. */
static void
remove_orphans(const struct ring_dir *dir, DIR *stream)
{
	const struct dirent *entry;
	uint32_t	file;

	rewinddir(stream);
	while ((entry = readdir(stream)) != NULL)
		if (ring_name_parse(entry->d_name, "index", &file) && !has_file(dir, file))
			remove_name(dir, file, "index");
}

static bool
add_file(struct ring_dir *dir, uint32_t file)
{
	if (dir->nfiles == dir->capacity)
	{
		size_t		capacity = dir->capacity * 2 + 64;
		struct ring_file *files = realloc(dir->files, capacity * sizeof(*files));

		if (files == NULL)
			return false;
		dir->files = files;
		dir->capacity = capacity;
	}
	dir->files[dir->nfiles++] = (struct ring_file) {.number = file};
	return true;
}

static bool
list_files(struct ring_dir *dir, bool is_writer)
{
	int			fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR		   *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool		is_good = stream != NULL;
	uint32_t	file;

	while (is_good && (entry = readdir(stream)) != NULL)
		if (ring_name_parse(entry->d_name, "pcap", &file))
			is_good = add_file(dir, file);
	if (!is_good)
		log_warn("could not list ring \"%s\"", dir->path);
	else if (dir->nfiles > 0)
		qsort(dir->files, dir->nfiles, sizeof(*dir->files), by_number);
	for (size_t i = 0; i < dir->nfiles; i++)
		ring_dir_measure(dir, i);
	if (dir->nfiles > 0 && dir->files[dir->nfiles - 1].number > dir->last)
		dir->last = dir->files[dir->nfiles - 1].number;
	if (is_good && is_writer)
		remove_orphans(dir, stream);
	if (stream != NULL)
		closedir(stream);
	else if (fd >= 0)
		close(fd);
	return is_good;
}

bool
ring_dir_open(struct ring_dir *dir, const char *path, bool is_writer)
{
	*dir = (struct ring_dir) {.path = path,.id_fd = -1};
	if (is_writer && mkdir(path, 0700) != 0 && errno != EEXIST)
	{
		log_warn("could not make the directory of ring \"%s\"", path);
		return false;
	}
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
	{
		log_warn("could not open ring \"%s\"", path);
		return false;
	}
	if (open_id(dir, is_writer) && list_files(dir, is_writer))
		return true;
	ring_dir_close(dir);
	return false;
}

void
ring_dir_close(struct ring_dir *dir)
{
	if (dir->id_fd >= 0)
		close(dir->id_fd);
	close(dir->fd);
	free(dir->files);
}

int
ring_dir_file(const struct ring_dir *dir, uint32_t file, const char *suffix, int flags)
{
	char		name[RING_NAME_LEN];

	ring_name(file, suffix, name);
	return open_file(dir, name, flags);
}

bool
ring_dir_begin(struct ring_dir *dir, uint32_t file)
{
	char		text[16];
	int			len = snprintf(text, sizeof(text), "%010" PRIu32, file);

	if (pwrite(dir->id_fd, text, (size_t) len, LAST_OFFSET) != len)
		return false;
	dir->last = file;
	if (add_file(dir, file))
		return true;
	errno = ENOMEM;
	return false;
}

void
ring_dir_grow(struct ring_dir *dir, int64_t bytes)
{
	dir->files[dir->nfiles - 1].bytes += (uint64_t) bytes;
	dir->bytes += (uint64_t) bytes;
}

void
ring_dir_remove(struct ring_dir *dir, size_t i)
{
	uint32_t	file = dir->files[i].number;

	remove_name(dir, file, "pcap");
	remove_name(dir, file, "index");
	dir->bytes -= dir->files[i].bytes;
	dir->nfiles--;
	memmove(&dir->files[i], &dir->files[i + 1], (dir->nfiles - i) * sizeof(*dir->files));
}

uint64_t
ring_dir_hash(const struct ring_dir *dir, const struct flow_key *key)
{
	return hash_words(&dir->key, key, sizeof(*key));
}
