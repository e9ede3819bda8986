/*-------------------------------------------------------------------------
 *
 * The command line.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_OPTIONS_H
#define COLLECTOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input_udp.h"
#include "sink_text.h"

enum stats_form
{
	STATS_NONE,
	STATS_TEXT,
	STATS_JSON
};

/* Strings point into argv. */
struct options
{
	const char *capture;		/* -r, or NULL */
	const char *replay;			/* --replay, or NULL */
	const char *urls[UDP_MAX_SOCKETS];	/* -l */
	int			nurls;

	uint32_t	max_flows;
	int64_t		active_us;
	int64_t		idle_us;
	bool		has_hash_seed;
	uint64_t	hash_seed;
	const char *sensor;			/* or NULL */
	int64_t		max_skew_us;

	const char *output;			/* -o, or NULL */
	struct text_columns columns;	/* of output */
	bool		has_header;
	const char *conninfo;		/* -d, or NULL */
	const char *table;
	size_t		batch_rows;
	size_t		queue_bytes;
	int64_t		batch_age_us;

	enum stats_form stats;
	bool		shows_progress;
};

/*
 * Fill in *options, which has one input and at least one output then.
 * Wrong usage ends the process with status 2, --help and --version with 0.
 */
extern void options_parse(struct options *options, int argc, char **argv);

#endif
