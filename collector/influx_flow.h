/*-------------------------------------------------------------------------
 *
 * Lines of InfluxDB's protocol that are flows.
 *
 * The measurement is the collector's table, by the name after its schema.
 * Tags and fields are columns by name; those that are none are passed over
 * and counted.  The time is that of the first packet, and the time of receipt
 * where there is none.  Without an exporter, it is the sender.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INFLUX_FLOW_H
#define COLLECTOR_INFLUX_FLOW_H

#include "counter.h"
#include "feed_json.h"
#include "flow.h"
#include "flow_extra.h"
#include "influx.h"
#include "log.h"
#include "sink_column.h"

struct influx_decoder
{
	const char *table;			/* may be qualified */
	const char *sensor;			/* or NULL */

	/* Set a column to text[len]; false: the text is no value of it. */
	bool		(*set) (struct flow *flow, struct flow_extra *extra,
						enum column_id id, const char *text, size_t len);
	struct flow_out out;
	struct counters *counters;
	struct log_budget log_budget;

	/* for the line at hand */
	struct influx_line line;
	struct flow_extra extra;
	char		buffer[INFLUX_MAX_LINE + 1];
	struct feed_json *json;		/* made for the first value that has to be JSON */
};

/*
 * Decode bytes[len], len <= INFLUX_MAX_LINE, a line without its end, and put
 * its flow.  received_us is in microseconds since 1970 UTC.
 */
extern void influx_decode(struct influx_decoder *decoder, const char *bytes,
						  size_t len, const struct flow_addr *from,
						  int64_t received_us);

/* Free what it has made; the decoder itself belongs to who calls. */
extern void influx_close(struct influx_decoder *decoder);

#endif
