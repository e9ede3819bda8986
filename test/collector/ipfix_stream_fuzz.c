/*-------------------------------------------------------------------------
 *
 * libFuzzer target: messages over TCP.  The first byte says how large the
 * pieces are that they arrive in; the same messages must come out of any.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_export.h"
#include "decode_ipfix.h"
#include "export_memory.h"
#include "ipfix_stream.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct counters counters;

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (flow->end_us < flow->start_us || flow->start_us < 0)
		abort();
}

/* Each in memory of its own, so that no byte behind it is read. */
static void
decode(struct export_decoder *decoder, const uint8_t *message, size_t len)
{
	struct datagram datagram = {
		.len = len,.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
		.received_us = INT64_C(1700000000000000),.port = 4739
	};
	const char *reason = NULL;
	uint8_t    *copy = malloc(len);

	datagram.bytes = memcpy(copy, message, len);
	if (!decode_ipfix_message(decoder, &datagram, IPFIX_STREAM, &reason) && reason == NULL)
		abort();
	free(copy);
}

/* Returns how many bytes were in whole messages. */
static size_t
feed(struct export_decoder *decoder, const uint8_t *data, size_t size, size_t piece)
{
	static struct ipfix_stream stream;
	size_t		whole = 0;
	int			len = 0;

	stream.begin = stream.end = 0;
	for (size_t at = 0; at < size && len >= 0;)
	{
		const uint8_t *message;
		size_t		room;
		uint8_t    *space = ipfix_stream_space(&stream, &room);
		size_t		n = size - at < piece ? size - at : piece;

		if (room == 0)
			abort();
		n = n < room ? n : room;
		memcpy(space, data + at, n);
		at += n;
		ipfix_stream_added(&stream, n);
		while ((len = ipfix_stream_next(&stream, &message)) > 0)
		{
			whole += (size_t) len;
			if (decoder != NULL)
				decode(decoder, message, (size_t) len);
		}
		if (len == 0 && at == size && ipfix_stream_left(&stream) != size - whole)
			abort();
	}
	return whole;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_decoder decoder = {
		.counters = &counters,.out = {take, NULL},.max_skew_us = INT64_C(900000000000000),
		.want_fields = true
	};

	if (size < 2)
		return 0;
	decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	decoder.memory = export_memory_open(&counters, hash_key_seeded(1));
	if (decoder.exporters == NULL || decoder.memory == NULL)
		abort();
	if (feed(&decoder, data + 1, size - 1, data[0] + 1u) != feed(NULL, data + 1, size - 1, size))
		abort();
	exporter_table_close(decoder.exporters);
	export_memory_close(decoder.memory);
	return 0;
}
