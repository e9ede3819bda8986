/*-------------------------------------------------------------------------
 *
 * Signals and sinks of the running process.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "collector.h"
#include "decode_sflow.h"
#include "draft.h"
#include "export_memory.h"
#include "input_digest.h"
#include "log.h"
#include "notify.h"
#include "privilege.h"
#include "sink_copy.h"
#include "sink_text.h"

volatile sig_atomic_t collector_stop;

/* what other signals have asked for; set back by who does it */
static volatile sig_atomic_t wants_stats;
static volatile sig_atomic_t wants_reload;

static void
on_signal(int signo)
{
	if (signo == SIGUSR1)
		wants_stats = 1;
	else if (signo == SIGHUP)
		wants_reload = 1;
	else if (collector_stop)
		_exit(128 + signo);
	else
		collector_stop = 1;
}

void
collector_install_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

void
collector_block_signals(sigset_t *mask)
{
	sigset_t	blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &blocked, mask);
}

static void
note_result(struct collector *collector, struct sink *sink, bool is_good)
{
	if (is_good)
		return;
	sink->has_failed = true;
	collector->has_sink_failed = true;
}

void
collector_mark(struct collector *collector, uint64_t position)
{
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->mark(sink, position));
	}
}

void
collector_put(void *arg, const struct flow *flow)
{
	struct collector *collector = arg;
	struct flow enriched;

	if (collector->enrich != NULL)
	{
		enriched = *flow;
		if (flow->extra != NULL)
			collector->enriched = *flow->extra;
		else
			flow_extra_clear(&collector->enriched);
		enrich_flow(collector->enrich, &enriched, &collector->enriched);
		flow = &enriched;
	}
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->put(sink, flow));
	}
	if (collector->marks_flows)
		collector_mark(collector, ++collector->position);
}

void
collector_put_exported(void *arg, const struct flow *flow)
{
	struct collector *collector = arg;

	collector_put(collector, flow_rule_apply(&collector->rule, flow));
}

static void
tell_alive(struct collector *collector, int64_t now_us)
{
	if (notify_watchdog_us() == 0 || now_us < collector->alive_due_us)
		return;
	collector->alive_due_us = now_us + notify_watchdog_us();
	notify_alive();
}

static void
take_snapshot(struct collector *collector, int64_t now_us)
{
	struct report_source source = {
		.is_away = collector->copy != NULL && sink_copy_is_away(collector->copy),
		.receive = &collector->receive
	};

	if (collector->describe != NULL)
		collector->describe(collector->describe_arg, &source);
	report_take(collector->report, &collector->counters, &source, now_us);
}

void
collector_tick(struct collector *collector)
{
	int64_t		now_us = clock_monotonic_us();

	tell_alive(collector, now_us);
	if (collector->report != NULL && report_is_due(collector->report, now_us))
		take_snapshot(collector, now_us);
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];

		if (!sink->has_failed)
			note_result(collector, sink, sink->ops->tick(sink, now_us));
	}
}

void
collector_wait(struct collector *collector, struct pollfd *fds, int nfds,
			   int timeout_ms, const sigset_t *mask)
{
	int			alive_ms = (int) (notify_watchdog_us() / 1000);
	struct timespec timeout;

	if (alive_ms > 0 && (timeout_ms < 0 || alive_ms < timeout_ms))
		timeout_ms = alive_ms;
	for (int i = 0; i < collector->nsinks; i++)
	{
		struct sink *sink = collector->sinks[i];
		int			ms = sink->ops->poll(sink, &fds[nfds++], clock_monotonic_us());

		if (ms >= 0 && (timeout_ms < 0 || ms < timeout_ms))
			timeout_ms = ms;
	}
	if (collector->report != NULL &&
		(timeout_ms < 0 || timeout_ms > REPORT_TICK_US / 1000))
		timeout_ms = REPORT_TICK_US / 1000;
	timeout.tv_sec = timeout_ms / 1000;
	timeout.tv_nsec = (long) (timeout_ms % 1000) * 1000000;
	if (ppoll(fds, (nfds_t) nfds, timeout_ms < 0 ? NULL : &timeout, mask) < 0 &&
		errno != EINTR)
		fatal("could not wait for input");
}

