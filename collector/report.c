/*-------------------------------------------------------------------------
 *
 * Snapshots: what they hold, who reads them, and what is trouble.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "report.h"
#include "status_write.h"
#include "web.h"

#define RATE_US		(5 * INT64_C(1000000))
#define BUSIEST_US	(2 * INT64_C(1000000))
#define MAX_TOKEN	1024

/* A count that should stay as it is. */
struct growth
{
	uint64_t	count;
	int64_t		us;				/* monotonic, when it has grown; 0: never */
};

struct report
{
	const struct options *options;
	struct tally *tally;
	struct web *web;
	struct status_write *writer;
	char		host[256];

	pthread_mutex_t lock;
	struct status last;			/* lock; name NULL: there is none yet */
	int64_t		taken_us;		/* lock; monotonic */

	struct status next;			/* while it is put together */
	int64_t		started_us;
	int64_t		due_us;
	int64_t		busiest_due_us;

	int64_t		rated_us;
	uint64_t	rated_rows;
	double		rate;

	/* since when, by the monotonic clock; 0: not so */
	int64_t		away_us;
	int64_t		stalled_us;		/* decoding is where it was */
	uint64_t	stalled_at;
	uint64_t	last_before;	/* received when the last snapshot was taken */
	int64_t		probe_us;		/* what had come by then is not written yet */
	uint64_t	probe;			/* position of its end */
	struct growth spool;		/* of records that it has lost */
	struct growth ring;			/* of packets that it has lost, and its failures */
};

static char *
read_token(const char *path)
{
	char		token[MAX_TOKEN + 1];
	int			fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t		len = fd < 0 ? -1 : read(fd, token, MAX_TOKEN);
	char	   *copy;

	if (len < 0)
		fatal("could not read token file \"%s\"", path);
	close(fd);
	token[len] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	if (token[0] == '\0')
		fatalx("token file \"%s\" has no token in its first line", path);
	copy = strdup(token);
	if (copy == NULL)
		fatalx("out of memory");
	return copy;
}

struct report_tokens
report_read_tokens(const struct options *options)
{
	return (struct report_tokens) {
		.read = options->http_read_token != NULL ? read_token(options->http_read_token) : NULL,
		.write = options->http_write_token != NULL ? read_token(options->http_write_token) : NULL
	};
}

/* The last snapshot, by any thread. */
static bool
fill(void *arg, struct status *status)
{
	struct report *report = arg;
	int64_t		age_us;

	pthread_mutex_lock(&report->lock);
	*status = report->last;
	age_us = clock_monotonic_us() - report->taken_us;
	pthread_mutex_unlock(&report->lock);
	if (status->name == NULL)
		return false;
	if (age_us > report->options->health_us)
		status_problem(status, "the collector stands still");
	return true;
}

static void
fill_for_web(void *arg, struct status *status)
{
	if (!fill(arg, status))
		status_problem(status, "the collector is starting");
}

static void
open_web(struct report *report, const struct report_tokens *tokens)
{
	const struct options *options = report->options;
	struct web_options web = {
		.listen = options->http,
		.read_token = tokens->read,
		.write_token = tokens->write,
		.query_conninfo = options->query_conninfo,
		.query_role = options->query_role,
		.import_conninfo = tokens->write != NULL ? options->conninfo : NULL,
		.fill = fill_for_web,
		.fill_arg = report
	};

	report->web = web_open(&web);
	if (report->web == NULL)
		exit(1);
	log_info("HTTP on port %d", web_port(report->web));
}

struct report *
report_open(const struct options *options, const struct report_tokens *tokens,
			struct tally *tally)
{
	bool		writes = options->conninfo != NULL &&
		(options->spool != NULL || options->name != NULL);
	struct report *report;

	if (options->http == NULL && !writes)
		return NULL;
	report = calloc(1, sizeof(*report));
	if (report == NULL)
		fatalx("out of memory");
	report->options = options;
	report->tally = tally;
	report->started_us = clock_realtime_us();
	report->taken_us = clock_monotonic_us();
	if (gethostname(report->host, sizeof(report->host) - 1) != 0 || report->host[0] == '\0')
		strcpy(report->host, "localhost");
	pthread_mutex_init(&report->lock, NULL);
	if (options->http != NULL)
		open_web(report, tokens);
	if (writes)
	{
		report->writer = status_write_open(options->conninfo, fill, report);
		if (report->writer == NULL)
			exit(1);
	}
	return report;
}

void
report_close(struct report *report)
{
	if (report->web != NULL)
		web_close(report->web);
	if (report->writer != NULL)
		status_write_close(report->writer);
	pthread_mutex_destroy(&report->lock);
	free(report);
}

bool
report_is_due(const struct report *report, int64_t now_us)
{
	return now_us >= report->due_us;
}

