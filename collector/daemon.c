/*-------------------------------------------------------------------------
 *
 * The threads that receive, and the loop of the one that decodes and writes.
 *
 * A stop ends receiving first; then what is in the spool is decoded and
 * written for as long as the database takes it, STOP_US at most.  The rest
 * waits in the spool.
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

#include "admit.h"
#include "clock.h"
#include "consume.h"
#include "daemon.h"
#include "daemon_decode.h"
#include "daemon_position.h"
#include "log.h"
#include "notify.h"
#include "receive.h"
#include "receive_capture.h"
#include "receive_lines.h"
#include "sink_copy.h"

#define RECORDS_PER_STEP	512
#define STOP_US				(5 * INT64_C(1000000))
#define STATUS_US			(5 * INT64_C(1000000))
#define RELEASE_US			(1 * INT64_C(1000000))
#define IDLE_MS				500 /* releases */
#define EPOCH_S				INT64_C(1577836800)	/* 2020-01-01 */
#define MAX_NUMBER			0x7effffff

struct daemon
{
	struct collector *collector;
	struct spool *spool;
	struct admit *admit;
	struct receiver *receiver;
	struct line_receiver *lines;	/* or NULL */
	struct capture_receiver *capture;	/* or NULL */
	struct daemon_decode *decode;
	struct consumer *consumer;	/* NULL: the database has not said its position */
	struct daemon_position position;
	uint64_t	begin;			/* what comes after was received since the database was asked */
	bool		must_rewind;
	uint64_t	rewind_to;
	int64_t		decoded_us;		/* when the last record had come */
	int64_t		status_due_us;
	int64_t		release_due_us;
};

/* Asked before each record. */
static bool
has_room(void *arg)
{
	struct daemon *daemon = arg;
	struct sink *copy = daemon->collector->copy;

	if (sink_copy_must_rewind(copy, &daemon->rewind_to))
		daemon->must_rewind = true;
	return !daemon->must_rewind && !sink_copy_is_full(copy);
}

static void
take_record(void *arg, const struct spool_record *record, bool is_replay)
{
	struct daemon *daemon = arg;

	daemon->decoded_us = record->source.received_us;
	daemon_decode_record(daemon->decode, record, is_replay);
}

static void
mark(void *arg, uint64_t position)
{
	struct daemon *daemon = arg;

	collector_mark(daemon->collector, position);
}

static size_t
save(void *arg, void **bytes)
{
	struct daemon *daemon = arg;

	return daemon_decode_save(daemon->decode, bytes);
}

static void
load(void *arg, const void *bytes, size_t len)
{
	struct daemon *daemon = arg;

	daemon_decode_load(daemon->decode, bytes, len);
}

/*
 * Files are numbered on from the seconds since 2020: a spool that comes from an
 * old backup does not use numbers again that the database knows already.
 */
static uint32_t
begin_number(void)
{
	int64_t		seconds = clock_realtime_us() / 1000000 - EPOCH_S;

	return seconds < 0 ? 0 : seconds > MAX_NUMBER ? MAX_NUMBER : (uint32_t) seconds;
}

static void
open_spool(struct daemon *daemon)
{
	const struct options *options = &daemon->collector->options;
	struct spool_options spool = {
		.path = options->spool,
		.max_bytes = options->spool_bytes,
		.max_age_us = options->spool_age_us,
		.refuses_newest = options->spool_full == SPOOL_FULL_REFUSE,
		.grace_bytes = options->spool_grace_bytes,
		.sync = (enum spool_sync) options->spool_sync,
		.min_number = begin_number(),
		.counters = &daemon->collector->counters
	};

	daemon->spool = spool_open(&spool);
	if (daemon->spool == NULL)
		exit(1);
	daemon_position_open(&daemon->position, options->spool);
	daemon_position_begin(&daemon->position, spool_last(daemon->spool));
	daemon->begin = daemon->position.begin;
	daemon->collector->waits_at_start = spool_has_released(daemon->spool);
}

static void
open_receiver(struct daemon *daemon)
{
	struct collector *collector = daemon->collector;
	const struct options *options = &collector->options;
	struct receive_options receive = {
		.urls = options->urls.items,
		.nurls = options->urls.n,
		.nthreads = (int) options->receive_threads,
		.inherits = true,
		.max_connections = RECEIVE_MAX_CONNECTIONS,
		.idle_us = options->tcp_idle_us,
		.counters = &collector->counters
	};

	daemon->admit = admit_open(collector->hash_key, &collector->counters);
	if (daemon->admit == NULL)
		fatalx("out of memory");
	admit_set_rules(daemon->admit, &options->rules);
	receive.admit = daemon->admit;
	daemon->receiver = receive_open(&receive);
	if (daemon->receiver == NULL)
		exit(1);
}

