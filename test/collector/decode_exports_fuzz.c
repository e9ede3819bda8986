/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a series of export datagrams, then the state saved, loaded
 * and saved again, then the rest of the datagrams.
 *
 * A datagram is two bytes of length and its bytes; the top two bits of the
 * length are a source port and a restart.  An input that begins with the magic
 * of a state is one.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_export.h"
#include "decode_ipfix.h"
#include "export_state.h"
#include "wire.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct counters counters;

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (flow->end_us < flow->start_us || flow->start_us < 0 ||
		(flow->present & FLOW_HAS_SAMPLING ? flow->sampling == 0 :
		 flow->sampling != 0))
		abort();
	for (int i = 0; i < FLOW_EXTRA_COUNT && flow->extra != NULL; i++)
	{
		enum flow_extra_id id = (enum flow_extra_id) i;

		if (!flow_extra_has(flow->extra, id))
			continue;
		if (id == FLOW_APP || id == FLOW_USER_NAME || id == FLOW_FIELDS ||
			id == FLOW_IN_IF_NAME || id == FLOW_OUT_IF_NAME)
		{
			const struct flow_bytes *text = &flow->extra->values[id].text;

			if (text->len > 0 && memchr(text->bytes, 0, text->len) != NULL)
				abort();
		}
	}
}

static void
open_decoder(struct export_decoder *decoder)
{
	decoder->exporters = exporter_table_open(&counters, hash_key_seeded(1));
	decoder->memory = export_memory_open(&counters, hash_key_seeded(1));
	if (decoder->exporters == NULL || decoder->memory == NULL)
		abort();
}

static void
close_decoder(struct export_decoder *decoder)
{
	exporter_table_close(decoder->exporters);
	export_memory_close(decoder->memory);
}

static void
restart(struct export_decoder *decoder)
{
	struct state_buffer before = {0};
	struct state_buffer after = {0};
	const char *reason;

	if (!export_state_save(decoder->memory, decoder->exporters, &before))
		abort();
	close_decoder(decoder);
	open_decoder(decoder);
	if (!export_state_load(decoder->memory, decoder->exporters, before.bytes,
						   before.len, &reason) ||
		!export_state_save(decoder->memory, decoder->exporters, &after) ||
		before.len != after.len ||
		memcmp(before.bytes, after.bytes, before.len) != 0)
		abort();
	free(before.bytes);
	free(after.bytes);
}

/* As if the hash were right. */
static void
load(struct export_decoder *decoder, const uint8_t *data, size_t size)
{
	struct hash_key zero = {{0, 0}};
	const char *reason;
	size_t		len = 24 + (size - 24) / 8 * 8;
	uint8_t    *copy = malloc(len);
	uint64_t	hash;

	memcpy(copy, data, len);
	hash = hash_words(&zero, copy + 24, len - 24);
	for (int i = 0; i < 8; i++)
		copy[23 - i] = (uint8_t) (hash >> (8 * i));
	(void) !export_state_load(decoder->memory, decoder->exporters, copy, len,
							  &reason);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_decoder decoder = {
		.counters = &counters,.out = {take, NULL},.max_skew_us = INT64_C(900000000000000),
		.want_fields = true
	};
	struct wire w = wire_open(data, size);
	const char *reason;

	/* A refused state does not hinder the datagrams behind it. */
	open_decoder(&decoder);
	if (size > 32 && memcmp(data, "flowexps", 8) == 0)
		load(&decoder, data, size);
	while (wire_left(&w) > 2)
	{
		uint16_t	head = wire_u16(&w);
		size_t		len = head & 0x3fff;
		struct datagram datagram = {
			.len = len < wire_left(&w) ? len : wire_left(&w),
			.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
			.received_us = INT64_C(1700000000000000),.port = head >> 14 & 1
		};

		/* An allocation of its own, so that no byte behind it is read. */
		datagram.bytes = memcpy(malloc(datagram.len + 1), w.pos, datagram.len);
		wire_skip(&w, datagram.len);
		decode_export(&decoder, &datagram);
		if (datagram.port == 1)
			(void) !decode_ipfix_message(&decoder, &datagram, IPFIX_STREAM,
										 &reason);
		free((void *) datagram.bytes);
		if (head >> 15 != 0)
			restart(&decoder);
	}
	close_decoder(&decoder);
	return 0;
}
