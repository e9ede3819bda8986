/*-------------------------------------------------------------------------
 *
 * Directories that are watched, into the sinks, exactly once.
 *
 * Each file is a source of its own, named by its content, and its positions are
 * bytes of text.  One sink writes them all, a source at a time.  The files keep
 * what has not been written, so that a sink that is full just stops the reading.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "clock.h"
#include "collector.h"
#include "input_watch.h"
#include "log.h"
#include "notify.h"
#include "run.h"
#include "sink_copy.h"
#include "watch_forget.h"
#include "watch_positions.h"

#define LINES_PER_TICK	4096
#define WAIT_MS			20
#define SECOND_US		INT64_C(1000000)
#define FORGET_US		(7 * 86400 * SECOND_US)
#define SEE_US			(3600 * SECOND_US)

struct watch_run
{
	struct collector *collector;
	struct sources *sources;	/* of the sink, or our own */
	struct sources *own;		/* without a database */
	struct input_watch *watch;
	struct source *current;		/* that is read, or NULL */
	bool		has_begun;		/* positions are known */
	int64_t		see_due_us;
	int64_t		keep_due_us;
	uint64_t	kept_batches;	/* as many as there were */
};

static bool
has_database(const struct watch_run *run)
{
	return run->own == NULL;
}

/* What is written, or was put and will be. */
static uint64_t
start_of(void *arg, const char *name)
{
	struct watch_run *run = arg;
	const struct source *source = sources_find(run->sources, name);
	uint64_t	start = source == NULL ? 0 : ranges_start(&source->ranges);

	return source == NULL || source->queued < start ? start : source->queued;
}