static void
open_others(struct daemon *daemon)
{
	struct collector *collector = daemon->collector;
	const struct options *options = &collector->options;
	struct meter_options meter = collector_meter_options(collector);

	if (options->influx != NULL)
	{
		daemon->lines = receive_lines_open(options->influx, &collector->counters);
		if (daemon->lines == NULL)
			exit(1);
	}
	if (options->devices.n > 0)
	{
		daemon->capture = receive_capture_open(options->devices.items, options->devices.n,
											   &options->live, &meter);
		if (daemon->capture == NULL)
			exit(1);
	}
}

static void
start_threads(struct daemon *daemon)
{
	const struct options *options = &daemon->collector->options;

	if (!receive_start(daemon->receiver, daemon->spool) ||
		(daemon->lines != NULL && !receive_lines_start(daemon->lines, daemon->spool)) ||
		(daemon->capture != NULL && !receive_capture_start(daemon->capture, daemon->spool)))
		exit(1);
	for (int i = 0; i < options->devices.n; i++)
		log_info("capturing from interface \"%s\"", options->devices.items[i]);
	log_info("receiving");
}

/* What has come already is taken. */
static void
stop_threads(struct daemon *daemon)
{
	receive_stop(daemon->receiver);
	if (daemon->lines != NULL)
		receive_lines_stop(daemon->lines);
	if (daemon->capture != NULL)
		receive_capture_stop(daemon->capture);
}

static void
describe_receiving(struct daemon *daemon)
{
	struct socket_stats stats[RECEIVE_MAX_SOCKETS];
	struct status_receive *receive = &daemon->collector->receive;

	status_receive_sockets(receive, stats, receive_get_stats(daemon->receiver, stats));
	status_receive_rules(receive, daemon->admit);
}

static void
close_receivers(struct daemon *daemon)
{
	describe_receiving(daemon);
	receive_close(daemon->receiver);
	if (daemon->lines != NULL)
		receive_lines_close(daemon->lines);
	if (daemon->capture != NULL)
		receive_capture_close(daemon->capture);
	daemon->collector->describe = NULL;
	admit_close(daemon->admit);
}

/* Where to begin, once the database has said so, or cannot. */
static void
begin_consuming(struct daemon *daemon)
{
	struct collector *collector = daemon->collector;
	struct consume_callbacks callbacks = {
		.record = take_record,
		.mark = mark,
		.has_room = has_room,
		.save = save,
		.load = load,
		.arg = daemon
	};
	uint64_t	position;

	if (!sink_copy_is_ready(collector->copy))
		return;
	(void) sink_copy_start(collector->copy, &position);
	if (position < daemon->position.kept)
		position = daemon->position.kept;
	if (position > daemon->begin)
	{
		log_warnx("the database has more of spool \"%s\" than there is: the spool is an "
				  "old copy, and the clock runs behind", collector->options.spool);
		collector->has_input_failed = true;
		return;
	}
	if (!daemon_position_confirm(&daemon->position))
	{
		collector->has_input_failed = true;
		return;
	}
	daemon->consumer = consume_open(daemon->spool, position, &callbacks, &collector->counters);
	if (daemon->consumer == NULL)
	{
		collector->has_input_failed = true;
		return;
	}
	sink_copy_claim(collector->copy, spool_earlier(daemon->spool), daemon->begin);
	collector_mark(collector, consume_position(daemon->consumer));
}

/*
 * A database with flow.ingest keeps the position, if not yet that of the time
 * before it had that.
 */
static void
keep_position(struct daemon *daemon, uint64_t settled)
{
	uint64_t	noted;

	if (sink_copy_start(daemon->collector->copy, &noted) && noted >= daemon->position.kept)
		daemon_position_forget(&daemon->position);
	else
		daemon_position_keep(&daemon->position, settled);
}

/* Files whose rows are committed may go. */
static void
release(struct daemon *daemon, int64_t now_us)
{
	uint64_t	settled;

	if (daemon->consumer == NULL || now_us < daemon->release_due_us)
		return;
	daemon->release_due_us = now_us + RELEASE_US;
	sink_copy_forget(daemon->collector->copy, spool_first(daemon->spool));
	settled = sink_copy_settled(daemon->collector->copy);
	if (settled == 0)
		return;
	keep_position(daemon, settled);
	spool_release(daemon->spool, settled);
}

static void
rewind_if_needed(struct daemon *daemon)
{
	if (daemon->consumer == NULL || !daemon->must_rewind)
		return;
	daemon->must_rewind = false;
	log_info("the database is behind: reading the spool again");
	if (!consume_seek(daemon->consumer, daemon->rewind_to))
		daemon->collector->has_input_failed = true;
}

