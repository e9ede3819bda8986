/*-------------------------------------------------------------------------
 *
 * Flows that are text already: files.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "collector.h"
#include "input_file.h"
#include "input_ipfix.h"
#include "load.h"
#include "log.h"
#include "run.h"
#include "sink_ranges.h"

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

struct load_options
run_load_options(struct collector *collector)
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
	if (input_ipfix_is(path))
	{
		run_ipfix_file(collector, path);
		return;
	}
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
	struct load_options load_with = run_load_options(collector);
	struct load *load;

	collector_drop_rights(collector);
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