void
collector_begin(struct collector *collector)
{
	const struct options *options = &collector->options;
	struct enrich_options enrich = {
		.files = options->networks.items,
		.nfiles = options->networks.n,
		.interfaces = options->interfaces,
		.overrides = options->networks_override
	};

	flow_rule_begin(&collector->rule, &options->rules);
	collector->tokens = report_read_tokens(options);
	if (enrich.nfiles == 0 && enrich.interfaces == NULL)
		return;
	collector->enrich = enrich_open(&enrich);
	if (collector->enrich == NULL)
		exit(1);
}

void
collector_open_report(struct collector *collector,
					  void (*describe) (void *arg, struct report_source *source), void *arg)
{
	collector->tally = tally_open(collector->hash_key);
	if (collector->tally == NULL)
		fatalx("out of memory");
	collector->describe = describe;
	collector->describe_arg = arg;
	collector->report = report_open(&collector->options, &collector->tokens, collector->tally);
}

const char *
collector_name_source(struct collector *collector, const char *path)
{
	const struct options *options = &collector->options;
	char		hex[DIGEST_HEX_LEN + 1];

	collector->source[0] = '\0';
	if (options->conninfo == NULL || options->loads_again ||
		!input_digest(path, &collector_stop, hex))
		return NULL;
	snprintf(collector->source, sizeof(collector->source), "%s:%s",
			 options->replay != NULL ? "replay" : "file", hex);
	return collector->source;
}

static struct sink *
add_sink(struct collector *collector, struct sink *sink)
{
	if (sink == NULL)
		exit(1);				/* it has said why */
	collector->sinks[collector->nsinks++] = sink;
	return sink;
}

void
collector_open_text(struct collector *collector)
{
	const struct options *options = &collector->options;

	if (options->output != NULL)
		add_sink(collector, sink_text_open(options->output, &options->columns,
										   options->has_header, options->batch_age_us,
										   &collector->counters));
}

void
collector_open_copy(struct collector *collector, const char *source, bool can_wait)
{
	const struct options *options = &collector->options;
	struct copy_options copy = {
		.conninfo = options->conninfo,
		.table = options->table,
		.sensor = options->sensor,
		.source = source,
		.has_sources = options->watches.n > 0,
		.rejected = options->rejected,
		.connections = (int) options->connections,
		.batch_rows = options->batch_rows,
		.queue_bytes = options->queue_bytes,
		.max_age_us = options->batch_age_us,
		.is_live = options->urls.n > 0 || options->influx != NULL || options->devices.n > 0 ||
			can_wait,
		.source_can_wait = can_wait,
		.waits_at_start = collector->waits_at_start,
		.stop_requested = &collector_stop,
		.counters = &collector->counters
	};

	if (options->conninfo != NULL)
		collector->copy = add_sink(collector, sink_copy_open(&copy));
}

void
collector_finish_copy(struct collector *collector)
{
	struct sink *sink = collector->copy;

	if (sink != NULL && !sink->has_failed)
		note_result(collector, sink, sink->ops->finish(sink));
}

static void
finish(struct collector *collector, struct sink *sink)
{
	if (!sink->has_failed)
		note_result(collector, sink, sink->ops->finish(sink));
	sink->ops->close(sink);
}

void
collector_close_copy(struct collector *collector)
{
	if (collector->copy == NULL)
		return;
	finish(collector, collector->copy);
	collector->nsinks--;
	collector->copy = NULL;
}

void
collector_close_sinks(struct collector *collector)
{
	bool		has_any = collector->nsinks > 0;

	while (collector->nsinks > 0)
		finish(collector, collector->sinks[--collector->nsinks]);
	collector->copy = NULL;
	if (collector->report != NULL)
	{
		if (has_any)
			take_snapshot(collector, clock_monotonic_us());
		report_close(collector->report);
		collector->report = NULL;
	}
}

