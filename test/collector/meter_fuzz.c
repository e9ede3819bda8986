/*-------------------------------------------------------------------------
 *
 * libFuzzer target: frames through tunnels, streams and payload parsers, in
 * tables so small that everything is evicted all the time.
 *
 *		for each frame		milliseconds since the one before (1),
 *							length (2, little endian), raw IP
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "flow_extra.h"
#include "meter.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned checksum;

/* Read all that the flow points to. */
static void
take(void *arg, const struct flow *flow)
{
	const struct flow_extra *extra = flow->extra;

	(void) arg;
	for (int id = FLOW_SNI; id <= FLOW_SPLT_TIMES; id++)
	{
		const struct flow_bytes *text = &extra->values[id].text;

		if (!flow_extra_has(extra, (enum flow_extra_id) id) ||
			id == FLOW_TLS_VERSION || id == FLOW_TLS_CIPHER ||
			id == FLOW_QUIC_VERSION || id == FLOW_HTTP_STATUS ||
			id == FLOW_DNS_TYPE || id == FLOW_DNS_RCODE || id == FLOW_ENTROPY)
			continue;
		for (uint32_t i = 0; i < text->len; i++)
			checksum += ((const uint8_t *) text->bytes)[i];
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counters counters = {0};
	struct meter_options options = {
		.max_flows = 5,.max_payloads = 3,
		.active_us = 60000000,.idle_us = 1000000,
		.tunnels = TUNNEL_SET_ALL,.has_payload = true,.has_profile = true,
		.hash_key = hash_key_seeded(1),.out = {take, NULL},
		.counters = &counters
	};
	struct meter *meter = meter_open(&options);
	struct frame frame = {.time_us = 1000000,.dlt = DLT_RAW};

	while (size >= 3)
	{
		size_t		len = (size_t) data[1] | (size_t) data[2] << 8;
		uint8_t    *copy;

		frame.time_us += data[0] * INT64_C(1000);
		data += 3;
		size -= 3;
		frame.wirelen = len;
		frame.caplen = len < size ? len : size;
		copy = malloc(frame.caplen > 0 ? frame.caplen : 1);
		memcpy(copy, data, frame.caplen);
		frame.bytes = copy;
		meter_frame(meter, &frame);
		free(copy);
		data += frame.caplen;
		size -= frame.caplen;
	}
	meter_flush(meter);
	if (counters.flows_created != counters.flows_exported)
		abort();
	meter_close(meter);
	return 0;
}
