/*-------------------------------------------------------------------------
 *
 * libFuzzer target: one export datagram.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "decode_export.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (flow->end_us < flow->start_us ||
		((flow->present & FLOW_HAS_SAMPLING) != 0 && flow->sampling == 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	static struct export_decoder decoder = {
		.counters = &counters,.out = {take, NULL},.max_skew_us = INT64_MAX
	};
	struct datagram datagram = {
		data, size, {FLOW_FAMILY_IP4, {192, 0, 2, 1}}, 1, 2055
	};

	if (decoder.exporters == NULL)
		decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	decode_export(&decoder, &datagram);
	return 0;
}
