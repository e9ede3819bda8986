/*-------------------------------------------------------------------------
 *
 * What a collector says of itself: to Prometheus, and to the tables
 * flow.collectors and flow.exporters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_STATUS_H
#define COLLECTOR_STATUS_H

#include <stdint.h>

#include "counter.h"
#include "flow.h"
#include "status_receive.h"
#include "web_buffer.h"

#define STATUS_MAX_EXPORTERS	256
#define STATUS_MAX_PROBLEMS		8

struct status_exporter
{
	struct flow_addr addr;
	uint16_t	version;		/* of the export protocol: 5, 9, 10; sFlow: 105 */
	uint32_t	domain;			/* observation domain, source id, engine */
	uint64_t	records;		/* since the collector started, as the rest */
	uint64_t	gaps;			/* in sequence numbers */
	uint64_t	missed;			/* records in these gaps */
	uint64_t	templates;		/* known now; 0: nobody has counted */
	double		rate;			/* records per second, lately */
	int64_t		last_seen_us;	/* since 1970 UTC */
};

/* A snapshot.  Times are microseconds since 1970 UTC; strings UTF-8. */
struct status
{
	const char *name;			/* of the collector; unique in the database */
	const char *host;
	const char *version;
	int			pid;
	int64_t		started_us;
	int64_t		now_us;
	double		rows_per_s;		/* committed, lately */
	double		lag_s;			/* age of the oldest row not committed yet */
	uint64_t	queue_rows;		/* that wait in memory */
	uint64_t	spool_bytes;	/* that wait on disk */
	struct status_receive receive;
	uint64_t	exporters_seen; /* of which the busiest are in exporters[] */
	struct counters counters;
	int			nexporters;
	struct status_exporter exporters[STATUS_MAX_EXPORTERS];
	int			nproblems;		/* 0: healthy */
	const char *problems[STATUS_MAX_PROBLEMS];	/* that stay as long as the process */
};

/* Add a problem; those beyond STATUS_MAX_PROBLEMS are not kept. */
extern void status_problem(struct status *status, const char *problem);

/* {"status": "ok"} or {"status": "unhealthy", "reasons": [...]}. */
extern void status_print_health(const struct status *status,
								struct web_buffer *to);

/*
 * Statements that write a snapshot into the database, each with one parameter
 * $1 of type jsonb, which the functions below make.
 */
extern const char status_collector_sql[];
extern const char status_exporters_sql[];
extern void status_collector_json(const struct status *status,
								  struct web_buffer *to);
extern void status_exporters_json(const struct status *status,
								  struct web_buffer *to);

#endif
