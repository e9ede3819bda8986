/*-------------------------------------------------------------------------
 *
 * Flows that are text already: files, and directories that are watched.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "collector.h"
#include "input_file.h"
#include "input_watch.h"
#include "load.h"
#include "log.h"
#include "notify.h"
#include "run.h"
#include "sink_ranges.h"

#define LINES_PER_TICK		4096

static bool
is_column_written(const struct options *options, enum column_id id)
{
	for (int i = 0; options->output != NULL && i < options->columns.n; i++)
		if (options->columns.ids[i] == id)
			return true;
	return options->conninfo != NULL;
}

/* What every so many lines of a feed is due. */
static bool
between_lines(void *arg, const char *source, uint64_t position)
{
	struct collector *collector = arg;

	(void) source;
	if (collector->source[0] != '\0')
		collector_mark(collector, position);
	collector_tick(collector);
	(void) collector_answer_signals(collector);
	return collector_goes_on(collector);
}

/* Are files that were loaded before to be known? */
static bool
names_sources(const struct collector *collector)
{
	return collector->options.conninfo != NULL && !collector->options.loads_again;
}

static struct load_options
load_options(struct collector *collector)
{
	const struct options *options = &collector->options;

	return (struct load_options) {
		.feed = {
			.format = (enum feed_format) options->format,
			.wants_fields = is_column_written(options, COLUMN_CORE_COUNT + FLOW_FIELDS),
			.sensor = options->sensor,
			.out = {collector_put, collector},
			.counters = &collector->counters
		},
		.rejected = options->bad_lines,
		.mark = between_lines,
		.arg = collector
	};
}

/*
 * A file is a source of its own, named by its text, so that the rows of one that
 * was loaded before are known, also under another name or packing.
 */
static uint64_t
open_source(void *arg, const char *source)
{
	struct collector *collector = arg;

	snprintf(collector->source, sizeof(collector->source), "%s", source);
	collector_open_copy(collector, collector->source, false);
	return 0;
}

static void
load_one(struct collector *collector, struct load *load, const char *path)
{
	collector->source[0] = '\0';
	if (!names_sources(collector) || !input_file_is_regular(path))
		collector_open_copy(collector, NULL, false);
	if (!load_file(load, path))
		collector->has_input_failed = true;
	else if (collector_goes_on(collector) && collector->source[0] != '\0')
		collector_mark(collector, RANGES_MAX_POSITION);
	collector_close_copy(collector);
}

void
run_load(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct load_options load_with = load_options(collector);
	struct load *load;

	if (names_sources(collector))
		load_with.start_of = open_source;
	collector_open_text(collector);
	load = load_open(&load_with);
	if (load == NULL)
		exit(1);
	for (int i = 0; i < options->loads.n && collector_goes_on(collector); i++)
		load_one(collector, load, options->loads.items[i]);
	for (int i = 0; i < options->nmore_loads && collector_goes_on(collector); i++)
		load_one(collector, load, options->more_loads[i]);
	if (!load_close(load))
		collector->has_input_failed = true;
}

void
run_watch(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct load_options load_with = load_options(collector);
	struct load *load;
	struct input_watch *watch;
	struct pollfd fds[1 + COLLECTOR_MAX_SINKS];
	sigset_t	mask;

	collector_open_report(collector, NULL, NULL);
	collector_open_text(collector);
	collector_open_copy(collector, NULL, false);
	load = load_open(&load_with);
	watch = load == NULL ? NULL :
		input_watch_open(options->watches.items, options->watches.n, load, &load_with);
	if (watch == NULL)
		exit(1);
	collector_block_signals(&mask);
	collector_begin_drain(collector);
	notify_ready();
	while (collector_goes_on(collector))
	{
		collector_wait(collector, fds, 1,
					   input_watch_poll(watch, &fds[0], clock_monotonic_us()), &mask);
		if (collector_stop)
			break;
		(void) input_watch_read(watch, LINES_PER_TICK, clock_monotonic_us());
		collector_tick(collector);
		(void) collector_answer_signals(collector);
	}
	input_watch_close(watch);
	if (!load_close(load))
		collector->has_input_failed = true;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
