/*-------------------------------------------------------------------------
 *
 * Watched directories.
 *
 * inotify only says that something happened; a scan of the directory finds out
 * what.  Scans come every 10 s anyway, since network file systems tell nothing,
 * and never take more than a twentieth of the time.
 *
 * A file is known by device and inode while it is there.  Plain files stay open
 * for a while, so that the end of one that is renamed, removed or replaced is
 * read as well.
 *
 * One that cannot be read to its end, as while it is being compressed, is tried
 * again after a pause that doubles; one without a row after a twentieth of the
 * time that it takes to look for it.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "input_tail.h"
#include "input_watch.h"
#include "log.h"

#define SECOND_US		INT64_C(1000000)
#define SCAN_EVERY_US	(10 * SECOND_US)
#define SCAN_AFTER_US	(SECOND_US / 5)	/* an event */
#define SCAN_SHARE		20
#define PAUSE_MIN_US	SECOND_US
#define PAUSE_MAX_US	(64 * SECOND_US)
#define KEPT_OPEN_US	(60 * SECOND_US)	/* since the last line */

struct watched_file
{
	dev_t		dev;
	ino_t		ino;
	int			dir;
	char	   *name;
	char	   *source;		/* that it was when it was opened, or NULL */
	off_t		size;
	int64_t		mtime_ns;
	off_t		read_size;		/* size and time when its end was reached, */
	int64_t		read_mtime_ns;	/* or when it could not be read */
	int64_t		read_us;		/* monotonic, when there was something in it */
	int64_t		pause_us;		/* after the last failure; 0: it was none */
	int64_t		retry_us;		/* monotonic, not to be read before */
	bool		is_there;		/* seen by the last scan */
	bool		is_missed;		/* it was called something else when it was to be opened */
	struct tail *tail;			/* or NULL */
};

struct watched_dir
{
	char	   *path;
	char	   *pattern;
	struct log_limit log_limit;
};

struct input_watch
{
	struct load *load;
	const struct load_options *options;
	int			inotify;
	int			ndirs;
	struct watched_dir dirs[WATCH_MAX_DIRS];
	int			nfiles;
	struct watched_file *files; /* oldest first, [WATCH_MAX_FILES] */
	int			nopen;
	int64_t		next_scan_us;
	int64_t		earliest_scan_us;
	bool		is_complete;	/* the last scan has read all directories */
	struct log_limit full_limit;
};

static bool
add_dir(struct input_watch *watch, const char *spec)
{
	struct watched_dir *dir = &watch->dirs[watch->ndirs++];
	const char *colon = strrchr(spec, ':');

	dir->path = colon == NULL ? strdup(spec) : strndup(spec, (size_t) (colon - spec));
	dir->pattern = strdup(colon == NULL ? "*" : colon + 1);
	if (dir->path == NULL || dir->pattern == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	if (inotify_add_watch(watch->inotify, dir->path,
						  IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_MODIFY |
						  IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR) >= 0)
		return true;
	log_warn("could not watch directory \"%s\"", dir->path);
	return false;
}

struct input_watch *
input_watch_open(const char *const *specs, int n, struct load *load,
		   const struct load_options *options)
{
	struct input_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL || n > WATCH_MAX_DIRS)
	{
		log_warnx(n > WATCH_MAX_DIRS ? "too many directories to watch" : "out of memory");
		free(watch);
		return NULL;
	}
	watch->load = load;
	watch->options = options;
	watch->files = calloc(WATCH_MAX_FILES, sizeof(*watch->files));
	watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->files == NULL || watch->inotify < 0)
	{
		log_warn("could not begin to watch directories");
		input_watch_close(watch);
		return NULL;
	}
	for (int i = 0; i < n; i++)
	{
		if (add_dir(watch, specs[i]))
			continue;
		input_watch_close(watch);
		return NULL;
	}
	return watch;
}

static void
close_tail(struct input_watch *watch, struct watched_file *file)
{
	if (file->tail == NULL)
		return;
	tail_close(file->tail);
	file->tail = NULL;
	watch->nopen--;
}

static void
free_file(struct watched_file *file)
{
	free(file->name);
	free(file->source);
}

void
input_watch_close(struct input_watch *watch)
{
	for (int i = 0; i < watch->nfiles; i++)
	{
		close_tail(watch, &watch->files[i]);
		free_file(&watch->files[i]);
	}
	for (int i = 0; i < watch->ndirs; i++)
	{
		free(watch->dirs[i].path);
		free(watch->dirs[i].pattern);
	}
	if (watch->inotify >= 0)
		close(watch->inotify);
	free(watch->files);
	free(watch);
}

static uint64_t
start_of(const struct input_watch *watch, const struct tail *tail)
{
	const struct load_options *options = watch->options;

	return options->start_of == NULL ? 0 : options->start_of(options->arg, tail_source(tail));
}

static bool
ends_with(const char *name, const char *suffix)
{
	size_t		len = strlen(name);
	size_t		n = strlen(suffix);

	return len >= n && strcmp(name + len - n, suffix) == 0;
}

