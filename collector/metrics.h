/*-------------------------------------------------------------------------
 *
 * Metrics for Prometheus: its text format, version 0.0.4.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_METRICS_H
#define COLLECTOR_METRICS_H

#include "status.h"

#define METRICS_CONTENT_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/*
 * All counters as flowcollectd_<name>_total, gauges, and for each exporter of
 * the snapshot its own values.
 */
extern void metrics_print(const struct status *status, struct web_buffer *to);

#endif
