/*-------------------------------------------------------------------------
 *
 * What flowcollectd was told: command line and configuration file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_OPTIONS_H
#define COLLECTOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exporter_rule.h"
#include "input_live.h"
#include "input_udp.h"
#include "setting.h"
#include "sink_text.h"

enum stats_form
{
	STATS_TEXT,
	STATS_NONE,
	STATS_JSON
};

/* What gives way when the spool is full. */
enum spool_full
{
	SPOOL_FULL_DROP,			/* the oldest file */
	SPOOL_FULL_REFUSE			/* what arrives */
};

/* What a message of Kafka is. */
enum kafka_format
{
	KAFKA_JSON,					/* a flow as an object, or several lines of that */
	KAFKA_DATAGRAM				/* what an exporter sent; the key is its address */
};

/* No seed was given: draw the key of hash tables at random. */
#define OPTIONS_NO_SEED		UINT64_MAX

/* Texts live as long as the process. */
struct options
{
	const char *config;			/* or NULL */
	bool		checks_config;
	struct exporter_rules rules;

	const char *capture;		/* -r, or NULL */
	struct setting_list devices;	/* --capture */
	struct live_options live;	/* how it is captured from them */
	const char *replay;			/* --replay, or NULL */
	struct setting_list urls;	/* -l */
	const char *spool;			/* directory, or NULL */
	uint64_t	spool_bytes;
	int64_t		spool_age_us;	/* 0: no limit */
	uint64_t	spool_grace_bytes;
	int			spool_full;		/* enum spool_full */
	int			spool_sync;		/* enum spool_sync of spool.h */
	uint64_t	receive_threads;	/* for each address */
	int64_t		tcp_idle_us;
	const char *influx;			/* URL, or NULL */
	const char *user;			/* to become, or NULL */
	const char *kafka;			/* brokers, or NULL */
	const char *kafka_topic;
	int			kafka_format;	/* enum kafka_format */
	struct setting_list kafka_settings;
	struct setting_list loads;	/* --load */
	char	  **more_loads;		/* more_loads[nmore_loads], behind the options */
	int			nmore_loads;
	struct setting_list watches;	/* --watch */
	const char *watch_positions;	/* file, or NULL */
	int			format;			/* enum feed_format, of loads and watches */
	const char *bad_lines;		/* or NULL */

	const char *ring;			/* directory, or NULL */
	uint64_t	ring_bytes;
	uint64_t	ring_file_bytes;
	int64_t		ring_file_us;
	uint64_t	ring_snap;

	const char *tunnel_list;
	uint32_t	tunnels;		/* set of those to be opened, from the list */
	bool		has_details;	/* see meter.h */
	bool		has_payload;
	bool		has_profile;
	uint64_t	max_payloads;
	uint64_t	max_flows;
	int64_t		active_us;
	int64_t		idle_us;
	uint64_t	hash_seed;		/* or OPTIONS_NO_SEED */
	const char *sensor;			/* or NULL */
	int64_t		max_skew_us;

	const char *output;			/* -o, or NULL */
	const char *column_list;
	struct text_columns columns;	/* of output, from the list */
	bool		has_header;
	const char *conninfo;		/* -d, or NULL */
	const char *table;
	uint64_t	batch_rows;
	uint64_t	queue_bytes;
	int64_t		batch_age_us;
	uint64_t	connections;
	const char *rejected;		/* --rejected, or NULL */
	bool		loads_again;	/* --again */

	struct setting_list networks;	/* files, see enrich.h */
	const char *interfaces;		/* file, or NULL */
	bool		networks_override;

	const char *name;			/* of the collector; NULL: the host's */
	const char *http;			/* address, or NULL */
	const char *http_read_token;	/* file, or NULL */
	const char *http_write_token;	/* the same */
	const char *query_conninfo; /* or NULL */
	const char *query_role;		/* or NULL */
	int64_t		health_us;

	int			stats;			/* enum stats_form */
	bool		shows_progress;
};

/*
 * Fill in *options, which has one input and at least one output then.
 * Wrong usage ends the process with status 2, a wrong configuration file with
 * 1, having logged all that is wrong; --help, --version and a good
 * --check-config end it with 0.
 */
extern void options_parse(struct options *options, int argc, char **argv);

/*
 * Read the configuration file again.  Takes the rules for exporters, if all is
 * good, and logs what else has changed, which stays as it was.
 */
extern bool options_reload(struct options *options, int argc, char **argv);

#endif