static bool
is_wanted(const struct watched_dir *dir, const char *name)
{
	return name[0] != '.' && fnmatch(dir->pattern, name, 0) == 0 && !ends_with(name, ".tmp") &&
		!ends_with(name, ".swp") && !ends_with(name, "~") && !ends_with(name, ".pcap") &&
		!ends_with(name, ".pcapng") && !ends_with(name, ".ipfix") &&
		strncmp(name, "nfcapd.", 7) != 0;
}

static struct watched_file *
find_file(struct input_watch *watch, int dir, const struct stat *st)
{
	for (int i = 0; i < watch->nfiles; i++)
	{
		struct watched_file *file = &watch->files[i];

		if (file->dir == dir && file->ino == st->st_ino && file->dev == st->st_dev)
			return file;
	}
	return NULL;
}

static bool
has_news(const struct watched_file *file)
{
	return file->size != file->read_size || file->mtime_ns != file->read_mtime_ns;
}

static void
note_file(struct input_watch *watch, int dir, const char *name, const struct stat *st)
{
	struct watched_file *file = find_file(watch, dir, st);

	if (file == NULL)
	{
		if (watch->nfiles == WATCH_MAX_FILES)
		{
			if (log_allowed(&watch->full_limit, clock_monotonic_us()))
				log_warnx("more than %d files are watched: file \"%s/%s\" has to wait",
						  WATCH_MAX_FILES, watch->dirs[dir].path, name);
			return;
		}
		file = &watch->files[watch->nfiles++];
		*file = (struct watched_file) {
			.dev = st->st_dev,.ino = st->st_ino,.dir = dir,.read_size = -1
		};
	}
	if (file->name == NULL || strcmp(file->name, name) != 0)
	{
		free(file->name);
		file->name = strdup(name);
	}
	file->size = st->st_size;
	file->mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec;
	file->is_there = file->name != NULL;
	if (file->is_missed)
		file->read_size = -1;
	file->is_missed = false;
	if (file->tail != NULL && has_news(file) && !tail_is_same(file->tail))
		close_tail(watch, file);	/* emptied, and perhaps written anew */
}

static bool
scan_dir(struct input_watch *watch, int index)
{
	struct watched_dir *dir = &watch->dirs[index];
	DIR		   *stream = opendir(dir->path);
	struct dirent *entry;

	if (stream == NULL)
	{
		if (log_allowed(&dir->log_limit, clock_monotonic_us()))
			log_warn("could not read directory \"%s\"", dir->path);
		return false;
	}
	while ((entry = readdir(stream)) != NULL)
	{
		struct stat st;

		if (is_wanted(dir, entry->d_name) &&
			fstatat(dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode))
			note_file(watch, index, entry->d_name, &st);
	}
	closedir(stream);
	return true;
}

static int
compare_files(const void *a, const void *b)
{
	const struct watched_file *x = a;
	const struct watched_file *y = b;

	if (x->mtime_ns != y->mtime_ns)
		return x->mtime_ns < y->mtime_ns ? -1 : 1;
	return x->name == NULL || y->name == NULL ? 0 : strcmp(x->name, y->name);
}

/* Forget what is neither there nor open. */
static void
forget_files(struct input_watch *watch)
{
	int			kept = 0;

	for (int i = 0; i < watch->nfiles; i++)
	{
		if (watch->files[i].is_there || watch->files[i].tail != NULL)
			watch->files[kept++] = watch->files[i];
		else
			free_file(&watch->files[i]);
	}
	watch->nfiles = kept;
}

static void
scan(struct input_watch *watch, int64_t now_us)
{
	int64_t		took_us;

	for (int i = 0; i < watch->nfiles; i++)
		watch->files[i].is_there = false;
	watch->is_complete = true;
	for (int i = 0; i < watch->ndirs; i++)
		if (!scan_dir(watch, i))
			watch->is_complete = false;
	forget_files(watch);
	qsort(watch->files, (size_t) watch->nfiles, sizeof(*watch->files), compare_files);
	took_us = clock_monotonic_us() - now_us;
	watch->next_scan_us = now_us + SCAN_EVERY_US;
	watch->earliest_scan_us = now_us +
		(took_us * SCAN_SHARE > SCAN_AFTER_US ? took_us * SCAN_SHARE : SCAN_AFTER_US);
}

/* Make room for one more open file, at the cost of the one silent longest. */
static void
close_oldest(struct input_watch *watch)
{
	struct watched_file *oldest = NULL;

	for (int i = 0; i < watch->nfiles; i++)
	{
		struct watched_file *file = &watch->files[i];

		if (file->tail != NULL && (oldest == NULL || file->read_us < oldest->read_us))
			oldest = file;
	}
	if (oldest != NULL)
		close_tail(watch, oldest);
}

