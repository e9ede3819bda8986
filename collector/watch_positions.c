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
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "watch_positions.h"

#define HEAD		"flowcollectd watch positions 1\n"
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
watch_positions_read(const char *path, struct sources *sources)
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
	is_good = fgets(line, sizeof(line), file) != NULL && strcmp(line, HEAD) == 0;
	while (is_good && fgets(line, sizeof(line), file) != NULL)
		is_good = read_line(line, sources);
	if (!is_good || ferror(file))
		log_warnx("file \"%s\" has no positions of watched files", path);
	is_good = is_good && !ferror(file);
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
watch_positions_write(const char *path, const struct sources *sources)
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
	is_good = file != NULL && fputs(HEAD, file) >= 0 && sources_visit(sources, write_source, file) &&
		fflush(file) == 0 && fdatasync(fd) == 0;	/* a machine that stops leaves the old file, or this */
	if (file != NULL)
		is_good &= fclose(file) == 0;
	is_good = is_good && rename(fresh, path) == 0;
	if (!is_good && log_allowed(&limit, clock_monotonic_us()))
		log_warn("could not write positions of watched files to \"%s\"", path);
	free(fresh);
}
