/*-------------------------------------------------------------------------
 *
 * If this goes, a restart may load lines of a file twice, or leave some out.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "input_watch.h"
#include "tap.h"

#define NLINES 5000

/* What a sink would keep: rows, and the position of each source. */
static int	nrows[2 * NLINES];	/* by source port, which numbers the lines */
static struct
{
	char		source[600];
	uint64_t	position;
}			sources[8];
static int	nsources;
static int	marks_left;			/* until the driver is told to stop */
static struct counters counters;
static char dir[4096];

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	nrows[flow->key.src_port]++;
}

static int
find(const char *source)
{
	int			i = 0;

	while (i < nsources && strcmp(sources[i].source, source) != 0)
		i++;
	if (i == nsources)
		snprintf(sources[nsources++].source, sizeof(sources[0].source), "%s", source);
	return i;
}

static bool
mark(void *arg, const char *source, uint64_t position)
{
	(void) arg;
	sources[find(source)].position = position;
	return --marks_left > 0;
}

static uint64_t
start_of(void *arg, const char *source)
{
	(void) arg;
	return sources[find(source)].position;
}

static const struct load_options options = {
	.feed = {.out = {take, NULL},.counters = &counters},
	.mark = mark,.start_of = start_of
};

static void
forget(void)
{
	memset(nrows, 0, sizeof(nrows));
	memset(sources, 0, sizeof(sources));
	nsources = 0;
}

static void
write_lines(const char *path, const char *mode, int first, int end)
{
	FILE	   *file = fopen(path, mode);

	if (file == NULL)
		exit(2);
	if (first == 0)
		fputs("ts,src_addr,src_port\n", file);
	for (int i = first; i < end; i++)
		fprintf(file, "%d,10.0.0.1,%d\n", 1700000000 + i, i);
	fclose(file);
}

static bool
has_once(int n)
{
	for (int i = 0; i < 2 * NLINES; i++)
		if (nrows[i] != (i < n))
			return false;
	return true;
}

static bool
load(const char *path, int max_marks)
{
	struct load *load = load_open(&options);
	bool		is_good;

	marks_left = max_marks;
	is_good = load_file(load, path);
	return load_close(load) && is_good;
}

static void
test_load(void)
{
	char		path[4200];
	char		copy[4200];

	snprintf(path, sizeof(path), "%s/load.csv", dir);
	snprintf(copy, sizeof(copy), "%s/copy.csv", dir);
	write_lines(path, "w", 0, NLINES);
	write_lines(copy, "w", 0, NLINES);
	ok(load(path, 2) && !has_once(NLINES) && nrows[0] == 1, "a load is stopped");
	ok(load(path, 1000) && has_once(NLINES), "the next one continues it");
	ok(load(path, 1000) && has_once(NLINES), "loaded again, it counts once");
	ok(load(copy, 1000) && has_once(NLINES), "and so under another name");
	write_lines(copy, "a", NLINES, NLINES + 1);
	is(nsources, 1, "which is the same source");
}

static void
watch(int max_marks)
{
	const char *specs[] = {dir};
	struct load *load = load_open(&options);
	struct input_watch *watch = input_watch_open(specs, 1, load, &options);
	int64_t		now_us = clock_monotonic_us();

	marks_left = max_marks;
	if (watch == NULL)
		exit(2);
	while (marks_left > 0 && input_watch_read(watch, 1000, now_us))
		;
	input_watch_close(watch);
	(void) load_close(load);
}

static void
count(void *arg, const char *source)
{
	(void) source;
	++*(int *) arg;
}

/* What is forgotten depends on this. */
static void
test_visit(void)
{
	const char *specs[] = {dir};
	struct load *load = load_open(&options);
	struct input_watch *watch = input_watch_open(specs, 1, load, &options);
	int64_t		now_us = clock_monotonic_us();
	int			n = 0;

	marks_left = 1000;
	if (watch == NULL)
		exit(2);
	ok(!input_watch_visit(watch, count, &n) && n == 0, "before a scan nothing is known");
	(void) input_watch_read(watch, 1, now_us);
	ok(!input_watch_visit(watch, count, &n) && n == 1, "nor is all while a file is read");
	while (input_watch_read(watch, 1000, now_us))
		;
	n = 0;
	ok(input_watch_visit(watch, count, &n) && n == 1, "then it is");
	input_watch_close(watch);
	(void) load_close(load);
}

static void
test_watch(void)
{
	char		path[4200];
	char		other[4200];

	snprintf(path, sizeof(path), "%s/copy.csv", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/load.csv", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/watch.csv", dir);
	snprintf(other, sizeof(other), "%s/watch.1.csv", dir);
	forget();
	write_lines(path, "w", 0, NLINES);
	watch(2);
	ok(nrows[0] == 1 && !has_once(NLINES), "watching is stopped");
	watch(1000);
	ok(has_once(NLINES), "and continues");
	write_lines(path, "a", NLINES, NLINES + 10);
	if (rename(path, other) != 0)
		exit(2);
	watch(1000);
	ok(has_once(NLINES + 10), "after a file was written to and renamed");
	is(nsources, 1, "it is the same source");
	ok(strncmp(sources[0].source, "watch:", 6) == 0, "a source of a watched directory");
}

/* One that is renamed between the scan that finds it and its turn is read by its new name. */
static void
test_renamed(void)
{
	const char *specs[] = {dir};
	struct load *load = load_open(&options);
	struct input_watch *watch = input_watch_open(specs, 1, load, &options);
	int64_t		now_us = clock_monotonic_us();
	char		first[4200];
	char		second[4200];
	char		renamed[4200];

	snprintf(first, sizeof(first), "%s/watch.1.csv", dir);
	snprintf(second, sizeof(second), "%s/x.csv", dir);
	snprintf(renamed, sizeof(renamed), "%s/y.csv", dir);
	forget();
	marks_left = 1000;
	write_lines(first, "w", 0, 10);
	write_lines(second, "w", 0, 0);
	write_lines(second, "a", 10, 20);
	if (watch == NULL)
		exit(2);
	ok(input_watch_read(watch, 1000, now_us) && has_once(10), "the older file is read first");
	if (rename(second, renamed) != 0)
		exit(2);
	(void) input_watch_read(watch, 1000, now_us);
	ok(has_once(10), "the other one is not found");
	now_us += 1000000;
	while (input_watch_read(watch, 1000, now_us))
		;
	ok(has_once(20), "but is read under its new name");
	input_watch_close(watch);
	(void) load_close(load);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	snprintf(dir, sizeof(dir), "%s/loadXXXXXX", argv[1]);
	if (mkdtemp(dir) == NULL)
		return 2;
	test_load();
	test_watch();
	test_visit();
	test_renamed();
	return tap_failed;
}
