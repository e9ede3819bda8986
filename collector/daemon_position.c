/*-------------------------------------------------------------------------
 *
 * A file with a number, replaced as a whole.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
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

void
daemon_position_open(struct daemon_position *position, const char *directory)
{
	FILE	   *file;

	position->path = path_of(directory, "position");
	position->kept = 0;
	file = fopen(position->path, "r");
	if (file == NULL)
	{
		if (errno != ENOENT)
			fatal("could not open \"%s\"", position->path);
		return;
	}
	if (fscanf(file, "%" SCNu64, &position->kept) != 1)
		fatalx("\"%s\" has no position", position->path);
	fclose(file);
}

void
daemon_position_keep(struct daemon_position *position, uint64_t at)
{
	char	   *fresh;
	FILE	   *file;
	bool		is_good;

	if (position->kept == at)
		return;
	if (asprintf(&fresh, "%s.new", position->path) < 0)
		fatalx("out of memory");
	file = fopen(fresh, "w");
	is_good = file != NULL && fprintf(file, "%" PRIu64 "\n", at) > 0;
	if (file != NULL)
		is_good &= fclose(file) == 0;
	if (is_good && rename(fresh, position->path) == 0)
		position->kept = at;
	else
		log_warn("could not write \"%s\"", position->path);
	free(fresh);
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
daemon_position_close(struct daemon_position *position)
{
	free(position->path);
	position->path = NULL;
}
