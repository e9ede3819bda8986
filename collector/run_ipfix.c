/*-------------------------------------------------------------------------
 *
 * Files of IPFIX messages into the sinks.
 *
 * Positions are those behind messages, whose rows depend on all that is before:
 * so a file is always decoded from its beginning, and rows that are known are
 * left out by the sink.  A file has no exporter, and its messages arrive when
 * they were sent.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "clock.h"
#include "input_file.h"
#include "input_ipfix.h"
#include "log.h"
#include "run.h"
#include "sink_ranges.h"
#include "wire.h"

#define MESSAGES_PER_TICK	64
#define TIME_AT				4	/* in the header, seconds since 1970 */

static int64_t
export_time(const uint8_t *bytes, size_t len)
{
	struct wire w = wire_open(bytes, len);
	uint32_t	seconds;

	wire_skip(&w, TIME_AT);
	seconds = wire_u32(&w);
	return seconds == 0 ? 1 : (int64_t) seconds * 1000000;
}

/* Returns false if it cannot be read to its end. */
static bool
decode_file(struct collector *collector, struct input_ipfix *input,
			struct export_decoder *exports)
{
	struct datagram message = {.is_stream = true};
	enum ipfix_result result = IPFIX_END;
	int			n = 0;

	while (collector_goes_on(collector) &&
		   (result = input_ipfix_read(input, &message.bytes, &message.len)) == IPFIX_MESSAGE)
	{
		message.received_us = export_time(message.bytes, message.len);
		decode_export(exports, &message);
		if (collector->source[0] != '\0')
			collector_mark(collector, input_ipfix_position(input));
		if (++n % MESSAGES_PER_TICK != 0)
			continue;
		collector_tick(collector);
		(void) collector_answer_signals(collector);
	}
	return result != IPFIX_FAILED;
}

static bool
open_source(struct collector *collector, const char *path)
{
	const struct options *options = &collector->options;
	char		hex[INPUT_DIGEST_LEN + 1];
	bool		is_named = options->conninfo != NULL && !options->loads_again;

	collector->source[0] = '\0';
	if (is_named && !input_file_digest(path, hex))
		return false;
	if (is_named)
		snprintf(collector->source, sizeof(collector->source), "file:%s", hex);
	collector_open_copy(collector, is_named ? collector->source : NULL, false);
	return true;
}

void
run_ipfix_file(struct collector *collector, const char *path)
{
	struct export_decoder exports;
	struct input_ipfix *input = input_ipfix_open(path, &collector->counters);
	uint64_t	nrecords = collector->counters.records;
	bool		is_good;

	if (input == NULL || !open_source(collector, path))
	{
		collector->has_input_failed = true;
		if (input != NULL)
			input_ipfix_close(input);
		return;
	}
	exports = collector_open_exports(collector);
	is_good = decode_file(collector, input, &exports);
	if (!is_good)
		collector->has_input_failed = true;
	else if (collector_goes_on(collector) && collector->source[0] != '\0')
		collector_mark(collector, RANGES_MAX_POSITION);
	if (is_good && collector->counters.records == nrecords && collector_goes_on(collector))
		log_info("no flows in \"%s\"", path);
	collector_close_exports(&exports);
	collector_close_copy(collector);
	input_ipfix_close(input);
}
