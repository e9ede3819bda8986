/*-------------------------------------------------------------------------
 *
 * Decoders of the records of the spool.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "consume.h"
#include "daemon_decode.h"
#include "decode_export.h"
#include "export_state.h"
#include "flow_pack.h"
#include "log.h"

struct daemon_decode
{
	struct collector *collector;
	struct export_decoder exports;
	bool		is_replay;		/* flows are thrown away */
	struct flow_extra extra;	/* of a flow that was packed */
	struct influx_decoder *lines;
	struct log_limit gap_limit;
};

static void
put(void *arg, const struct flow *flow)
{
	struct daemon_decode *decode = arg;

	if (!decode->is_replay)
		collector_put_exported(decode->collector, flow);
}

static void
open_tables(struct daemon_decode *decode)
{
	decode->exports = collector_open_exports(decode->collector);
	decode->exports.out = (struct flow_out) {put, decode};
}

struct daemon_decode *
daemon_decode_open(struct collector *collector)
{
	struct daemon_decode *decode = calloc(1, sizeof(*decode));

	if (decode == NULL)
		fatalx("out of memory");
	decode->collector = collector;
	open_tables(decode);
	decode->lines = collector_open_lines(collector);
	decode->lines->out = (struct flow_out) {put, decode};
	return decode;
}

void
daemon_decode_close(struct daemon_decode *decode)
{
	collector_close_exports(&decode->exports);
	influx_close(decode->lines);
	free(decode->lines);
	free(decode);
}

void
daemon_decode_record(struct daemon_decode *decode, const struct spool_record *record,
					 bool is_replay)
{
	struct datagram datagram;
	struct flow flow;

	decode->is_replay = is_replay;
	switch (record->type)
	{
		case SPOOL_DATAGRAM:
			datagram = consume_datagram(record);
			decode->exports.tally = is_replay ? NULL : decode->collector->tally;
			decode_export(&decode->exports, &datagram);
			break;
		case SPOOL_FLOW:
			if (flow_unpack(record->bytes, record->len, &flow, &decode->extra))
				put(decode, &flow);
			else
				decode->collector->counters.spool_records_unknown++;
			break;
		case SPOOL_GAP:
			if (!is_replay && log_allowed(&decode->gap_limit, record->source.received_us + 1))
				log_warnx("records were dropped from the spool: %llu",
						  (unsigned long long) record->gap_records);
			break;
		case SPOOL_LINES:
			if (!is_replay && record->len <= INFLUX_MAX_LINE)
				influx_decode(decode->lines, (const char *) record->bytes, record->len,
							  &record->source.addr, record->source.received_us);
			break;
		default:
			decode->collector->counters.spool_records_unknown++;
			break;
	}
}

size_t
daemon_decode_save(struct daemon_decode *decode, void **bytes)
{
	struct state_buffer buffer = {0};

	if (!export_state_save(decode->exports.memory, decode->exports.exporters, &buffer))
	{
		log_warnx("out of memory: what is known of exporters is not saved");
		free(buffer.bytes);
		*bytes = NULL;
		return 0;
	}
	*bytes = buffer.bytes;
	return buffer.len;
}

void
daemon_decode_load(struct daemon_decode *decode, const void *bytes, size_t len)
{
	const char *reason;

	collector_close_exports(&decode->exports);
	open_tables(decode);
	if (bytes != NULL &&
		!export_state_load(decode->exports.memory, decode->exports.exporters, bytes, len, &reason))
		log_warnx("what was known of exporters cannot be read: %s", reason);
}
