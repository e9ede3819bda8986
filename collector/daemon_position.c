/*-------------------------------------------------------------------------
 *
 * Files with a number, replaced as a whole.
 *
 * A spool from an old backup may use numbers of files again that the database
 * knows, if the clock is behind them.  As long as the database was not asked, each
 * start must compare with where the first one began: the next one begins behind
 * what that has received, and would take it for written.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon_position.h"
#include "log.h"

static char *
path_of(const char *directory, const char *name)
{
	char	   *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		fatalx("out of memory");
	return path;
}

/* The number in a file, 0 if there is no file; one that cannot be read is fatal. */
static uint64_t
read_number(const char *path)
{
	FILE	   *file = fopen(path, "re");
	uint64_t	number = 0;

	if (file == NULL)
	{
		if (errno != ENOENT)
			fatal("could not open \"%s\"", path);
		return 0;
	}
	if (fscanf(file, "%" SCNu64, &number) != 1)
		fatalx("\"%s\" has no position", path);
	fclose(file);
	return number;
}

static bool
write_number(const char *path, uint64_t number, bool is_synced)
{
	char	   *fresh;
	FILE	   *file;
	bool		is_good;

	if (asprintf(&fresh, "%s.new", path) < 0)
		fatalx("out of memory");
	file = fopen(fresh, "we");
	is_good = file != NULL && fprintf(file, "%" PRIu64 "\n", number) > 0 &&
		fflush(file) == 0 && (!is_synced || fdatasync(fileno(file)) == 0);
	if (file != NULL)
		is_good &= fclose(file) == 0;
	is_good = is_good && rename(fresh, path) == 0;
	if (!is_good)
		log_warn("could not write \"%s\"", path);
	free(fresh);
	return is_good;
}

/* So that a file that was removed does not come back. */
static bool
sync_directory_of(const char *path)
{
	char	   *directory = strndup(path, (size_t) (strrchr(path, '/') - path + 1));
	int			fd = directory == NULL ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool		is_good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	free(directory);
	return is_good;
}

void
daemon_position_open(struct daemon_position *position, const char *directory)
{
	position->path = path_of(directory, "position");
	position->begin_path = path_of(directory, "unconfirmed");
	position->kept = read_number(position->path);
	position->begin = 0;
}

void
daemon_position_keep(struct daemon_position *position, uint64_t at)
{
	if (position->kept != at && write_number(position->path, at, false))
		position->kept = at;
}

void
daemon_position_forget(struct daemon_position *position)
{
	if (position->kept == 0)
		return;
	if (unlink(position->path) != 0 && errno != ENOENT)
		log_warn("could not remove \"%s\"", position->path);
	position->kept = 0;
}

void
daemon_position_begin(struct daemon_position *position, uint64_t at)
{
	position->begin = read_number(position->begin_path);
	if (position->begin != 0)
		return;
	position->begin = at;
	if (write_number(position->begin_path, at, true) && !sync_directory_of(position->begin_path))
		log_warn("could not write \"%s\" to disk", position->begin_path);
}

bool
daemon_position_confirm(struct daemon_position *position)
{
	if ((unlink(position->begin_path) == 0 || errno == ENOENT) &&
		sync_directory_of(position->begin_path))
		return true;
	log_warn("could not remove \"%s\"", position->begin_path);
	return false;
}

void
daemon_position_close(struct daemon_position *position)
{
	free(position->path);
	free(position->begin_path);
	position->path = position->begin_path = NULL;
}
