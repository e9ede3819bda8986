/*-------------------------------------------------------------------------
 *
 * A file of positions of watched files.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "watch_positions.h"

#define HEAD		"flowcollectd watch positions 2\n"
#define HEAD_1		"flowcollectd watch positions 1\n"
#define LINE_LEN	(SOURCES_NAME_LEN + 64)
#define SECOND_US	INT64_C(1000000)

/* Returns false if the line is none of ours. */
static bool
read_line(char *line, struct sources *sources)
{
	char	   *end = strchr(line, '\n');
	uint64_t	position;
	int64_t		seen;
	int			at = 0;
	struct source *source;

	if (end == NULL || sscanf(line, "%" SCNu64 " %" SCNd64 " %n", &position, &seen, &at) != 2 ||
		at == 0 || line + at >= end || position == 0 || position > RANGES_MAX_POSITION ||
		seen < 0 || seen > INT64_MAX / SECOND_US)
		return false;
	*end = '\0';
	source = sources_add(sources, line + at);
	if (source == NULL || !source_set_base(source, position))
		fatalx("out of memory");
	source->seen_us = seen * SECOND_US;
	if (source->queued < position)
		source->queued = position;
	return true;
}

bool
watch_positions_lock(const char *path)
{
	char	   *name;
	int			fd;
	bool		is_locked;

	if (asprintf(&name, "%s.lock", path) < 0)
		fatalx("out of memory");
	fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	is_locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0 && !is_locked && errno == EWOULDBLOCK)
		log_warnx("file \"%s\" is in use by another collector", path);
	else if (!is_locked)
		log_warn("could not lock file \"%s\"", name);
	if (fd >= 0 && !is_locked)
		close(fd);
	free(name);
	return is_locked;
}

/* What the file says before its positions; false, having logged it, if that is wrong. */
static bool
read_head(FILE *file, const char *path, const char *table)
{
	char		line[LINE_LEN];
	bool		is_good = fgets(line, sizeof(line), file) != NULL;

	if (is_good && strcmp(line, HEAD_1) == 0)
		return true;
	is_good = is_good && strcmp(line, HEAD) == 0 && fgets(line, sizeof(line), file) != NULL;
	if (!is_good)
	{
		log_warnx("file \"%s\" has no positions of watched files", path);
		return false;
	}
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, table) == 0)
		return true;
	log_warnx("file \"%s\" has positions for another table, by database and table: %s, and not %s; "
			  "name another file, or remove it to write all again", path, line, table);
	return false;
}

bool
watch_positions_read(const char *path, const char *table, struct sources *sources)
{
	FILE	   *file = fopen(path, "re");
	char		line[LINE_LEN];
	bool		is_good;

	if (file == NULL && errno == ENOENT)
		return true;
	if (file == NULL)
	{
		log_warn("could not open file \"%s\"", path);
		return false;
	}
	if (!read_head(file, path, table))
	{
		fclose(file);
		return false;
	}
	is_good = true;
	while (is_good && fgets(line, sizeof(line), file) != NULL)
		is_good = read_line(line, sources);
	is_good = is_good && !ferror(file);
	if (!is_good)
		log_warnx("file \"%s\" has lines that are no positions of watched files", path);
	fclose(file);
	return is_good;
}

static bool
write_source(void *arg, const struct source *source)
{
	uint64_t	position = ranges_start(&source->ranges);

	return position == 0 || fprintf(arg, "%" PRIu64 " %" PRId64 " %s\n", position,
									source->seen_us / SECOND_US, source->name) > 0;
}

void
watch_positions_write(const char *path, const char *table, const struct sources *sources)
{
	static struct log_limit limit;
	char	   *fresh;
	int			fd;
	FILE	   *file;
	bool		is_good;

	if (asprintf(&fresh, "%s.new", path) < 0)
		fatalx("out of memory");
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	is_good = file != NULL && fprintf(file, HEAD "%s\n", table) > 0 && sources_visit(sources, write_source, file) &&
		fflush(file) == 0 && fdatasync(fd) == 0;	/* a machine that stops leaves the old file, or this */
	if (file != NULL)
		is_good &= fclose(file) == 0;
	is_good = is_good && rename(fresh, path) == 0;
	if (!is_good && log_allowed(&limit, clock_monotonic_us()))
		log_warn("could not write positions of watched files to \"%s\"", path);
	free(fresh);
}
