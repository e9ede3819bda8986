/*-------------------------------------------------------------------------
 *
 * What all ways of running share: options, counters and sinks.
 *
 * One thread owns the sinks; it is the one that calls these.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COLLECTOR_H
#define COLLECTOR_COLLECTOR_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "decode_export.h"
#include "enrich.h"
#include "flow.h"
#include "flow_rule.h"
#include "hash.h"
#include "influx_flow.h"
#include "meter.h"
#include "options.h"
#include "report.h"
#include "sink.h"

#define COLLECTOR_MAX_SINKS	2
#define COLLECTOR_SOURCE_LEN	128

struct collector
{
	struct options options;
	struct counters counters;
	struct hash_key hash_key;
	struct sink *sinks[COLLECTOR_MAX_SINKS];
	int			nsinks;
	struct sink *copy;			/* the one that writes to PostgreSQL, or NULL */
	char		source[COLLECTOR_SOURCE_LEN];	/* of the rows; empty: none */
	bool		waits_at_start; /* for a table that has been in order before */
	bool		marks_flows;	/* positions count the flows of the source */
	uint64_t	position;		/* of the last one, then */
	struct flow_rule rule;		/* of the exporter at hand */
	struct enrich *enrich;		/* or NULL */
	struct flow_extra enriched; /* of the flow at hand */
	struct tally *tally;		/* or NULL */
	struct report *report;		/* or NULL */
	struct report_tokens tokens;
	struct status_receive receive;	/* for the report, by the way of running */
	void		(*describe) (void *arg, struct report_source *source);
	void	   *describe_arg;
	bool		has_sink_failed;	/* one at least, and has said why */
	bool		has_input_failed;	/* what was read before is good */
	int64_t		alive_due_us;	/* when the service manager is to hear of us */
	int			argc;			/* for a reload */
	char	  **argv;
};

/* A signal has asked for the end. */
extern volatile sig_atomic_t collector_stop;

/* SIGTERM, SIGINT: stop, and exit at the second; SIGUSR1: stats; SIGHUP: reload. */
extern void collector_install_signals(void);

/* Let these signals arrive only while waiting; *mask is what was before. */
extern void collector_block_signals(sigset_t *mask);

/*
 * The name of a file by its content, in collector->source, or NULL if it has
 * none: standard input, or rows that are wanted again.
 */
extern const char *collector_name_source(struct collector *collector, const char *path);

/* What is read while we have the rights we were started with. */
extern void collector_begin(struct collector *collector);

/*
 * Say what we do to who asks, from now on; describe, if not NULL, is called at
 * each tick that takes a snapshot, for what it knows better.
 */
extern void collector_open_report(struct collector *collector,
								  void (*describe) (void *arg, struct report_source *source),
								  void *arg);

/* Open the sinks that the options ask for; failure ends the process. */
extern void collector_open_text(struct collector *collector);

/* source may be NULL; can_wait: it can wait, and be read again. */
extern void collector_open_copy(struct collector *collector, const char *source,
								bool can_wait);

/* Deliver all; and close it; a failure is noted. */
extern void collector_finish_copy(struct collector *collector);
extern void collector_close_copy(struct collector *collector);
extern void collector_close_sinks(struct collector *collector);

/* From now on putting waits before it drops. */
extern void collector_begin_drain(struct collector *collector);

/* Give up the rights of root, if asked for; failure ends the process. */
extern void collector_drop_rights(struct collector *collector);

/* A decoder of exports that puts to the sinks; failure ends the process. */
extern struct export_decoder collector_open_exports(struct collector *collector);
extern void collector_close_exports(struct export_decoder *exports);

/* A decoder of lines that puts to the sinks; for free(). */
extern struct influx_decoder *collector_open_lines(struct collector *collector);

/* For a meter whose flows are put to the sinks. */
extern struct meter_options collector_meter_options(struct collector *collector);

/* Give a flow to all sinks; arg is the collector, for struct flow_out. */
extern void collector_put(void *arg, const struct flow *flow);

/* As that, as the rules for its exporter want it. */
extern void collector_put_exported(void *arg, const struct flow *flow);

/* All rows so far come from before this position of the input. */
extern void collector_mark(struct collector *collector, uint64_t position);

/* Let the sinks work, and tell the service manager that we live. */
extern void collector_tick(struct collector *collector);

/* Neither a stop nor the failure of a sink. */
extern bool collector_goes_on(const struct collector *collector);

/*
 * Print the counters, and read settings and tables again, if a signal has asked
 * for it; returns whether the latter was done.
 */
extern bool collector_answer_signals(struct collector *collector);
extern void collector_print_stats(const struct collector *collector, int form);

/*
 * Wait for fds[nfds], which has room for COLLECTOR_MAX_SINKS more, for the
 * sinks, for timeout_ms (-1: for ever), or for a signal, which mask lets in.
 */
extern void collector_wait(struct collector *collector, struct pollfd *fds, int nfds,
						   int timeout_ms, const sigset_t *mask);

#endif