/* Other threads may be counting. */
static void
copy_counters(const struct counters *from, struct counters *to)
{
#define COPY_COUNTER(name) to->name = __atomic_load_n(&from->name, __ATOMIC_RELAXED);
	COUNTER_LIST(COPY_COUNTER)
#undef COPY_COUNTER
}

static uint64_t
rows_waiting(const struct counters *counters)
{
	uint64_t	done = counters->rows_written + counters->rows_dropped +
		counters->rows_rejected + counters->rows_known + counters->rows_reread;

	return counters->rows_queued > done ? counters->rows_queued - done : 0;
}

static double
rows_per_second(struct report *report, uint64_t rows, int64_t now_us)
{
	if (report->rated_us == 0 || now_us - report->rated_us >= RATE_US)
	{
		if (report->rated_us != 0)
			report->rate = (double) (rows - report->rated_rows) * 1e6 /
				(double) (now_us - report->rated_us);
		report->rated_us = now_us;
		report->rated_rows = rows;
	}
	return report->rate;
}

/*
 * The age of what had come at a probe and is not written yet; after a restart,
 * and behind, that of what is decoded now.
 */
static double
lag(struct report *report, const struct report_source *source, int64_t now_us)
{
	bool		is_behind = source->decoded < report->last_before;
	int64_t		decoded_us = clock_realtime_us() - source->decoded_us;
	int64_t		lag_us = 0;

	report->last_before = source->last;
	if (source->spool_bytes == 0 || source->settled >= report->probe)
		report->probe_us = 0;
	if (source->spool_bytes == 0)
		return 0;
	if (report->probe_us == 0)
	{
		report->probe_us = now_us;
		report->probe = source->last;
	}
	lag_us = now_us - report->probe_us;
	if (is_behind && source->undecoded_bytes > 0 && source->decoded_us > 0 &&
		decoded_us > lag_us)
		lag_us = decoded_us;
	return (double) lag_us / 1e6;
}

/* Begin or end the time for which something has been so. */
static bool
lasts(const struct report *report, bool is_so, int64_t *since_us, int64_t now_us)
{
	if (!is_so)
		*since_us = 0;
	else if (*since_us == 0)
		*since_us = now_us;
	return is_so && now_us - *since_us >= report->options->health_us;
}

/* Was a loss counted within the time for which it is told? */
static bool
grew_lately(const struct report *report, struct growth *growth, uint64_t count, int64_t now_us)
{
	if (count != growth->count)
		growth->us = now_us;
	growth->count = count;
	return growth->us != 0 && now_us - growth->us < report->options->health_us;
}

static void
find_problems(struct report *report, const struct report_source *source, int64_t now_us)
{
	struct status *status = &report->next;
	const struct counters *counters = &status->counters;
	bool		has_stalled = source->undecoded_bytes > 0 &&
		source->decoded == report->stalled_at;

	report->stalled_at = source->decoded;
	if (lasts(report, source->is_away, &report->away_us, now_us))
		status_problem(status, "the database cannot be reached");
	if (lasts(report, has_stalled, &report->stalled_us, now_us))
		status_problem(status, "what is received is not decoded");
	if (grew_lately(report, &report->spool, counters->spool_records_dropped +
					counters->spool_records_refused, now_us))
		status_problem(status, "the spool has lost records lately");
	if (grew_lately(report, &report->ring, counters->ring_packets_dropped +
					counters->ring_write_errors, now_us))
		status_problem(status, "the ring has lost packets lately");
}

void
report_take(struct report *report, const struct counters *counters,
			const struct report_source *source, int64_t now_us)
{
	struct status *status = &report->next;

	report->due_us = now_us + REPORT_TICK_US;
	status->name = report->options->name != NULL ? report->options->name : report->host;
	status->host = report->host;
	status->version = FLOWCOLLECTD_VERSION;
	status->pid = (int) getpid();
	status->started_us = report->started_us;
	status->now_us = clock_realtime_us();
	copy_counters(counters, &status->counters);
	status->rows_per_s = rows_per_second(report, status->counters.rows_written, now_us);
	status->lag_s = lag(report, source, now_us);
	status->queue_rows = rows_waiting(&status->counters);
	status->spool_bytes = source->spool_bytes;
	if (source->receive != NULL)
		status->receive = *source->receive;
	if (report->tally != NULL && now_us >= report->busiest_due_us)
	{
		report->busiest_due_us = now_us + BUSIEST_US;
		status->nexporters = tally_busiest(report->tally, status->exporters,
										   &status->exporters_seen, now_us);
	}
	status->nproblems = 0;
	find_problems(report, source, now_us);
	pthread_mutex_lock(&report->lock);
	report->last = *status;
	report->taken_us = now_us;
	pthread_mutex_unlock(&report->lock);
}
