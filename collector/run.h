/*-------------------------------------------------------------------------
 *
 * The ways to run, each until its input ends or a stop is requested.
 *
 * They open the sinks, whose failures they leave in the collector; who calls
 * closes them.  What makes it impossible to begin ends the process.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RUN_H
#define COLLECTOR_RUN_H

#include "collector.h"
#include "load.h"

extern void run_capture(struct collector *collector);	/* --read */
extern void run_replay(struct collector *collector);
extern void run_listen(struct collector *collector);	/* without a spool */
extern void run_live(struct collector *collector);	/* --capture */
extern void run_kafka(struct collector *collector);
extern void run_load(struct collector *collector);
extern void run_watch(struct collector *collector);

/* A file that input_ipfix_is; the sink for text is open.  Failures are noted. */
extern void run_ipfix_file(struct collector *collector, const char *path);

/* What run_load and run_watch load with, but for positions; arg is the collector. */
extern struct load_options run_load_options(struct collector *collector);

#endif
