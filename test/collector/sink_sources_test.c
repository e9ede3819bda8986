/*-------------------------------------------------------------------------
 *
 * If this goes, watched files are read again after a restart, or some of them
 * never.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "sink_queue.h"
#include "tap.h"
#include "watch_positions.h"

static bool
count(void *arg, const struct source *source)
{
	(void) source;
	++*(int *) arg;
	return true;
}

static int
count_all(const struct sources *sources)
{
	int			n = 0;

	(void) sources_visit(sources, count, &n);
	return n;
}

static struct source *
add(struct sources *sources, const char *name, uint64_t next)
{
	struct source *source = sources_add(sources, name);

	if (source == NULL || (next > 0 && !ranges_add(&source->ranges, 0, next)))
		exit(2);
	return source;
}

static void
test_table(void)
{
	struct sources *sources = sources_open();
	struct source *a;
	struct source *b;
	char		name[SOURCES_NAME_LEN];

	a = add(sources, "watch:/a:1", 100);
	b = add(sources, "watch:/a:2", 200);
	ok(sources_add(sources, "watch:/a:1") == a && sources_find(sources, "watch:/a:2") == b, "a source has one place");
	ok(sources_find(sources, "watch:/a:") == NULL, "and no other name");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ok(sources_find(sources, name) == NULL && sources_find(sources, add(sources, name, 1)->name) != NULL, "the longest name");
	sources_set_floors(sources);
	ok(sources_find_lost(sources) == NULL, "nothing is lost");
	ok(sources_clear_ranges(sources) && sources_find_lost(sources) != NULL, "all is");
	if (!ranges_add(&a->ranges, 0, 150) || !ranges_add(&b->ranges, 0, 199) ||
		!ranges_add(&sources_find(sources, name)->ranges, 0, 1))
		exit(2);
	ok(sources_find_lost(sources) == b, "the last byte of one is");
	ok(source_set_base(b, 180) && sources_clear_ranges(sources) && ranges_start(&a->ranges) == 0 &&
	   ranges_start(&b->ranges) == 180, "what is before the base stays");
	ok(ranges_add(&b->ranges, 180, 200) && ranges_start(&b->ranges) == 200, "and what follows adjoins it");
	a->seen_us = b->seen_us = 10;
	b->nbatches = 1;
	sources_forget(sources, 11);
	ok(sources_find(sources, "watch:/a:1") == NULL && sources_find(sources, "watch:/a:2") == b,
	   "what is old is forgotten, unless something of it waits");
	for (int i = 0; i < 50000; i++)
	{
		snprintf(name, sizeof(name), "watch:/b:%d", i);
		(void) add(sources, name, 0);
	}
	is(count_all(sources), 50002, "many");
	sources_close(sources);
}

static void
test_queue(void)
{
	struct sources *sources = sources_open();
	struct queue queue = {.batch_rows = 100,.has_marks = true};
	struct source *a = add(sources, "a", 0);
	struct source *b = add(sources, "b", 0);
	struct flow flow = {.start_us = 1,.end_us = 1};

	queue_switch(&queue, a, 10);
	ok(queue_put(&queue, &flow) && queue_mark(&queue, 20) && queue_close_last(&queue), "a row of one source");
	queue_switch(&queue, b, 0);
	ok(queue_mark(&queue, 5) && queue_close_last(&queue), "positions without rows of another");
	queue_switch(&queue, a, 20);
	ok(queue_put(&queue, &flow) && queue_mark(&queue, 30) && queue_close_last(&queue), "and of the first again");
	is((int64_t) queue.nbatches, 3, "are three batches");
	is(a->nbatches, 2, "two of the first");
	ok(queue.oldest->source == a && queue.oldest->first == 10 && queue.oldest->end == 20, "its first positions");
	ok(queue.oldest->next->source == b && queue.oldest->next->first == 0 && queue.oldest->next->end == 5,
	   "those of the other");
	ok(queue.newest->source == a && queue.newest->first == 20 && queue.newest->end == 30, "its last");
	while (queue.oldest != NULL)
		(void) queue_drop_oldest(&queue);
	is(a->nbatches + b->nbatches, 0, "nothing waits");
	sources_close(sources);
}

#define TABLE "net 5 public.flows 16"

static void
write_text(const char *path, const char *text)
{
	FILE	   *file = fopen(path, "w");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		exit(2);
}

static void
test_positions(const char *dir)
{
	struct sources *sources = sources_open();
	struct sources *again = sources_open();
	const struct source *source;
	char		path[4200];
	static const char *const bad[] = {
		"", "nonsense\n", "flowcollectd watch positions 2\n", "flowcollectd watch positions 2\n1 2 a\n",
		"flowcollectd watch positions 2\n" TABLE "\n1 2\n", "flowcollectd watch positions 3\n" TABLE "\n", "flowcollectd watch positions 1\n1 2\n",
		"flowcollectd watch positions 1\n1 2 half a line", "flowcollectd watch positions 1\n0 2 a\n",
		"flowcollectd watch positions 1\n9223372036854775808 2 a\n", "flowcollectd watch positions 1\n1 -2 a\n"
	};

	snprintf(path, sizeof(path), "%s/positions", dir);
	(void) unlink(path);
	ok(watch_positions_read(path, TABLE, sources) && count_all(sources) == 0, "no file, no positions");
	add(sources, "watch:/with space:1", 100)->seen_us = 5000000;
	(void) add(sources, "watch:/a:2", 0);
	watch_positions_write(path, TABLE, sources);
	ok(watch_positions_read(path, TABLE, again) && count_all(again) == 1, "what was written is read");
	source = sources_find(again, "watch:/with space:1");
	ok(source != NULL && ranges_start(&source->ranges) == 100 && source->queued == 100 &&
	   source->seen_us == 5000000, "as it was");
	ok(!watch_positions_read(path, "net 5 public.flows 17", again), "but not for another table");
	write_text(path, "flowcollectd watch positions 1\n7 2 b\n");
	ok(watch_positions_read(path, TABLE, again) && count_all(again) == 2, "without a table, for any");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		write_text(path, bad[i]);
		ok(!watch_positions_read(path, TABLE, again), "a file that is none");
	}
	sources_close(sources);
	sources_close(again);
}

/* A lock is of an opening of the file, so that this process can see its own. */
static void
test_lock(const char *dir)
{
	char		path[4200];

	snprintf(path, sizeof(path), "%s/nowhere/positions", dir);
	ok(!watch_positions_lock(path), "a directory that is not there");
	snprintf(path, sizeof(path), "%s/positions", dir);
	ok(watch_positions_lock(path), "the first may have the file");
	ok(!watch_positions_lock(path), "the second may not");
}

int
main(int argc, char **argv)
{
	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	test_table();
	test_queue();
	test_positions(argv[1]);
	test_lock(argv[1]);
	return tap_failed;
}
