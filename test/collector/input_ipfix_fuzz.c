/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a file of IPFIX messages, plain or compressed, whose
 * messages are decoded.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode_export.h"
#include "export_memory.h"
#include "input_ipfix.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct counters counters;

static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (flow->end_us < flow->start_us || flow->start_us < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int			fd = memfd_create("fuzz", 0);
	struct export_decoder decoder = {
		.counters = &counters,.want_fields = true,.out = {take, NULL},.max_skew_us = 1000000
	};
	struct datagram message = {.received_us = 1,.is_stream = true};
	struct input_ipfix *input;
	uint64_t	position = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t) size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	decoder.exporters = exporter_table_open(&counters, hash_key_seeded(1));
	decoder.memory = export_memory_open(&counters, hash_key_seeded(1));
	input = input_ipfix_open_fd(fd, "fuzz", &counters);
	while (input_ipfix_read(input, &message.bytes, &message.len) == IPFIX_MESSAGE)
	{
		position += message.len;
		if (message.len < 16 || input_ipfix_position(input) != position)
			abort();
		decode_export(&decoder, &message);
	}
	input_ipfix_close(input);
	exporter_table_close(decoder.exporters);
	export_memory_close(decoder.memory);
	return 0;
}
