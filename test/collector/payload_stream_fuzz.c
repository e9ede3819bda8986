/*-------------------------------------------------------------------------
 *
 * libFuzzer target: both directions of a TCP stream.
 *
 * The first byte says how the input is divided between the directions, the
 * second how large the pieces are in which it is fed.  What is found must not
 * depend on the pieces.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_check.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
feed(struct payload *payload, const uint8_t *data, size_t size, size_t split,
	 size_t piece)
{
	const uint8_t *bytes[2] = {data, data + split};
	size_t		len[2] = {split, size - split};

	payload_init(payload);
	for (int d = 0; d < 2; d++)
	{
		for (size_t n = piece; n < len[d]; n += piece)
			(void) payload_feed(payload, d, bytes[d], n, false);
		(void) payload_feed(payload, d, bytes[d], len[d], true);
	}
	check_payload(payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct payload whole;
	struct payload pieces;
	size_t		split;
	size_t		piece;

	if (size < 2)
		return 0;
	split = (size - 2) * data[0] / 255;
	piece = data[1] % 64u + 1;
	feed(&whole, data + 2, size - 2, split, size);
	feed(&pieces, data + 2, size - 2, split, piece);
	if (whole.found.present != pieces.found.present ||
		whole.found.used != pieces.found.used ||
		memcmp(whole.found.numbers, pieces.found.numbers,
			   sizeof(whole.found.numbers)) != 0 ||
		(whole.found.used > 0 &&
		 memcmp(whole.found.texts, pieces.found.texts,
				whole.found.used) != 0) ||
		memcmp(whole.states, pieces.states, sizeof(whole.states)) != 0)
		abort();
	payload_free(&whole);
	payload_free(&pieces);
	return 0;
}