static bool
begin(void *arg, const char *name, uint64_t position)
{
	struct watch_run *run = arg;

	run->current = sources_add(run->sources, name);
	if (run->current == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	run->current->seen_us = clock_realtime_us();
	return !has_database(run) ||
		sink_copy_switch(run->collector->copy, name, position);
}

static void
note(void *arg, uint64_t position)
{
	struct watch_run *run = arg;

	run->current->queued = position;
	collector_mark(run->collector, position);
}

/*
 * Once the database has said what it keeps; what was written while it kept
 * nothing is in the file.
 */
static void
begin_if_ready(struct watch_run *run)
{
	const struct options *options = &run->collector->options;
	uint64_t	position;

	if (run->has_begun || !sink_copy_is_ready(run->collector->copy))
		return;
	if (options->watch_positions != NULL &&
		!watch_positions_read(options->watch_positions, sink_copy_table(run->collector->copy), run->sources))
		exit(1);
	if (options->watch_positions == NULL && !sink_copy_start(run->collector->copy, &position))
		log_info("nothing keeps where watched files are left, so that the next start reads them "
				 "again: it takes extension flowstore, or \"watch-positions\"");
	run->has_begun = true;
}

static bool
may_read(struct watch_run *run)
{
	if (!has_database(run))
		return true;
	begin_if_ready(run);
	return run->has_begun && !sink_copy_is_full(run->collector->copy);
}

/* What every so many lines is due. */
static bool
mark(void *arg, const char *source, uint64_t position)
{
	struct watch_run *run = arg;

	(void) source;
	(void) position;
	collector_tick(run->collector);
	(void) collector_answer_signals(run->collector);
	return collector_goes_on(run->collector) && may_read(run);
}

static void
see(void *arg, const char *name)
{
	struct watch_run *run = arg;
	struct source *source = sources_find(run->sources, name);

	if (source != NULL)
		source->seen_us = clock_realtime_us();
}

/* Once all that is there was read. */
static void
forget_old(struct watch_run *run, int64_t now_us)
{
	const struct options *options = &run->collector->options;
	int64_t		since_us = clock_realtime_us();
	uint64_t	position;

	if (now_us < run->see_due_us)
		return;
	run->see_due_us = now_us + SECOND_US;
	if (!input_watch_visit(run->watch, see, run))
		return;
	run->see_due_us = now_us + SEE_US;
	if (run->current != NULL)
		run->current->seen_us = since_us;
	if (has_database(run) && sink_copy_start(run->collector->copy, &position) &&
		!sink_copy_is_away(run->collector->copy))
		watch_forget(options->conninfo, options->table, run->sources, since_us);
	sources_forget(run->sources, since_us - FORGET_US);
}

static void
keep_positions(struct watch_run *run, int64_t now_us)
{
	const struct collector *collector = run->collector;
	uint64_t	position;

	if (now_us < run->keep_due_us || run->kept_batches == collector->counters.batches ||
		collector->options.watch_positions == NULL || !has_database(run) ||
		sink_copy_start(collector->copy, &position))
		return;
	run->keep_due_us = now_us + SECOND_US;
	run->kept_batches = collector->counters.batches;
	watch_positions_write(collector->options.watch_positions, sink_copy_table(collector->copy),
						  run->sources);
}

/* Let the database take what it has not yet, and keep the positions. */
static void
finish(struct watch_run *run)
{
	struct sink *copy = run->collector->copy;

	if (copy == NULL || copy->has_failed)
		return;
	if (!copy->ops->finish(copy))
	{
		copy->has_failed = true;
		run->collector->has_sink_failed = true;
	}
	keep_positions(run, run->keep_due_us);
}

/* A server that lags behind has taken over. */
static void
rewind_if_lost(struct watch_run *run)
{
	uint64_t	position;

	if (!has_database(run) || !sink_copy_must_rewind(run->collector->copy, &position))
		return;
	sources_clear_queued(run->sources);
	input_watch_rewind(run->watch);
}

static void
read_until_stop(struct watch_run *run)
{
	struct collector *collector = run->collector;
	struct pollfd fds[1 + COLLECTOR_MAX_SINKS];
	sigset_t	mask;

	collector_block_signals(&mask);
	notify_ready();
	while (collector_goes_on(collector))
	{
		bool		reads = may_read(run);
		int64_t		now_us = clock_monotonic_us();

		fds[0] = (struct pollfd) {.fd = -1};
		collector_wait(collector, fds, 1,
					   reads ? input_watch_poll(run->watch, &fds[0], now_us) : WAIT_MS, &mask);
		if (collector_stop)
			break;
		now_us = clock_monotonic_us();
		rewind_if_lost(run);
		if (reads)
			(void) input_watch_read(run->watch, LINES_PER_TICK, now_us);
		collector_tick(collector);
		(void) collector_answer_signals(collector);
		forget_old(run, now_us);
		keep_positions(run, now_us);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void
run_watch(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct load_options load_with = run_load_options(collector);
	struct watch_run run = {
		.collector = collector,
		.see_due_us = clock_monotonic_us() + SECOND_US
	};
	struct load *load;

	collector_drop_rights(collector);
	if (options->watch_positions != NULL && !watch_positions_lock(options->watch_positions))
		exit(1);
	load_with.mark = mark;
	load_with.start_of = start_of;
	load_with.begin = begin;
	load_with.note = note;
	load_with.arg = &run;
	collector_open_report(collector, NULL, NULL);
	collector_open_text(collector);
	collector_open_copy(collector, "watch:", true);
	run.own = collector->copy == NULL ? sources_open() : NULL;
	run.sources = collector->copy == NULL ? run.own : sink_copy_sources(collector->copy);
	load = run.sources == NULL ? NULL : load_open(&load_with);
	run.watch = load == NULL ? NULL :
		input_watch_open(options->watches.items, options->watches.n, load, &load_with);
	if (run.watch == NULL)
		exit(1);
	read_until_stop(&run);
	finish(&run);
	input_watch_close(run.watch);
	if (!load_close(load))
		collector->has_input_failed = true;
	sources_close(run.own);
}
