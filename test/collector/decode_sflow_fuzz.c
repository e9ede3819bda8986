/*-------------------------------------------------------------------------
 *
 * libFuzzer target: one sFlow datagram, without its version.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "decode_export.h"
#include "decode_sflow.h"
#include "flow_extra.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte of the values is looked at, so that none may be out of bounds. */
static void
take(void *arg, const struct flow *flow)
{
	const struct flow_extra *extra = flow->extra;
	uint64_t	sum = 0;

	(void) arg;
	if (flow->start_us != 1 || flow->end_us != 1 || flow->sampling == 0 ||
		flow->packets != 1 || extra == NULL ||
		flow->key.src.family != flow->key.dst.family)
		abort();
	if (flow_extra_has(extra, FLOW_USER_NAME))
	{
		const struct flow_bytes *text = &extra->values[FLOW_USER_NAME].text;

		for (uint32_t i = 0; i < text->len; i++)
			if (((const uint8_t *) text->bytes)[i] < 0x20)
				abort();
	}
	if (flow_extra_has(extra, FLOW_MPLS_LABELS))
	{
		const struct flow_bytes *labels = &extra->values[FLOW_MPLS_LABELS].text;

		for (uint32_t i = 0; i < labels->len / 4; i++)
			sum += (uint32_t) ((const int32_t *) labels->bytes)[i];
	}
	if (sum > UINT64_C(0xfffff) * 16)
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
		.len = size + 4,.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.received_us = 1
	};
	uint8_t    *bytes = malloc(size + 4);

	if (bytes == NULL)
		return 0;
	memcpy(bytes, "\0\0\0\5", 4);
	memcpy(bytes + 4, data, size);
	datagram.bytes = bytes;
	if (decoder.exporters == NULL)
	{
		decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
		decoder.sflow = sflow_decoder_open(&counters, hash_key_seeded(1));
	}
	decode_export(&decoder, &datagram);
	if (counters.records > counters.sflow_flow_samples)
		abort();
	free(bytes);
	return 0;
}