static bool
open_tail(struct input_watch *watch, struct watched_file *file, int64_t now_us)
{
	const char *dir = watch->dirs[file->dir].path;
	char		path[PATH_MAX];
	struct stat st;
	int			fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file->name) >= (int) sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_ino != file->ino)
	{
		if (fd < 0 && errno != ENOENT)
			log_warn("could not open file \"%s\"", path);
		else
			file->is_missed = true;
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (watch->nopen == WATCH_MAX_OPEN)
		close_oldest(watch);
	file->tail = tail_open(watch->load, watch->options, dir, path, fd);
	if (file->tail == NULL)
		return false;
	watch->nopen++;
	file->read_us = now_us;
	free(file->source);
	file->source = strdup(tail_source(file->tail));
	return true;
}

static void
note_end(struct watched_file *file)
{
	file->read_size = file->size;
	file->read_mtime_ns = file->mtime_ns;
}

/* It cannot be read further as it is now. */
static void
note_failure(struct watched_file *file)
{
	file->pause_us = file->pause_us == 0 ? PAUSE_MIN_US : 2 * file->pause_us;
	if (file->pause_us > PAUSE_MAX_US)
		file->pause_us = PAUSE_MAX_US;
	file->retry_us = clock_monotonic_us() + file->pause_us;
}

/* Returns true if there is more to read in it. */
static bool
read_file(struct input_watch *watch, struct watched_file *file, int max_lines, int64_t now_us)
{
	int64_t		began_us = clock_monotonic_us();
	uint64_t	position;
	enum tail_result result;
	bool		goes_on;

	if (file->tail != NULL && !tail_is_same(file->tail))
		close_tail(watch, file);	/* emptied since the scan */
	if (file->tail == NULL && !open_tail(watch, file, now_us))
	{
		note_end(file);
		file->retry_us = began_us + (clock_monotonic_us() - began_us) * SCAN_SHARE;
		return false;
	}
	tail_start(file->tail, start_of(watch, file->tail));
	position = tail_position(file->tail);
	result = tail_read(file->tail, max_lines, &goes_on);
	if (tail_position(file->tail) > position)
		file->read_us = now_us;
	if (result == TAIL_MORE)
		return goes_on;
	note_end(file);
	if (result == TAIL_FAILED)
		note_failure(file);
	else
		file->pause_us = 0;
	if (result == TAIL_FAILED || tail_is_compressed(file->tail) ||
		now_us - file->read_us > KEPT_OPEN_US)
		close_tail(watch, file);
	return false;
}

static void
drain_events(struct input_watch *watch)
{
	char		events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(watch->inotify, events, sizeof(events)) > 0)
		watch->next_scan_us = 0;
}

int
input_watch_poll(struct input_watch *watch, struct pollfd *fd, int64_t now_us)
{
	int64_t		due_us = watch->next_scan_us > watch->earliest_scan_us ?
		watch->next_scan_us : watch->earliest_scan_us;

	*fd = (struct pollfd) {.fd = watch->next_scan_us == 0 ? -1 : watch->inotify,.events = POLLIN};
	for (int i = 0; i < watch->nfiles; i++)
	{
		const struct watched_file *file = &watch->files[i];

		if (!file->is_there || !has_news(file))
			continue;
		if (file->retry_us <= now_us)
			return 0;
		if (file->retry_us < due_us)
			due_us = file->retry_us;
	}
	return due_us <= now_us ? 0 : (int) ((due_us - now_us) / 1000 + 1);
}

bool
input_watch_read(struct input_watch *watch, int max_lines, int64_t now_us)
{
	drain_events(watch);
	if (now_us >= watch->next_scan_us && now_us >= watch->earliest_scan_us)
	{
		scan(watch, now_us);
		for (int i = 0; i < watch->nfiles; i++)
			if (!watch->files[i].is_there &&
				read_file(watch, &watch->files[i], max_lines, now_us))
				watch->next_scan_us = 0;
	}
	for (int i = 0; i < watch->nfiles; i++)
	{
		struct watched_file *file = &watch->files[i];

		if (!file->is_there || !has_news(file) || file->retry_us > now_us)
			continue;
		(void) read_file(watch, file, max_lines, now_us);
		return true;
	}
	return false;
}

void
input_watch_rewind(struct input_watch *watch)
{
	for (int i = 0; i < watch->nfiles; i++)
	{
		struct watched_file *file = &watch->files[i];

		file->read_size = -1;
		file->pause_us = file->retry_us = 0;
		if (file->tail != NULL && !tail_rewind(file->tail))
			close_tail(watch, file);
	}
	watch->next_scan_us = watch->earliest_scan_us = 0;
}

bool
input_watch_visit(const struct input_watch *watch,
				  void (*visit) (void *arg, const char *source), void *arg)
{
	bool		is_all = watch->is_complete && watch->nfiles < WATCH_MAX_FILES;

	for (int i = 0; i < watch->nfiles; i++)
	{
		const struct watched_file *file = &watch->files[i];

		if (file->is_there && has_news(file))
			is_all = false;
		if (file->is_there && file->source != NULL)
			visit(arg, file->source);
	}
	return is_all;
}
