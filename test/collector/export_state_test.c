/*-------------------------------------------------------------------------
 *
 * If this goes, a restart may lose templates, or what waits for one, or decode
 * the records behind it otherwise than without a restart.
 *
 * With a capture of exports: cut it at every datagram, save and load the state
 * there under another hash key, and compare all flows and the final state with
 * those of one run.  Without arguments: states that are damaged.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_export.h"
#include "export_state.h"
#include "input_pcap.h"
#include "input_replay.h"
#include "sink_text.h"
#include "tap.h"

static struct counters counters;
static struct text_columns columns;

struct text
{
	char	   *bytes;
	size_t		len;
	size_t		room;
};

static void
take(void *arg, const struct flow *flow)
{
	struct text *text = arg;
	size_t		bound = sink_text_bound(&columns, flow);

	if (text->room - text->len < bound)
	{
		text->room = text->room * 2 + bound;
		text->bytes = realloc(text->bytes, text->room);
		if (text->bytes == NULL)
			abort();
	}
	text->len += sink_text_encode(&columns, flow, text->bytes + text->len);
}

static void
open_decoder(struct export_decoder *decoder, struct text *text, uint64_t seed)
{
	*decoder = (struct export_decoder) {
		.counters = &counters,
		.exporters = exporter_table_open(&counters, hash_key_seeded(seed)),
		.memory = export_memory_open(&counters, hash_key_seeded(seed)),
		.want_fields = true,
		.out = {take, text},
		.max_skew_us = INT64_C(2000000000) * 1000000
	};
	if (decoder->exporters == NULL || decoder->memory == NULL)
		abort();
}

static void
close_decoder(struct export_decoder *decoder)
{
	exporter_table_close(decoder->exporters);
	export_memory_close(decoder->memory);
}

/* The state in its canonical form: exporters of version 5 have no order. */
static struct state_buffer
state_of(const struct export_decoder *decoder)
{
	struct state_buffer state = {0};
	struct exporter_table *none = exporter_table_open(&counters,
													  hash_key_seeded(0));

	if (none == NULL || !export_state_save(decoder->memory, none, &state))
		abort();
	exporter_table_close(none);
	return state;
}

/* Save, forget, load. */
static bool
restart(struct export_decoder *decoder, struct text *text, uint64_t seed)
{
	struct state_buffer state = {0};
	const char *reason = NULL;
	bool		is_good;

	if (!export_state_save(decoder->memory, decoder->exporters, &state))
		abort();
	close_decoder(decoder);
	open_decoder(decoder, text, seed);
	is_good = export_state_load(decoder->memory, decoder->exporters,
								state.bytes, state.len, &reason);
	if (!is_good)
		printf("# %s\n", reason);
	free(state.bytes);
	return is_good;
}

/* All datagrams of a capture, with a restart behind number cut, or everywhere. */
static int
run(const char *path, int cut, struct text *text, struct state_buffer *state)
{
	struct packet_decoder *packets = packet_decoder_open(&counters,
														 hash_key_seeded(1));
	struct capture *capture = input_pcap_open(path, &counters);
	struct export_decoder decoder;
	struct datagram datagram;
	struct frame frame;
	int			n = 0;

	if (capture == NULL || packets == NULL)
		abort();
	open_decoder(&decoder, text, 1);
	while (input_pcap_read(capture, &frame) == CAPTURE_FRAME)
	{
		if (!input_replay_datagram(packets, &frame, &datagram))
			continue;
		decode_export(&decoder, &datagram);
		n++;
		if ((cut < 0 || n == cut) && !restart(&decoder, text, (uint64_t) n + 1))
			n = -1000000;
	}
	*state = state_of(&decoder);
	close_decoder(&decoder);
	input_pcap_close(capture);
	packet_decoder_close(packets);
	return n;
}

static bool
is_same(const struct text *a, const struct text *b,
		const struct state_buffer *state_a, const struct state_buffer *state_b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0 &&
		state_a->len == state_b->len &&
		memcmp(state_a->bytes, state_b->bytes, state_a->len) == 0;
}

static void
cut_everywhere(const char *path)
{
	struct text whole = {malloc(1), 0, 1};
	struct state_buffer whole_state;
	int			n = run(path, 0, &whole, &whole_state);
	bool		is_good = n > 0;

	for (int cut = -1; cut <= n && is_good; cut += cut < 0 ? 2 : 1)
	{
		struct text text = {malloc(1), 0, 1};
		struct state_buffer state;

		is_good = run(path, cut, &text, &state) == n &&
			is_same(&whole, &text, &whole_state, &state);
		if (!is_good)
			printf("# %s: differs when cut behind datagram %d of %d\n", path, cut, n);
		free(text.bytes);
		free(state.bytes);
	}
	ok(is_good, path);
	free(whole.bytes);
	free(whole_state.bytes);
}

/* A state with one template, in allocations of its size. */
static void
test_damage(void)
{
	static const uint8_t message[] = {
		0, 10, 0, 16 + 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7,
		0, 2, 0, 16, 1, 0, 0, 2, 0, 8, 0, 4, 0, 12, 0, 4
	};
	struct datagram datagram = {
		.bytes = message,.len = sizeof(message),
		.exporter = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},.received_us = 1000000
	};
	struct text text = {0};
	struct state_buffer state = {0};
	struct export_decoder decoder;
	const char *reason = NULL;
	int			accepted = 0;

	open_decoder(&decoder, &text, 1);
	decode_export(&decoder, &datagram);
	ok(export_state_save(decoder.memory, decoder.exporters, &state), "save");
	close_decoder(&decoder);
	for (size_t i = 0; i <= state.len; i++)
	{
		uint8_t    *copy = malloc(state.len + 1);

		memcpy(copy, state.bytes, state.len);
		if (i < state.len)
			copy[i] ^= 1;
		open_decoder(&decoder, &text, 1);
		accepted += export_state_load(decoder.memory, decoder.exporters, copy,
									  state.len, &reason);
		accepted += 10 * export_state_load(decoder.memory, decoder.exporters,
										   state.bytes, i < state.len ? i : 0,
										   &reason);
		close_decoder(&decoder);
		free(copy);
	}
	is(accepted, 1, "no state with a bit wrong is taken, and none that is cut");
	free(state.bytes);
}

int
main(int argc, char **argv)
{
	const char *unknown;
	int			unknown_len;

	if (!text_columns_parse("all", &columns, &unknown, &unknown_len))
		abort();
	if (argc > 1 && strstr(argv[1], ".pcap") != NULL)
		for (int i = 1; i < argc; i++)
			cut_everywhere(argv[i]);
	else
		test_damage();
	return tap_failed;
}