static void
report(struct daemon *daemon, int64_t now_us)
{
	const struct counters *counters = &daemon->collector->counters;
	char		status[200];

	if (now_us < daemon->status_due_us)
		return;
	daemon->status_due_us = now_us + STATUS_US;
	snprintf(status, sizeof(status), "%llu datagrams received, %llu packets captured, "
			 "%llu rows written", (unsigned long long) counters->received_datagrams,
			 (unsigned long long) counters->packets,
			 (unsigned long long) counters->rows_written);
	notify_status(status);
}

/* For who asks how we are. */
static void
describe(void *arg, struct report_source *source)
{
	struct daemon *daemon = arg;

	describe_receiving(daemon);
	if (daemon->consumer == NULL || daemon->collector->copy == NULL)
	{
		source->spool_bytes = spool_bytes_after(daemon->spool, SPOOL_BEGIN);
		return;
	}
	source->decoded = consume_position(daemon->consumer);
	source->decoded_us = daemon->decoded_us;
	source->settled = sink_copy_settled(daemon->collector->copy);
	source->last = spool_last(daemon->spool);
	source->undecoded_bytes = spool_bytes_after(daemon->spool, source->decoded);
	source->spool_bytes = spool_bytes_after(daemon->spool, source->settled);
}

/* Wait for records, for the sinks, or for a signal, which mask lets in. */
static void
wait_for_work(struct daemon *daemon, const sigset_t *mask)
{
	struct pollfd fds[1 + COLLECTOR_MAX_SINKS];

	fds[0].fd = daemon->consumer != NULL && has_room(daemon) ? spool_doorbell(daemon->spool) : -1;
	fds[0].events = POLLIN;
	collector_wait(daemon->collector, fds, 1, IDLE_MS, mask);
}

/* Returns whether there may be more to do at once. */
static bool
step(struct daemon *daemon)
{
	struct collector *collector = daemon->collector;
	int64_t		now_us = clock_monotonic_us();
	bool		has_more = false;

	if (daemon->capture != NULL)
		receive_capture_collect(daemon->capture, &collector->counters);
	collector_tick(collector);
	if (daemon->consumer == NULL)
		begin_consuming(daemon);
	rewind_if_needed(daemon);
	if (daemon->consumer != NULL)
		has_more = consume_step(daemon->consumer, RECORDS_PER_STEP);
	release(daemon, now_us);
	report(daemon, now_us);
	if (collector_answer_signals(collector))
		admit_set_rules(daemon->admit, &daemon->collector->options.rules);
	return has_more;
}

static void
run(struct daemon *daemon, const sigset_t *mask)
{
	const struct timespec now = {0};
	bool		has_more = false;

	while (collector_goes_on(daemon->collector) && !daemon->collector->has_input_failed)
	{
		if (!has_more)
			wait_for_work(daemon, mask);
		else					/* let signals in */
			(void) ppoll(NULL, 0, &now, mask);
		has_more = step(daemon);
	}
}

/* What has been received is written, if the database is there and takes it soon. */
static void
drain(struct daemon *daemon, const sigset_t *mask)
{
	int64_t		until_us = clock_monotonic_us() + STOP_US;

	if (!spool_flush(daemon->spool, STOP_US))
		log_warnx("the disk of the spool does not take what was received");
	while (daemon->consumer != NULL && !daemon->collector->has_sink_failed &&
		   clock_monotonic_us() < until_us && !sink_copy_is_away(daemon->collector->copy) &&
		   consume_position(daemon->consumer) < spool_last(daemon->spool))
		if (!step(daemon))
			wait_for_work(daemon, mask);
}

void
daemon_run(struct collector *collector)
{
	struct daemon daemon = {.collector = collector};
	sigset_t	mask;

	collector_block_signals(&mask);
	open_receiver(&daemon);
	open_others(&daemon);
	collector_drop_rights(collector);
	open_spool(&daemon);
	collector_open_report(collector, describe, &daemon);
	daemon.decode = daemon_decode_open(collector);
	snprintf(collector->source, sizeof(collector->source), "spool:%s", spool_id(daemon.spool));
	collector_open_text(collector);
	collector_open_copy(collector, collector->source, true);
	start_threads(&daemon);
	notify_ready();
	run(&daemon, &mask);
	notify_stopping();
	stop_threads(&daemon);
	drain(&daemon, &mask);
	if (daemon.capture != NULL)
		receive_capture_collect(daemon.capture, &collector->counters);
	collector_finish_copy(collector);
	daemon.release_due_us = 0;
	release(&daemon, clock_monotonic_us());
	if (daemon.consumer != NULL)
		consume_close(daemon.consumer);
	close_receivers(&daemon);
	daemon_decode_close(daemon.decode);
	daemon_position_close(&daemon.position);
	spool_close(daemon.spool);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