void
collector_begin_drain(struct collector *collector)
{
	for (int i = 0; i < collector->nsinks; i++)
		collector->sinks[i]->ops->begin_drain(collector->sinks[i]);
}

void
collector_drop_rights(struct collector *collector)
{
	if (collector->options.user != NULL && !privilege_drop(collector->options.user))
		exit(1);
}

/* A table may have any column. */
static bool
wants_fields(const struct options *options)
{
	if (options->conninfo != NULL)
		return true;
	for (int i = 0; i < options->columns.n; i++)
		if (options->columns.ids[i] == COLUMN_CORE_COUNT + FLOW_FIELDS)
			return true;
	return false;
}

struct export_decoder
collector_open_exports(struct collector *collector)
{
	struct export_decoder exports = {
		.counters = &collector->counters,
		.exporters = exporter_table_open(&collector->counters,
										 collector->hash_key),
		.sflow = sflow_decoder_open(&collector->counters, collector->hash_key),
		.memory = export_memory_open(&collector->counters, collector->hash_key),
		.want_fields = wants_fields(&collector->options),
		.out = {collector_put_exported, collector},
		.sensor = collector->options.sensor,
		.max_skew_us = collector->options.max_skew_us,
		.tally = collector->tally
	};

	if (exports.exporters == NULL || exports.sflow == NULL || exports.memory == NULL)
		fatalx("out of memory");
	return exports;
}

void
collector_close_exports(struct export_decoder *exports)
{
	sflow_decoder_close(exports->sflow);
	exporter_table_close(exports->exporters);
	export_memory_close(exports->memory);
}

struct influx_decoder *
collector_open_lines(struct collector *collector)
{
	struct influx_decoder *lines = calloc(1, sizeof(*lines));

	if (lines == NULL)
		fatalx("out of memory");
	lines->table = collector->options.table;
	lines->sensor = collector->options.sensor;
	lines->set = flow_set_text_value;
	lines->out = (struct flow_out) {collector_put_exported, collector};
	lines->counters = &collector->counters;
	return lines;
}

struct meter_options
collector_meter_options(struct collector *collector)
{
	const struct options *options = &collector->options;

	return (struct meter_options) {
		.max_flows = (uint32_t) options->max_flows,
		.active_us = options->active_us,
		.idle_us = options->idle_us,
		.tunnels = options->tunnels,
		.has_details = options->has_details,
		.has_payload = options->has_payload,
		.has_profile = options->has_profile,
		.ring = {
			.path = options->ring,
			.max_bytes = options->ring_bytes,
			.file_bytes = options->ring_file_bytes,
			.file_us = options->ring_file_us,
			.snap = options->ring_snap,
			.tunnels = options->tunnels,
			.can_wait = options->devices.n == 0
		},
		.max_payloads = (uint32_t) options->max_payloads,
		.sensor = options->sensor,
		.hash_key = collector->hash_key,
		.out = {collector_put, collector},
		.counters = &collector->counters
	};
}

bool
collector_goes_on(const struct collector *collector)
{
	return !collector_stop && !collector->has_sink_failed;
}

void
collector_print_stats(const struct collector *collector, int form)
{
	if (form == STATS_JSON)
		counter_print_json(&collector->counters, stderr);
	else if (form == STATS_TEXT)
		counter_print(&collector->counters, stderr);
}

static void
reload(struct collector *collector)
{
	notify_reloading();
	if (options_reload(&collector->options, collector->argc, collector->argv))
	{
		flow_rule_begin(&collector->rule, &collector->options.rules);
		log_info("the settings are read again");
	}
	if (collector->enrich != NULL && enrich_reload(collector->enrich))
		log_info("the tables of networks are read again");
	notify_ready();
}

bool
collector_answer_signals(struct collector *collector)
{
	bool		reloads = wants_reload != 0;

	if (wants_stats)
	{
		wants_stats = 0;
		collector_print_stats(collector, collector->options.stats == STATS_JSON ?
							  STATS_JSON : STATS_TEXT);
	}
	if (reloads)
	{
		wants_reload = 0;
		reload(collector);
	}
	return reloads;
}
