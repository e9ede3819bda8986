/*-------------------------------------------------------------------------
 *
 * Datagrams of flow exporters to flows.
 *
 * Chooses the decoder by the version in the first bytes.  Other versions are
 * counted, each on its own, and logged once per exporter and minute, within
 * LOG_BUDGET_LINES for all exporters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_EXPORT_H
#define COLLECTOR_DECODE_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "exporter.h"
#include "flow.h"
#include "log.h"

struct export_memory;			/* export_memory.h */

struct datagram
{
	const uint8_t *bytes;		/* UDP payload, bytes[len] */
	size_t		len;
	struct flow_addr exporter;	/* source address */
	int64_t		received_us;	/* since 1970, > 0 */
	uint16_t	port;			/* source port */
	bool		is_stream;		/* IPFIX of a file or over TCP: templates can be withdrawn */
};

struct sflow_decoder;
struct tally;

struct export_decoder
{
	struct counters *counters;
	struct exporter_table *exporters;
	struct sflow_decoder *sflow;	/* decode_sflow.h; NULL: sFlow is not decoded */
	struct export_memory *memory;	/* NULL: no versions with templates */
	bool		want_fields;	/* fill FLOW_FIELDS */
	struct flow_out out;
	const char *sensor;			/* put into each flow; may be NULL */
	int64_t		max_skew_us;	/* between an exporter's clock and received_us */
	struct log_budget log_budget;	/* of all exporters together */
	struct tally *tally;		/* of who has sent what, or NULL */
};

/*
 * Decode one datagram and hand its flows on; any bytes are safe, and what
 * cannot be decoded is counted.
 */
extern void decode_export(struct export_decoder *decoder,
						  const struct datagram *datagram);

#endif
